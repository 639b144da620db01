/* Les bits par lettre de chaque méthode, en barres, et de quoi les situer. */

import { number } from "../../formatting.js";
import { div, figure, html, setHue, setText, span } from "../../display/dom.js";

/** @import { Landmark, WordMethod } from "../types" */

const ROOM = 1.04; // le dernier repère n'est pas au bord ; une barre au-delà est pleine

/** Une barre, traversée d'un trait à chaque repère. */
class Bar {
  /** @param {number[]} marks parts de la longueur */
  constructor(marks) {
    this.name = span();
    this.fill = html("u");
    this.value = html("b");
    const lines = marks.map((share) => html("i", { style: `left:${100 * share}%` }));
    this.root = div("level hue", this.name, this.value, div("bar", this.fill, lines));
  }

  /** @param {WordMethod} method @param {number} bits @param {number} share */
  show({ label, colour }, bits, share) {
    setText(this.name, label);
    setText(this.value, number(bits, 2));
    setHue(this.root, colour);
    this.fill.style.width = `${100 * share}%`;
  }
}

export class Gauge {
  /** @param {Landmark[]} landmarks */
  constructor(landmarks) {
    this.most = ROOM * Math.max(...landmarks.map(({ bits }) => bits));
    const marks = landmarks.map(({ bits }) => bits / this.most);
    this.bars = [new Bar(marks), new Bar(marks)];
    const named = landmarks.map(({ label, bits }) => `${label}, ${number(bits, 1)}`).join("\u00a0; ");
    const detail = "en bits par lettre, sur des mots jamais vus\u00a0; moins, c'est mieux";
    const rows = this.bars.map(({ root }) => root);
    const legend = html("p", { class: "landmarks" }, `Les traits\u00a0: ${named}.`);
    this.root = figure("gauge", "Surprise devant le vrai français", detail, rows, legend);
  }

  /** @param {WordMethod[]} methods les deux montrées @param {number} rank celui de la sparsité */
  show(methods, rank) {
    methods.forEach((method, place) => {
      const bits = method.bits[rank];
      this.bars[place].show(method, bits, Math.min(1, bits / this.most));
    });
  }
}
