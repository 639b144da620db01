/* Les données d'un explorateur, d'où qu'elles viennent. */

import { decodeFile } from "./big.js";
import { decode } from "./small.js";

/** @import { Data, PackedData } from "../types" */

/** Les fichiers de données déjà chargés : chacun s'y inscrit. */
const files = (globalThis.pruningExplorerData ??= {});

const ownAddress = /** @type {HTMLScriptElement | null} */ (globalThis.document?.currentScript)?.src;

/** Charge un script voisin de celui-ci : file:// n'a pas de « fetch ».
 * @param {string} name
 */
const loadScript = (name) =>
  new Promise((onload, onerror) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL(`${name}.js`, ownAddress), onload, onerror });
    document.head.append(script);
  });

/** Déplie les données ; charge d'abord leur fichier si la page n'en donne que le nom.
 * @param {PackedData | { source: string }} packed
 * @returns {Promise<Data>}
 */
export async function load(packed) {
  if (!("source" in packed)) return decode(packed);
  const { source } = packed;
  if (!files[source]) await loadScript(source);
  return decodeFile(files[source]);
}
