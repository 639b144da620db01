/* Ce qu'écrit une méthode : son choix, qui reste près du curseur, et ses mots. */

import { html, setHue, setText } from "../../display/dom.js";
import { Reading } from "../transformer.js";
import { WordLine } from "./line.js";
import { existing } from "./wording.js";

/** @import { Invention, WordData, WordMethod } from "../types" */

export class Column {
  /** @type {Invention[]} */
  inventions = [];
  #network = "";

  /**
   * @param {WordData} data
   * @param {string} label du choix de la méthode
   * @param {number} count nombre de mots
   * @param {(key: string) => void} choose
   */
  constructor(data, label, count, choose) {
    this.data = data;
    const options = data.methods.map((one) => html("option", { value: one.key }, one.label));
    const onchange = () => choose(this.choice.value);
    this.choice = html("select", { class: "hue", "aria-label": label, onchange }, options);
    this.lines = Array.from({ length: count }, () => new WordLine());
    this.list = html("ul", { class: "words" }, this.lines.map(({ root }) => root));
    this.found = html("p", { class: "found" });
    this.root = html("section", { class: "column hue" }, this.list, this.found);
    this.reading = new Reading(data.dense, data.longest);
  }

  /** Élague, si ce n'est déjà fait. @param {WordMethod} method @param {number} percent */
  prune(method, percent) {
    const network = `${method.key} ${percent}`;
    if (network !== this.#network) this.reading = new Reading(method.network(percent), this.data.longest);
    this.#network = network;
  }

  /** Montre la méthode ; ses mots vont s'écrire. @param {WordMethod} method */
  start(method) {
    this.choice.value = method.key;
    this.list.setAttribute("aria-label", `Mots inventés, ${method.label}`);
    setHue(this.root, method.colour);
    setHue(this.choice, method.colour);
    this.inventions = [];
  }

  /** @param {Invention} invention */
  write(invention) {
    this.lines[this.inventions.length].show(invention);
    this.inventions.push(invention);
    if (this.inventions.length === this.lines.length) setText(this.found, existing(this.inventions));
  }
}
