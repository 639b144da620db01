/* La porte de la page publiée : un élément, ses données à l'intérieur, un explorateur qui y prend place. */

const NEAR = "800px"; // de l'écran

/** @typedef {{ attach(host: HTMLElement): unknown }} Attachable */

/** Définit un élément ; s'il doit charger des données, il attend que le lecteur approche.
 * @template {object} PageData
 * @param {string} name
 * @param {(data: PageData) => Promise<Attachable>} create
 */
export function defineElement(name, create) {
  class ExplorerElement extends HTMLElement {
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
        const explorer = await create(data);
        if (this.shadowRoot) return;
        explorer.attach(this);
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

  const define = () => customElements.define(name, ExplorerElement);
  if (customElements.get(name)) return;
  // Inclus sans « defer », le script attend que les données de la page soient là.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
  else define();
}
