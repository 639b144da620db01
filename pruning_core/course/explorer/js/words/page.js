/* L'explorateur de mots sur la page publiée : l'élément <pruning-words>. */

import { loadFile } from "../data/files.js";
import { defineElement } from "../element.js";
import { WordExplorer } from "./display/explorer.js";
import { decodeWords } from "./packed.js";

/** @import { WordFile, WordState } from "./types" */

defineElement("pruning-words", async (/** @type {{ source: string, state: WordState }} */ { source, state }, rank) => {
  const file = /** @type {WordFile} */ (await loadFile(source));
  return new WordExplorer(await decodeWords(file), state, undefined, rank);
});
