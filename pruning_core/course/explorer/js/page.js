/* La porte de la page publiée : l'élément <pruning-explorer>, ses données à l'intérieur. */

import { load } from "./data/load.js";
import { Explorer } from "./display/explorer.js";

/** @import { PageData } from "./types" */

const NEAR = "800px"; // de l'écran

class PruningExplorer extends HTMLElement {
  connectedCallback() {
    /** @type {PageData} */
    const data = JSON.parse(this.querySelector("script")?.textContent ?? "");
    const start = () => this.#start(data);
    const observer = new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && start(), {
      rootMargin: NEAR,
    });
    observer.observe(this);
    // Des données à charger attendent que le lecteur approche ; les autres, que la page soit au repos.
    if (!("source" in data)) (globalThis.requestIdleCallback ?? setTimeout)(start);
  }

  /** @param {PageData} data */
  async #start(data) {
    if (this.shadowRoot) return;
    try {
      const loaded = await load(data);
      if (this.shadowRoot) return;
      new Explorer(loaded, data.state).attach(this);
      this.style.minHeight = "0"; // il a pris la place qui l'attendait
    } catch (error) {
      this.#showTable();
      if (!(error instanceof Event)) throw error; // un fichier absent : le navigateur l'a déjà dit
    }
  }

  /** Ce que la page montre sans JavaScript. */
  #showTable() {
    const table = /** @type {HTMLElement | null} */ (this.querySelector(".pruning-static"));
    if (table) table.style.cssText = "display:block;height:auto";
  }
}

function define() {
  customElements.define("pruning-explorer", PruningExplorer);
}

if (!customElements.get("pruning-explorer")) {
  // Inclus sans « defer », le script attend que les données de la page soient là.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
  else define();
}
