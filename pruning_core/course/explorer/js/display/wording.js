/* Ce que l'explorateur dit en phrases. */

import { percent, remaining, sparsityText } from "../formatting.js";
import { balance } from "../network/measures.js";

/** @import { Method } from "../types" */
/** @import { Network } from "../network/network.js" */
/** @import { Current } from "./explorer.js" */

/** Où un trajet s'arrête, quand il n'a pas de réseau aussi élagué qu'on le demande.
 * @param {Network} network
 * @param {number} reached
 */
export const reachedText = ({ pathEnded }, reached) =>
  pathEnded ? ` à ${sparsityText(reached)}` : "";

/** Ce que fait la méthode, et ce qu'elle vient de faire.
 * @param {Method} method
 * @param {Current} current
 */
export function describe(method, { network, reached, collapsed }) {
  const { cut, moved } = balance(network);
  const sentences = [method.note];
  if (cut)
    sentences.push(
      method.path
        ? `Ici, les poids restants changent de ${percent(moved, 0)} en moyenne (réseaux calculés d'avance).`
        : `Ceux qui partent portent ensemble ${percent(cut, 0)} de la somme des |w|\u00a0: rien ne les remplace.`,
    );
  if (network.pathEnded)
    sentences.push(`⚠ Rien au-delà\u00a0: comparez les méthodes${reachedText(network, reached)}.`);
  if (collapsed)
    sentences.push("⚠ Plus aucun chemin de l'entrée à la sortie\u00a0: le réseau répond toujours pareil.");
  return sentences.join(" ");
}

/** Pour les lecteurs d'écran, quand le curseur s'arrête. @param {Current[]} current */
export const announcement = (current) =>
  current
    .map(
      ({ look, accuracy, kept, reached }) =>
        `${look.label}, ${sparsityText(reached)} élagués : ${percent(accuracy)} d'exactitude, ${remaining(kept)}.`,
    )
    .join(" ");

/** D'où vient une image : le titre de la page, et son adresse si d'autres peuvent l'ouvrir. */
export const sourceLines = () => [
  document.title,
  ...(location.protocol.startsWith("http") ? [location.origin + location.pathname] : []),
];
