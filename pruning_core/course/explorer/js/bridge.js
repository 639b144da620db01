/* Le lien entre un explorateur et le widget Python, par leurs traits. */

/** @import { Bridge, State } from "./types" */

/** Le modèle d'anywidget. @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {(event: string, listener: () => void) => void} on
 * @property {() => void} save_changes
 */

const SETTINGS = /** @type {const} */ (["sparsity", "method", "scope"]);
const SHARED = /** @type {const} */ ([...SETTINGS, "accuracy", "loss", "kept"]);
const QUIET = 80; // millisecondes sans geste avant d'écrire au noyau

/** @param {Model} model @returns {State} */
export const settingsOf = (model) => ({
  sparsity: model.get("sparsity"),
  method: model.get("method"),
  scope: model.get("scope"),
});

/** @param {Model} model @returns {Bridge} */
export function bridgeTo(model) {
  let timer = 0;
  let sending = false; // ce que l'on écrit ne revient pas comme un ordre
  return {
    set(values) {
      sending = true;
      for (const name of SHARED) model.set(name, values[name]);
      sending = false;
      clearTimeout(timer);
      timer = window.setTimeout(() => model.save_changes(), QUIET);
    },
    listen(apply) {
      for (const name of SETTINGS) model.on(`change:${name}`, () => sending || apply(settingsOf(model)));
    },
  };
}
