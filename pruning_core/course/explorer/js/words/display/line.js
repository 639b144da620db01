/* Un mot inventé : ses lettres, d'autant plus marquées qu'elles surprennent le réseau dense. */

import { DECORATIVE, html, span } from "../../display/dom.js";

/** @import { Invention } from "../types" */

/** Au moins tant de bits, et comment le dire : n bits, une chance sur 2ⁿ. */
export const LEVELS = [
  { bits: 0, name: "attendue" },
  { bits: 6, name: "rare, moins d'une fois sur 64" },
  { bits: 9, name: "très rare, moins d'une fois sur 512" },
  { bits: 12, name: "invraisemblable, moins d'une fois sur 4\u202f096" },
];

/** Le rang du niveau d'une surprise. @param {number} bits */
export const levelOf = (bits) => LEVELS.findLastIndex((level) => bits >= level.bits);

const END = "\u00a0"; // la fin du mot, quand elle surprend : un blanc coloré

/** Des lettres qui se suivent au même niveau, puis la fin du mot si elle n'était pas attendue.
 * @param {Invention} invention
 * @returns {{ name: string, text: string }[]}
 */
export function runsOf({ word, given, surprises }) {
  /** @type {{ name: string, text: string }[]} */
  const runs = [];
  [...word].forEach((letter, rank) => {
    const name = rank < given ? "given" : `s${levelOf(surprises[rank])}`;
    const last = runs[runs.length - 1];
    if (last?.name === name) last.text += letter;
    else runs.push({ name, text: letter });
  });
  const end = levelOf(surprises[word.length] ?? 0);
  if (end) runs.push({ name: `s${end}`, text: END });
  return runs;
}

export class WordLine {
  constructor() {
    this.mark = html("span", { class: "mark", ...DECORATIVE });
    this.letters = html("span", { class: "letters", ...DECORATIVE }, "…");
    this.spoken = html("span", { class: "sr" });
    this.root = html("li", {}, this.mark, this.letters, this.spoken);
  }

  /** @param {Invention} invention */
  show(invention) {
    const { word, exists } = invention;
    const runs = runsOf(invention).map(({ name, text }) => html("i", { class: name }, text));
    this.letters.replaceChildren(...(word ? [] : [span("(rien)")]), ...runs);
    this.mark.textContent = exists ? "✓" : "";
    this.spoken.textContent = `${word || "aucune lettre"}${exists ? ", existe" : ""}`;
    this.root.classList.toggle("known", exists);
  }
}
