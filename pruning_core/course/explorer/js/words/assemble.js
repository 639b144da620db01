/* Des valeurs mises bout à bout au modèle : chaque tenseur en est une vue. */

/** @import { Block, Linear, Norm, Tensor, Values, WordHeader, WordModel } from "./types" */

/** @param {number[]} shape */
export const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/** Où chaque tenseur commence et finit, dans l'ordre.
 * @param {Tensor[]} tensors
 */
export function spansOf(tensors) {
  let end = 0;
  return tensors.map(([name, shape]) => {
    const start = end;
    end += sizeOf(shape);
    return { name, shape, start, end };
  });
}

/** @param {Pick<WordHeader, "shape" | "prunable" | "others">} header @param {Values} values @returns {WordModel} */
export function assemble({ shape, prunable, others }, values) {
  const views = new Map([
    ...spansOf(prunable).map(({ name, start, end }) => view(name, values.prunable, start, end)),
    ...spansOf(others).map(({ name, start, end }) => view(name, values.others, start, end)),
  ]);
  const tensor = (/** @type {string} */ name) => /** @type {Float64Array} */ (views.get(name));
  /** @param {string} name @returns {Linear} */
  const linear = (name) => {
    const [weights, biases] = [tensor(`${name}.weight`), tensor(`${name}.bias`)];
    return { inputs: weights.length / biases.length, outputs: biases.length, weights, biases };
  };
  /** @param {string} name @returns {Norm} */
  const norm = (name) => ({ gains: tensor(`${name}.weight`), shifts: tensor(`${name}.bias`) });
  /** @param {string} name @returns {Block} */
  const block = (name) => ({
    beforeAttention: norm(`${name}.before_attention`),
    query: linear(`${name}.attention.query`),
    key: linear(`${name}.attention.key`),
    value: linear(`${name}.attention.value`),
    output: linear(`${name}.attention.output`),
    beforeMlp: norm(`${name}.before_mlp`),
    up: linear(`${name}.mlp.up`),
    down: linear(`${name}.mlp.down`),
  });
  return {
    width: shape.width,
    heads: shape.heads,
    letters: tensor("letters.weight"),
    positions: tensor("positions.weight"),
    blocks: Array.from({ length: shape.blocks }, (_, rank) => block(`blocks.${rank}`)),
    beforeScores: norm("before_scores"),
    scores: linear("scores"),
  };
}

/** @param {string} name @param {Float64Array} values @param {number} start @param {number} end @returns {[string, Float64Array]} */
const view = (name, values, start, end) => [name, values.subarray(start, end)];
