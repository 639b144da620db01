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

  /** Les lots de chaque mélange, à ces réglages. */
  #shuffled() {
    return this.orders.map((order) => lotsOf(this.gradients[this.#weight], order, this.data.sizes[this.rank]));
  }

  /** @param {import("./lots.js").Lot[][]} shuffled */
  #scores(shuffled) {
    const scores = shuffled.map((lots) => this.data.weights[this.#weight] * meanOf(lots));
    const gradients = this.gradients[this.#weight];
    const whole = gradients.reduce((total, one) => total + Math.abs(one), 0) / gradients.length;
    return { scores, whole: this.data.weights[this.#weight] * whole, low: Math.min(...scores), high: Math.max(...scores) };
  }

  /** @override */
  draw() {
    const shuffled = this.#shuffled();
    const { scores, whole, low, high } = this.#scores(shuffled);
    const most = Math.max(...shuffled.flat().map(({ up, down }) => Math.max(up, -down)));
    this.choice.show(this.#weight);
    this.slider.show(this.rank, number(this.data.sizes[this.rank]));
    this.strip.show(shuffled[this.#shuffle], most);
    const full = Math.max(whole, high);
    const score = scores[this.#shuffle];
    this.bars.show([
      { value: score / full, text: told(score), low: low / full, high: high / full },
      { value: whole / full, text: told(whole) },
    ]);
    setText(this.note, this.spoken());
    this.strip.root.setAttribute("aria-label", `Gradients positifs et négatifs de chaque lot. ${this.spoken()}`);
  }

  /** @override */
  spoken() {
    const { scores, whole, low, high } = this.#scores(this.#shuffled());
    const among = `${this.#shuffle + 1} sur ${scores.length}`;
    return (
      `Lots de ${number(this.data.sizes[this.rank])}, mélange ${among}\u00a0: ${percent(scores[this.#shuffle] / whole, 0)} de la ` +
      `saillance par exemple. Selon le mélange, de ${told(low)} à ${told(high)} millionièmes.`
    );
  }
}

/** @param {number} score */
const told = (score) => number(MILLION * score, 1);
