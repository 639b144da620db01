/* L'explorateur entier : à chaque geste, le réseau est élagué, évalué et redessiné. */

import { percent, remaining, sparsityText } from "../formatting.js";
import { createNetwork } from "../network/create.js";
import { addressOf } from "../share/address.js";
import { pictureOf } from "../share/picture.js";
import { Sharing } from "../share/sharing.js";
import { Background } from "./background.js";
import body from "./body.css";
import { MethodChoice, Options, SparsitySlider } from "./controls.js";
import { Curve } from "./curve.js";
import { div, html, setHue, setText } from "./dom.js";
import frame from "./frame.css";
import { Headline } from "./headline.js";
import { Pad } from "./pad.js";
import { pickSamples } from "./samples.js";
import { readSettings, writeSettings } from "./settings.js";
import { followTheme } from "./theme.js";
import { View } from "./view.js";
import { announcement, describe, reachedText, sourceLines } from "./wording.js";

/** @import { Bridge, Data, Look, Method, State } from "../types" */
/** @import { Result } from "./view.js" */

/** @typedef {State & { other: string }} Settings ce que règle le lecteur, méthode comparée comprise */
/** @typedef {Result & { key: string, look: Look }} Current une méthode montrée, et ses mesures */

const REST = 250; // millisecondes sans geste
const TRACED = Array.from({ length: 101 }, (_, rank) => rank / 100);
const NARROW = 660; // pixels : body.css passe alors à une colonne

export class Explorer {
  #frame = 0;
  #rest = 0;
  #background = new Background();
  #announces = false; // pas avant le premier geste
  /** @type {Current[]} */
  #current = [];

  /**
   * @param {Data} data
   * @param {State} state
   * @param {Bridge} [bridge] le noyau de Jupyter, s'il y en a un
   * @param {number} [rank] dans la page publiée, 1 pour le premier
   */
  constructor(data, state, bridge, rank) {
    this.data = data;
    this.bridge = bridge;
    /** @type {Settings} */
    this.settings = { ...state, other: "" };
    this.methods = new Map(data.methods.map((method) => [method.key, method]));
    this.whole = createNetwork(data);
    this.spare = createNetwork(data); // pour les calculs de fond
    this.sampleImages = pickSamples(data);

    const change = this.change.bind(this);
    this.headline = new Headline(data.weightCount);
    this.slider = new SparsitySlider(change);
    this.choice = new MethodChoice(data.methods, change);
    this.options = new Options(data.methods, change, () => this.#traceAll());
    this.note = html("p", { class: "note" });
    this.status = html("p", { class: "sr", role: "status" });
    this.curve = new Curve(data.dense ?? this.spare.evaluate().accuracy);
    this.views = [new View(data, this.sampleImages)];
    this.pad = new Pad(data, change);
    this.sharing = new Sharing({
      address: rank ? () => addressOf(rank, writeSettings(this.settings)) : null,
      picture: () => this.#picture(),
      name: () => `explorateur-${this.settings.method}-${writeSettings(this.settings).sparsite}`,
    });
    this.root = this.#layOut();
  }

  #layOut() {
    const attributes = {
      ...{ class: "px", role: "group", "aria-label": "Explorateur d'élagage" },
      // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
      onkeydown: (/** @type {Event} */ event) => event.stopPropagation(),
    };
    return html(
      "div",
      attributes,
      div("stick", this.headline.root, this.slider.root),
      this.choice.root,
      this.note,
      this.options.root,
      div("body", this.curve.root, this.views[0].root, this.pad.root),
      this.sharing.root,
      this.status,
    );
  }

  /** Prend place dans l'élément ; rend de quoi s'arrêter. @param {HTMLElement} host */
  attach(host) {
    host.attachShadow({ mode: "open" }).append(html("style", {}, frame, body), this.root);
    const stopTheme = followTheme(this.root);
    const sizes = new ResizeObserver(() => this.change());
    sizes.observe(this.root);
    this.bridge?.listen((state) => this.change(state));
    this.#draw();
    return () => {
      stopTheme();
      sizes.disconnect();
      clearTimeout(this.#rest);
      this.#background.stop();
    };
  }

  /** Change des réglages ; l'affichage suit à l'image suivante. @param {Partial<Settings>} [update] */
  change(update) {
    Object.assign(this.settings, update);
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Se remet tel que l'adresse le demande. @param {URLSearchParams} asked */
  reopen(asked) {
    this.change(readSettings(asked, this.methods));
  }

  /** Ce que l'on voit, en clair, même dans une page sombre : une image se colle dans un rapport. */
  async #picture() {
    const title = (/** @type {string} */ text, /** @type {number} */ rank) =>
      this.#current.length > 1 ? `${text} : ${this.#current[rank].look.label}` : text;
    const figures = this.#current.flatMap((_, rank) => [
      { title: title("Ce que voit la première couche", rank), drawing: this.views[rank].firstLayer.canvas },
      { title: title("Valeurs des poids : avant, en gris ; restants, en couleur", rank), drawing: this.views[rank].histogram.svg },
    ]);
    const dark = this.root.classList.contains("dark");
    this.root.classList.remove("dark");
    this.root.classList.add("paper");
    const drawing = pictureOf({
      lines: [
        ...this.#current.map((one) => announcement([one])),
        ...(this.settings.scope === "layerwise" ? ["Même sparsité dans chaque couche."] : []),
      ],
      figures: [{ title: "Exactitude selon la sparsité", drawing: this.curve.svg }, ...figures],
      source: sourceLines(),
    });
    this.root.classList.remove("paper");
    this.root.classList.toggle("dark", dark);
    return drawing;
  }

  #draw() {
    this.#frame = 0;
    const { sparsity, method, other } = this.settings;
    const shown = other ? [method, other] : [method];
    this.#layColumns(shown.length > 1);
    this.#current = shown.map((key, rank) => this.#update(key, this.views[rank]));
    const [first] = this.#current;
    setHue(this.root, first.look.colour);
    this.headline.show(this.#current, sparsity);
    this.slider.show(sparsity, `${sparsityText(first.reached)} élagués, ${remaining(first.kept)}`);
    this.options.show(this.settings);
    this.choice.show(method, (key) => this.#lookOf(key));
    setText(this.note, describe(this.#method(method), first));
    this.curve.draw(this.#current);
    const whole = { label: "sans élagage", colour: "var(--ink)", network: this.whole };
    this.pad.answer([whole, ...this.#current.map(({ look, network }) => ({ ...look, network }))]);
    this.#background.stop();
    clearTimeout(this.#rest);
    this.#rest = window.setTimeout(() => this.#settle(), REST);
    this.bridge?.set({ ...this.settings, ...first });
  }

  /** Une colonne par méthode montrée. @param {boolean} two */
  #layColumns(two) {
    this.root.classList.toggle("two", two);
    if (two) this.views[1] ??= new View(this.data, this.sampleImages);
    const [view, second] = this.views;
    if (!second || two === second.root.isConnected) return;
    const [score, secondScore] = this.headline.scores;
    if (two) {
      score.root.after(secondScore.root);
      view.root.after(second.root);
    } else {
      secondScore.root.remove();
      second.root.remove();
    }
  }

  /** @param {string} key @param {View} view @returns {Current} */
  #update(key, view) {
    const { sparsity, scope } = this.settings;
    const [method, look] = [this.#method(key), this.#lookOf(key)];
    const result = view.update({ method, look, sparsity, scope, columns: this.#columns() });
    this.#record(key, result.reached, result.accuracy);
    return { key, look, ...result };
  }

  /** Neurones par rang, dans l'image de la première couche. */
  #columns() {
    if (this.settings.other && this.root.clientWidth < NARROW) return 8;
    return this.data.sizes[0] < 256 ? 16 : 12;
  }

  /** @param {string} key */
  #method(key) {
    return /** @type {Method} */ (this.methods.get(key)); // Python a vérifié qu'elle existe
  }

  /** @param {string} key @returns {Look} */
  #lookOf(key) {
    const layerwise = key === "magnitude" && this.settings.scope === "layerwise";
    return layerwise ? this.data.layerwise : this.#method(key);
  }

  /** Ajoute un point à la courbe : une par méthode et, hors trajet, par portée.
   * @param {string} key @param {number} reached @param {number} accuracy
   */
  #record(key, reached, accuracy) {
    const layerwise = !this.#method(key).path && this.settings.scope === "layerwise";
    this.curve.add(layerwise ? `${key}/` : key, this.#lookOf(key), reached, accuracy);
  }

  /** Évalue en réserve ; rend l'exactitude, comme on la lit. @param {Method} method @param {number} sparsity */
  #visit(method, sparsity) {
    const reached = this.spare.prune(method, sparsity, this.settings.scope);
    const { accuracy } = this.spare.evaluate();
    this.#record(method.key, reached, accuracy);
    return percent(accuracy) + reachedText(this.spare, reached);
  }

  /** Au repos : les autres méthodes à la même sparsité, puis l'annonce. */
  #settle() {
    const tasks = this.choice.chips.map(({ key, accuracy }) => () => {
      setText(accuracy, this.#visit(this.#method(key), this.settings.sparsity));
    });
    this.#background.run(tasks, () => {
      this.curve.draw(this.#current);
      if (this.#announces) setText(this.status, announcement(this.#current));
      this.#announces = true;
    });
  }

  #traceAll() {
    clearTimeout(this.#rest);
    const visits = this.data.methods.flatMap((method) =>
      TRACED.map((sparsity) => () => void this.#visit(method, sparsity)),
    );
    this.#background.run(visits, () => this.#settle());
  }
}
