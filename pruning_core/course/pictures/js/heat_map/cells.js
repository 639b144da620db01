/* La matrice, case par case, et sous chaque colonne son poids. */

import { svg } from "../../../explorer/js/display/dom.js";

/** @import { Matrix } from "./algebra.js" */

const SIDE = 360;
const GAP = 10; // entre la matrice et les poids
const BARS = 70;

export class Cells {
  /**
   * @param {Matrix} hessian
   * @param {number[]} weights
   * @param {(q: number) => void} choose
   */
  constructor(hessian, weights, choose) {
    const size = hessian.length;
    this.step = SIDE / size;
    this.tallest = Math.max(...weights.map(Math.abs));
    this.cells = hessian.map((row, i) => row.map((_, j) => this.#square(j * this.step, i * this.step)));
    this.before = weights.map((weight, q) => this.#bar("before", q, weight));
    this.bars = weights.map((weight, q) => this.#bar("bar", q, weight));
    this.lines = [0, 1].map(() => svg("rect", { class: "chosen" }));
    const middle = SIDE + GAP + BARS / 2;
    this.root = svg(
      "svg",
      { viewBox: `0 0 ${SIDE} ${SIDE + GAP + BARS}`, role: "img", class: "cells" },
      this.cells,
      svg("path", { class: "axis", d: `M0 ${middle}H${SIDE}` }),
      this.before,
      this.bars,
      this.lines,
    );
    this.root.addEventListener("click", ({ clientX }) => {
      const { left, width } = this.root.getBoundingClientRect();
      choose(Math.min(size - 1, Math.max(0, Math.floor(((clientX - left) / width) * size))));
    });
  }

  /** @param {number} x @param {number} y */
  #square = (x, y) => svg("rect", { x, y, width: this.step, height: this.step });

  /** @param {string} name @param {number} q @param {number} weight */
  #bar(name, q, weight) {
    const bar = svg("rect", { class: name, x: (q + 0.15) * this.step, width: 0.7 * this.step });
    this.#stretch(bar, weight);
    return bar;
  }

  /** @param {SVGElement} bar @param {number} weight */
  #stretch(bar, weight) {
    const half = BARS / 2;
    const height = Math.min(half, (half * Math.abs(weight)) / this.tallest);
    bar.setAttribute("y", String(SIDE + GAP + half - (weight > 0 ? height : 0)));
    bar.setAttribute("height", String(height));
  }

  /**
   * @param {Matrix} matrix
   * @param {number} most la valeur la plus forte, de pleine couleur
   * @param {number[]} weights
   * @param {number[]} removed
   * @param {number} chosen
   */
  show(matrix, most, weights, removed, chosen) {
    const gone = new Set(removed);
    matrix.forEach((row, i) =>
      row.forEach((value, j) => {
        const cell = this.cells[i][j];
        cell.setAttribute("class", gone.has(i) || gone.has(j) ? "gone" : value < 0 ? "less" : "more");
        cell.setAttribute("fill-opacity", Math.min(1, Math.sqrt(Math.abs(value) / most)).toFixed(3));
      }),
    );
    weights.forEach((weight, q) => this.#stretch(this.bars[q], weight));
    const across = { x: 0, y: chosen * this.step, width: SIDE, height: this.step };
    const down = { x: chosen * this.step, y: 0, width: this.step, height: SIDE + GAP + BARS };
    [across, down].forEach((box, rank) => {
      for (const [name, value] of Object.entries(box)) this.lines[rank].setAttribute(name, String(value));
    });
  }
}
