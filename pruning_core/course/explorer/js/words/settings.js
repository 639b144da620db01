/* Les réglages de l'explorateur de mots, écrits dans une adresse et relus. */

import { sparsityIn, writtenSparsity } from "../share/address.js";
import { readPrompt } from "./display/wording.js";

/** @import { WordData, WordState } from "./types" */

export const SEEDS = 2 ** 32;

/** Le numéro d'un tirage ; rien si ce n'en est pas un. @param {string} text */
export function readSeed(text) {
  const seed = Number(text);
  return text.trim() && Number.isInteger(seed) && seed >= 0 && seed < SEEDS ? seed : null;
}

/** @param {WordState} state @returns {Record<string, string>} */
export const writeState = ({ sparsity, method, other, seed, prompt }) => ({
  sparsite: writtenSparsity(sparsity),
  methode: method,
  comparer: other,
  tirage: String(seed),
  ...(prompt && { debut: prompt }),
});

/** Ce qui est inconnu, ou n'a pas de sens, est laissé.
 * @param {URLSearchParams} asked
 * @param {WordData} data
 * @returns {Partial<WordState>}
 */
export function readState(asked, { methods, alphabet, longest }) {
  const [method, other, seed, start] = ["methode", "comparer", "tirage", "debut"].map((name) => asked.get(name) ?? "");
  const isKnown = (/** @type {string} */ key) => methods.some((one) => one.key === key);
  const drawn = readSeed(seed);
  const { prompt, told } = readPrompt(start, alphabet, longest);
  return {
    ...sparsityIn(asked),
    ...(isKnown(method) && { method }),
    ...(isKnown(other) && { other }),
    ...(drawn !== null && { seed: drawn }),
    prompt: told ? "" : prompt,
  };
}
