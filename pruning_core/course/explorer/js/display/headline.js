/* Les grands nombres : élagués, restants, et l'exactitude d'une méthode ou de deux. */

import { number, percent, sparsityText } from "../formatting.js";
import { div, html, setHue, setText, span } from "./dom.js";
import { reachedText } from "./wording.js";

/** @import { Current } from "./brief.js" */

class Stat {
  /** @param {string} [name] */
  constructor(name = "") {
    this.value = html("b");
    this.text = span();
    this.root = div(`stat ${name}`, this.value, this.text);
  }

  /** @param {string} value @param {string} text */
  show(value, text) {
    setText(this.value, value);
    setText(this.text, text);
  }
}

export class Headline {
  /** @param {number} weightCount */
  constructor(weightCount) {
    this.weightCount = weightCount;
    this.pruned = new Stat();
    this.left = new Stat();
    this.scores = [new Stat("hue"), new Stat("hue")];
    this.root = div("top", this.pruned.root, this.left.root, this.scores[0].root);
  }

  /** @param {Current[]} current */
  show(current) {
    const [first] = current;
    const [got, wanted] = [sparsityText(first.reached), sparsityText(first.asked)];
    this.pruned.show(got, got === wanted ? "élagués" : `élagués au lieu de ${wanted}`);
    this.left.show(number(first.kept), `poids restants sur ${number(this.weightCount)}`);
    const compared = current.length > 1;
    current.forEach((one, rank) => {
      const text = compared
        ? one.look.label + reachedText(one)
        : `d'exactitude · perte ${number(one.loss, 2)}`;
      setHue(this.scores[rank].root, one.look.colour);
      this.scores[rank].show(percent(one.accuracy), text);
    });
  }
}
