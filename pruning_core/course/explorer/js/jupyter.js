/* La porte de Jupyter : un module d'anywidget, lié au noyau. */

import { bridgeTo, settingsOf } from "./bridge.js";
import { load } from "./data/load.js";
import { Explorer } from "./display/explorer.js";

/** @import { Model } from "./bridge.js" */

/** @param {{ model: Model, el: HTMLElement }} view */
async function render({ model, el }) {
  const host = el.appendChild(document.createElement("div"));
  const data = await load(JSON.parse(model.get("_data")));
  return new Explorer(data, settingsOf(model), bridgeTo(model)).attach(host);
}

export default { render };
