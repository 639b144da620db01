/* Relit, dans l'ordre où Python les a écrites, les parties d'un contenu compressé. */

import { readBytes } from "./base64.js";

/** @import { Layer } from "../types" */

const LOGARITHM_ORIGIN = 127; // le reste d'un logarithme est écrit de 0 à 254
const ZERO = 255;

/** @param {string} packed un flux zlib en base64 */
export async function inflate(packed) {
  const stream = new Blob([readBytes(packed)]).stream();
  const inflated = stream.pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}

/** 2^(code/2), exact à l'arrondi près, le même ici et en Python.
 * @param {number} code
 */
const halfPower = (code) => (code & 1 ? Math.SQRT2 : 1) * 2 ** ((code - (code & 1)) / 2);

export class Reader {
  #content;
  #at = 0;

  /** @param {Uint8Array} content */
  constructor(content) {
    this.#content = content;
  }

  /** @param {number} length */
  bytes(length) {
    return this.#content.slice(this.#at, (this.#at += length));
  }

  /** @param {number} length */
  floats(length) {
    return new Float32Array(this.bytes(4 * length).buffer);
  }

  /** Des entiers de 16 bits, sans signe : octets forts puis octets faibles, chaque moitié se
   * compresse mieux seule.
   * @param {number} length
   */
  shorts(length) {
    const [high, low] = [this.bytes(length), this.bytes(length)];
    const values = new Uint16Array(length);
    for (let i = 0; i < length; i++) values[i] = (high[i] << 8) | low[i];
    return values;
  }

  /** Des multiples de `step`, sur 16 bits, avec leur signe.
   * @param {number} length
   * @param {number} step
   */
  grid(length, step) {
    const codes = new Int16Array(this.shorts(length).buffer);
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = codes[i] * step;
    return values;
  }

  /** Des puissances de √2, une par poids : décalage de la ligne, de la colonne, et reste.
   * @param {Layer[]} layers
   */
  powers(layers) {
    const values = new Float64Array(layers.reduce((total, { size }) => total + size, 0));
    for (const { inputs, outputs, start, size } of layers) {
      const row = new Int8Array(this.bytes(outputs).buffer);
      const column = new Int8Array(this.bytes(inputs).buffer);
      const rest = this.bytes(size);
      for (let i = 0; i < size; i++) {
        const code = rest[i] - LOGARITHM_ORIGIN + row[Math.floor(i / inputs)] + column[i % inputs];
        values[start + i] = rest[i] === ZERO ? 0 : halfPower(code);
      }
    }
    return values;
  }
}
