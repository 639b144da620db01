/* La carte de chaleur : retirer un poids, et voir partir sa ligne et sa colonne. */

import { button, div, html, setText } from "../../../explorer/js/display/dom.js";
import { number } from "../../../explorer/js/formatting.js";
import { Choice, NamedSlider } from "../controls.js";
import { Picture } from "../picture.js";
import { invert, priceOf, removeOne } from "./algebra.js";
import { Cells } from "./cells.js";
import sheet from "./heat_map.css";

/** @import { Matrix, Rest } from "./algebra.js" */

/** Ce qu'écrit heat_map.py. @typedef {{ hessian: Matrix, weights: number[], digits: number, real?: number[] }} HeatMapData
 * `digits` : décimales des prix ; `real` : hausse de la vraie perte, le moins cher retiré à chaque fois */

const MATRICES = ["H", "H⁻¹"];

export class HeatMap extends Picture {
  /** @type {number[]} dans l'ordre où ils partent */
  #removed = [];
  #chosen = 0;
  #inverted = 0;
  #cheapest = true; // aucun poids n'est parti que le moins cher

  /** @param {HeatMapData} data */
  constructor(data) {
    super(sheet);
    const { hessian, weights } = data;
    this.data = data;
    /** @type {Rest} */
    this.whole = { weights, inverse: invert(hessian), paid: 0 };
    this.most = [hessian, this.whole.inverse].map((matrix) => Math.max(...matrix.flat().map(Math.abs)));
    const choose = (/** @type {number} */ q) => this.#set(() => (this.#chosen = q));
    this.slider = new NamedSlider("Poids q", { min: 0, max: weights.length - 1, step: 1 }, choose);
    this.choice = new Choice("Matrice montrée", MATRICES, (rank) => this.#set(() => (this.#inverted = rank)));
    this.cells = new Cells(hessian, weights, choose);
    const remove = () => this.#set(() => this.#remove());
    const least = () => this.#set(() => this.#removeLeast());
    const restore = () => this.#set(() => ([this.#removed, this.#cheapest] = [[], true]));
    const buttons = div(
      "options",
      button("Retirer q", remove),
      button("Retirer le moins cher", least),
      button("Tout remettre", restore),
    );
    const legend = html(
      "p",
      { class: "legend" },
      html("i", { class: "more" }), "positif, ", html("i", { class: "less" }), "négatif. Sous chaque colonne, son poids\u00a0; le contour dit ce qu’il valait au départ.",
    );
    const controls = [this.choice, this.slider].map(({ root }) => root);
    this.layOut(
      "Hessienne et ses poids",
      div("columns", div("drawn", this.cells.root, legend), div("told", controls, buttons, this.note)),
    );
  }

  /** @param {() => void} change */
  #set(change) {
    change();
    this.changed();
  }

  /** @param {number} q */
  #present = (q) => !this.#removed.includes(q);

  /** Ce qui reste après les retraits. */
  #rest() {
    return this.#removed.reduce(removeOne, this.whole);
  }

  /** Le poids encore là dont le retrait coûte le moins ; aucun s'il n'en reste pas. */
  #least() {
    const rest = this.#rest();
    const present = this.data.weights.map((_, q) => q).filter(this.#present);
    return present.reduce((best, q) => (best < 0 || priceOf(rest, q) < priceOf(rest, best) ? q : best), -1);
  }

  #remove() {
    if (!this.#present(this.#chosen)) return;
    this.#cheapest &&= this.#chosen === this.#least();
    this.#removed.push(this.#chosen);
  }

  #removeLeast() {
    const least = this.#least();
    if (least < 0) return;
    this.#chosen = least;
    this.#removed.push(least);
  }

  /** @override */
  draw() {
    const rest = this.#rest();
    const matrix = this.#inverted ? rest.inverse : this.data.hessian;
    this.choice.show(this.#inverted);
    this.slider.show(this.#chosen, String(this.#chosen));
    this.cells.show(matrix, this.most[this.#inverted], rest.weights, this.#removed, this.#chosen);
    this.cells.root.setAttribute("aria-label", `${MATRICES[this.#inverted]} en couleurs. ${this.spoken()}`);
    setText(this.note, this.spoken());
  }

  /** Ce que la vraie perte en dit, si on l'a mesurée. */
  #real() {
    const rise = this.#cheapest && this.data.real?.[this.#removed.length - 1];
    return typeof rise === "number" ? ` selon la parabole\u00a0; la vraie perte monte de ${number(rise, this.data.digits)}` : "";
  }

  /** @override */
  spoken() {
    const [rest, q, { digits, hessian, weights }] = [this.#rest(), this.#chosen, this.data];
    const price = (/** @type {number} */ value) => number(value, digits);
    const gone = this.#removed.length;
    const paid = gone
      ? `${number(gone)} poids retiré${gone < 2 ? "" : "s"} sur ${number(weights.length)}, pour ${price(rest.paid)} en tout${this.#real()}.`
      : `Les ${number(weights.length)} poids sont là.`;
    if (!this.#present(q)) return `Le poids ${q} est retiré\u00a0: sa ligne et sa colonne n’y sont plus. ${paid}`;
    const kept = rest.weights[q];
    return (
      `Poids ${q}, qui vaut ${number(kept, 3)}\u00a0: le retirer coûterait ${price(0.5 * hessian[q][q] * kept ** 2)} par ` +
      `OBD, ${price(priceOf(rest, q))} par OBS. ${paid}`
    );
  }
}
