/* Les réglages d'un explorateur, écrits dans une adresse et relus. */

/** @import { Method, Scope } from "../types" */
/** @import { Settings } from "./brief.js" */

const LAYERWISE = "couche";
/** Comparer une méthode à elle-même, sur l'autre portée. */
export const OTHER_SCOPE = "portee";
const PERCENT = /^\d{1,3}(\.\d)?$/;

/** @param {Scope} scope @returns {Scope} */
export const otherThan = (scope) => (scope === "global" ? "layerwise" : "global");

/** @param {Settings} settings @returns {Record<string, string>} */
export const writeSettings = ({ sparsity, method, scope, other }) => ({
  sparsite: String(Number((100 * sparsity).toFixed(1))),
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
  const [sparsity, method, other] = ["sparsite", "methode", "comparer"].map((name) => asked.get(name) ?? "");
  const percent = PERCENT.test(sparsity) && Number(sparsity) <= 100;
  return {
    ...(percent && { sparsity: Number(sparsity) / 100 }),
    ...(methods.has(method) && { method }),
    scope: asked.get("portee") === LAYERWISE ? "layerwise" : "global",
    other: methods.has(other) || other === OTHER_SCOPE ? other : "",
  };
}
