/* La porte de Jupyter : un module d'anywidget, lié au noyau. */

import { bridgeTo, traitsOf } from "./bridge.js";
import { load } from "./data/load.js";
import { Explorer } from "./display/explorer.js";

/** @import { Model } from "./bridge.js" */

const SETTINGS = /** @type {const} */ (["sparsity", "method", "scope"]);
const MEASURES = /** @type {const} */ (["accuracy", "loss", "kept"]);

/** @param {{ model: Model, el: HTMLElement }} view */
async function render({ model, el }) {
  const host = el.appendChild(document.createElement("div"));
  const data = await load(JSON.parse(model.get("_data")));
  const bridge = bridgeTo(model, SETTINGS, MEASURES);
  return new Explorer(data, traitsOf(model, SETTINGS), bridge).attach(host);
}

export default { render };
