/* Ce qu'on mesure d'un réseau élagué, sans image. */

import { sum } from "../arrays.js";

/** @import { Network } from "./network.js" */

/** Neurones par lesquels passe encore un chemin de l'entrée à la sortie, par couche.
 * @param {Network} network
 */
export function connectedNeurons({ mask, data: { layers } }) {
  const reached = layers.map(({ outputs }) => new Uint8Array(outputs));
  layers.forEach(({ inputs, outputs, start }, rank) => {
    for (let neuron = 0; neuron < outputs; neuron++)
      for (let input = 0; input < inputs; input++)
        if (mask[start + neuron * inputs + input] && (rank === 0 || reached[rank - 1][input])) {
          reached[rank][neuron] = 1;
          break;
        }
  });
  for (let rank = layers.length - 1; rank > 0; rank--) {
    const { inputs, start } = layers[rank];
    reached[rank - 1] = reached[rank - 1].map((unit, input) =>
      Number(unit && reached[rank].some((next, neuron) => next && mask[start + neuron * inputs + input])),
    );
  }
  return reached.map(sum);
}

/** Ce que les poids coupés pesaient dans la somme des |w|, et de combien les gardés ont bougé.
 * @param {Network} network
 */
export function balance({ mask, weights, data }) {
  let [moved, kept, all] = [0, 0, 0];
  for (let i = 0; i < data.weightCount; i++) {
    const size = Math.abs(data.weights[i]);
    all += size;
    if (!mask[i]) continue;
    moved += Math.abs(weights[i] - data.weights[i]);
    kept += size;
  }
  return { cut: 1 - kept / all, moved: kept ? moved / kept : 0 };
}

/** Octets des poids (valeurs sur 32 bits) : dense, CSR (indices sur 32 bits), carte de bits.
 * @param {Network} network
 */
export function storage({ total, data: { layers, weightCount } }) {
  const rowStarts = sum(layers.map(({ outputs }) => outputs + 1));
  return {
    dense: 4 * weightCount,
    csr: 8 * total + 4 * rowStarts,
    bitmap: 4 * total + Math.ceil(weightCount / 8),
  };
}
