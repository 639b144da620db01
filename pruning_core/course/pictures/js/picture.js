/* Ce que toute image que l'on bouge a en commun : un cadre, le thème, ce qui se dit une fois au repos. */

import { html, setText } from "../../explorer/js/display/dom.js";
import frame from "../../explorer/js/display/frame.css";
import { followTheme } from "../../explorer/js/display/theme.js";
import pictures from "./pictures.css";

const REST = 600; // millisecondes sans geste avant de dire ce qui est montré

/** @abstract */
export class Picture {
  #frame = 0;
  #rest = 0;
  #status = html("p", { class: "sr", role: "status" });
  #root = html("div", {
    ...{ class: "px", role: "group" },
    // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
    onkeydown: (/** @type {Event} */ event) => event.stopPropagation(),
  });

  /** Ce que la page dit de ce qui est montré. */
  note = html("p", { class: "note" });

  /** @param {string} sheet ce que sa feuille de style ajoute à celle de toutes */
  constructor(sheet) {
    this.sheet = sheet;
  }

  /** Redessine. @abstract */
  draw() {}

  /** Ce qui est montré, en une phrase. @abstract @returns {string} */
  spoken() {
    return "";
  }

  /** @param {string} label @param {Node[]} content */
  layOut(label, ...content) {
    this.#root.setAttribute("aria-label", label);
    this.#root.append(...content, this.#status);
  }

  /** Prend place dans l'élément ; rend de quoi s'arrêter. @param {HTMLElement} host */
  attach(host) {
    host.attachShadow({ mode: "open" }).append(html("style", {}, frame, pictures, this.sheet), this.#root);
    const stopTheme = followTheme(this.#root);
    this.draw();
    return () => {
      stopTheme();
      clearTimeout(this.#rest);
      cancelAnimationFrame(this.#frame);
    };
  }

  /** Un geste a changé quelque chose : l'affichage suit à l'image suivante, la voix au repos. */
  changed() {
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => setText(this.#status, this.spoken()), REST);
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.draw();
    });
  }
}
