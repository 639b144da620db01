/* Les trois éléments : chacun lit ses données, et montre sa vue dans son ombre. */

import { html } from "../../explorer/js/display/dom.js";
import { ask } from "./ask.js";
import { review } from "./review.js";
import style from "./style.css";
import { tell } from "./tell.js";

/** @type {Record<string, (data: any) => HTMLElement>} */
const VIEWS = { "lesson-guess": ask, "lesson-outcome": tell, "lesson-guesses": review };

/** @param {(data: any) => HTMLElement} view */
const elementOf = (view) =>
  class extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      const data = JSON.parse(this.querySelector("script")?.textContent ?? "");
      const shown = view(data); // une faute laisse la page telle qu'elle est sans JavaScript
      this.attachShadow({ mode: "open" }).append(html("style", {}, style), shown);
    }
  };

export function defineElements() {
  for (const [name, view] of Object.entries(VIEWS))
    if (!customElements.get(name)) customElements.define(name, elementOf(view));
}
