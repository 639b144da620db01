/* Le premier pas d'Adam : un masque appliqué une fois se remplit, un masque tenu reste vide. */

import { readBytes } from "../../../explorer/js/data/base64.js";
import { div, figure, html, setText, svg } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import { NamedSlider } from "../controls.js";
import { Picture } from "../picture.js";
import sheet from "./first_step.css";

/** Les pas d'un réseau : les poids non nuls de sa couche (un bit chacun, en base64), la part des zéros de
 * tout le réseau. @typedef {{ filled: string[], zeros: number[] }} Way */

/** Ce qu'écrit first_step.py. @typedef {{ rows: number, columns: number, loose: Way, held: Way }} FirstStepData */

const NAMES = ["Appliqué une fois", "Tenu"];

/** @param {Uint8Array} bits @param {number} cell */
const bitAt = (bits, cell) => (bits[cell >> 3] >> (7 - (cell & 7))) & 1;

/** Les cases d'une couche : celles que le masque garde, celles que l'entraînement a remplies. */
class Grid {
  #kept = svg("path", { class: "kept" });
  #filled = svg("path", { class: "filled" });

  /** @param {number} rows @param {number} columns @param {string} name @param {Way} way */
  constructor(rows, columns, name, { filled, zeros }) {
    this.columns = columns;
    this.count = rows * columns;
    this.name = name;
    this.zeros = zeros;
    this.steps = filled.map(readBytes);
    const frame = { viewBox: `0 0 ${columns} ${rows}`, role: "img", class: "grid" };
    this.svg = svg("svg", frame, this.#kept, this.#filled);
    this.told = html("b");
    this.root = figure("way", name, ["zéros, tout le réseau\u00a0: ", this.told], this.svg);
  }

  /** @param {number} step */
  show(step) {
    const paths = ["", ""];
    for (let cell = 0; cell < this.count; cell++)
      if (bitAt(this.steps[step], cell))
        paths[1 - bitAt(this.steps[0], cell)] += `M${cell % this.columns} ${Math.floor(cell / this.columns) + 0.5}h1`;
    this.#kept.setAttribute("d", paths[0]);
    this.#filled.setAttribute("d", paths[1]);
    const zeros = percent(this.zeros[step]);
    setText(this.told, zeros);
    this.svg.setAttribute("aria-label", `${this.name}\u00a0: ${zeros} de zéros.`);
  }
}

export class FirstStep extends Picture {
  #step = 0;

  /** @param {FirstStepData} data */
  constructor({ rows, columns, loose, held }) {
    super(sheet);
    this.grids = [loose, held].map((way, rank) => new Grid(rows, columns, NAMES[rank], way));
    const scale = { min: 0, max: loose.zeros.length - 1, step: 1 };
    this.slider = new NamedSlider("Pas d’Adam depuis l’élagage", scale, (step) => {
      this.#step = step;
      this.changed();
    });
    const legend = html(
      "p",
      { class: "legend" },
      "Couche 1, une ligne par neurone et une colonne par entrée\u00a0: ",
      html("i", { class: "kept" }),
      "poids gardé, ",
      html("i", { class: "filled" }),
      "poids élagué qui n’est plus nul.",
    );
    this.layOut("Masque au premier pas d’Adam", this.slider.root, div("pair", this.grids.map(({ root }) => root)), legend);
  }

  /** @override */
  draw() {
    this.slider.show(this.#step, number(this.#step));
    this.grids.forEach((grid) => grid.show(this.#step));
  }

  /** @override */
  spoken() {
    const told = this.grids.map(({ name, zeros }) => `${name}, ${percent(zeros[this.#step])} de zéros`);
    return `Après ${number(this.#step)} pas\u00a0: ${told.join("\u00a0; ")}.`;
  }
}
