/* Ce que les tableaux de JavaScript n'offrent pas. */

/** @param {ArrayLike<number>} values */
export function sum(values) {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}

/** Remet un calcul à la première demande, et n'en fait qu'un.
 * @template T
 * @param {() => T} compute
 * @returns {() => T}
 */
export function once(compute) {
  /** @type {{ value: T } | undefined} */
  let done;
  return () => (done ??= { value: compute() }).value;
}
