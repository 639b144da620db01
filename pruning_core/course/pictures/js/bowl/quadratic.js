/* La perte quadratique à deux poids : ce que coûte un retrait, la forme de ses courbes de niveau. */

/** @typedef {[number, number]} Pair */

/** Une courbure : sa diagonale, et le terme hors diagonale. @typedef {{ diagonal: Pair, cross: number }} Hessian */

/** @typedef {{ obd: Pair, obs: Pair, obdCost: number, obsCost: number }} Removal où l'on arrive, ce que l'on paie */

/** @param {Pair} diagonal @param {number} correlation @returns {Hessian} */
export const hessianOf = (diagonal, correlation) => ({
  diagonal,
  cross: correlation * Math.sqrt(diagonal[0] * diagonal[1]),
});

/** Retire un poids : en laissant l'autre en place (OBD), ou en l'ajustant (OBS).
 * @param {Pair} weights
 * @param {Hessian} hessian
 * @param {number} removed rang du poids
 * @returns {Removal}
 */
export function remove(weights, { diagonal, cross }, removed) {
  const [gone, other] = [weights[removed], weights[1 - removed]];
  const pair = (/** @type {number} */ kept) => /** @type {Pair} */ (removed ? [kept, 0] : [0, kept]);
  return {
    obd: pair(other),
    obs: pair(other + (cross / diagonal[1 - removed]) * gone),
    obdCost: 0.5 * gone ** 2 * diagonal[removed],
    obsCost: 0.5 * gone ** 2 * (diagonal[removed] - cross ** 2 / diagonal[1 - removed]),
  };
}

/** La courbe où la perte a monté de `level` : une ellipse, ses demi-axes et son angle en degrés.
 * @param {Hessian} hessian
 * @param {number} level
 */
export function ellipse({ diagonal: [a, b], cross }, level) {
  const [middle, spread] = [(a + b) / 2, Math.hypot((a - b) / 2, cross)];
  return {
    short: Math.sqrt((2 * level) / (middle + spread)),
    long: Math.sqrt((2 * level) / (middle - spread)),
    turn: (Math.atan2(2 * cross, a - b) * 90) / Math.PI, // du petit axe
  };
}
