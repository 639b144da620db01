/* Le produit d'une couche linéaire élaguée, où l'explorateur passe presque tout son temps. */

/** @import { Layer, Values } from "../types" */

const AT_ONCE = 8;

/** La place où réunir les poids gardés d'un neurone, réemployée d'un appel à l'autre.
 * @param {number} widest la plus grande largeur d'une couche
 */
export const makeScratch = (widest) => ({
  starts: new Int32Array(widest + AT_ONCE),
  kept: new Float64Array(widest + AT_ONCE),
});

/**
 * Écrit W·x + b, exemple par exemple. Les tableaux vont neurone par neurone, puis exemple par
 * exemple : la boucle intérieure court sur les exemples, et un poids nul ne coûte rien.
 *
 * @param {{ weights: Values, biases: Values, scratch: ReturnType<typeof makeScratch> }} network
 * @param {Layer} layer
 * @param {Values} entries
 * @param {number} count nombre d'exemples
 * @param {Float64Array} results
 * @param {number} from premier exemple à calculer
 * @param {number} end
 */
export function applyLinear(network, layer, entries, count, results, from, end) {
  const { inputs, outputs, start, biasStart } = layer;
  const { weights, biases, scratch } = network;
  const { starts, kept } = scratch;
  for (let neuron = 0; neuron < outputs; neuron++) {
    let keptCount = 0;
    for (let input = 0; input < inputs; input++) {
      const weight = weights[start + neuron * inputs + input];
      if (weight === 0) continue;
      starts[keptCount] = input * count;
      kept[keptCount++] = weight;
    }
    // Huit poids par tour, complétés par des zéros : moins d'allers-retours avec la mémoire.
    starts.fill(0, keptCount, keptCount + AT_ONCE);
    kept.fill(0, keptCount, keptCount + AT_ONCE);
    const to = neuron * count;
    results.fill(biases[biasStart + neuron], to + from, to + end);
    for (let k = 0; k < keptCount; k += AT_ONCE) {
      const s0 = starts[k], s1 = starts[k + 1], s2 = starts[k + 2], s3 = starts[k + 3];
      const s4 = starts[k + 4], s5 = starts[k + 5], s6 = starts[k + 6], s7 = starts[k + 7];
      const w0 = kept[k], w1 = kept[k + 1], w2 = kept[k + 2], w3 = kept[k + 3];
      const w4 = kept[k + 4], w5 = kept[k + 5], w6 = kept[k + 6], w7 = kept[k + 7];
      for (let e = from; e < end; e++)
        results[to + e] +=
          w0 * entries[s0 + e] + w1 * entries[s1 + e] + w2 * entries[s2 + e] + w3 * entries[s3 + e] +
          w4 * entries[s4 + e] + w5 * entries[s5 + e] + w6 * entries[s6 + e] + w7 * entries[s7 + e];
    }
  }
}
