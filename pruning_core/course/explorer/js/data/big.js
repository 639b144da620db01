/* Un grand réseau, dont les données sont un fichier à part (lenet.py). */

import { sum } from "../arrays.js";
import { assemble, layersOf, orderedMethod } from "./assemble.js";
import { Reader, inflate } from "./reader.js";

/** @import { Data, PackedFile, Step } from "../types" */

const RANK_RANGE = 2 ** 19; // plus que le nombre de poids

/** Du plus petit score au plus grand ; à égalité, le plus petit rang d'abord : le rang complète les
 * bits du score dans un seul réel, que le tri natif compare.
 * @param {(index: number) => number} score
 * @param {number} count
 */
function ranked(score, count) {
  const scores = new Float32Array(count);
  for (let i = 0; i < count; i++) scores[i] = score(i);
  const bits = new Uint32Array(scores.buffer);
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = bits[i] * RANK_RANGE + i;
  keys.sort();
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = keys[i] % RANK_RANGE;
  return order;
}

/** Un désordre sans tirage, le même en Python : les bits du rang, mélangés.
 * @param {number} index
 */
function scramble(index) {
  let bits = Math.imul(index ^ (index >>> 16), 0x45d9f3b);
  bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Le score de chaque méthode, un poids à la fois.
 * @param {Float32Array} weights
 * @param {Float64Array} curvature
 * @param {Float64Array} gradient
 * @returns {Record<string, (index: number) => number>}
 */
const scoresOf = (weights, curvature, gradient) => ({
  random: scramble,
  magnitude: (i) => Math.abs(weights[i]),
  gradient: (i) => Math.abs(weights[i]) * gradient[i],
  obd: (i) => 0.5 * curvature[i] * (weights[i] * weights[i]),
  obd_inverted: (i) => (weights[i] * weights[i]) / (2 * (curvature[i] + 1e-10)),
});

/** Le trajet d'OBS : pour chaque poids, l'étape où il part, puis les poids gardés de chaque étape.
 * @param {Reader} reader
 * @param {{ steps: number, step: number, weightCount: number, biasCount: number }} sizes
 * @returns {Step[]}
 */
function readPath(reader, { steps, step, weightCount, biasCount }) {
  const leaves = reader.bytes(weightCount);
  return Array.from({ length: steps }, (_, rank) => {
    const mask = leaves.map((leaving) => Number(leaving > rank));
    const kept = sum(mask);
    const values = reader.grid(kept, step);
    const weights = new Float32Array(weightCount);
    for (let i = 0, next = 0; i < weightCount; i++) if (mask[i]) weights[i] = values[next++];
    return { mask, kept, weights, biases: reader.floats(biasCount) };
  });
}

/** Décompresse et déplie un fichier de données.
 * @param {PackedFile} file
 * @returns {Promise<Data>}
 */
export async function decodeFile({ header, packed }) {
  const { sizes, scale, step, steps, dense, layerwise } = header;
  const reader = new Reader(await inflate(packed));
  const layers = layersOf(sizes);
  const weightCount = sum(layers.map(({ size }) => size));
  const biasCount = sum(layers.map(({ outputs }) => outputs));
  const weights = reader.grid(weightCount, step);
  const biases = reader.floats(biasCount);
  const curvature = reader.powers(layers);
  const gradient = reader.powers(layers);
  const images = reader.bytes(header.images * sizes[0]);
  const labels = reader.bytes(header.images);
  const path = readPath(reader, { steps, step, weightCount, biasCount });
  const scores = scoresOf(weights, curvature, gradient);
  const methods = header.methods.map((look) =>
    look.key === "obs"
      ? { ...look, path }
      : orderedMethod(look, layers, () => ranked(scores[look.key], weightCount)),
  );
  return assemble({
    ...{ sizes, weights, biases, images, scale, labels, methods, layerwise, dense },
    exact: true,
  });
}
