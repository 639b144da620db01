/* L'adresse qui rouvre un explorateur tel qu'il est : « #explorateur=2&sparsite=90&methode=obs ». */

const NAME = "explorateur";
const PERCENT = /^\d{1,3}(\.\d)?$/;

/** Ce qu'une adresse demande à un explorateur ; rien si elle ne le nomme pas.
 * @param {string} hash
 * @param {number} rank 1 pour le premier de la page
 */
export function askedIn(hash, rank) {
  const asked = new URLSearchParams(hash.slice(1));
  return asked.get(NAME) === String(rank) ? asked : null;
}

/** @param {number} rank @param {Record<string, string>} values */
export function addressOf(rank, values) {
  const address = new URL(location.href);
  address.hash = String(new URLSearchParams({ [NAME]: String(rank), ...values }));
  return address.href;
}

/** @param {number} sparsity entre 0 et 1 */
export const writtenSparsity = (sparsity) => String(Number((100 * sparsity).toFixed(1)));

/** La sparsité demandée ; rien si ce n'en est pas une.
 * @param {URLSearchParams} asked
 * @returns {{ sparsity?: number }}
 */
export function sparsityIn(asked) {
  const text = asked.get("sparsite") ?? "";
  return PERCENT.test(text) && Number(text) <= 100 ? { sparsity: Number(text) / 100 } : {};
}
