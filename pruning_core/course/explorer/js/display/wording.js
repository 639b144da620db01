/* Ce que l'explorateur dit en phrases. */

import { percent, remaining, sparsityText } from "../formatting.js";
import { balance } from "../network/measures.js";

/** @import { Current } from "./brief.js" */

/** Un trajet n'a pas un réseau à chaque sparsité : à laquelle est celui qu'il montre, si ce n'est pas
 * celle que l'on demande.
 * @param {Pick<Current, "method" | "reached" | "asked">} current
 */
export function reachedText({ method, reached, asked }) {
  const got = sparsityText(reached);
  return method.path && got !== sparsityText(asked) ? ` à ${got}` : "";
}

/** Ce que fait la méthode, et ce qu'elle vient de faire.
 * @param {Pick<Current, "method" | "scope" | "network" | "reached" | "asked" | "collapsed">} current
 */
export function describe({ method, scope, network, reached, asked, collapsed }) {
  const { cut, moved } = balance(network);
  const elsewhere = reachedText({ method, reached, asked });
  const sentences = [method.note];
  if (cut)
    sentences.push(
      method.path
        ? `Ici, les poids restants changent de ${percent(moved, 0)} en moyenne (réseaux calculés d'avance).`
        : `Ceux qui partent portent ensemble ${percent(cut, 0)} de la somme des |w|\u00a0: rien ne les remplace.`,
    );
  if (network.pathEnded) sentences.push(`⚠ Rien au-delà\u00a0: comparez les méthodes${elsewhere}.`);
  else if (elsewhere)
    sentences.push(`⚠ Aucun réseau calculé à ${sparsityText(asked)}\u00a0: voici le suivant,${elsewhere}.`);
  if (method.path && scope === "layerwise")
    sentences.push("⚠ Elle choisit parmi toutes les couches ensemble\u00a0: la case n'y change rien.");
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
