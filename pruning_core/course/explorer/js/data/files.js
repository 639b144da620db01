/* Les fichiers de données, des scripts voisins de celui-ci. */

/** Ceux déjà chargés : chacun s'y inscrit. */
const files = (globalThis.pruningExplorerData ??= {});

const ownAddress = /** @type {HTMLScriptElement | null} */ (globalThis.document?.currentScript)?.src;

/** Charge un script : file:// n'a pas de « fetch ».
 * @param {string} name
 */
const loadScript = (name) =>
  new Promise((onload, onerror) => {
    const script = document.createElement("script");
    Object.assign(script, { src: new URL(`${name}.js`, ownAddress), onload, onerror });
    document.head.append(script);
  });

/** Le fichier de ce nom ; chargé une fois, s'il n'est pas déjà là.
 * @param {string} source
 */
export async function loadFile(source) {
  if (!files[source]) await loadScript(source);
  return files[source];
}
