/* Ce qui reste, dans chaque lot, des gradients d'un poids. */

/** Un lot : la part des gradients positifs dans la moyenne, celle des négatifs, et leur somme.
 * @typedef {{ up: number, down: number, net: number }} Lot */

/** @param {Float32Array} gradients @param {Uint16Array} order @param {number} size @returns {Lot[]} */
export function lotsOf(gradients, order, size) {
  const lots = [];
  for (let from = 0; from < order.length; from += size) {
    const chosen = [...order.subarray(from, from + size)].map((example) => gradients[example]);
    const part = (/** @type {number} */ sign) =>
      chosen.reduce((total, one) => total + (one * sign > 0 ? one : 0), 0) / chosen.length;
    const [up, down] = [part(1), part(-1)];
    lots.push({ up, down, net: up + down });
  }
  return lots;
}

/** La moyenne des valeurs absolues de ce qui reste. @param {Lot[]} lots */
export const meanOf = (lots) => lots.reduce((total, { net }) => total + Math.abs(net), 0) / lots.length;
