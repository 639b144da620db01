/* Ce que veulent dire les marques des lettres et des mots. */

import { html, span } from "../../display/dom.js";
import { LEVELS } from "./line.js";

export class Legend {
  constructor() {
    const levels = LEVELS.map(({ name }, rank) =>
      html("li", {}, html("i", { class: `s${rank}`, "aria-hidden": "true" }, "a"), span(` ${name}`)),
    );
    const known = html("li", {}, html("span", { class: "mark", "aria-hidden": "true" }, "✓"), span(" le mot existe"));
    this.root = html(
      "div",
      { class: "legend" },
      html("p", {}, "Pour le réseau non élagué, la lettre, ou la fin du mot (un blanc coloré), était\u00a0:"),
      html("ul", {}, levels, known),
    );
  }
}
