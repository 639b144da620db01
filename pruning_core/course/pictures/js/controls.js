/* Ce que le lecteur règle : un curseur nommé, un choix parmi quelques-uns. */

import { html, setText, span } from "../../explorer/js/display/dom.js";
import { rangeInput } from "../../explorer/js/display/slider.js";

/** Un curseur, son nom et sa valeur au-dessus. */
export class NamedSlider {
  /**
   * @param {string} name
   * @param {{ min: number, max: number, step: number }} scale
   * @param {(value: number) => void} change
   */
  constructor(name, scale, change) {
    this.scale = scale;
    this.input = rangeInput(scale, change);
    this.value = html("b");
    this.root = html("label", { class: "named" }, span(name), this.value, this.input);
  }

  /** @param {number} value @param {string} text ce que l'on en lit, et que disent les lecteurs d'écran */
  show(value, text) {
    const { min, max } = this.scale;
    this.input.value = String(value);
    this.input.style.setProperty("--p", `${(100 * (value - min)) / (max - min)}%`);
    this.input.setAttribute("aria-valuetext", text);
    setText(this.value, text);
  }
}

/** Un curseur sur des valeurs énumérées : il en donne le rang.
 * @param {string} name
 * @param {unknown[]} values
 * @param {(rank: number) => void} change
 */
export const rankSlider = (name, values, change) =>
  new NamedSlider(name, { min: 0, max: values.length - 1, step: 1 }, change);

/** Des cases dont une seule est cochée. */
export class Choice {
  /**
   * @param {string} legend
   * @param {string[]} names
   * @param {(rank: number) => void} change
   */
  constructor(legend, names, change) {
    this.inputs = names.map((_, rank) =>
      html("input", { type: "radio", name: legend, onchange: () => change(rank) }),
    );
    const chips = names.map((name, rank) =>
      html("label", { class: "chip" }, this.inputs[rank], html("i"), span(name)),
    );
    this.root = html("fieldset", { class: "methods" }, html("legend", {}, legend), chips);
  }

  /** @param {number} chosen */
  show(chosen) {
    this.inputs.forEach((input, rank) => (input.checked = rank === chosen));
  }
}
