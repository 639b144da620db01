/* Ce que le lecteur a dit, gardé dans ce navigateur, ou le temps de la page s'il refuse. */

/** @typedef {number | string} Answer */

const KEY = "elagage-pronostics"; // dit dans book/reference/confiance.md
const CHANGED = "lesson-guesses-changed";

/** Ce qui n'a pas trouvé de place. @type {Record<string, Answer> | null} */
let unkept = null;

/** @returns {Record<string, Answer>} */
function stored() {
  if (unkept) return unkept;
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {}; // refusé, ou écrit par autre chose
  }
}

/** @param {Record<string, Answer>} all */
function store(all) {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    unkept = all;
  }
  dispatchEvent(new Event(CHANGED));
}

/** @param {string} key @returns {Answer | undefined} */
export const kept = (key) => (Object.hasOwn(stored(), key) ? stored()[key] : undefined);

/** @param {string} key @param {Answer} answer */
export const keep = (key, answer) => store({ ...stored(), [key]: answer });

/** @param {string[]} keys */
export const forget = (keys) =>
  store(Object.fromEntries(Object.entries(stored()).filter(([key]) => !keys.includes(key))));

/** Appelé à chaque changement, d'ici ou d'une autre page ouverte. @param {() => void} then */
export function whenKept(then) {
  addEventListener(CHANGED, then);
  addEventListener("storage", (change) => change.key === KEY && then());
}
