/* La perte le long du chemin : la vraie, et les paraboles des pas. */

import { svg } from "../../../explorer/js/display/dom.js";
import { number } from "../../../explorer/js/formatting.js";

/** Une parabole : la perte au début du pas, ce qu'y ajoutent le premier et le second ordre.
 * @typedef {[start: number, first: number, second: number]} Piece */

const [WIDTH, HEIGHT, TOP, BOTTOM] = [360, 300, 22, 24];

export class Graph {
  #real = svg("path", { class: "real" });
  #arcs = svg("path", { class: "arcs" });
  #gap = svg("path", { class: "gap" });
  #dots = ["real", "arcs"].map((name) => svg("circle", { class: name, r: 6 }));

  /**
   * @param {number} most la plus grande perte à montrer
   * @param {string} end ce que vaut le bout du chemin
   * @param {(share: number) => void} choose
   */
  constructor(most, end, choose) {
    this.most = most;
    const floor = HEIGHT - BOTTOM;
    this.root = svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "graph" },
      svg("path", { class: "axis", d: `M1 ${TOP}V${floor}H${WIDTH}` }),
      this.#arcs,
      this.#real,
      this.#gap,
      this.#dots,
      svg("text", { x: 4, y: 12 }, `↑ perte, de 0 à ${number(most, 2)}`),
      svg("text", { x: 0, y: HEIGHT - 6 }, "réseau entier"),
      svg("text", { x: WIDTH, y: HEIGHT - 6, "text-anchor": "end" }, `${end} →`),
    );
    this.root.addEventListener("click", ({ clientX }) => {
      const { left, width } = this.root.getBoundingClientRect();
      choose(Math.min(1, Math.max(0, (clientX - left) / width)));
    });
  }

  /** @param {number} loss */
  #y = (loss) => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * loss) / this.most;

  /**
   * @param {number[]} losses
   * @param {Piece[]} pieces
   * @param {number} share du chemin
   * @param {[real: number, predicted: number]} reading à cet endroit
   */
  show(losses, pieces, share, reading) {
    const points = losses.map((loss, rank) => [(WIDTH * rank) / (losses.length - 1), this.#y(loss)]);
    this.#real.setAttribute("d", `M${points.join("L")}`);
    const wide = WIDTH / pieces.length;
    const arcs = pieces.map(([start, first, second], rank) => {
      const [from, middle, to] = [start, start + first / 2, start + first + second].map(this.#y);
      return `M${rank * wide} ${from}Q${(rank + 0.5) * wide} ${middle} ${(rank + 1) * wide} ${to}`;
    });
    this.#arcs.setAttribute("d", arcs.join(""));
    const x = String(share * WIDTH);
    const [real, predicted] = reading.map(this.#y);
    this.#gap.setAttribute("d", `M${x} ${real}V${predicted}`);
    [real, predicted].forEach((y, rank) => {
      this.#dots[rank].setAttribute("cx", x);
      this.#dots[rank].setAttribute("cy", String(y));
    });
  }
}
