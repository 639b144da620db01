/* L'explorateur de mots dans Jupyter : un module d'anywidget, lié au noyau. */

import { bridgeTo, traitsOf } from "../bridge.js";
import { loadFile } from "../data/files.js";
import { WordExplorer } from "./display/explorer.js";
import { decodeWords } from "./packed.js";

/** @import { Model } from "../bridge.js" */
/** @import { WordFile, WordState } from "./types" */

const SETTINGS = /** @type {const} */ (["sparsity", "method", "other", "seed", "prompt"]);

/** @param {{ model: Model, el: HTMLElement }} view */
async function render({ model, el }) {
  const host = el.appendChild(document.createElement("div"));
  const { source } = JSON.parse(model.get("_data"));
  const data = await decodeWords(/** @type {WordFile} */ (await loadFile(source)));
  const state = /** @type {WordState} */ (traitsOf(model, SETTINGS));
  return new WordExplorer(data, state, bridgeTo(model, SETTINGS)).attach(host);
}

export default { render };
