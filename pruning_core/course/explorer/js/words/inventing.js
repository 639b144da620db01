/* Inventer un mot, lettre par lettre : les tirages, donc les mots, d'`invent`, en Python. */

/** @import { Reading } from "./transformer.js" */

export const MARK = 0; // elle commence et finit chaque mot
const WEYL = 0x6d2b79f5;

/** Ce que mulberry32 tire d'un état ; le suivant est l'état plus `WEYL`.
 * @param {number} state un entier de 32 bits
 */
export function mixed(state) {
  state = (state + WEYL) | 0;
  let mix = Math.imul(state ^ (state >>> 15), state | 1);
  mix = (mix + Math.imul(mix ^ (mix >>> 7), mix | 61)) ^ mix;
  return (mix ^ (mix >>> 14)) >>> 0;
}

/** Un réel de [0, 1[ par position d'un mot.
 * @param {number} seed
 * @param {number} number celui du mot
 * @returns {(position: number) => number}
 */
export function drawsOf(seed, number) {
  const start = mixed((mixed(seed) + number) | 0);
  return (position) => mixed((start + Math.imul(WEYL, position)) | 0) / 2 ** 32;
}

/** La première lettre dont la probabilité cumulée dépasse le réel tiré.
 * @param {Float64Array} chances
 * @param {number} drawn
 */
function pick(chances, drawn) {
  let [letter, cumulated] = [0, chances[0]];
  while (cumulated <= drawn && letter < chances.length - 1) cumulated += chances[++letter];
  return letter;
}

/** Invente un mot de `longest` lettres au plus ; rend les rangs de ses lettres.
 * @param {Reading} reading
 * @param {{ seed: number, number: number, prompt: number[], longest: number }} asked
 */
export function invent(reading, { seed, number, prompt, longest }) {
  const draws = drawsOf(seed, number);
  const word = [...prompt];
  reading.restart();
  let chances = reading.read(MARK);
  for (const letter of prompt) chances = reading.read(letter);
  while (word.length < longest) {
    const letter = pick(chances, draws(word.length));
    if (letter === MARK) break;
    word.push(letter);
    if (word.length < longest) chances = reading.read(letter);
  }
  return word;
}

/** La surprise d'un réseau à chaque lettre d'un mot, en bits.
 * @param {Reading} reading
 * @param {number[]} word
 */
export function surprises(reading, word) {
  reading.restart();
  let before = MARK;
  return word.map((letter) => {
    const chance = reading.read(before)[letter];
    before = letter;
    return -Math.log2(chance);
  });
}
