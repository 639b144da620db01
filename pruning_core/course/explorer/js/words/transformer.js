/* Le modèle de langue, une lettre à la fois : le calcul de transformer.py, en réels de 64 bits. */

/** @import { Block, Linear, Norm, WordModel } from "./types" */

const EPSILON = 1e-5;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBE = 0.044715;

/** y = W x + b.
 * @param {Linear} layer
 * @param {Float64Array} x
 * @param {Float64Array} y
 */
function applyLinear({ inputs, outputs, weights, biases }, x, y) {
  for (let row = 0, at = 0; row < outputs; row++) {
    let total = biases[row];
    for (let column = 0; column < inputs; column++) total += weights[at++] * x[column];
    y[row] = total;
  }
}

/** @param {Norm} norm @param {Float64Array} x @param {Float64Array} y */
function applyNorm({ gains, shifts }, x, y) {
  const count = x.length;
  let [mean, variance] = [0, 0];
  for (let i = 0; i < count; i++) mean += x[i] / count;
  for (let i = 0; i < count; i++) variance += (x[i] - mean) ** 2 / count;
  const scale = 1 / Math.sqrt(variance + EPSILON);
  for (let i = 0; i < count; i++) y[i] = (x[i] - mean) * scale * gains[i] + shifts[i];
}

/** Sur place ; la forme par la tangente hyperbolique. @param {Float64Array} x */
function applyGelu(x) {
  for (let i = 0; i < x.length; i++)
    x[i] *= 0.5 * (1 + Math.tanh(GELU_SCALE * (x[i] + GELU_CUBE * x[i] ** 3)));
}

/** Des scores aux probabilités, sur place. @param {Float64Array} x */
export function applySoftmax(x) {
  let [most, total] = [-Infinity, 0];
  for (let i = 0; i < x.length; i++) if (x[i] > most) most = x[i];
  for (let i = 0; i < x.length; i++) total += x[i] = Math.exp(x[i] - most);
  for (let i = 0; i < x.length; i++) x[i] /= total;
}

/** @param {Float64Array} sum @param {Float64Array} term */
function add(sum, term) {
  for (let i = 0; i < sum.length; i++) sum[i] += term[i];
}

/** La lecture d'un mot, lettre après lettre ; ce que les positions passées annoncent est gardé. */
export class Reading {
  #position = 0;

  /** @param {WordModel} model @param {number} longest nombre de positions, au plus */
  constructor(model, longest) {
    const { width, blocks, scores } = model;
    const vector = () => new Float64Array(width);
    const memory = () => blocks.map(() => Array.from({ length: longest }, vector));
    this.model = model;
    this.stream = vector();
    this.normed = vector();
    this.query = vector();
    this.mixed = vector();
    this.added = vector();
    this.hidden = new Float64Array(blocks[0].up.outputs);
    this.agreements = Array.from({ length: longest }, (_, past) => new Float64Array(past + 1));
    this.keys = memory();
    this.values = memory();
    this.chances = new Float64Array(scores.outputs);
  }

  /** Revient au début d'un mot. */
  restart() {
    this.#position = 0;
  }

  /** Lit une lettre ; rend la probabilité de chaque suivante, dans un tableau réemployé.
   * @param {number} letter son rang dans l'alphabet
   */
  read(letter) {
    const { width, letters, positions, blocks, beforeScores, scores } = this.model;
    const { stream, normed, chances } = this;
    const [ofLetter, ofPosition] = [letter * width, this.#position * width];
    for (let i = 0; i < width; i++) stream[i] = letters[ofLetter + i] + positions[ofPosition + i];
    blocks.forEach((block, rank) => {
      this.#attend(block, rank);
      this.#think(block);
    });
    applyNorm(beforeScores, stream, normed);
    applyLinear(scores, normed, chances);
    applySoftmax(chances);
    this.#position++;
    return chances;
  }

  /** @param {Block} block @param {number} rank */
  #attend({ beforeAttention, query, key, value, output }, rank) {
    const { stream, normed, mixed, added } = this;
    const [keys, values, here] = [this.keys[rank], this.values[rank], this.#position];
    applyNorm(beforeAttention, stream, normed);
    applyLinear(query, normed, this.query);
    applyLinear(key, normed, keys[here]);
    applyLinear(value, normed, values[here]);
    const size = this.model.width / this.model.heads;
    for (let start = 0; start < mixed.length; start += size) this.#mix(keys, values, start, size);
    applyLinear(output, mixed, added);
    add(stream, added);
  }

  /** Une tête : les valeurs passées, pesées par l'accord de leurs clés avec ce que l'on cherche.
   * @param {Float64Array[]} keys
   * @param {Float64Array[]} values
   * @param {number} start première composante de la tête
   * @param {number} size
   */
  #mix(keys, values, start, size) {
    const { query, mixed } = this;
    const agreement = this.agreements[this.#position];
    for (let past = 0; past < agreement.length; past++) {
      let total = 0;
      for (let i = start; i < start + size; i++) total += query[i] * keys[past][i];
      agreement[past] = total / Math.sqrt(size);
    }
    applySoftmax(agreement);
    for (let i = start; i < start + size; i++) {
      mixed[i] = 0;
      for (let past = 0; past < agreement.length; past++) mixed[i] += agreement[past] * values[past][i];
    }
  }

  /** Le perceptron du bloc. @param {Block} block */
  #think({ beforeMlp, up, down }) {
    const { stream, normed, hidden, added } = this;
    applyNorm(beforeMlp, stream, normed);
    applyLinear(up, normed, hidden);
    applyGelu(hidden);
    applyLinear(down, hidden, added);
    add(stream, added);
  }
}
