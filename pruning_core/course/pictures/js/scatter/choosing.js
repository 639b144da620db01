/* Qui garde quel poids : deux critères, la même sparsité. */

import { countPruned } from "../../../explorer/js/network/counting.js";

/** Les rangs du plus petit au plus grand ; à égalité, le premier d'abord, comme `global_masks`.
 * @param {Float32Array} values
 */
export const ranking = (values) =>
  Uint32Array.from(values, (_, rank) => rank).sort((a, b) => values[a] - values[b] || a - b);

/** Pour chaque poids : 0, aucun ne le garde ; 1, le premier critère seul ; 2, le second ; 3, les deux.
 * @param {Uint32Array} first rangs, du plus petit au plus grand
 * @param {Uint32Array} second
 * @param {number} sparsity
 */
export function keepers(first, second, sparsity) {
  const classes = new Uint8Array(first.length).fill(3);
  const pruned = countPruned(first.length, sparsity);
  for (let k = 0; k < pruned; k++) {
    classes[first[k]] &= 2;
    classes[second[k]] &= 1;
  }
  return classes;
}
