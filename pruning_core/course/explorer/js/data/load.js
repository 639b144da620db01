/* Les données d'un explorateur, d'où qu'elles viennent. */

import { decodeFile } from "./big.js";
import { loadFile } from "./files.js";
import { decode } from "./small.js";

/** @import { Data, PackedData, PackedFile } from "../types" */

/** Déplie les données ; charge d'abord leur fichier si la page n'en donne que le nom.
 * @param {PackedData | { source: string }} packed
 * @returns {Promise<Data>}
 */
export async function load(packed) {
  if (!("source" in packed)) return decode(packed);
  return decodeFile(/** @type {PackedFile} */ (await loadFile(packed.source)));
}
