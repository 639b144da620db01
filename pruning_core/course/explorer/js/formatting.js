/* Nombres et mots à la française, comme formatting.py. */

/** 6464 donne « 6 464 », −0,354 à deux décimales « −0,35 » ; jamais de zéro négatif.
 * @param {number} value
 */
export function number(value, digits = 0) {
  const [whole, decimals] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const text = decimals ? `${grouped},${decimals}` : grouped;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** @param {number} value entre 0 et 1 */
export const percent = (value, digits = 1) => `${number(100 * value, digits)}\u00a0%`;

/** Une décimale seulement si elle dit quelque chose : « 90 % », « 99,5 % ».
 * @param {number} sparsity
 */
export const sparsityText = (sparsity) =>
  percent(sparsity, Math.round(1000 * sparsity) % 10 ? 1 : 0);

/** @param {number} count */
export const remaining = (count) => `${number(count)} poids restant${count < 2 ? "" : "s"}`;

/** L'apostrophe du français, là où le code a la sienne.
 * @param {string} text
 */
export const typeset = (text) => text.replace(/(\p{L})'(?=\p{L})/gu, "$1’");
