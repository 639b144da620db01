/* Couper les k plus petits scores de chaque groupe de poids : tous ensemble, par couche, par ligne. */

import { once } from "../arrays.js";
import { countPruned } from "../network/counting.js";

/** Un groupe de poids qui se suivent, et leurs scores triés.
 * @typedef {{ start: number, end: number, sorted: () => Float64Array }} Group
 */

/** Des groupes qui se suivent, de ces longueurs.
 * @param {Float64Array} scores
 * @param {number[]} lengths
 * @returns {Group[]}
 */
export function groupsOf(scores, lengths) {
  let end = 0;
  return lengths.map((length) => {
    const start = end;
    end += length;
    const last = end;
    return { start, end, sorted: once(() => scores.slice(start, last).sort()) };
  });
}

/** Les poids, les k plus petits de chaque groupe mis à zéro ; à égalité, le premier part d'abord,
 * comme pruning_core.
 * @param {Float64Array} weights
 * @param {Float64Array} scores
 * @param {Group[]} groups
 * @param {number} sparsity
 */
export function cutSmallest(weights, scores, groups, sparsity) {
  const kept = weights.slice();
  for (const { start, end, sorted } of groups) {
    const count = countPruned(end - start, sparsity);
    if (!count) continue;
    const threshold = sorted()[count - 1];
    let equal = count - sorted().indexOf(threshold); // ceux qui partent, à égalité avec le seuil
    for (let i = start; i < end; i++)
      if (scores[i] < threshold || (scores[i] === threshold && equal-- > 0)) kept[i] = 0;
  }
  return kept;
}
