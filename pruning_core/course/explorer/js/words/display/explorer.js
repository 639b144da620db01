/* L'explorateur de mots : à chaque geste, deux réseaux élagués inventent les mêmes mots. */

import { Background } from "../../display/background.js";
import { SparsitySlider } from "../../display/controls.js";
import { div, html, setHue, setText, span } from "../../display/dom.js";
import frame from "../../display/frame.css";
import head from "../../display/head.css";
import { followTheme } from "../../display/theme.js";
import { sourceLines } from "../../display/wording.js";
import { addressOf } from "../../share/address.js";
import { pictureOf } from "../../share/picture.js";
import { Sharing } from "../../share/sharing.js";
import { MARK, invent, surprises } from "../inventing.js";
import { readState, writeState } from "../settings.js";
import { Reading } from "../transformer.js";
import { Column } from "./column.js";
import { DrawControls } from "./controls.js";
import { Gauge } from "./gauge.js";
import { Legend } from "./legend.js";
import { KEY, sheetOf } from "./sheet.js";
import { announcement, described, drawn, summary } from "./wording.js";
import words from "./words.css";

/** @import { Bridge } from "../../types" */
/** @import { Invention, WordData, WordMethod, WordState } from "../types" */

const COUNT = 10; // mots par méthode
const REST = 600; // millisecondes sans geste avant de dire ce qui est écrit

export class WordExplorer {
  #frame = 0;
  #rest = 0;
  #background = new Background();
  #announces = false; // pas avant le premier geste
  /** Ce qui attend que les mots soient écrits. @type {(() => void)[]} */
  #waiting = [];

  /**
   * @param {WordData} data
   * @param {WordState} state
   * @param {Bridge<WordState, WordState>} [bridge] le noyau de Jupyter, s'il y en a un
   * @param {number} [rank] dans la page publiée, 1 pour le premier
   */
  constructor(data, state, bridge, rank) {
    this.data = data;
    this.bridge = bridge;
    this.state = { ...state };
    this.judge = new Reading(data.dense, data.longest);
    const change = this.change.bind(this);
    this.pruned = html("b");
    this.slider = new SparsitySlider(change, { step: data.percents[1], marks: 5 });
    this.gauge = new Gauge(data.landmarks);
    this.columns = [
      new Column(data, "Première méthode", COUNT, (method) => change({ method })),
      new Column(data, "Seconde méthode", COUNT, (other) => change({ other })),
    ];
    this.draws = new DrawControls(data, change);
    this.notes = html("p", { class: "note" });
    this.sharing = new Sharing({
      address: rank ? () => addressOf(rank, writeState(this.#shownState())) : null,
      picture: () => this.#picture(),
      name: () => `mots-${this.state.method}-${this.state.other}-${this.#percent()}`,
    });
    this.status = html("p", { class: "sr", role: "status" });
    this.root = this.#layOut();
  }

  #layOut() {
    const attributes = {
      ...{ class: "px mots", role: "group", "aria-label": "Explorateur de mots" },
      // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
      onkeydown: (/** @type {Event} */ event) => event.stopPropagation(),
    };
    return html(
      "div",
      attributes,
      div(
        "stick",
        html("p", { class: "asked" }, this.pruned, span(" des poids retirés")),
        this.slider.root,
        div("columns", this.columns.map(({ choice }) => choice)),
      ),
      div("columns", this.columns.map(({ root }) => root)),
      new Legend().root,
      this.gauge.root,
      this.draws.root,
      this.notes,
      this.sharing.root,
      this.status,
    );
  }

  /** Prend place dans l'élément ; rend de quoi s'arrêter. @param {HTMLElement} host */
  attach(host) {
    host.attachShadow({ mode: "open" }).append(html("style", {}, frame, head, words), this.root);
    const stopTheme = followTheme(this.root);
    this.bridge?.listen((state) => this.change(state));
    this.#draw();
    return () => {
      stopTheme();
      clearTimeout(this.#rest);
      this.#background.stop();
    };
  }

  /** Change des réglages ; l'affichage suit à l'image suivante. @param {Partial<WordState>} update */
  change(update) {
    Object.assign(this.state, update);
    this.#announces = true;
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** Se remet tel que l'adresse le demande. @param {URLSearchParams} asked */
  reopen(asked) {
    this.change(readState(asked, this.data));
  }

  /** La sparsité proposée la plus proche : son rang. */
  #rank() {
    const asked = 100 * this.state.sparsity;
    const gaps = this.data.percents.map((percent) => Math.abs(percent - asked));
    return gaps.indexOf(Math.min(...gaps));
  }

  /** La sparsité montrée, en pour cent. */
  #percent() {
    return this.data.percents[this.#rank()];
  }

  #shownState() {
    return { ...this.state, sparsity: this.#percent() / 100 };
  }

  /** @returns {WordMethod[]} les deux montrées */
  #methods() {
    const { method, other } = this.state;
    const of = (/** @type {string} */ key) => this.data.methods.find((one) => one.key === key);
    return /** @type {WordMethod[]} */ ([of(method), of(other)]); // Python a vérifié qu'elles existent
  }

  #draw() {
    this.#frame = 0;
    const [rank, percent, methods] = [this.#rank(), this.#percent(), this.#methods()];
    setHue(this.root, methods[0].colour);
    setText(this.pruned, `${percent}\u00a0%`);
    this.slider.show(percent / 100, `${percent}\u00a0% des poids retirés`);
    this.gauge.show(methods, rank);
    this.draws.show(this.state);
    this.notes.replaceChildren(
      ...described(methods).flatMap(({ name, note }) => [html("b", {}, name), note]),
    );
    this.columns.forEach((column, place) => column.start(methods[place]));
    clearTimeout(this.#rest);
    this.#background.run(this.#tasks(methods, percent), () => this.#settle());
    this.bridge?.set(this.state);
  }

  /** Ce qu'il y a à calculer, en petites parts : les réseaux, puis chaque mot.
   * @param {WordMethod[]} methods
   * @param {number} percent
   */
  #tasks(methods, percent) {
    const networks = this.columns.map((column, place) => () => column.prune(methods[place], percent));
    const written = Array.from({ length: COUNT }, (_, number) =>
      this.columns.map((column) => () => column.write(this.#invent(column.reading, number))),
    );
    return [...networks, ...written.flat()];
  }

  /** Un mot, et la surprise du réseau dense à chacune de ses lettres, puis à sa fin s'il l'a choisie.
   * @param {Reading} reading
   * @param {number} number
   * @returns {Invention}
   */
  #invent(reading, number) {
    const { alphabet, longest, exists } = this.data;
    const prompt = [...this.state.prompt].map((letter) => alphabet.indexOf(letter));
    const letters = invent(reading, { seed: this.state.seed, number, prompt, longest });
    return {
      word: letters.map((letter) => alphabet[letter]).join(""),
      given: prompt.length,
      surprises: surprises(this.judge, letters.length < longest ? [...letters, MARK] : letters),
      exists: exists(letters),
    };
  }

  #settle() {
    if (this.#frame) return; // un réglage vient de changer : ces mots ne sont plus les siens
    for (const go of this.#waiting.splice(0)) go();
    if (!this.#announces) return;
    const [percent, shown] = [this.#percent(), this.#written()];
    this.#rest = window.setTimeout(() => setText(this.status, announcement(percent, shown)), REST);
  }

  /** Les deux méthodes, et ce que chacune a écrit. */
  #written() {
    return this.#methods().map((method, place) => ({
      method,
      bits: method.bits[this.#rank()],
      inventions: this.columns[place].inventions,
    }));
  }

  /** Ce que l'on voit, une fois tous les mots écrits. */
  async #picture() {
    const isWriting = this.#frame || this.columns.some(({ inventions }) => inventions.length < COUNT);
    if (isWriting) await new Promise((go) => this.#waiting.push(() => go(null)));
    const figures = this.#written().map((one) => ({
      title: summary(one),
      drawing: sheetOf(one.inventions, one.method.colour),
    }));
    return pictureOf({ lines: [drawn(this.#shownState())], figures, source: [...KEY, ...sourceLines()] });
  }
}
