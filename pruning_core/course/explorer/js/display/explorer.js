/* L'explorateur entier : l'essentiel, et les options, la comparaison, l'ardoise, le partage. */

import { createNetwork } from "../network/create.js";
import { addressOf } from "../share/address.js";
import { pictureOf } from "../share/picture.js";
import { Sharing } from "../share/sharing.js";
import { BriefExplorer } from "./brief.js";
import { Options } from "./controls.js";
import { div, html, setText } from "./dom.js";
import { Pad } from "./pad.js";
import { OTHER_SCOPE, otherThan, writeSettings } from "./settings.js";
import { DetailedView } from "./view.js";
import { announcement, describe, sourceLines } from "./wording.js";

/** @import { Bridge, Data, State } from "../types" */

const TRACED = Array.from({ length: 101 }, (_, rank) => rank / 100);
const NARROW = 660; // pixels : body.css passe alors à une colonne

export class Explorer extends BriefExplorer {
  /**
   * @param {Data} data
   * @param {State} state
   * @param {Bridge} [bridge] le noyau de Jupyter, s'il y en a un
   * @param {number} [rank] dans la page publiée, 1 pour le premier
   */
  constructor(data, state, bridge, rank) {
    super(data, state, bridge);
    const change = this.change.bind(this);
    this.whole = createNetwork(data);
    this.options = new Options(data.methods, change, () => this.#traceAll());
    this.note = html("p", { class: "note" });
    this.pad = new Pad(data, change);
    this.sharing = new Sharing({
      address: rank ? () => addressOf(rank, writeSettings(this.settings)) : null,
      picture: () => this.#picture(),
      name: () => `explorateur-${this.settings.method}-${writeSettings(this.settings).sparsite}`,
    });
  }

  /** @override */
  makeView() {
    return new DetailedView(this.data, this.sampleImages);
  }

  /** @override */
  parts() {
    return [
      this.handle(),
      this.choice.root,
      this.note,
      this.options.root,
      div("body", this.curve.root, this.views[0].root, this.pad.root),
      this.sharing.root,
      this.status,
    ];
  }

  /** Ce que l'on voit, en clair, même dans une page sombre : une image se colle dans un rapport. */
  async #picture() {
    const title = (/** @type {string} */ text, /** @type {number} */ rank) =>
      this.current.length > 1 ? `${text} : ${this.current[rank].look.label}` : text;
    const views = /** @type {DetailedView[]} */ (this.views.slice(0, this.current.length));
    const figures = views.flatMap(({ firstLayer, histogram }, rank) => [
      { title: title("Ce que voit la première couche", rank), drawing: firstLayer.canvas },
      { title: title("Valeurs des poids : avant, en gris ; restants, en couleur", rank), drawing: histogram.svg },
    ]);
    const dark = this.root.classList.contains("dark");
    this.root.classList.remove("dark");
    this.root.classList.add("paper");
    const drawing = pictureOf({
      lines: this.current.map((one) => announcement([one])),
      figures: [{ title: "Exactitude selon la sparsité", drawing: this.curve.svg }, ...figures],
      source: sourceLines(),
    });
    this.root.classList.remove("paper");
    this.root.classList.toggle("dark", dark);
    return drawing;
  }

  /** @override */
  shown() {
    const [first] = super.shown();
    const { other } = this.settings;
    if (other === OTHER_SCOPE && !first.method.path) return [first, { ...first, scope: otherThan(first.scope) }];
    const second = this.methods.get(other);
    return second ? [first, { ...first, method: second }] : [first];
  }

  /** @override */
  draw() {
    this.#layColumns(this.shown().length > 1);
    super.draw();
    const [first] = this.current;
    this.options.show(this.settings, first.method);
    setText(this.note, describe(first));
    const whole = { label: "sans élagage", colour: "var(--ink)", network: this.whole };
    this.pad.answer([whole, ...this.current.map(({ look, network }) => ({ ...look, network }))]);
  }

  /** Une colonne par méthode montrée. @param {boolean} two */
  #layColumns(two) {
    this.root.classList.toggle("two", two);
    if (two) this.views[1] ??= this.makeView();
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

  /** @override */
  columns() {
    if (this.shown().length > 1 && this.root.clientWidth < NARROW) return 8;
    return super.columns();
  }

  #traceAll() {
    this.pause();
    const visits = this.data.methods.flatMap((method) =>
      TRACED.map((sparsity) => () => void this.visit(method, sparsity)),
    );
    this.background.run(visits, () => this.settle());
  }
}
