/* L'affinage : ce que valent les méthodes, selon la sparsité, les époques et le calendrier. */

import { div, html, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import sheet from "../bars.css";
import { Bars } from "../bars.js";
import { Choice, rankSlider } from "../controls.js";
import { Picture } from "../picture.js";

/** @import { Measure } from "../bars.js" */

/** Ce qu'écrit `epochs.py`. @typedef {object} EpochsData
 * @property {number[]} sparsities
 * @property {number[]} epochs
 * @property {string[]} labels des méthodes
 * @property {string[]} colours
 * @property {number} dense exactitude sans élagage
 * @property {[mean: number, low: number, high: number][][][][]} measures par sparsité, époques, calendrier et méthode
 * @property {[sparsity: number, epochs: number]} start rangs du départ
 */

export class Epochs extends Picture {
  #gradual = 0;

  /** @param {EpochsData} data */
  constructor(data) {
    super(sheet);
    this.data = data;
    this.at = [...data.start];
    const names = ["Sparsité", "Époques d’affinage"];
    this.sliders = [data.sparsities, data.epochs].map(
      (values, which) =>
        rankSlider(names[which], values, (rank) => {
          this.at[which] = rank;
          this.changed();
        }),
    );
    this.choice = new Choice("Calendrier", ["élagué d’un coup", "peu à peu"], (rank) => {
      this.#gradual = rank;
      this.changed();
    });
    this.bars = new Bars(data.labels, data.colours);
    const title = html("p", { class: "title" }, `Exactitude (sans élagage\u00a0: ${percent(data.dense)})`);
    this.layOut(
      "Affinage après l’élagage",
      div(
        "columns",
        div("told", [...this.sliders, this.choice].map(({ root }) => root), this.note),
        div("drawn", title, this.bars.root),
      ),
    );
  }

  /** @returns {Measure[]} */
  #shown() {
    const [sparsity, epochs] = this.at;
    return this.data.measures[sparsity][epochs][this.#gradual].map(([value, low, high]) => ({
      ...{ value, low, high },
      text: percent(value),
    }));
  }

  /** @override */
  draw() {
    const { sparsities, epochs } = this.data;
    this.sliders[0].show(this.at[0], percent(sparsities[this.at[0]], 0));
    this.sliders[1].show(this.at[1], number(epochs[this.at[1]]));
    this.choice.show(this.#gradual);
    this.bars.show(this.#shown());
    setText(this.note, this.spoken());
  }

  /** @override */
  spoken() {
    const values = this.#shown().map(({ value }) => value);
    const { labels, epochs } = this.data;
    const order = values.map((_, rank) => rank).sort((a, b) => values[b] - values[a]);
    const [first, second] = order.map((rank) => `${labels[rank]} (${percent(values[rank])})`);
    const gap = 100 * (values[order[0]] - values[order[1]]);
    const points = `${number(gap, 1)} point${gap < 1.95 ? "" : "s"}`;
    const none = epochs[this.at[1]] ? "" : " Sans époque d’affinage, rien n’est fait peu à peu.";
    return `En tête, ${first}, puis ${second}\u00a0; écart\u00a0: ${points}. Le trait va de la pire graine à la meilleure.${none}`;
  }
}
