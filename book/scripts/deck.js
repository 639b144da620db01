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
  help: false, // son aide est en anglais
  navigationMode: "linear",
  pdfMaxPagesPerSlide: 1,
  pdfSeparateFragments: false,
  scrollActivationWidth: null,
  showNotes: new URLSearchParams(location.search).has("notes"),
  slideNumber: "c/t",
  transition: "none",
}).then(() => {
  // Sans quoi une formule jamais montrée s'imprime en blanc.
  if (Reveal.isPrintView()) for (const font of document.fonts) font.load();
  for (const [name, label] of Object.entries(LABELS))
    document.querySelector(`.${name}`)?.setAttribute("aria-label", label);
  for (const button of document.querySelectorAll(".resume-button"))
    button.textContent = "Reprendre";
});
