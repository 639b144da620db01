/* Des barres : ce qui reste de chaque couche, et la taille de chaque stockage. */

import { number, percent } from "../formatting.js";
import { storage } from "../network/measures.js";
import { div, figure, html, setText, span } from "./dom.js";

/** @import { Data } from "../types" */
/** @import { Network } from "../network/network.js" */

/** Une étiquette, une valeur et leur barre. */
class Bar {
  /** @param {string} label @param {string} [detail] omis quand la place manque */
  constructor(label, detail = "") {
    this.fill = html("u");
    this.value = span();
    const name = span(label, html("span", { class: "wide" }, detail));
    this.root = div("row", name, this.value, div("bar", this.fill));
  }

  /** @param {number} share de la longueur, entre 0 et 1 @param {string} text */
  show(share, text) {
    this.fill.style.width = `${100 * share}%`;
    setText(this.value, text);
  }
}

export class LayerBars {
  /** @param {Data} data */
  constructor(data) {
    this.layers = data.layers;
    this.bars = this.layers.map(
      ({ inputs, outputs }, rank) => new Bar(`Couche ${rank + 1}`, ` · ${inputs} → ${outputs}`),
    );
    this.root = figure("layers", "Ce qui reste par couche", "", this.bars.map(({ root }) => root));
  }

  /** @param {Network} network @param {number[]} connected neurones encore reliés, par couche */
  show(network, connected) {
    this.layers.forEach(({ size }, rank) => {
      const kept = network.kept[rank];
      const broken = connected[rank] === 0;
      const state = broken ? "⚠ affaissée" : `−${percent(1 - kept / size)}`;
      this.bars[rank].root.classList.toggle("bad", broken);
      this.bars[rank].show(kept / size, `${number(kept)} poids · ${state}`);
    });
  }
}

export class StorageBars {
  constructor() {
    this.bars = { dense: new Bar("Dense"), csr: new Bar("CSR"), bitmap: new Bar("Carte de bits") };
    const rows = Object.values(this.bars).map(({ root }) => root);
    this.root = figure("store", "Stockage des poids", "", rows);
  }

  /** @param {Network} network */
  show(network) {
    const bytes = storage(network);
    const longest = Math.max(...Object.values(bytes));
    for (const kind of /** @type {(keyof typeof bytes)[]} */ (Object.keys(bytes)))
      this.bars[kind].show(bytes[kind] / longest, `${number(bytes[kind] / 1000, 1)} ko`);
  }
}
