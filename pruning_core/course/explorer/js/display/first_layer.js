/* Les poids de la première couche, un neurone par case, à la place des pixels qu'ils lisent. */

import { figure, html, setText, span } from "./dom.js";
import { contextOf } from "./pixels.js";

/** @import { Data } from "../types" */
/** @import { Network } from "../network/network.js" */

// Des pixels « ABGR » : l'ordre des octets en mémoire est rouge, vert, bleu, opacité.
const CUT = 0x1a808080; // papier gris
const POSITIVE = 0x025fd9; // orange
const NEGATIVE = 0xbe6e1e; // bleu
const [FAINTEST, OPAQUE] = [70, 255];
const OPAQUE_AT = 0.6; // part du plus grand |w|
const SMALL_SIDE = 16; // au-dessous, les images se montrent pixel par pixel
const [MOST_SMALL, MOST_BIG] = [128, 60]; // neurones montrés

export class FirstLayer {
  /** @param {Data} data */
  constructor(data) {
    const small = data.side < SMALL_SIDE;
    this.data = data;
    this.shown = Math.min(data.sizes[1], small ? MOST_SMALL : MOST_BIG);
    this.connected = span();
    this.canvas = html("canvas", {
      role: "img",
      "aria-label": "Poids gardés par chaque neurone de la première couche",
      class: small ? "sharp" : "",
    });
    this.image = new ImageData(1, 1);
    this.root = figure("masks", "Ce que voit la première couche", this.connected, this.canvas);
  }

  /**
   * @param {Network} network
   * @param {number} connected neurones encore reliés
   * @param {number} columns
   */
  show(network, connected, columns) {
    setText(this.connected, `${connected} neurones sur ${this.data.sizes[1]} encore reliés`);
    this.#resize(columns);
    this.#paint(network, columns);
  }

  /** @param {number} columns */
  #resize(columns) {
    const cell = this.data.side + 1;
    const width = columns * cell - 1;
    if (this.image.width === width) return;
    const height = Math.ceil(this.shown / columns) * cell - 1;
    Object.assign(this.canvas, { width, height });
    this.image = new ImageData(width, height);
  }

  /** @param {Network} network @param {number} columns */
  #paint({ weights, mask }, columns) {
    const { side, largestWeight } = this.data;
    const { width } = this.image;
    const colours = new Uint32Array(this.image.data.buffer);
    const strength = (OPAQUE - FAINTEST) / (OPAQUE_AT * largestWeight);
    for (let neuron = 0, i = 0; neuron < this.shown; neuron++) {
      const corner = (Math.floor(neuron / columns) * width + (neuron % columns)) * (side + 1);
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++, i++) {
          const opacity = Math.min(OPAQUE, FAINTEST + strength * Math.abs(weights[i]));
          const colour = (opacity << 24) | (weights[i] > 0 ? POSITIVE : NEGATIVE);
          colours[corner + y * width + x] = mask[i] ? colour : CUT;
        }
    }
    contextOf(this.canvas).putImageData(this.image, 0, 0);
  }
}
