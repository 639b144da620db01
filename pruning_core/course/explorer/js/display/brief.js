/* L'explorateur réduit à l'essentiel : un curseur, ce que le réseau lit, la courbe. À chaque geste, le
 * réseau est élagué, évalué et redessiné. */

import { percent, remaining, sparsityText } from "../formatting.js";
import { createNetwork } from "../network/create.js";
import { Background } from "./background.js";
import body from "./body.css";
import { MethodChoice, SparsitySlider } from "./controls.js";
import { Curve } from "./curve.js";
import { div, html, setHue, setText } from "./dom.js";
import frame from "./frame.css";
import head from "./head.css";
import { Headline } from "./headline.js";
import { pickSamples } from "./samples.js";
import { readSettings } from "./settings.js";
import { followTheme } from "./theme.js";
import { View } from "./view.js";
import { announcement, reachedText } from "./wording.js";

/** @import { Bridge, Data, Look, Method, Scope, State } from "../types" */
/** @import { Result } from "./view.js" */

/** @typedef {State & { other: string }} Settings ce que règle le lecteur, méthode comparée comprise */
/** @typedef {{ method: Method, scope: Scope }} Shown une méthode montrée, et sur quoi elle choisit */
/** @typedef {Result & Shown & { key: string, look: Look, asked: number }} Current celle-ci, et ses mesures */

const REST = 250; // millisecondes sans geste

/** Le nom d'une courbe : une par méthode et, hors trajet, par portée. @param {Shown} shown */
const curveOf = ({ method, scope }) =>
  scope === "layerwise" && !method.path ? `${method.key}/` : method.key;

export class BriefExplorer {
  #frame = 0;
  #rest = 0;
  #announces = false; // pas avant le premier geste
  /** Ce que l'on voit. @type {Current[]} */
  current = [];
  background = new Background();

  /**
   * @param {Data} data
   * @param {State} state
   * @param {Bridge} [bridge] le noyau de Jupyter, s'il y en a un
   */
  constructor(data, state, bridge) {
    this.data = data;
    this.bridge = bridge;
    /** @type {Settings} */
    this.settings = { ...state, other: "" };
    this.methods = new Map(data.methods.map((method) => [method.key, method]));
    this.spare = createNetwork(data); // pour les calculs de fond
    this.sampleImages = pickSamples(data);

    const change = this.change.bind(this);
    this.headline = new Headline(data.weightCount);
    this.slider = new SparsitySlider(change);
    this.choice = new MethodChoice(data.methods, change);
    this.status = html("p", { class: "sr", role: "status" });
    this.curve = new Curve(data.dense ?? this.spare.evaluate().accuracy);
    this.views = [this.makeView()];
    this.root = html("div", {
      ...{ class: "px", role: "group", "aria-label": "Explorateur d'élagage" },
      // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
      onkeydown: (/** @type {Event} */ event) => event.stopPropagation(),
    });
  }

  makeView() {
    return new View(this.data, this.sampleImages);
  }

  /** Ce que montre l'explorateur, de haut en bas. @returns {Node[]} */
  parts() {
    return [this.handle(), div("body", this.views[0].root, this.curve.root), this.choice.root, this.status];
  }

  /** Les nombres et le curseur, qui restent en vue ensemble. */
  handle() {
    return div("stick", this.headline.root, this.slider.root);
  }

  /** Prend place dans l'élément ; rend de quoi s'arrêter. @param {HTMLElement} host */
  attach(host) {
    this.root.append(...this.parts());
    host.attachShadow({ mode: "open" }).append(html("style", {}, frame, head, body), this.root);
    const stopTheme = followTheme(this.root);
    const sizes = new ResizeObserver(() => this.change());
    sizes.observe(this.root);
    this.bridge?.listen((state) => this.change(state));
    this.draw();
    return () => {
      stopTheme();
      sizes.disconnect();
      clearTimeout(this.#rest);
      this.background.stop();
    };
  }

  /** Change des réglages ; l'affichage suit à l'image suivante. @param {Partial<Settings>} [update] */
  change(update) {
    Object.assign(this.settings, update);
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.draw());
  }

  /** Se remet tel que l'adresse le demande. @param {URLSearchParams} asked */
  reopen(asked) {
    this.change(readSettings(asked, this.methods));
  }

  /** Les méthodes montrées. @returns {Shown[]} */
  shown() {
    const { method, scope } = this.settings;
    return [{ method: this.method(method), scope }];
  }

  draw() {
    this.#frame = 0;
    const { sparsity, method, scope } = this.settings;
    this.current = this.shown().map((one, rank) => this.#update(one, this.views[rank]));
    const [first] = this.current;
    setHue(this.root, first.look.colour);
    this.headline.show(this.current);
    this.slider.show(sparsity, `${sparsityText(first.reached)} élagués, ${remaining(first.kept)}`);
    this.choice.show(method, (key) => this.lookOf({ method: this.method(key), scope }));
    this.curve.draw(this.current);
    this.pause();
    this.#rest = window.setTimeout(() => this.settle(), REST);
    this.bridge?.set({ ...first, ...this.settings });
  }

  /** Arrête ce qui se calculait au repos. */
  pause() {
    this.background.stop();
    clearTimeout(this.#rest);
  }

  /** @param {Shown} shown @param {View} view @returns {Current} */
  #update(shown, view) {
    const { sparsity } = this.settings;
    const look = this.lookOf(shown);
    const result = view.update({ ...shown, look, sparsity, columns: this.columns() });
    this.#record(shown, result.reached, result.accuracy);
    return { ...shown, key: curveOf(shown), look, asked: sparsity, ...result };
  }

  /** Neurones par rang, dans l'image de la première couche. @returns {number} */
  columns() {
    return this.data.sizes[0] < 256 ? 16 : 12;
  }

  /** @param {string} key */
  method(key) {
    return /** @type {Method} */ (this.methods.get(key)); // Python a vérifié qu'elle existe
  }

  /** @param {Shown} shown @returns {Look} */
  lookOf({ method, scope }) {
    if (scope === "global" || method.path) return method;
    if (method.key === "magnitude") return this.data.layerwise;
    return { ...method, label: `${method.label} par couche`, dash: method.dash === "--" ? ":" : "--" };
  }

  /** @param {Shown} shown @param {number} reached @param {number} accuracy */
  #record(shown, reached, accuracy) {
    this.curve.add(curveOf(shown), this.lookOf(shown), reached, accuracy);
  }

  /** Évalue en réserve ; rend l'exactitude, comme on la lit. @param {Method} method @param {number} sparsity */
  visit(method, sparsity) {
    const { scope } = this.settings;
    const reached = this.spare.prune(method, sparsity, scope);
    const { accuracy } = this.spare.evaluate();
    this.#record({ method, scope }, reached, accuracy);
    return percent(accuracy) + reachedText({ method, reached, asked: sparsity });
  }

  /** Au repos : les autres méthodes à la même sparsité, puis l'annonce. */
  settle() {
    const tasks = this.choice.chips.map(({ key, accuracy }) => () => {
      setText(accuracy, this.visit(this.method(key), this.settings.sparsity));
    });
    this.background.run(tasks, () => {
      this.curve.draw(this.current);
      if (this.#announces) setText(this.status, announcement(this.current));
      this.#announces = true;
    });
  }
}
