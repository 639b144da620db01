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
const LABEL_ROOM = 70; // plus près du bord droit, l'étiquette passe à gauche du point
const HIGH = 0.9; // au-dessus, l'étiquette passe sous le point

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

export class Curve {
  /** Ce qui a été visité, par méthode et portée.
   * @type {Map<string, { look: Look, points: Map<number, number> }>}
   */
  #visited = new Map();
  #width = 0;
  #marks = svg("g");

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
    this.#marks.replaceChildren(...lines, ...current.flatMap((one) => this.#point(one)));
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

  /** @param {Current} current */
  #point({ look, reached, accuracy }) {
    const style = `--hue:${look.colour}`;
    const [cx, cy] = [this.#x(reached), this.#y(accuracy)];
    const side = cx > this.#width - LABEL_ROOM ? -1 : 1;
    const place = {
      x: cx + 10 * side,
      y: cy + (accuracy > HIGH ? 16 : -6),
      "text-anchor": side < 0 ? "end" : "start",
    };
    return [
      svg("circle", { class: "hue now", cx, cy, r: 6, style }),
      svg("text", { class: "hue", style, ...place }, percent(accuracy)),
    ];
  }

  /** @param {number} width */
  #drawAxes(width) {
    this.#width = width;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    const denseLabel = {
      x: width - RIGHT,
      y: this.#y(this.dense) - 7,
      "text-anchor": "end",
    };
    this.svg.replaceChildren(
      ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => this.#graduation(share)),
      svg("path", { ...this.#across(this.dense, "soft"), "stroke-dasharray": "2 3" }),
      svg("text", denseLabel, `sans élagage : ${percent(this.dense)}`),
      this.#marks,
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
