/* Le pixel qu'un poids lit : l'image moyenne, et une case cernée. */

import { svg } from "../../../explorer/js/display/dom.js";

const CELL = 12;

export class Retina {
  /** @param {number[]} mean gris de chaque pixel, de 0 à 1 */
  constructor(mean) {
    this.side = Math.sqrt(mean.length);
    const size = CELL * this.side;
    const cells = mean.map((grey, pixel) =>
      svg("rect", { ...this.#place(pixel), class: "pixel", "fill-opacity": grey.toFixed(2) }),
    );
    this.chosen = svg("rect", { class: "chosen" });
    const frame = svg("rect", { class: "edge", width: size, height: size });
    this.root = svg("svg", { viewBox: `-2 -2 ${size + 4} ${size + 4}`, role: "img", class: "retina" }, frame, cells, this.chosen);
  }

  /** @param {number} pixel */
  #place(pixel) {
    const [x, y] = [CELL * (pixel % this.side), CELL * Math.floor(pixel / this.side)];
    return { x, y, width: CELL, height: CELL };
  }

  /** @param {number | null} pixel aucun, pour un poids d'une autre couche */
  show(pixel) {
    this.chosen.classList.toggle("none", pixel === null);
    for (const [name, value] of Object.entries(this.#place(pixel ?? 0))) this.chosen.setAttribute(name, String(value));
    this.root.setAttribute("aria-label", pixel === null ? "Image moyenne, aucun pixel" : "Image moyenne, et le pixel que lit ce poids");
  }
}
