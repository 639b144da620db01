/* Un petit réseau, dont les données sont dans la page (packing.py). */

import { assemble, layersOf, orderedMethod } from "./assemble.js";
import { readBytes, readFloats } from "./base64.js";
import { readPath } from "./compensated.js";
import { readIntegers } from "./integers.js";

/** @import { Data, Method, PackedData, PackedMethod, Ranks } from "../types" */

const LARGEST_SHORT = 2 ** 16; // au-delà, packing.py écrit les rangs sur 32 bits

/** Le tri est stable : à égalité, le plus petit rang d'abord, comme pruning_core.
 * @param {Float32Array} weights
 */
const byMagnitude = (weights) =>
  Uint32Array.from(weights.keys()).sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));

/** @param {string} order @param {number} count @returns {Ranks} */
function readOrder(order, count) {
  const { buffer } = readBytes(order);
  return count > LARGEST_SHORT ? new Uint32Array(buffer) : new Uint16Array(buffer);
}

/** @param {PackedData} packed */
const readImages = ({ images, pixels }) =>
  pixels === "float32" ? readFloats(images) : Uint8Array.from(readIntegers(images));

/** Déplie les données d'une page en tableaux typés.
 * @param {PackedData} packed
 * @returns {Data}
 */
export function decode(packed) {
  const [weights, biases] = [readFloats(packed.weights), readFloats(packed.biases)];
  const layers = layersOf(packed.sizes);
  /** @param {PackedMethod} method @returns {Method} */
  const readMethod = ({ order, path, ...look }) =>
    path
      ? { ...look, path: readPath(path, weights, biases) }
      : orderedMethod(look, layers, () =>
          order ? readOrder(order, weights.length) : byMagnitude(weights),
        );
  return assemble({
    sizes: packed.sizes,
    weights,
    biases,
    images: readImages(packed),
    scale: packed.scale,
    labels: readBytes(packed.labels),
    methods: packed.methods.map(readMethod),
    layerwise: packed.layerwise,
    exact: false,
  });
}
