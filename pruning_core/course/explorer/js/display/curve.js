/* La courbe exactitude-sparsité, un point par endroit visité et par méthode. */

import { number, percent } from "../formatting.js";
import { figure, svg } from "./dom.js";

/** @import { Look } from "../types" */

/** @typedef {{ key: string, look: Look, reached: number, accuracy: number }} Current
 * où en est une méthode montrée */

const DASHES = { "-": null, "--": "7 4", ":": "2 4" };
const HEIGHT = 190;
const [LEFT, RIGHT, TOP, BOTTOM] = [34, 18, 20, 24]; // marges
const NARROWEST = 240;
const UNKNOWN_WIDTH = 320; // pas encore mise en page
const LETTER = 7.5; // largeur moyenne d'un signe des étiquettes, et leur hauteur
const LINE = 15;
// Où écrire autour d'un point, du mieux au moins bien : à droite, à gauche ; au-dessus, dessous, plus loin.
const PLACES = [-6, 16, -21, 31, -36, 46].flatMap((dy) => [10, -10].map((dx) => ({ dx, dy })));

/** Les points d'une courbe, reliés de gauche à droite ; un point seul devient un trait nul, rond.
 * @param {Map<number, number>} points sparsité -> exactitude
 * @param {(sparsity: number) => number} x
 * @param {(accuracy: number) => number} y
 */
export function tracePoints(points, x, y) {
  const sorted = [...points].sort(([a], [b]) => a - b);
  const line = sorted.map(
    ([sparsity, accuracy], rank) =>
      `${rank ? "L" : "M"}${x(sparsity).toFixed(1)} ${y(accuracy).toFixed(1)}`,
  );
  return line.join("") + (sorted.length < 2 ? "h0" : "");
}

/** Un texte occupe [gauche, droite] sur une ligne de base. @typedef {[left: number, right: number, base: number]} Box */

/** @param {Box} a @param {Box} b */
const overlap = (a, b) => a[0] < b[1] && b[0] < a[1] && Math.abs(a[2] - b[2]) < LINE;

/** La première place autour d'un point qui tient dans le cadre et ne touche aucun texte.
 * @param {string} text @param {number} cx @param {number} cy @param {number} width du cadre
 * @param {Box[]} taken ce qui est déjà écrit ; la place choisie s'y ajoute
 */
export function placeLabel(text, cx, cy, width, taken) {
  const length = LETTER * text.length;
  const places = PLACES.map(({ dx, dy }) => {
    const [x, y] = [cx + dx, cy + dy];
    /** @type {Box} */
    const box = dx < 0 ? [x - length, x, y] : [x, x + length, y];
    const inside = box[0] >= LEFT && box[1] <= width && y >= LINE && y <= HEIGHT - BOTTOM;
    return { x, y, "text-anchor": dx < 0 ? "end" : "start", box, inside };
  });
  const free = places.filter(({ box, inside }) => inside && !taken.some((one) => overlap(one, box)));
  const { box, x, y, "text-anchor": anchor } = free[0] ?? places[0];
  taken.push(box);
  return { x, y, "text-anchor": anchor };
}

export class Curve {
  /** Ce qui a été visité, par méthode et portée.
   * @type {Map<string, { look: Look, points: Map<number, number> }>}
   */
  #visited = new Map();
  #width = 0;
  #marks = svg("g");
  /** La place du repère « sans élagage ». @type {Box} */
  #reference = [0, 0, 0];

  /** @param {number} dense exactitude sans élagage */
  constructor(dense) {
    this.dense = dense;
    this.svg = svg("svg", {
      role: "img",
      height: HEIGHT,
      "aria-label": "Exactitude en fonction de la sparsité",
    });
    const detail = "selon la sparsité\u00a0: la courbe se trace quand vous bougez";
    this.root = figure("curve", "Exactitude", detail, this.svg);
  }

  /** @param {number} sparsity */
  #x = (sparsity) => LEFT + sparsity * (this.#width - LEFT - RIGHT);
  /** @param {number} accuracy */
  #y = (accuracy) => TOP + (1 - accuracy) * (HEIGHT - TOP - BOTTOM);

  /** @param {string} key @param {Look} look @param {number} sparsity @param {number} accuracy */
  add(key, look, sparsity, accuracy) {
    const visited = this.#visited.get(key) ?? { look, points: new Map() };
    visited.points.set(sparsity, accuracy);
    this.#visited.set(key, visited);
  }

  /** @param {Current[]} current */
  draw(current) {
    const width = Math.max(NARROWEST, this.svg.clientWidth || UNKNOWN_WIDTH);
    if (width !== this.#width) this.#drawAxes(width);
    const shown = new Set(current.map(({ key }) => key));
    const lines = [...this.#visited].map(([key, { look, points }]) =>
      this.#line(look, points, shown.has(key)),
    );
    const taken = [this.#reference];
    this.#marks.replaceChildren(...lines, ...current.flatMap((one) => this.#point(one, taken)));
  }

  /** @param {Look} look @param {Map<number, number>} points @param {boolean} shown */
  #line(look, points, shown) {
    const alone = points.size < 2;
    return svg("path", {
      class: "hue",
      d: tracePoints(points, this.#x, this.#y),
      style: `--hue:${look.colour};opacity:${shown ? 1 : 0.6};stroke-width:${alone ? 6 : 2}`,
      "stroke-dasharray": alone ? null : DASHES[look.dash],
    });
  }

  /** @param {Current} current @param {Box[]} taken */
  #point({ look, reached, accuracy }, taken) {
    const style = `--hue:${look.colour}`;
    const [cx, cy] = [this.#x(reached), this.#y(accuracy)];
    const text = percent(accuracy);
    const place = placeLabel(text, cx, cy, this.#width, taken);
    return [
      svg("circle", { class: "hue now", cx, cy, r: 6, style }),
      svg("text", { class: "hue", style, ...place }, text),
    ];
  }

  /** @param {number} width */
  #drawAxes(width) {
    this.#width = width;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const dense = `sans élagage : ${percent(this.dense)}`;
    const [x, y] = [width - RIGHT, this.#y(this.dense) - 7];
    this.#reference = [x - LETTER * dense.length, x, y];
    this.svg.replaceChildren(
      ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => this.#graduation(share)),
      svg("path", { ...this.#across(this.dense, "soft"), "stroke-dasharray": "2 3" }),
      this.#marks,
      svg("text", { x, y, "text-anchor": "end" }, dense), // sur les courbes, qu'il interrompt
    );
  }

  /** Le même nombre sur les deux axes. @param {number} share */
  #graduation(share) {
    return [
      svg("path", this.#across(share, "line")),
      svg("text", { x: LEFT - 4, y: this.#y(share) + 4, "text-anchor": "end" }, number(100 * share)),
      svg("text", { x: this.#x(share), y: HEIGHT - 8, "text-anchor": "middle" }, percent(share, 0)),
    ];
  }

  /** @param {number} accuracy @param {"line" | "soft"} colour */
  #across(accuracy, colour) {
    return {
      d: `M${LEFT} ${this.#y(accuracy)}H${this.#width - RIGHT}`,
      style: `stroke:var(--${colour});stroke-width:1`,
    };
  }
}
