/* Les valeurs des poids, avant et après. */

import { number } from "../formatting.js";
import { DECORATIVE, div, figure, span, svg } from "./dom.js";

/** @import { Data, Values } from "../types" */
/** @import { Network } from "../network/network.js" */

const BINS = 60;
const [WIDTH, HEIGHT] = [300, 100];

/** Compte les poids par intervalle de [−range, range] ; les bouts prennent ce qui dépasse.
 * @param {Values} weights
 * @param {number} range
 * @param {Uint8Array} [mask] ceux qui comptent
 */
export function binned(weights, range, mask) {
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < weights.length; i++) {
    if (mask && !mask[i]) continue;
    const bin = Math.floor((weights[i] / range + 1) * (BINS / 2));
    counts[Math.min(BINS - 1, Math.max(0, bin))]++;
  }
  return counts;
}

/** Le contour des barres. Hauteur en racine du nombre : quelques poids restants se voient encore.
 * @param {Uint32Array} counts
 * @param {number} peak racine du plus grand nombre
 */
export function outline(counts, peak) {
  const steps = Array.from(counts, (count, bin) => {
    const top = (HEIGHT - (HEIGHT * Math.sqrt(count)) / peak).toFixed(1);
    return `V${top}H${(WIDTH / BINS) * (bin + 1)}`;
  });
  return `M0 ${HEIGHT}${steps.join("")}V${HEIGHT}Z`;
}

export class Histogram {
  /** @param {Data} data */
  constructor(data) {
    // Compensés, les poids grandissent : l'axe leur laisse de la place.
    const compensated = data.methods.some(({ path }) => path);
    this.range = data.largestWeight * (compensated ? 2 : 1);
    const all = binned(data.weights, this.range);
    this.peak = Math.sqrt(Math.max(...all));
    this.kept = svg("path", { class: "keep" });
    this.svg = svg(
      "svg",
      { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, height: 96, preserveAspectRatio: "none", ...DECORATIVE },
      svg("path", { class: "all", d: outline(all, this.peak) }),
      this.kept,
    );
    const ticks = [-this.range, 0, this.range].map((value) => span(number(value, value ? 1 : 0)));
    const detail = "avant, en gris ; restants, en couleur";
    this.root = figure("hist", "Valeurs des poids", detail, this.svg, div("axis", ticks));
  }

  /** @param {Network} network */
  show({ weights, mask }) {
    this.kept.setAttribute("d", outline(binned(weights, this.range, mask), this.peak));
  }
}
