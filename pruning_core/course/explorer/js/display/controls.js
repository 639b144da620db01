/* Ce que le lecteur règle : sparsité, méthode, portée, comparaison. */

import { percent } from "../formatting.js";
import { DECORATIVE, button, div, html, setHue, setText, span } from "./dom.js";
import { OTHER_SCOPE } from "./settings.js";
import { rangeInput } from "./slider.js";

/** @import { Look, Method } from "../types" */
/** @import { Settings } from "./brief.js" */

/** Le curseur de sparsité et ses graduations. */
export class SparsitySlider {
  /**
   * @param {(update: { sparsity: number }) => void} change
   * @param {{ step?: number, marks?: number }} [scale] pas en pour cent, nombre d'intervalles gradués
   */
  constructor(change, { step = 0.5, marks = 4 } = {}) {
    const attributes = { min: 0, max: 100, step, "aria-label": "Sparsité" };
    this.input = rangeInput(attributes, (value) => change({ sparsity: value / 100 }));
    const shares = Array.from({ length: marks + 1 }, (_, rank) => rank / marks);
    const ticks = shares.map((share) => span(percent(share, 0)));
    this.root = [this.input, html("div", { class: "ticks", ...DECORATIVE }, ticks)];
  }

  /** @param {number} sparsity @param {string} spoken ce qu'en disent les lecteurs d'écran */
  show(sparsity, spoken) {
    this.input.value = String(100 * sparsity);
    this.input.style.setProperty("--p", `${100 * sparsity}%`);
    this.input.setAttribute("aria-valuetext", spoken);
  }
}

/** Le choix de la méthode : une case par méthode, son nom et son exactitude. */
export class MethodChoice {
  /** @param {Method[]} methods @param {(update: Partial<Settings>) => void} change */
  constructor(methods, change) {
    this.chips = methods.map(({ key, colour }) => {
      const onchange = () => change({ method: key });
      const input = html("input", { type: "radio", name: "method", value: key, onchange });
      const name = span();
      const accuracy = html("small", {}, "\u00a0"); // la place de l'exactitude
      const attributes = { class: "chip hue", style: `--hue:${colour}` };
      const root = html("label", attributes, input, html("i"), name, accuracy);
      return { key, input, name, accuracy, root };
    });
    const legend = html("legend", {}, "Méthode");
    const roots = this.chips.map(({ root }) => root);
    this.root = html("fieldset", { class: "methods" }, legend, roots);
  }

  /** @param {string} chosen @param {(key: string) => Look} lookOf */
  show(chosen, lookOf) {
    for (const { key, input, name, root } of this.chips) {
      input.checked = key === chosen;
      setText(name, lookOf(key).label);
      setHue(root, lookOf(key).colour);
    }
  }
}

/** Portée, comparaison, tracé. */
export class Options {
  /**
   * @param {Method[]} methods
   * @param {(update: Partial<Settings>) => void} change
   * @param {() => void} traceAll
   */
  constructor(methods, change, traceAll) {
    this.layerwise = html("input", {
      type: "checkbox",
      onchange: () => change({ scope: this.layerwise.checked ? "layerwise" : "global" }),
    });
    const others = methods.map(({ key, label }) => html("option", { value: key }, label));
    const none = html("option", { value: "" }, "aucune");
    this.otherScope = html("option", { value: OTHER_SCOPE });
    const onchange = () => change({ other: this.other.value });
    this.other = html("select", { onchange }, none, this.otherScope, others);
    this.root = div(
      "options",
      html("label", {}, this.layerwise, "même sparsité dans chaque couche"),
      html("label", {}, "comparer à", this.other),
      button("Tracer toutes les courbes", traceAll),
    );
  }

  /** @param {Settings} settings @param {Method} method celle du lecteur */
  show({ scope, other }, { label, path }) {
    this.layerwise.checked = scope === "layerwise";
    this.otherScope.hidden = this.otherScope.disabled = Boolean(path); // un trajet n'a qu'une portée
    setText(this.otherScope, scope === "global" ? `${label} par couche` : `${label}, toutes couches ensemble`);
    if (this.other.value !== other) this.other.value = other;
  }
}
