/* De quoi partager ce que l'on voit : une adresse qui le rouvre, une image. */

import { button, div, html, setText } from "../display/dom.js";

/** @typedef {object} Shared
 * @property {(() => string) | null} address aucune dans Jupyter
 * @property {() => Promise<HTMLCanvasElement>} picture
 * @property {() => string} name nom du fichier, sans extension
 */

/** Dans un cadre sans origine, qui ne télécharge rien. */
const isFramed = () => window !== window.top && origin === "null";

/** @param {string} text @param {HTMLInputElement} field @returns {Promise<boolean>} faux si le navigateur refuse */
async function copied(text, field) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    field.hidden = false;
    field.select();
    return document.execCommand("copy"); // ancien, mais souvent permis là où l'autre ne l'est pas
  }
}

export class Sharing {
  /** @param {Shared} shared */
  constructor({ address, picture, name }) {
    this.field = html("input", { type: "text", readonly: "", hidden: "", "aria-label": "Adresse à copier" });
    this.said = html("span", { "aria-live": "polite" });
    this.shown = div("shown");
    const buttons = [button("Télécharger l'image", () => this.#download(picture, name))];
    if (address) buttons.unshift(button("Copier l'adresse", () => this.#copy(address())));
    this.root = div("options", ...buttons, this.said, this.field, this.shown);
  }

  /** @param {string} address */
  async #copy(address) {
    this.field.value = address;
    this.field.hidden = true;
    const done = await copied(address, this.field);
    setText(this.said, done ? "Adresse copiée" : "Copiez l'adresse ci-dessous");
  }

  /** @param {Shared["picture"]} picture @param {Shared["name"]} name */
  async #download(picture, name) {
    const href = (await picture()).toDataURL();
    const file = `${name()}.png`;
    if (isFramed()) {
      this.shown.replaceChildren(html("img", { src: href, alt: "Image de l’explorateur" }));
      setText(this.said, "Image prête : clic droit ou appui long pour l'enregistrer");
      return;
    }
    html("a", { href, download: file }).click();
    setText(this.said, `Image téléchargée : ${file}`);
  }
}
