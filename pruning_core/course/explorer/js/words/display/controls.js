/* Ce que le lecteur règle, hors la sparsité : le début des mots, et leur tirage. */

import { button, div, html, setText } from "../../display/dom.js";
import { SEEDS, readSeed } from "../settings.js";
import { readPrompt } from "./wording.js";

/** @import { WordData, WordState } from "../types" */

export class DrawControls {
  /** @param {WordData} data @param {(update: Partial<WordState>) => void} change */
  constructor({ alphabet, longest }, change) {
    this.prompt = html("input", {
      ...{ type: "text", placeholder: "re, anti…", size: 8, lang: "fr" },
      ...{ autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: longest },
      oninput: () => {
        const { prompt, told } = readPrompt(this.prompt.value, alphabet, longest);
        setText(this.told, told);
        change({ prompt });
      },
      onchange: () => (this.prompt.value = readPrompt(this.prompt.value, alphabet, longest).prompt),
    });
    this.seed = html("input", {
      ...{ type: "number", min: 0, max: SEEDS - 1, step: 1, inputmode: "numeric" },
      oninput: () => this.#readSeed(change),
    });
    this.told = html("p", { class: "told", role: "alert" });
    const others = () => change({ seed: (Number(this.seed.value) + 1) % SEEDS });
    this.root = div(
      "draws",
      div(
        "options",
        html("label", {}, "commencer par", this.prompt),
        html("label", {}, "tirage n°", this.seed),
        button("Autres mots", others),
      ),
      this.told,
    );
  }

  /** @param {(update: Partial<WordState>) => void} change */
  #readSeed(change) {
    const seed = readSeed(this.seed.value);
    setText(this.told, seed === null ? "Un tirage est un nombre entier, de 0 à 4 294 967 295." : "");
    if (seed !== null) change({ seed });
  }

  /** @param {WordState} state */
  show({ prompt, seed }) {
    // Ce que le lecteur est en train d'écrire n'est pas repris sous ses doigts.
    if (!this.prompt.matches(":focus")) this.prompt.value = prompt;
    if (Number(this.seed.value) !== seed || this.seed.value === "") this.seed.value = String(seed);
  }
}
