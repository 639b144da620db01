/* Un grand réseau, dont le calcul ne refait que ce qui change. */

import { Network } from "./network.js";

/** @import { Data, Layer, Values } from "../types" */

const CACHED = 2 ** 16; // réels lus d'affilée : 512 Kio

/** Première couche mise à jour poids par poids. Poids et gris sont des multiples de pas fixes :
 * les sommes sont exactes, donc le résultat ne dépend pas du chemin pris par le curseur. */
export class IncrementalNetwork extends Network {
  /** @param {Data} data */
  constructor(data) {
    super(data);
    const [{ outputs, size }] = data.layers;
    this.before = new Float64Array(size);
    this.sums = new Float64Array(outputs * data.imageCount);
  }

  /** @override
   * @param {Layer} layer @param {Values} entries @param {number} count @param {Float64Array} results
   */
  applyLayer(layer, entries, count, results) {
    if (entries !== this.data.inputs) return this.#applyInBlocks(layer, entries, count, results);
    this.#restartIfShorter(layer.size);
    this.#update(layer, count);
    for (let neuron = 0, at = 0; neuron < layer.outputs; neuron++) {
      const bias = this.biases[layer.biasStart + neuron];
      for (const end = at + count; at < end; at++)
        results[at] = this.sums[at] / this.data.scale + bias;
    }
  }

  /** Repart de zéro s'il reste moins de poids qu'il n'en change. @param {number} size */
  #restartIfShorter(size) {
    let [changed, kept] = [0, 0];
    for (let i = 0; i < size; i++) {
      if (this.weights[i] !== this.before[i]) changed++;
      if (this.weights[i] !== 0) kept++;
    }
    if (kept >= changed) return;
    this.before.fill(0);
    this.sums.fill(0);
  }

  /** Ajoute aux sommes ce que chaque poids changé leur apporte. @param {Layer} layer @param {number} count */
  #update({ inputs, outputs }, count) {
    const { before, sums, weights } = this;
    const { starts, images, greys } = litImages(this.data);
    for (let neuron = 0, i = 0; neuron < outputs; neuron++)
      for (let pixel = 0; pixel < inputs; pixel++, i++) {
        const move = weights[i] - before[i];
        if (move === 0) continue;
        before[i] = weights[i];
        for (let k = starts[pixel]; k < starts[pixel + 1]; k++)
          sums[neuron * count + images[k]] += move * greys[k];
      }
  }

  /** Un bloc d'images à la fois : ce que chaque neurone en lit tient dans le cache du processeur.
   * @param {Layer} layer @param {Values} entries @param {number} count @param {Float64Array} results
   */
  #applyInBlocks(layer, entries, count, results) {
    const size = Math.ceil(CACHED / layer.inputs);
    for (let from = 0; from < count; from += size)
      super.applyLayer(layer, entries, count, results, from, Math.min(from + size, count));
  }
}

/** @type {WeakMap<Data, ReturnType<typeof findLitImages>>} */
const known = new WeakMap();

/** @param {Data} data */
function litImages(data) {
  const found = known.get(data) ?? findLitImages(data);
  known.set(data, found);
  return found;
}

/** Pour chaque pixel, les images où il n'est pas noir. @param {Data} data */
function findLitImages({ images, imageCount, sizes: [pixelCount] }) {
  const starts = new Uint32Array(pixelCount + 1);
  /** @type {number[]} */
  const ranks = [];
  /** @type {number[]} */
  const greys = [];
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    for (let image = 0; image < imageCount; image++) {
      const grey = images[image * pixelCount + pixel];
      if (!grey) continue;
      ranks.push(image);
      greys.push(grey);
    }
    starts[pixel + 1] = ranks.length;
  }
  return { starts, images: Uint16Array.from(ranks), greys: Uint8Array.from(greys) };
}
