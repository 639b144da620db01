/* L'adresse qui rouvre un explorateur tel qu'il est : « #explorateur=2&sparsite=90&methode=obs ». */

const NAME = "explorateur";

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
