/* Ce qu'une méthode fait du réseau, en figures : une colonne, ou deux quand on compare. */

import { createNetwork } from "../network/create.js";
import { connectedNeurons } from "../network/measures.js";
import { LayerBars, StorageBars } from "./bars.js";
import { html, setHue } from "./dom.js";
import { FirstLayer } from "./first_layer.js";
import { Histogram } from "./histogram.js";
import { Samples } from "./samples.js";

/** @import { Data, Evaluation, Look, Method, Scope } from "../types" */
/** @import { Network } from "../network/network.js" */

/** @typedef {{ method: Method, look: Look, sparsity: number, scope: Scope, columns: number }} Settings
 * `columns` : neurones par rang, dans l'image de la première couche */
/** @typedef {Evaluation & { reached: number, network: Network, kept: number, connected: number[], collapsed: boolean }} Result
 * mesures, sparsité obtenue, poids gardés, neurones reliés par couche, et si plus aucun chemin ne mène
 * à la sortie */

/** L'essentiel : ce que le réseau élagué lit. */
export class View {
  /** @param {Data} data @param {number[]} samples rangs des images montrées */
  constructor(data, samples) {
    this.network = createNetwork(data);
    this.samples = new Samples(data, samples);
    this.root = html("section", { class: "view hue" }, this.samples.root);
  }

  /** Élague, évalue et redessine.
   * @param {Settings} settings
   * @returns {Result}
   */
  update({ method, look, sparsity, scope }) {
    const { network } = this;
    const reached = network.prune(method, sparsity, scope);
    const evaluation = network.evaluate();
    const connected = connectedNeurons(network);
    setHue(this.root, look.colour);
    this.samples.show(evaluation.predictions);
    const collapsed = connected[connected.length - 1] === 0;
    return { ...evaluation, reached, network, kept: network.total, connected, collapsed };
  }
}

/** Toutes les figures. */
export class DetailedView extends View {
  /** @param {Data} data @param {number[]} samples */
  constructor(data, samples) {
    super(data, samples);
    this.firstLayer = new FirstLayer(data);
    this.histogram = new Histogram(data);
    this.layers = new LayerBars(data);
    this.storage = new StorageBars();
    const figures = [this.firstLayer, this.histogram, this.layers, this.storage];
    this.root.append(...figures.map(({ root }) => root));
  }

  /** @override @param {Settings} settings */
  update(settings) {
    const result = super.update(settings);
    const { network, connected } = result;
    this.firstLayer.show(network, connected[0], settings.columns);
    this.histogram.show(network);
    this.layers.show(network, connected);
    this.storage.show(network);
    return result;
  }
}
