/* Des tableaux lus aux données de l'explorateur : ce qui s'en déduit, pour un petit réseau ou un grand. */

import { once } from "../arrays.js";

/** @import { Data, Layer, Look, OrderedMethod, Ranks } from "../types" */

/**
 * @typedef {Pick<Data, "sizes" | "weights" | "biases" | "images" | "scale" | "labels"
 *   | "methods" | "layerwise" | "dense" | "exact">} Contents ce qui a été lu
 */

/** Où chaque couche commence.
 * @param {number[]} sizes
 * @returns {Layer[]}
 */
export function layersOf(sizes) {
  let [start, biasStart] = [0, 0];
  return sizes.slice(1).map((outputs, rank) => {
    const inputs = sizes[rank];
    const layer = { inputs, outputs, start, size: inputs * outputs, biasStart };
    start += layer.size;
    biasStart += outputs;
    return layer;
  });
}

/** Une méthode qui coupe dans un ordre.
 * @param {Look & { note: string }} look
 * @param {Layer[]} layers
 * @param {() => Ranks} rank
 * @returns {OrderedMethod}
 */
export function orderedMethod(look, layers, rank) {
  const order = once(rank);
  const within = (/** @type {Layer} */ { start, size }) =>
    order().filter((index) => index >= start && index < start + size);
  return { ...look, order, layerOrders: once(() => layers.map(within)) };
}

/** Pixel par pixel plutôt qu'image par image : la boucle intérieure du calcul court sur les images.
 * @param {ArrayLike<number>} images
 * @param {number} imageCount
 * @param {number} pixelCount
 * @param {number} scale
 */
function transposed(images, imageCount, pixelCount, scale) {
  const inputs = new Float64Array(pixelCount * imageCount);
  for (let image = 0; image < imageCount; image++)
    for (let pixel = 0; pixel < pixelCount; pixel++)
      inputs[pixel * imageCount + image] = images[image * pixelCount + pixel] / scale;
  return inputs;
}

/** Complète ce qui a été lu.
 * @param {Contents} contents
 * @returns {Data}
 */
export function assemble(contents) {
  const { sizes, weights, images, labels, scale } = contents;
  return {
    ...contents,
    layers: layersOf(sizes),
    weightCount: weights.length,
    largestWeight: weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0),
    imageCount: labels.length,
    classCount: sizes[sizes.length - 1],
    side: Math.sqrt(sizes[0]),
    inputs: transposed(images, labels.length, sizes[0], scale),
  };
}
