/* La cuvette : la corrélation la penche, OBD tombe droit sur l'axe, OBS glisse le long de la vallée. */

import { div, html, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import { Choice, NamedSlider } from "../controls.js";
import { Picture } from "../picture.js";
import { Plane } from "./plane.js";
import { hessianOf, remove } from "./quadratic.js";
import sheet from "./bowl.css";

/** @import { Look } from "./plane.js" */
/** @import { Pair } from "./quadratic.js" */

/** Ce qu'écrit bowl.py. @typedef {object} BowlData
 * @property {Pair} weights
 * @property {Pair} curvatures
 * @property {number} correlation
 * @property {number} removed
 * @property {number} steepest corrélation la plus forte
 * @property {number} reach jusqu'où se tire un poids
 * @property {number} edge bord du dessin
 * @property {Look[]} looks d'OBD et d'OBS
 */

const NAMES = ["w₀", "w₁"];
const STEP = 0.01;

export class Bowl extends Picture {
  /** @param {BowlData} data */
  constructor(data) {
    super(sheet);
    this.data = data;
    this.weights = data.weights;
    this.correlation = data.correlation;
    this.removed = data.removed;
    const { steepest, reach, edge, looks } = data;
    const slope = { min: -steepest, max: steepest, step: STEP };
    this.slope = new NamedSlider("Corrélation ρ des deux entrées", slope, (value) => this.#set({ correlation: value }));
    const range = { min: -reach, max: reach, step: STEP };
    this.sliders = NAMES.map(
      (name, rank) => new NamedSlider(`Minimum, ${name}`, range, (value) => this.#move(rank, value)),
    );
    const choices = NAMES.map((name) => `retirer ${name}`);
    this.choice = new Choice("Poids retiré", choices, (rank) => this.#set({ removed: rank }));
    this.plane = new Plane(edge, looks, (weights) => this.#set({ weights: /** @type {Pair} */ (weights.map(this.#inside)) }));
    this.costs = new Costs(looks);
    const controls = [this.slope, this.choice, ...this.sliders].map(({ root }) => root);
    this.layOut(
      "Cuvette à deux poids",
      div("columns", div("drawn", this.plane.root), div("told", controls, this.costs.root, this.note)),
    );
  }

  /** @param {number} value */
  #inside = (value) => Math.max(-this.data.reach, Math.min(this.data.reach, value));

  /** @param {number} rank @param {number} value */
  #move(rank, value) {
    this.#set({ weights: rank ? [this.weights[0], value] : [value, this.weights[1]] });
  }

  /** @param {Partial<Pick<Bowl, "weights" | "correlation" | "removed">>} update */
  #set(update) {
    Object.assign(this, update);
    this.changed();
  }

  /** Ce que coûte chaque retrait. */
  #removals() {
    const hessian = hessianOf(this.data.curvatures, this.correlation);
    return NAMES.map((_, rank) => remove(this.weights, hessian, rank));
  }

  /** @override */
  draw() {
    const removals = this.#removals();
    const { weights, removed, correlation } = this;
    this.slope.show(correlation, number(correlation, 2));
    this.choice.show(removed);
    this.sliders.forEach((slider, rank) => slider.show(weights[rank], number(weights[rank], 2)));
    this.plane.show(weights, hessianOf(this.data.curvatures, correlation), removed, removals[removed]);
    this.plane.root.setAttribute("aria-label", this.#shown());
    this.costs.show(removals, removed);
    setText(this.note, this.#told());
  }

  /** Où chaque méthode arrive, et ce que l'ajustement économise. */
  #told() {
    const [kept, { obs, obdCost, obsCost }] = [1 - this.removed, this.#removals()[this.removed]];
    if (!obdCost) return `${NAMES[this.removed]} est déjà nul\u00a0: le retirer ne coûte rien.`;
    const before = number(this.weights[kept], 2);
    if (obsCost === obdCost)
      return "Sans corrélation, les axes de la cuvette sont ceux des poids\u00a0: OBS ne déplace rien, et paie comme OBD.";
    return (
      `OBD laisse ${NAMES[kept]} à ${before}\u00a0; OBS le porte à ${number(obs[kept], 2)}, là où la perte est ` +
      `la plus basse sur l’axe, et ne paie que ${percent(obsCost / obdCost)} du prix\u00a0: 1 − ρ².`
    );
  }

  #shown() {
    const one = this.#removals()[this.removed];
    const at = (/** @type {Pair} */ pair) => pair.map((value) => number(value, 2)).join(" et ");
    return (
      `Courbes de niveau de la perte autour du minimum, ${at(this.weights)}. Pour retirer ` +
      `${NAMES[this.removed]}, OBD arrive à ${at(one.obd)}, OBS à ${at(one.obs)}.`
    );
  }

  /** @override */
  spoken() {
    const one = this.#removals()[this.removed];
    const [obd, obs] = [one.obdCost, one.obsCost].map((cost) => number(cost, 3));
    return `Corrélation ${number(this.correlation, 2)}\u00a0: retirer ${NAMES[this.removed]} coûte ${obd} par OBD, ${obs} par OBS.`;
  }
}

/** Ce que coûte chaque retrait, par chaque méthode. */
class Costs {
  /** @param {Look[]} looks */
  constructor(looks) {
    this.cells = looks.map(() => NAMES.map(() => html("td")));
    const head = NAMES.map((name) => html("th", { scope: "col" }, `sans ${name}`));
    const rows = looks.map(([label, colour], rank) => {
      const name = html("th", { scope: "row", class: "hue", style: `--hue:${colour}` }, label);
      return html("tr", {}, name, this.cells[rank]);
    });
    this.root = html(
      "table",
      {},
      html("thead", {}, html("tr", {}, html("th", { scope: "col" }, "Hausse de la perte"), head)),
      html("tbody", {}, rows),
    );
  }

  /** @param {import("./quadratic.js").Removal[]} removals @param {number} removed */
  show(removals, removed) {
    removals.forEach(({ obdCost, obsCost }, column) =>
      [obdCost, obsCost].forEach((cost, row) => {
        const cell = this.cells[row][column];
        setText(cell, number(cost, 3));
        cell.classList.toggle("on", column === removed);
      }),
    );
  }
}
