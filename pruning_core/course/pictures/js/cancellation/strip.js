/* Les lots, l'un à côté de l'autre : ce qui monte, ce qui descend, ce qui reste. */

import { svg } from "../../../explorer/js/display/dom.js";

/** @import { Lot } from "./lots.js" */

const [WIDTH, HEIGHT, MARGIN] = [360, 260, 20];
const MIDDLE = HEIGHT / 2;

export class Strip {
  #parts = svg("path", { class: "parts" });
  #net = svg("path", { class: "net" });
  root = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "strip" },
    this.#parts,
    this.#net,
    svg("path", { class: "axis", d: `M0 ${MIDDLE}H${WIDTH}` }),
    svg("text", { x: 0, y: 12 }, "↑ gradients positifs"),
    svg("text", { x: 0, y: HEIGHT - 4 }, "↓ gradients négatifs"),
    svg("text", { x: WIDTH, y: HEIGHT - 4, "text-anchor": "end" }, "lots →"),
  );

  /** @param {Lot[]} lots @param {number} most ce qui va jusqu'au bord */
  show(lots, most) {
    const wide = WIDTH / lots.length;
    const bars = (/** @type {(lot: Lot) => number} */ read) =>
      lots.map((lot, rank) => `M${rank * wide} ${MIDDLE}v${(-read(lot) / most) * (MIDDLE - MARGIN)}h${0.8 * wide}V${MIDDLE}z`);
    this.#parts.setAttribute("d", [...bars(({ up }) => up), ...bars(({ down }) => down)].join(""));
    this.#net.setAttribute("d", bars(({ net }) => net).join(""));
  }
}
