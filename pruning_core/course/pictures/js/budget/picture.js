/* Un budget d'élagage que trois couches se partagent : ce que l'une rend, une autre le paie. */

import { div, html, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import sheet from "../bars.css";
import { Bars } from "../bars.js";
import { NamedSlider } from "../controls.js";
import { Picture } from "../picture.js";

/** Les crans des couches 2 et 3. @typedef {[two: number, three: number]} Place */

/** Ce qu'écrit budget.py. @typedef {object} BudgetData
 * @property {number} sparsity de tout le réseau
 * @property {number[]} sizes poids de chaque couche
 * @property {number} steps crans de chaque couche
 * @property {number} removed poids à retirer
 * @property {(number | null)[][]} accuracies par crans ; aucune si le partage est impossible
 * @property {Place} start
 * @property {number[]} whole sparsités que choisit la magnitude globale
 * @property {number} reached exactitude qu'elle garde
 */

export class Budget extends Picture {
  /** @param {BudgetData} data */
  constructor(data) {
    super(sheet);
    this.data = data;
    /** @type {Place} */
    this.place = data.start;
    this.sliders = data.sizes.map((size, layer) => {
      const scale = { min: 0, max: 1, step: layer ? 1 / data.steps : 0.01 };
      return new NamedSlider(`Couche ${layer + 1}, ${number(size)} poids`, scale, (share) => this.#move(layer, share));
    });
    this.bars = new Bars(["Exactitude"]);
    const whole = data.whole.map((share) => percent(share)).join(", ");
    const legend = html(
      "p",
      { class: "legend" },
      "La couche 1 paie pour la 2 et la 3, et la 2 pour la 1\u00a0; qui paie s’arrête à 0 ou à 100\u00a0%. La magnitude globale en " +
        `retire, couche par couche\u00a0: ${whole}, et garde ${percent(data.reached)} d’exactitude.`,
    );
    this.layOut(
      "Budget à partager",
      div("columns", div("told", this.sliders.map(({ root }) => root)), div("drawn", this.bars.root, this.note, legend)),
    );
  }

  /** Part de la couche 1 à ces crans : ce que les autres ne paient pas. @param {Place} place */
  #first([two, three]) {
    const { sizes, steps, removed } = this.data;
    return (removed - (two / steps) * sizes[1] - (three / steps) * sizes[2]) / sizes[0];
  }

  /** La couche 1 réglée, c'est la 2 qui paie ; une autre réglée, c'est la 1, et la 2 si elle ne le peut pas.
   * @param {number} layer
   * @param {number} share
   */
  #move(layer, share) {
    const { steps, accuracies } = this.data;
    const wanted = Math.round(share * steps);
    const three = layer === 2 ? wanted : this.place[1];
    const distance = (/** @type {number} */ two) =>
      layer ? Math.abs(two - (layer === 1 ? wanted : this.place[0])) : Math.abs(this.#first([two, three]) - share);
    const possible = accuracies.flatMap((row, two) => (row[three] === null ? [] : [two]));
    const two = possible.reduce((best, one) => (distance(one) < distance(best) ? one : best), possible[0]);
    if (possible.length) this.place = /** @type {Place} */ ([two, three]);
    this.changed();
  }

  #accuracy() {
    return this.data.accuracies[this.place[0]][this.place[1]] ?? 0;
  }

  #shares() {
    const { steps } = this.data;
    return [this.#first(this.place), this.place[0] / steps, this.place[1] / steps];
  }

  /** @override */
  draw() {
    this.#shares().forEach((share, layer) => this.sliders[layer].show(share, percent(share)));
    this.bars.show([{ value: this.#accuracy(), text: percent(this.#accuracy()) }]);
    setText(this.note, this.spoken());
  }

  /** @override */
  spoken() {
    const counts = this.#shares().map((share, layer) => number(Math.round(share * this.data.sizes[layer])));
    return (
      `Toujours ${percent(this.data.sparsity, 0)} de sparsité\u00a0: ${counts.join(" + ")} poids retirés. ` +
      `Exactitude\u00a0: ${percent(this.#accuracy())}.`
    );
  }
}
