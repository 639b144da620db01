/* Ce que l'explorateur de mots dit en phrases. */

import { number, percent } from "../../formatting.js";

/** @import { Invention, WordMethod, WordState } from "../types" */

/** @param {Invention[]} inventions */
export function existing(inventions) {
  const count = inventions.filter(({ exists }) => exists).length;
  if (!count) return `aucun sur ${inventions.length} n'existe`;
  return count > 1 ? `${count} mots sur ${inventions.length} existent` : `1 mot sur ${inventions.length} existe`;
}

/** De quoi réinventer les mêmes mots. @param {WordState} state */
export const drawn = ({ sparsity, seed, prompt }) =>
  `${percent(sparsity, 0)} des poids retirés, tirage n°\u00a0${seed}${prompt && `, mots commencés par « ${prompt} »`}`;

/** Ce que fait chaque méthode montrée, une seule fois : son nom, puis sa phrase.
 * @param {WordMethod[]} methods
 */
export const described = (methods) =>
  [...new Set(methods)].map(({ label, note }) => ({
    name: `${label[0].toUpperCase()}${label.slice(1)}.`,
    note: ` ${note} `,
  }));

/** @typedef {{ method: WordMethod, bits: number, inventions: Invention[] }} Written une méthode, et ce qu'elle écrit */

/** @param {Written} written */
export const summary = ({ method, bits, inventions }) =>
  `${method.label}\u00a0: ${number(bits, 2)} bits par lettre, ${existing(inventions)}`;

/** Pour les lecteurs d'écran, quand les mots sont écrits. @param {number} pruned en pour cent @param {Written[]} shown */
export function announcement(pruned, shown) {
  const told = shown.map((one) => {
    const words = one.inventions.slice(0, 3).map(({ word }) => word || "rien");
    return `${summary(one)}\u00a0; ${words.join(", ")}.`;
  });
  return `${pruned}\u00a0% élagués. ${told.join(" ")}`;
}

/** Les lettres d'un début de mot que le modèle connaît, et ce qu'il faut dire des autres.
 * @param {string} typed
 * @param {string} alphabet
 * @param {number} longest
 */
export function readPrompt(typed, alphabet, longest) {
  const known = [...typed.normalize("NFC").toLowerCase()];
  const refused = known.find((letter) => !alphabet.slice(1).includes(letter));
  const prompt = known.filter((letter) => alphabet.slice(1).includes(letter)).join("");
  if (refused !== undefined)
    return { prompt: prompt.slice(0, longest - 1), told: `« ${refused} » n'est pas une lettre que le modèle connaît.` };
  if (prompt.length >= longest)
    return { prompt: prompt.slice(0, longest - 1), told: `Un début a ${longest - 1} lettres au plus.` };
  return { prompt, told: "" };
}
