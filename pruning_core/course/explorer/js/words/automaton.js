/* Tous les mots de la liste, et eux seuls, dans un automate minimal (automaton.py). */

/** @import { Reader } from "../data/reader.js" */

/** Un état : ses flèches vont de `first[état]` à `first[état + 1]`. @typedef {object} Automaton
 * @property {Uint32Array} first
 * @property {Uint8Array} letters
 * @property {Uint32Array} targets
 * @property {Uint8Array} accepts
 */

/** Relit un automate écrit en profondeur d'abord : une flèche mène à l'état suivant, jamais vu, ou
 * revient à l'un de ceux que plusieurs flèches atteignent.
 * @param {Reader} reader
 * @param {{ states: number, edges: number, returns: number }} sizes
 * @returns {Automaton}
 */
export function readAutomaton(reader, { states, edges, returns }) {
  const nodes = reader.bytes(states); // 4 × nombre de flèches + 2 × accepte + 1 × partagé
  const arrows = reader.bytes(edges); // 2 × lettre + 1 × retour
  const back = reader.shorts(returns);
  const first = new Uint32Array(states + 1);
  for (let state = 0; state < states; state++) first[state + 1] = first[state] + (nodes[state] >> 2);
  const targets = new Uint32Array(edges);
  const letters = arrows.map((arrow) => arrow >> 1);
  /** @type {number[]} */
  const shared = [];
  let [nextState, nextBack, nextArrow] = [0, 0, 0];
  /** Les flèches qui restent à lire, de l'état en cours à l'état de départ. @type {number[]} */
  const waiting = [];
  const enter = () => {
    const state = nextState++;
    if (nodes[state] & 1) shared.push(state);
    for (let edge = first[state + 1] - 1; edge >= first[state]; edge--) waiting.push(edge);
    return state;
  };
  enter();
  for (let edge = waiting.pop(); edge !== undefined; edge = waiting.pop()) {
    const code = arrows[nextArrow++];
    letters[edge] = code >> 1;
    targets[edge] = code & 1 ? shared[back[nextBack++]] : enter();
  }
  return { first, letters, targets, accepts: nodes.map((node) => (node >> 1) & 1) };
}

/** Le mot est-il accepté ?
 * @param {Automaton} automaton
 * @param {number[]} word rangs des lettres dans l'alphabet
 */
export function accepts({ first, letters, targets, accepts: final }, word) {
  let state = 0;
  for (const letter of word) {
    let edge = first[state];
    while (edge < first[state + 1] && letters[edge] !== letter) edge++;
    if (edge === first[state + 1]) return false;
    state = targets[edge];
  }
  return Boolean(final[state]);
}
