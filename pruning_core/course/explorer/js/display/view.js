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

/** @typedef {Evaluation & { reached: number, network: Network, kept: number, collapsed: boolean }} Result
 * mesures, sparsité obtenue, poids gardés, et si plus aucun chemin ne mène à la sortie */

export class View {
  /** @param {Data} data @param {number[]} samples rangs des images montrées */
  constructor(data, samples) {
    this.network = createNetwork(data);
    this.samples = new Samples(data, samples);
    this.firstLayer = new FirstLayer(data);
    this.histogram = new Histogram(data);
    this.layers = new LayerBars(data);
    this.storage = new StorageBars();
    const figures = [this.samples, this.firstLayer, this.histogram, this.layers, this.storage];
    this.root = html("section", { class: "view hue" }, figures.map(({ root }) => root));
  }

  /** Élague, évalue et redessine.
   * @param {{ method: Method, look: Look, sparsity: number, scope: Scope, columns: number }} settings
   * @returns {Result}
   */
  update({ method, look, sparsity, scope, columns }) {
    const { network } = this;
    const reached = network.prune(method, sparsity, scope);
    const evaluation = network.evaluate();
    const connected = connectedNeurons(network);
    setHue(this.root, look.colour);
    this.samples.show(evaluation.predictions);
    this.firstLayer.show(network, connected[0], columns);
    this.histogram.show(network);
    this.layers.show(network, connected);
    this.storage.show(network);
    const collapsed = connected[connected.length - 1] === 0;
    return { ...evaluation, reached, network, kept: network.total, collapsed };
  }
}
