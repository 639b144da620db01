/* L'ardoise : le lecteur dessine, chaque réseau répond. */

import { sum } from "../arrays.js";
import { DECORATIVE, button, div, figure, html, span } from "./dom.js";
import { paintDigit } from "./pixels.js";
import { SLATE_PEN, SLATE_SIDE, drawStrokes, rasterize } from "./strokes.js";

/** @import { Data, Values } from "../types" */
/** @import { Stroke } from "./strokes.js" */

/** Un réseau qui répond. @typedef {object} Respondent
 * @property {string} label
 * @property {string} colour
 * @property {{ forward(inputs: Values, count: number): Values }} network
 */

/** Probabilité de chaque classe, en pour cent. @param {Values} outputs */
export function chances(outputs) {
  const top = Math.max(...outputs);
  const odds = Array.from(outputs, (output) => Math.exp(output - top));
  const total = sum(odds);
  return odds.map((odd) => (100 * odd) / total);
}

export class Pad {
  /** @type {Stroke[]} */
  #strokes = [];
  #nextImage = 0;
  /** Ceux qui attendent déjà, devant une ardoise vide. */
  #waiting = "";

  /** @param {Data} data @param {() => void} onchange */
  constructor(data, onchange) {
    this.data = data;
    this.onchange = onchange;
    this.input = new Float64Array(data.sizes[0]);
    this.slate = html("canvas", {
      ...{ width: SLATE_SIDE, height: SLATE_SIDE, class: "slate" },
      ...{ role: "img", "aria-label": "Ardoise où dessiner un chiffre" },
      onpointerdown: (event) => this.#begin(event),
      onpointermove: (event) => event.buttons && this.#strokes.length && this.#extend(event),
    });
    const { side } = data;
    this.seen = html("canvas", { width: side, height: side, class: "seen sharp", ...DECORATIVE });
    this.answers = div("answers");
    const buttons = div(
      "buttons",
      button("Effacer", () => this.#show(null)),
      button("Image de test", () => this.#show(this.#nextImage++ % data.imageCount)),
    );
    const detail = "au doigt ou à la souris ; à côté, ce que reçoivent les réseaux";
    const content = [this.slate, this.seen, this.answers, buttons];
    this.root = figure("pad options", "Dessinez un chiffre", detail, content);
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    this.slate.setPointerCapture(event.pointerId);
    this.#strokes.push([]);
    this.#extend(event);
  }

  /** @param {PointerEvent} event */
  #extend({ clientX, clientY }) {
    const { left, top, width } = this.slate.getBoundingClientRect();
    const scale = SLATE_SIDE / width;
    this.#strokes[this.#strokes.length - 1].push([(clientX - left) * scale, (clientY - top) * scale]);
    this.input = rasterize(this.#strokes, this.data.side);
    this.#changed();
  }

  /** Une image du test, ou rien. @param {number | null} image */
  #show(image) {
    const { inputs, imageCount } = this.data;
    this.#strokes = [];
    this.input = this.input.map((_, pixel) => (image === null ? 0 : inputs[pixel * imageCount + image]));
    this.#changed();
  }

  #changed() {
    drawStrokes(this.slate, this.#strokes, SLATE_PEN);
    paintDigit(this.seen, this.data.side, (pixel) => this.input[pixel]);
    this.onchange();
  }

  /** La réponse de chaque réseau. @param {Respondent[]} respondents */
  answer(respondents) {
    const drawn = this.input.some(Boolean);
    const waiting = drawn ? "" : respondents.map(({ label }) => label).join();
    if (waiting && waiting === this.#waiting) return;
    this.#waiting = waiting;
    this.answers.replaceChildren(...respondents.map((one) => this.#answerOf(one, drawn)));
  }

  /** @param {Respondent} respondent @param {boolean} drawn */
  #answerOf({ label, colour, network }, drawn) {
    const outputs = network.forward(this.input, 1);
    const answer = drawn ? String(outputs.indexOf(Math.max(...outputs))) : "?";
    const bars = chances(outputs).map((chance, digit) =>
      html("i", { style: `--p:${drawn ? chance : 0}%` }, String(digit)),
    );
    return html(
      "div",
      { class: "hue", style: `--hue:${colour}` },
      span(label),
      html("b", {}, answer),
      html("div", { class: "odds", ...DECORATIVE }, bars),
    );
  }
}
