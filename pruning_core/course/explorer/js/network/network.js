/* Un réseau élagué et réévalué dans la page. */

import { sum } from "../arrays.js";
import { countPruned } from "./counting.js";
import { applyLinear, makeScratch } from "./linear.js";

/** @import { Data, Evaluation, Layer, Method, OrderedMethod, PathMethod, Scope, Values } from "../types" */

/** Un réseau élagué : ses poids, son masque, ses activations. Les données sont partagées. */
export class Network {
  /** @type {Values} */
  biases;
  /** Poids gardés, par couche. @type {number[]} */
  kept;
  /** Poids gardés, en tout. */
  total;
  /** Vrai quand un trajet n'a aucun réseau aussi élagué qu'on le demande. */
  pathEnded = false;
  /** Sorties des couches, par nombre d'exemples. @type {Map<number, Float64Array[]>} */
  #outputs = new Map();

  /** @param {Data} data */
  constructor(data) {
    this.data = data;
    this.weights = Float64Array.from(data.weights);
    this.mask = new Uint8Array(data.weightCount).fill(1);
    this.biases = data.biases;
    this.scratch = makeScratch(Math.max(...data.sizes));
    this.kept = data.layers.map(({ size }) => size);
    this.total = data.weightCount;
  }

  /** Élague à la sparsité demandée ; rend celle qui est obtenue (celle du trajet pour OBS).
   * @param {Method} method
   * @param {number} sparsity
   * @param {Scope} scope
   */
  prune(method, sparsity, scope) {
    if (method.path) this.#follow(method, sparsity);
    else this.#cut(method, sparsity, scope);
    this.kept = this.data.layers.map(({ start, size }) => sum(this.mask.subarray(start, start + size)));
    this.total = sum(this.kept);
    return 1 - this.total / this.data.weightCount;
  }

  /** Coupe les premiers de l'ordre. @param {OrderedMethod} method @param {number} sparsity @param {Scope} scope */
  #cut(method, sparsity, scope) {
    this.#restore();
    const orders = scope === "layerwise" ? method.layerOrders() : [method.order()];
    for (const order of orders)
      for (const index of order.subarray(0, countPruned(order.length, sparsity))) {
        this.mask[index] = 0;
        this.weights[index] = 0;
      }
  }

  /** Prend le premier réseau précalculé qui en coupe au moins autant ; à défaut, le dernier.
   * @param {PathMethod} method
   * @param {number} sparsity
   */
  #follow({ path }, sparsity) {
    this.#restore();
    const { weightCount } = this.data;
    const wanted = weightCount - countPruned(weightCount, sparsity);
    if (wanted === weightCount) return;
    const found = path.find(({ kept }) => kept <= wanted);
    const { mask, weights, biases } = found ?? path[path.length - 1];
    this.mask.set(mask);
    this.weights.set(weights);
    this.biases = biases;
    this.pathEnded = !found;
  }

  #restore() {
    this.mask.fill(1);
    this.weights.set(this.data.weights);
    this.biases = this.data.biases;
    this.pathEnded = false;
  }

  /** Passage avant ; rend les sorties, classe par classe.
   * @param {Values} inputs pixel par pixel, puis exemple par exemple
   * @param {number} count nombre d'exemples
   */
  forward(inputs, count) {
    const { layers } = this.data;
    const outputs = this.#outputsFor(count);
    let entries = inputs;
    layers.forEach((layer, rank) => {
      this.applyLayer(layer, entries, count, outputs[rank]);
      if (rank < layers.length - 1) rectify(outputs[rank]);
      entries = outputs[rank];
    });
    return entries;
  }

  /** @param {number} count */
  #outputsFor(count) {
    const known = this.#outputs.get(count);
    if (known) return known;
    const made = this.data.layers.map(({ outputs }) => new Float64Array(outputs * count));
    this.#outputs.set(count, made);
    return made;
  }

  /** @param {Layer} layer @param {Values} entries @param {number} count @param {Float64Array} results */
  applyLayer(layer, entries, count, results, from = 0, end = count) {
    applyLinear(this, layer, entries, count, results, from, end);
  }

  /** Exactitude, entropie croisée moyenne et prédictions sur les images de test.
   * @returns {Evaluation}
   */
  evaluate() {
    const { inputs, labels, imageCount: count, classCount } = this.data;
    const outputs = this.forward(inputs, count);
    const predictions = new Uint8Array(count);
    let [correct, loss] = [0, 0];
    for (let image = 0; image < count; image++) {
      let best = 0;
      for (let c = 1; c < classCount; c++)
        if (outputs[c * count + image] > outputs[best * count + image]) best = c;
      // L'exponentielle du plus grand est 1 : rien ne déborde.
      const top = outputs[best * count + image];
      let total = 0;
      for (let c = 0; c < classCount; c++) total += Math.exp(outputs[c * count + image] - top);
      loss += Math.log(total) + top - outputs[labels[image] * count + image];
      predictions[image] = best;
      if (best === labels[image]) correct++;
    }
    return { accuracy: correct / count, loss: loss / count, predictions };
  }
}

/** ReLU, sur place. @param {Float64Array} values */
function rectify(values) {
  for (let i = 0; i < values.length; i++) if (values[i] < 0) values[i] = 0;
}
