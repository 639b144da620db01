/* L'algèbre d'OBS sur une petite matrice : son inverse, et le retrait d'un poids (obs/algebra.py). */

/** @typedef {number[][]} Matrix */

/** L'inverse d'une matrice définie positive, par Gauss et Jordan : aucun pivot n'est nul.
 * @param {Matrix} matrix
 * @returns {Matrix}
 */
export function invert(matrix) {
  const size = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  for (let q = 0; q < size; q++) {
    const pivot = rows[q][q];
    rows[q] = rows[q].map((value) => value / pivot);
    for (let i = 0; i < size; i++)
      if (i !== q) {
        const factor = rows[i][q];
        rows[i] = rows[i].map((value, j) => value - factor * rows[q][j]);
      }
  }
  return rows.map((row) => row.slice(size));
}

/** Ce qui reste du réseau : ses poids, l'inverse de leur hessienne, ce que les retraits ont coûté.
 * @typedef {{ weights: number[], inverse: Matrix, paid: number }} Rest */

/** Ce que coûte le retrait d'un poids encore là. @param {Rest} rest @param {number} q */
export const priceOf = ({ weights, inverse }, q) => weights[q] ** 2 / (2 * inverse[q][q]);

/** Retire un poids : les autres s'ajustent, et l'inverse perd sa ligne et sa colonne.
 * @param {Rest} rest
 * @param {number} q
 * @returns {Rest}
 */
export function removeOne(rest, q) {
  const column = rest.inverse.map((row) => row[q]);
  const [pivot, gone] = [column[q], rest.weights[q]];
  const at = (/** @type {number} */ i, /** @type {number} */ value) => (i === q ? 0 : value);
  return {
    weights: rest.weights.map((weight, i) => at(i, weight - (column[i] * gone) / pivot)),
    inverse: rest.inverse.map((row, i) =>
      row.map((value, j) => at(i, at(j, value - (column[i] * column[j]) / pivot))),
    ),
    paid: rest.paid + priceOf(rest, q),
  };
}
