/* Lance reveal.js sur les diapositives d'une leçon, en français. */
"use strict";

const LABELS = {
  "navigate-left": "Partie précédente",
  "navigate-right": "Partie suivante",
  "navigate-up": "Diapositive précédente",
  "navigate-down": "Diapositive suivante",
};

Reveal.initialize({
  width: 1024,
  height: 768,
  margin: 0,
  center: false,
  controlsTutorial: false,
  display: "flex",
  hash: true,
  navigationMode: "linear",
  scrollActivationWidth: null,
  showNotes: new URLSearchParams(location.search).has("notes"),
  slideNumber: "c/t",
  transition: "none",
}).then(() => {
  for (const [name, label] of Object.entries(LABELS))
    document.querySelector(`.${name}`)?.setAttribute("aria-label", label);
  for (const button of document.querySelectorAll(".resume-button"))
    button.textContent = "Reprendre";
});
