/* La porte de la page publiée : un élément, ses données à l'intérieur, un explorateur qui y prend place. */

import { askedIn } from "./share/address.js";

const NEAR = "800px"; // de l'écran
const EXPLORERS = "pruning-explorer, pruning-words";

/** @typedef {{ attach(host: HTMLElement): unknown, reopen?(asked: URLSearchParams): void }} Attachable
 * `reopen` : se remet tel que l'adresse le demande */

/** Définit un élément ; s'il doit charger des données, il attend que le lecteur approche.
 * @template {object} PageData
 * @param {string} name
 * @param {(data: PageData, rank: number) => Promise<Attachable>} create rang dans la page, 1 pour le premier
 */
export function defineElement(name, create) {
  class ExplorerElement extends HTMLElement {
    connectedCallback() {
      try {
        this.#wait();
      } catch (error) {
        this.#showTable();
        throw error;
      }
    }

    #wait() {
      /** @type {PageData} */
      const data = JSON.parse(this.querySelector("script")?.textContent ?? "");
      const start = () => this.#start(data);
      // Occupée, la page remet plusieurs avis à la fois : il a pu s'approcher depuis le premier.
      const approach = (/** @type {IntersectionObserverEntry[]} */ seen) =>
        seen.some(({ isIntersecting }) => isIntersecting) && start();
      const observer = new IntersectionObserver(approach, { rootMargin: NEAR });
      observer.observe(this);
      // Des données à charger attendent que le lecteur approche, ou que l'adresse les demande ; les
      // autres, que la page soit au repos.
      addEventListener("hashchange", () => this.#asked() && start());
      if (this.#asked()) start();
      else if (!("source" in data)) (globalThis.requestIdleCallback ?? setTimeout)(start);
    }

    /** @param {PageData} data */
    async #start(data) {
      if (this.shadowRoot) return;
      try {
        const explorer = await create(data, this.#rank());
        if (this.shadowRoot) return;
        explorer.attach(this);
        this.style.minHeight = "0"; // il a pris la place qui l'attendait
        const reopen = () => this.#reopen(explorer);
        reopen();
        addEventListener("hashchange", reopen);
      } catch (error) {
        this.#showTable();
        if (!(error instanceof Event)) throw error; // un fichier absent : le navigateur l'a déjà dit
      }
    }

    /** @param {Attachable} explorer */
    #reopen(explorer) {
      const asked = this.#asked();
      if (!asked) return;
      explorer.reopen?.(asked);
      this.scrollIntoView();
    }

    #rank() {
      return [...document.querySelectorAll(EXPLORERS)].indexOf(this) + 1;
    }

    /** Ce que l'adresse de la page demande à cet explorateur. */
    #asked() {
      return askedIn(location.hash, this.#rank());
    }

    /** Ce que la page montre sans JavaScript, aussi quand l'explorateur s'est arrêté à moitié dessiné. */
    #showTable() {
      this.shadowRoot?.replaceChildren(document.createElement("slot"));
      const table = /** @type {HTMLElement | null} */ (this.querySelector(".pruning-static"));
      if (table) table.style.cssText = "display:block;height:auto";
    }
  }

  const define = () => customElements.define(name, ExplorerElement);
  if (customElements.get(name)) return;
  // Inclus sans « defer », le script attend que les données de la page soient là.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
  else define();
}
