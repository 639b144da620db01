/* Le nuage des poids : |w| contre un autre score, et qui garde quoi ; un point touché montre son pixel. */

import { readFloats } from "../../../explorer/js/data/base64.js";
import { div, html, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import { NamedSlider } from "../controls.js";
import { Picture } from "../picture.js";
import { keepers, ranking } from "./choosing.js";
import { Cloud } from "./cloud.js";
import { Retina } from "./retina.js";
import sheet from "./scatter.css";

/** Ce qu'écrit scatter.py. @typedef {object} ScatterData
 * @property {string} sizes |w|, en base64
 * @property {string} scores le second score, de même
 * @property {[outputs: number, inputs: number][]} shapes des couches, dans l'ordre
 * @property {string} label du second score
 * @property {string[]} names des deux critères
 * @property {string[]} colours
 * @property {number} sparsity
 * @property {number[]} mean image moyenne, de 0 à 1
 */

export class Scatter extends Picture {
  /** @param {ScatterData} data */
  constructor(data) {
    super(sheet);
    const { sizes, scores, shapes, label, names, colours, sparsity, mean } = data;
    this.sizes = readFloats(sizes);
    this.scores = readFloats(scores);
    this.ranks = [this.sizes, this.scores].map(ranking);
    this.shapes = shapes;
    this.names = names;
    this.sparsity = sparsity;
    const count = this.sizes.length;
    this.place = count - 1; // parmi les |w| croissants
    this.cut = new NamedSlider("Sparsité", { min: 0, max: 100, step: 1 }, (value) => {
      this.sparsity = value / 100;
      this.changed();
    });
    this.slider = new NamedSlider("Poids, du plus petit au plus grand", { min: 1, max: count, step: 1 }, (value) => {
      this.place = value - 1;
      this.changed();
    });
    this.cloud = new Cloud(this.sizes, this.scores, label, colours, (weight) => {
      this.place = this.ranks[0].indexOf(weight);
      this.changed();
    });
    this.retina = new Retina(mean);
    const kinds = ["ni l’un ni l’autre", ...names.map((name) => `${name} seulement`), "les deux"];
    const looks = ["nobody", "first hue", "second hue", "both"];
    const hues = ["", ...colours, ""];
    this.counts = kinds.map(() => html("td"));
    const rows = kinds.map((kind, rank) => {
      const mark = html("i", { class: looks[rank], style: `--hue:${hues[rank]}` });
      return html("tr", {}, html("th", { scope: "row" }, mark, kind), this.counts[rank]);
    });
    this.table = html("table", {}, html("caption", {}, "Qui garde combien de poids"), html("tbody", {}, rows.reverse()));
    this.layOut(
      "Poids et scores",
      div(
        "columns",
        div("drawn", this.cloud.root),
        div("told", this.cut.root, this.table, this.slider.root, div("seen", this.retina.root, this.note)),
      ),
    );
  }

  /** La couche d'un poids et ses deux bouts, comptés à partir de 1. @param {number} weight */
  #locate(weight) {
    let rest = weight;
    const layer = this.shapes.findIndex(([outputs, inputs]) => rest < outputs * inputs || ((rest -= outputs * inputs), false));
    const inputs = this.shapes[layer][1];
    return { layer: layer + 1, neuron: Math.floor(rest / inputs) + 1, input: (rest % inputs) + 1 };
  }

  /** @override */
  draw() {
    const classes = keepers(this.ranks[0], this.ranks[1], this.sparsity);
    const counts = [0, 0, 0, 0];
    classes.forEach((one) => counts[one]++);
    counts.forEach((count, rank) => setText(this.counts[rank], number(count)));
    const weight = this.ranks[0][this.place];
    const { layer, input } = this.#locate(weight);
    this.cut.show(Math.round(100 * this.sparsity), percent(this.sparsity, 0));
    this.slider.show(this.place + 1, number(this.place + 1));
    this.cloud.show(classes, weight);
    this.retina.show(layer === 1 ? input - 1 : null);
    setText(this.note, this.#told(weight, classes[weight]));
    const [kept, alone] = [counts[3], counts[1] + counts[2]].map((count) => number(count));
    const label = `Nuage des poids\u00a0: ${kept} gardés par les deux critères, ${alone} par un seul.`;
    this.cloud.root.setAttribute("aria-label", label);
  }

  /** @param {number} weight @param {number} keeper */
  #told(weight, keeper) {
    const { layer, neuron, input } = this.#locate(weight);
    const side = this.retina.side;
    const from = layer === 1 ? `pixel ligne ${Math.ceil(input / side)}, colonne ${((input - 1) % side) + 1}` : `neurone ${input}`;
    const alone = this.names.map((name) => `Un seul critère le garde\u00a0: ${name}.`);
    const who = ["Aucun critère ne le garde.", ...alone, "Les deux critères le gardent."];
    return (
      `Couche ${layer}, ${from} → neurone ${neuron}\u00a0: |w|\u00a0=\u00a0${significant(this.sizes[weight])}, ` +
      `score\u00a0=\u00a0${significant(this.scores[weight])}. ${who[keeper]}`
    );
  }

  /** @override */
  spoken() {
    return this.note.textContent ?? "";
  }
}

/** Trois chiffres, à la française. @param {number} value */
export function significant(value) {
  if (!value) return "0";
  const power = Math.floor(Math.log10(value));
  if (power >= -4) return number(value, Math.max(0, 2 - power));
  const exponent = [...String(-power)].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]).join("");
  return `${number(value / 10 ** power, 2)}·10⁻${exponent}`;
}
