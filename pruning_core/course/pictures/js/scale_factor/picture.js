/* Le facteur d'échelle : la même fonction, d'autres poids, et des couches que la magnitude vide. */

import { div, html, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import sheet from "../bars.css";
import { Bars } from "../bars.js";
import { rankSlider } from "../controls.js";
import { Picture } from "../picture.js";

/** Ce qu'écrit scale_factor.py. @typedef {object} ScaleFactorData
 * @property {number[]} factors
 * @property {number[]} sparsities
 * @property {number[]} sizes poids de chaque couche
 * @property {number[][][]} kept par facteur, sparsité et couche
 * @property {number[][]} accuracies par facteur et sparsité
 * @property {number} factor rang de celui du départ
 * @property {number} sparsity de même
 */

export class ScaleFactor extends Picture {
  /** @param {ScaleFactorData} data */
  constructor(data) {
    super(sheet);
    this.data = data;
    this.at = [data.factor, data.sparsity];
    const names = ["Couche 1, multipliée par", "Sparsité"];
    this.sliders = [data.factors, data.sparsities].map((values, which) =>
      rankSlider(names[which], values, (rank) => {
        this.at[which] = rank;
        this.changed();
      }),
    );
    this.layers = new Bars(data.sizes.map((_, rank) => `Couche ${rank + 1}`));
    this.accuracy = new Bars(["Exactitude"]);
    const title = html("p", { class: "title" }, "Poids gardés");
    this.layOut(
      "Réseau redimensionné",
      div(
        "columns",
        div("told", this.sliders.map(({ root }) => root), this.note),
        div("drawn", title, this.layers.root, this.accuracy.root),
      ),
    );
  }

  #shown() {
    const [{ factors, sparsities, kept, accuracies, sizes }, [factor, sparsity]] = [this.data, this.at];
    return {
      ...{ factor: factors[factor], sparsity: sparsities[sparsity], accuracy: accuracies[factor][sparsity] },
      layers: kept[factor][sparsity].map((count, rank) => ({ count, size: sizes[rank] })),
    };
  }

  /** @override */
  draw() {
    const { factor, sparsity, accuracy, layers } = this.#shown();
    this.sliders[0].show(this.at[0], `× ${factorText(factor)}`);
    this.sliders[1].show(this.at[1], percent(sparsity, 0));
    this.layers.show(
      layers.map(({ count, size }) => ({ value: count / size, text: `${number(count)} sur ${number(size)}` })),
    );
    this.accuracy.show([{ value: accuracy, text: percent(accuracy) }]);
    setText(this.note, this.#told());
  }

  /** Ce que fait le facteur, et les couches qu'il vide. */
  #told() {
    const { factor, layers } = this.#shown();
    const twin =
      factor === 1
        ? "Le réseau de départ."
        : `La couche 2 est divisée par ${factorText(factor)}\u00a0: avant l’élagage, le réseau répond comme au départ.`;
    const empty = layers.flatMap(({ count }, rank) => (count ? [] : [rank + 1]));
    if (!empty.length) return twin;
    return `${twin} ⚠ Plus aucun poids dans ${empty.length > 1 ? "les couches" : "la couche"} ${empty.join(" et ")}.`;
  }

  /** @override */
  spoken() {
    const { factor, sparsity, accuracy } = this.#shown();
    return `Facteur ${factorText(factor)}, ${percent(sparsity, 0)} élagués\u00a0: ${percent(accuracy)} d’exactitude. ${this.#told()}`;
  }
}

/** @param {number} factor */
const factorText = (factor) => String(factor).replace(".", ",");
