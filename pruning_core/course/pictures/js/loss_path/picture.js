/* La vraie perte le long d'un élagage, et la parabole de chaque pas : un géant, ou quinze petits. */

import { div, html, setHue, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import { NamedSlider, rankSlider } from "../controls.js";
import { Picture } from "../picture.js";
import { Graph } from "./graph.js";
import sheet from "./loss_path.css";

/** @import { Piece } from "./graph.js" */

/** Ce qu'écrit loss_path.py. @typedef {object} LossPathData
 * @property {number} sparsity au bout du chemin
 * @property {number[]} steps nombres de pas proposés
 * @property {string} colour
 * @property {number[][]} losses la vraie perte en chaque point, par nombre de pas
 * @property {Piece[][]} pieces de même, une parabole par pas
 */

export class LossPath extends Picture {
  #rank = 0;

  /** @param {LossPathData} data */
  constructor(data) {
    super(sheet);
    this.data = data;
    this.points = data.losses[0].length - 1;
    this.place = this.points;
    const move = (/** @type {number} */ place) => {
      this.place = place;
      this.changed();
    };
    this.count = rankSlider("Nombre de pas", data.steps, (rank) => {
      this.#rank = rank;
      this.changed();
    });
    this.slider = new NamedSlider("Chemin parcouru", { min: 0, max: this.points, step: 1 }, move);
    const end = `réseau élagué à ${percent(data.sparsity, 0)}`;
    const most = Math.max(...data.losses.flat());
    this.graph = new Graph(most, end, (share) => move(Math.round(share * this.points)));
    const legend = html(
      "p",
      { class: "legend" },
      html("i", { class: "real" }), "vraie perte, ", html("i", { class: "arcs" }), "parabole (premier et second ordre, forme entière), prise au début de chaque pas.",
    );
    const drawn = div("drawn hue", this.graph.root, legend);
    setHue(drawn, data.colour);
    this.layOut(
      "Perte le long d’un élagage",
      div("columns", drawn, div("told", this.count.root, this.slider.root, this.note)),
    );
  }

  /** La vraie perte et la prédite ; au bout d'un pas, par la parabole qui finit.
   * @param {number} place
   * @returns {[real: number, predicted: number]}
   */
  #read(place) {
    const pieces = this.data.pieces[this.#rank];
    const along = (place * pieces.length) / this.points;
    const piece = Math.max(0, Math.ceil(along) - 1);
    const [start, first, second] = pieces[piece];
    const share = along - piece;
    return [this.data.losses[this.#rank][place], start + first * share + second * share ** 2];
  }

  /** @override */
  draw() {
    const { losses, pieces, steps } = this.data;
    const share = this.place / this.points;
    this.count.show(this.#rank, number(steps[this.#rank]));
    this.slider.show(this.place, percent(share, 0));
    this.graph.show(losses[this.#rank], pieces[this.#rank], share, this.#read(this.place));
    const text = this.spoken();
    this.graph.root.setAttribute("aria-label", `Perte le long du chemin. ${text}`);
    setText(this.note, text);
  }

  /** @override */
  spoken() {
    const gaps = this.data.losses[0].map((_, place) => {
      const [real, predicted] = this.#read(place);
      return Math.abs(real - predicted);
    });
    const [real, predicted, widest] = [...this.#read(this.place), Math.max(...gaps)].map((loss) => number(loss, 3));
    return (
      `En ${this.data.steps[this.#rank]} pas, à ${percent(this.place / this.points, 0)} du chemin\u00a0: la parabole annonce ` +
      `${predicted}, la vraie perte est ${real}. Plus grand écart en chemin\u00a0: ${widest}.`
    );
  }
}
