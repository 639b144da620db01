/* Les gradients d'un poids s'annulent dans les lots ; combien, le mélange en décide. */

import { readBytes, readFloats } from "../../../explorer/js/data/base64.js";
import { button, div, html, setHue, setText } from "../../../explorer/js/display/dom.js";
import { number, percent } from "../../../explorer/js/formatting.js";
import barsSheet from "../bars.css";
import { Bars } from "../bars.js";
import { Choice, rankSlider } from "../controls.js";
import { Picture } from "../picture.js";
import { lotsOf, meanOf } from "./lots.js";
import { Strip } from "./strip.js";
import sheet from "./cancellation.css";

/** Ce qu'écrit cancellation.py. @typedef {object} CancellationData
 * @property {string[]} names des poids
 * @property {number[]} weights leurs valeurs absolues
 * @property {string[]} gradients un par exemple, en base64
 * @property {string[]} orders les mélanges, en base64
 * @property {number[]} sizes tailles des lots
 * @property {number} start rang de celle du départ
 * @property {string} colour
 */

const MILLION = 1e6; // les saillances se lisent en millionièmes

export class Cancellation extends Picture {
  #weight = 0;
  #shuffle = 0;

  /** @param {CancellationData} data */
  constructor(data) {
    super(barsSheet + sheet);
    this.data = data;
    this.rank = data.start;
    this.gradients = data.gradients.map(readFloats);
    this.orders = data.orders.map((order) => new Uint16Array(readBytes(order).buffer));
    this.choice = new Choice("Poids", data.names, (rank) => {
      this.#weight = rank;
      this.changed();
    });
    this.slider = rankSlider("Taille des lots", data.sizes, (rank) => {
      this.rank = rank;
      this.changed();
    });
    const shuffle = button("Remélanger", () => {
      this.#shuffle = (this.#shuffle + 1) % data.orders.length;
      this.changed();
    });
    this.strip = new Strip();
    this.bars = new Bars(["Saillance par lots", "Saillance par exemple"]);
    const legend = html(
      "p",
      { class: "legend" },
      html("i", { class: "parts" }), "ce que le lot ajoute et retranche, ", html("i", { class: "net" }), `ce qu’il en reste. Sur la barre, trait fin\u00a0: étendue des ${number(data.orders.length)} mélanges.`,
    );
    const drawn = div("drawn hue", this.strip.root, legend);
    setHue(drawn, data.colour);
    const controls = [this.choice, this.slider].map(({ root }) => root);
    this.layOut(
      "Gradients qui s’annulent",
      div("columns", drawn, div("told", controls, div("options", shuffle), this.bars.root, this.note)),
    );
  }

  /** À ces réglages : les lots de chaque mélange, les saillances, et ce qui s'en dit. */
  #read() {
    const [gradients, weight] = [this.gradients[this.#weight], this.data.weights[this.#weight]];
    const size = this.data.sizes[this.rank];
    const shuffled = this.orders.map((order) => lotsOf(gradients, order, size));
    const scores = shuffled.map((lots) => weight * meanOf(lots));
    const whole = (weight * gradients.reduce((total, one) => total + Math.abs(one), 0)) / gradients.length;
    const [low, high, score] = [Math.min(...scores), Math.max(...scores), scores[this.#shuffle]];
    const text =
      `Lots de ${number(size)}, mélange ${this.#shuffle + 1} sur ${scores.length}\u00a0: ${percent(score / whole, 0)} de la ` +
      `saillance par exemple. Selon le mélange, de ${told(low)} à ${told(high)} millionièmes.`;
    return { shuffled, score, whole, low, high, text };
  }

  /** @override */
  draw() {
    const { shuffled, score, whole, low, high, text } = this.#read();
    const most = Math.max(...shuffled.flat().map(({ up, down }) => Math.max(up, -down)));
    this.choice.show(this.#weight);
    this.slider.show(this.rank, number(this.data.sizes[this.rank]));
    this.strip.show(shuffled[this.#shuffle], most);
    const full = Math.max(whole, high);
    this.bars.show([
      { value: score / full, text: told(score), low: low / full, high: high / full },
      { value: whole / full, text: told(whole) },
    ]);
    setText(this.note, text);
    this.strip.root.setAttribute("aria-label", `Gradients positifs et négatifs de chaque lot. ${text}`);
  }

  /** @override */
  spoken() {
    return this.#read().text;
  }
}

/** @param {number} score */
const told = (score) => number(MILLION * score, 1);
