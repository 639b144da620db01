/* Les réseaux élagués, un par méthode et par sparsité : les mêmes valeurs que words/networks.py. */

import { once } from "../arrays.js";
import { assemble, sizeOf, spansOf } from "./assemble.js";
import { cutSmallest, groupsOf } from "./thresholds.js";

/** @import { Group } from "./thresholds.js" */
/** @import { Dense, Moved, Tensor, Values, WordHeader, WordModel } from "./types" */

/** Le rang de la ligne de chaque poids, les matrices mises bout à bout.
 * @param {Tensor[]} prunable
 */
function rowsOf(prunable) {
  const rows = new Uint16Array(prunable.reduce((total, [, shape]) => total + sizeOf(shape), 0));
  let [row, at] = [0, 0];
  for (const [, [count, columns]] of prunable)
    for (const last = row + count; row < last; row++) rows.fill(row, at, (at += columns));
  return rows;
}

/** Le score de Wanda : |w| fois la norme de ce qui l'atteint.
 * @param {Tensor[]} prunable
 * @param {Float64Array} magnitudes
 * @param {Float32Array[]} norms de chaque matrice, une par colonne
 */
function wandaScores(prunable, magnitudes, norms) {
  const scores = magnitudes.slice();
  spansOf(prunable).forEach(({ start, end }, rank) => {
    for (let i = start; i < end; i++) scores[i] *= norms[rank][(i - start) % norms[rank].length];
  });
  return scores;
}

/** @param {Pick<WordHeader, "prunable" | "others">} header */
function biasSpans({ prunable, others }) {
  const names = new Set(prunable.map(([name]) => name.replace(/weight$/, "bias")));
  return spansOf(others).filter(({ name }) => names.has(name));
}

/** Ce que chaque méthode donne à une sparsité, en pour cent.
 * @param {WordHeader} header
 * @param {Dense} dense
 * @param {Float32Array[]} norms
 * @param {Map<number, () => Moved>} moved
 * @returns {Record<string, (percent: number) => WordModel>}
 */
export function networksOf(header, dense, norms, moved) {
  const { prunable } = header;
  const { coarseness } = header.compensated;
  const row = rowsOf(prunable);
  const weights = new Float64Array(row.length);
  for (let i = 0; i < weights.length; i++) weights[i] = dense.codes[i] * dense.scales[row[i]];
  const magnitudes = weights.map(Math.abs);

  /** Coupe les plus petits scores, dans des groupes de ces longueurs.
   * @param {() => Float64Array} score
   * @param {number[]} lengths
   * @returns {(percent: number) => WordModel}
   */
  const cut = (score, lengths) => {
    const scores = once(score);
    /** @type {() => Group[]} */
    const groups = once(() => groupsOf(scores(), lengths));
    return (percent) => {
      const kept = cutSmallest(weights, scores(), groups(), percent / 100);
      return assemble(header, { prunable: kept, others: dense.others });
    };
  };

  /** Les valeurs d'un réseau compensé, d'après le dense.
   * @param {Moved} network
   * @returns {Values}
   */
  const compensate = ({ mask, moves, biases }) => {
    const values = new Float64Array(weights.length);
    let next = 0;
    for (let i = 0; i < values.length; i++)
      if ((mask[i >> 3] >> (i & 7)) & 1)
        values[i] = (dense.codes[i] + coarseness * moves[next++]) * dense.scales[row[i]];
    const others = dense.others.slice();
    let read = 0;
    for (const { start, end } of biasSpans(header))
      others.set(biases.subarray(read, (read += end - start)), start);
    return { prunable: values, others };
  };

  const magnitude = cut(() => magnitudes, [weights.length]);
  return {
    magnitude,
    magnitude_layerwise: cut(() => magnitudes, prunable.map(([, shape]) => sizeOf(shape))),
    wanda: cut(
      () => wandaScores(prunable, magnitudes, norms),
      prunable.flatMap(([, [rows, columns]]) => Array(rows).fill(columns)),
    ),
    layer_obs: (percent) => {
      const network = moved.get(percent)?.();
      return network ? assemble(header, compensate(network)) : magnitude(0);
    },
  };
}
