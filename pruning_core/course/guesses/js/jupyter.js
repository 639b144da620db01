/* La porte de Jupyter : un module d'anywidget ; le noyau ne donne que la question. */

import { defineElements } from "./elements.js";

/** @param {{ model: { get(name: string): string }, el: HTMLElement }} view */
function render({ model, el }) {
  defineElements();
  const element = document.createElement(model.get("_tag"));
  const data = element.appendChild(document.createElement("script"));
  data.type = "application/json";
  data.textContent = model.get("_data");
  el.append(element);
}

export default { render };
