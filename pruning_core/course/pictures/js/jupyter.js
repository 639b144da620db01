/* Une image que l'on bouge, dans Jupyter : un module d'anywidget. */

import { create } from "./kinds.js";

/** @import { Model } from "../../explorer/js/bridge.js" */

/** @param {{ model: Model, el: HTMLElement }} view */
function render({ model, el }) {
  const host = el.appendChild(document.createElement("div"));
  return create(JSON.parse(model.get("_data"))).attach(host);
}

export default { render };
