/* Le nuage : |w| en abscisse, le second score en ordonnée, un point par poids. */

import { svg } from "../../../explorer/js/display/dom.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP] = [360, 330, 24, 24, 18];
const CLASSES = ["nobody", "first hue", "second hue", "both"]; // dans l'ordre de `keepers`
const NAUGHT = 16; // sous le plus petit score, la place des scores nuls

/** Où mettre chaque valeur, sur une échelle logarithmique ; les nulles au bord.
 * @param {Float32Array} values
 * @param {number} from
 * @param {number} to
 */
function places(values, from, to) {
  const logs = values.map(Math.log10);
  const finite = logs.filter(Number.isFinite);
  const least = finite.reduce((a, b) => Math.min(a, b));
  const most = finite.reduce((a, b) => Math.max(a, b));
  const edge = from + Math.sign(to - from) * NAUGHT;
  return Float64Array.from(logs, (log) =>
    Number.isFinite(log) ? edge + ((log - least) / (most - least || 1)) * (to - edge) : from,
  );
}

export class Cloud {
  /**
   * @param {Float32Array} sizes
   * @param {Float32Array} scores
   * @param {string} label du second score
   * @param {string[]} colours des deux critères
   * @param {(weight: number) => void} choose
   */
  constructor(sizes, scores, label, colours, choose) {
    this.x = places(sizes, LEFT, WIDTH - 6);
    this.y = places(scores, HEIGHT - BOTTOM, TOP);
    const hues = ["", ...colours, ""];
    this.points = CLASSES.map((name, rank) => svg("path", { class: name, style: `--hue:${hues[rank]}` }));
    this.chosen = svg("circle", { class: "chosen", r: 6 });
    this.root = svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "cloud" },
      svg("path", { class: "axis", d: `M${LEFT - 6} ${TOP}V${HEIGHT - BOTTOM + 6}H${WIDTH}` }),
      this.points,
      this.chosen,
      svg("text", { x: WIDTH, y: HEIGHT - 4, "text-anchor": "end" }, "|w| →"),
      svg("text", { x: 4, y: 12 }, `↑ ${label}`),
    );
    this.root.addEventListener("click", ({ clientX, clientY }) => {
      const { left, top, width } = this.root.getBoundingClientRect();
      const unit = WIDTH / width;
      choose(this.#nearest((clientX - left) * unit, (clientY - top) * unit));
    });
  }

  /** @param {number} x @param {number} y */
  #nearest(x, y) {
    const distance = (/** @type {number} */ i) => (this.x[i] - x) ** 2 + (this.y[i] - y) ** 2;
    return this.x.reduce((best, _, i) => (distance(i) < distance(best) ? i : best), 0);
  }

  /** @param {Uint8Array} classes @param {number} chosen */
  show(classes, chosen) {
    const paths = CLASSES.map(() => "");
    classes.forEach((one, i) => (paths[one] += `M${this.x[i].toFixed(1)} ${this.y[i].toFixed(1)}h0`));
    this.points.forEach((points, rank) => points.setAttribute("d", paths[rank]));
    this.chosen.setAttribute("cx", String(this.x[chosen]));
    this.chosen.setAttribute("cy", String(this.y[chosen]));
  }
}
