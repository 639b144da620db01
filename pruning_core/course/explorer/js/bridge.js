/* Le lien entre un explorateur et le widget Python, par leurs traits. */

/** @import { Bridge } from "./types" */

/** Le modèle d'anywidget. @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {(event: string, listener: () => void) => void} on
 * @property {() => void} save_changes
 */

const QUIET = 80; // millisecondes sans geste avant d'écrire au noyau

/** Les valeurs de ces traits.
 * @template {string} K
 * @param {Model} model
 * @param {readonly K[]} names
 * @returns {Record<K, any>}
 */
export const traitsOf = (model, names) =>
  /** @type {Record<K, any>} */ (Object.fromEntries(names.map((name) => [name, model.get(name)])));

/** Tient à jour, des deux côtés, les réglages ; dit au noyau les mesures.
 * @template {string} S
 * @template {string} [M=never]
 * @param {Model} model
 * @param {readonly S[]} settings
 * @param {readonly M[]} [measures]
 * @returns {Bridge<Record<S, any>, Record<S | M, any>>}
 */
export function bridgeTo(model, settings, measures = []) {
  let timer = 0;
  let sending = false; // ce que l'on écrit ne revient pas comme un ordre
  return {
    set(values) {
      sending = true;
      for (const name of [...settings, ...measures]) model.set(name, values[name]);
      sending = false;
      clearTimeout(timer);
      timer = window.setTimeout(() => model.save_changes(), QUIET);
    },
    listen(apply) {
      for (const name of settings)
        model.on(`change:${name}`, () => sending || apply(traitsOf(model, settings)));
    },
  };
}
