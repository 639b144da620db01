/* Les réglages d'un explorateur, écrits dans une adresse et relus. */

import { sparsityIn, writtenSparsity } from "../share/address.js";

/** @import { Method, Scope } from "../types" */
/** @import { Settings } from "./brief.js" */

const LAYERWISE = "couche";
/** Comparer une méthode à elle-même, sur l'autre portée. */
export const OTHER_SCOPE = "portee";

/** @param {Scope} scope @returns {Scope} */
export const otherThan = (scope) => (scope === "global" ? "layerwise" : "global");

/** @param {Settings} settings @returns {Record<string, string>} */
export const writeSettings = ({ sparsity, method, scope, other }) => ({
  sparsite: writtenSparsity(sparsity),
  methode: method,
  ...(scope === "layerwise" && { portee: LAYERWISE }),
  ...(other && { comparer: other }),
});

/** Ce qui est inconnu, ou n'a pas de sens, est laissé.
 * @param {URLSearchParams} asked
 * @param {Map<string, Method>} methods
 * @returns {Partial<Settings>}
 */
export function readSettings(asked, methods) {
  const [method, other] = ["methode", "comparer"].map((name) => asked.get(name) ?? "");
  return {
    ...sparsityIn(asked),
    ...(methods.has(method) && { method }),
    scope: asked.get("portee") === LAYERWISE ? "layerwise" : "global",
    other: methods.has(other) || other === OTHER_SCOPE ? other : "",
  };
}
