/* Lance reveal.js sur les diapositives d'une leçon, en français, et y écrit aussi grand que possible. */
"use strict";

const LABELS = {
  "navigate-left": "Partie précédente",
  "navigate-right": "Partie suivante",
  "navigate-up": "Diapositive précédente",
  "navigate-down": "Diapositive suivante",
};

const SIZES = ["aere", "normal", "dense"]; // de la plus grande écriture à la plus petite
const FOOT = 704; // pixels au-dessus des flèches et du numéro

/** Écrit une diapositive à la plus grande taille qui tient ; la première n'est que pour un texte seul.
 * @param {HTMLElement} slide
 */
function fit(slide) {
  const isText = !slide.querySelector(":scope > :not(h1, h2, p, aside)");
  const blocks = [...slide.querySelectorAll(":scope > *, figcaption, .legende")];
  for (const size of isText ? SIZES : SIZES.slice(1)) {
    slide.classList.remove(...SIZES);
    slide.classList.add(size);
    if (blocks.every((one) => !(one instanceof HTMLElement) || one.offsetTop + one.offsetHeight <= FOOT)) return;
  }
}

const fitShown = () => fit(Reveal.getCurrentSlide());
Reveal.on("slidechanged", fitShown);
Reveal.on("pdf-ready", () => document.querySelectorAll(".pdf-page section").forEach((one) => one instanceof HTMLElement && fit(one)));

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
  // Une taille se mesure une fois les images et les polices arrivées.
  fitShown();
  addEventListener("load", fitShown);
  document.fonts.ready.then(fitShown);
  // Sans quoi une formule jamais montrée s'imprime en blanc.
  if (Reveal.isPrintView()) for (const font of document.fonts) font.load();
  for (const [name, label] of Object.entries(LABELS))
    document.querySelector(`.${name}`)?.setAttribute("aria-label", label);
  for (const button of document.querySelectorAll(".resume-button"))
    button.textContent = "Reprendre";
});
