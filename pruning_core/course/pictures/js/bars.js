/* Des barres nommées, de 0 à 1 : une mesure chacune, et l'étendue d'où elle vient s'il y en a une. */

import { div, html, setText, span } from "../../explorer/js/display/dom.js";

/** @typedef {{ value: number, text: string, low?: number, high?: number }} Measure */

export class Bars {
  /** @param {string[]} names @param {string[]} [hues] */
  constructor(names, hues = []) {
    this.rows = names.map((name, rank) => {
      const [fill, spread, text] = [html("u"), html("s"), html("b")];
      const hue = { class: "level hue", style: hues[rank] ? `--hue:${hues[rank]}` : null };
      return { fill, spread, text, root: html("div", hue, span(name), text, div("bar", fill, spread)) };
    });
    this.root = div("levels", this.rows.map(({ root }) => root));
  }

  /** @param {Measure[]} measures */
  show(measures) {
    measures.forEach(({ value, text, low = value, high = value }, rank) => {
      const { fill, spread, text: told } = this.rows[rank];
      fill.style.width = `${100 * value}%`;
      spread.style.left = `${100 * low}%`;
      spread.style.width = `${100 * (high - low)}%`;
      setText(told, text);
    });
  }
}
