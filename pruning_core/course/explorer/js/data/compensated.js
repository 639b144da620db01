/* Le trajet d'OBS, relu de ses différences (compensated.py). */

import { sum } from "../arrays.js";
import { readIntegers } from "./integers.js";

/** @import { PackedPath, Step } from "../types" */

/** Les réseaux compensés, chacun à partir du précédent.
 * @param {PackedPath} packed
 * @param {Float32Array} weights ceux du réseau dense
 * @param {Float32Array} biases
 * @returns {Step[]}
 */
export function readPath({ step, count, stays, moves }, weights, biases) {
  const staying = readIntegers(stays);
  const moving = readIntegers(moves);
  const cells = Float64Array.from([...weights, ...biases], (value) => Math.floor(value / step + 0.5));
  let next = 0;
  return Array.from({ length: count }, (_, rank) => {
    const mask = Uint8Array.from(staying, (steps) => Number(steps > rank));
    // Au-delà du masque : les biais, qui restent tous.
    for (let i = 0; i < cells.length; i++) cells[i] = mask[i] === 0 ? 0 : cells[i] + moving[next++];
    const values = cells.map((cell) => cell * step);
    return {
      mask,
      kept: sum(mask),
      weights: values.slice(0, mask.length),
      biases: values.slice(mask.length),
    };
  });
}
