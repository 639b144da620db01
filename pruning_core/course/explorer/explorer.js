/* L'explorateur : un vrai réseau élagué et réévalué dans la page, à chaque geste.
 * Un fichier sans dépendance ni compilation, pour deux portes : script classique de la page publiée,
 * où il définit <pruning-explorer>, et module de Jupyter, que Python complète par jupyter.js.
 * Les données (decode), puis le calcul (Net), puis l'affichage (mount). */
(() => {
"use strict";

// ---- nombres à la française

const number = (value, digits = 0) => {
  const [whole, decimals] = Math.abs(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  const text = decimals ? `${grouped},${decimals}` : grouped;
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
};
const percent = (value, digits = 1) => `${number(100 * value, digits)}\u00a0%`;
const sparsityText = (s) => percent(s, Math.round(1000 * s) % 10 ? 1 : 0);
const sum = (values) => values.reduce((a, b) => a + b, 0);
const remaining = (n) => `${number(n)} poids restant${n < 2 ? "" : "s"}`;

// ---- données

const bytes = (packed) =>
  typeof packed === "string" ? Uint8Array.from(atob(packed), (byte) => byte.charCodeAt(0)) : packed;
const float32 = (packed) => new Float32Array(bytes(packed).buffer);

/** Relit les entiers écrits par integers.py : cinq bits par lettre, la dernière d'un entier est de A à f. */
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const integers = (text) => text.match(/[^A-Za-f]*[A-Za-f]/g).map((letters) => {
  const value = [...letters].reduceRight((high, letter) => 32 * high + (LETTERS.indexOf(letter) & 31), 0);
  return (value >>> 1) ^ -(value & 1);
});

/** Les réseaux compensés, chacun à partir du précédent (compensated.py). */
function unfold({ step, count, stays, moves }, weights, biases) {
  const [stay, move] = [integers(stays), integers(moves)];
  const cells = Float64Array.from([...weights, ...biases], (value) => Math.floor(value / step + 0.5));
  let at = 0;
  return Array.from({ length: count }, (_, t) => {
    const mask = Uint8Array.from(stay, (steps) => steps > t);
    cells.forEach((cell, i) => (cells[i] = mask[i] === 0 ? 0 : cell + move[at++]));
    const values = cells.map((cell) => cell * step);
    return { mask, kept: sum(mask), weights: values.slice(0, mask.length), biases: values.slice(mask.length) };
  });
}

/** Déplie les données écrites par Python (packing.py) en tableaux typés. */
function decode(raw) {
  let [n, biasAt] = [0, 0];
  const layers = raw.sizes.slice(1).map((nOut, l) => {
    const nIn = raw.sizes[l];
    const layer = { nIn, nOut, at: n, size: nIn * nOut, biasAt };
    n += nIn * nOut;
    biasAt += nOut;
    return layer;
  });
  const images = raw.pixels === "float32" ? float32(raw.images)
    : typeof raw.images === "string" ? Uint8Array.from(integers(raw.images)) : raw.images;
  const labels = bytes(raw.labels);
  const count = labels.length;
  const nIn = raw.sizes[0];
  // Pixel par pixel plutôt qu'image par image : la boucle intérieure court sur les images.
  const inputs = new Float64Array(nIn * count);
  for (let i = 0; i < count; i++)
    for (let p = 0; p < nIn; p++) inputs[p * count + i] = images[i * nIn + p] / raw.scale;
  const [weights, biases] = [float32(raw.weights), float32(raw.biases)];
  const methods = raw.methods.map((method) => ({
    // Sans ordre : celui des valeurs absolues. Le tri est stable : à égalité, le plus petit rang d'abord.
    rank: () => Uint32Array.from(weights.keys()).sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b])),
    ...method,
    order: method.order && new (n > 65536 ? Uint32Array : Uint16Array)(bytes(method.order).buffer),
    path: method.path?.moves ? unfold(method.path, weights, biases) : method.path,
  }));
  const top = weights.reduce((most, w) => Math.max(most, Math.abs(w)), 0);
  return { Net, ...raw, layers, n, count, images, labels, inputs, methods, weights, biases, top,
    classes: raw.sizes.at(-1), side: Math.sqrt(nIn) };
}

// ---- calcul

/** ⌊s·n + 1/2⌋, exact sur le décimal qu'on lit (0,29 de 100 donne 29), comme masks.count_pruned. */
const countPruned = (n, s) => {
  const [, whole, decimals = "", exponent = "0"] = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(s));
  const scale = 10n ** BigInt(decimals.length - exponent);
  return Number((2n * BigInt(n) * BigInt(whole + decimals) + scale) / (2n * scale));
};

/** Un réseau élagué : ses poids, son masque, ses activations. Les données sont partagées. */
class Net {
  constructor(data) {
    this.data = data;
    this.weights = Float64Array.from(data.weights);
    this.mask = new Uint8Array(data.n).fill(1);
    this.biases = data.biases;
    this.buffers = {};
    this.rows = new Int32Array(Math.max(...data.sizes) + 8);
    this.held = new Float64Array(this.rows.length);
  }

  /** Élague à la sparsité s ; rend la sparsité obtenue (celle du trajet pour OBS). */
  prune(method, s, scope) {
    if (method.path) this.#follow(method, s);
    else this.#cut(method, s, scope);
    const { layers, n } = this.data;
    this.kept = layers.map(({ at, size }) => {
      let kept = 0;
      for (let i = at; i < at + size; i++) kept += this.mask[i];
      return kept;
    });
    this.total = sum(this.kept);
    return 1 - this.total / n;
  }

  #cut(method, s, scope) {
    const { data, mask, weights } = this;
    const order = (method.order ??= method.rank());
    mask.fill(1);
    // L'ordre d'une couche est l'ordre global, restreint à elle.
    const groups = scope !== "layerwise" ? [order]
      : (method.layered ??= data.layers.map(({ at, size }) => order.filter((i) => i >= at && i < at + size)));
    for (const indices of groups) {
      const k = countPruned(indices.length, s);
      for (let i = 0; i < k; i++) mask[indices[i]] = 0;
    }
    for (let i = 0; i < data.n; i++) weights[i] = mask[i] ? data.weights[i] : 0;
    this.biases = data.biases;
    this.ended = false;
  }

  // Le premier réseau précalculé qui en coupe au moins autant ; à défaut, le dernier.
  #follow(method, s) {
    const { data, mask, weights } = this;
    const wanted = data.n - countPruned(data.n, s);
    if (wanted === data.n) return this.#cut({ order: [] }, 0);
    const { path } = method;
    const found = path.find(({ kept }) => kept <= wanted);
    const step = found ?? path.at(-1);
    this.ended = !found;
    mask.set(step.mask);
    weights.set(step.weights);
    this.biases = step.biases;
  }

  /** Passage avant ; rend les sorties, classe par classe, pour les `count` entrées. */
  forward(inputs, count) {
    const { layers } = this.data;
    const outputs = (this.buffers[count] ??= layers.map(({ nOut }) => new Float64Array(nOut * count)));
    let a = inputs;
    layers.forEach((layer, l) => {
      const out = outputs[l];
      this.apply(layer, a, count, out);
      if (l < layers.length - 1) for (let e = 0; e < out.length; e++) if (out[e] < 0) out[e] = 0;
      a = out;
    });
    return a;
  }

  // Huit poids par tour, complétés par des zéros : moins d'allers-retours avec la mémoire.
  apply({ nIn, nOut, at, biasAt }, a, count, out, from = 0, end = count) {
    const { weights, biases, rows, held } = this;
    for (let j = 0; j < nOut; j++) {
      let m = 0;
      for (let i = 0; i < nIn; i++) {
        const w = weights[at + j * nIn + i];
        if (w === 0) continue;
        rows[m] = i * count;
        held[m++] = w;
      }
      rows.fill(0, m, m + 8);
      held.fill(0, m, m + 8);
      const to = j * count;
      out.fill(biases[biasAt + j], to + from, to + end);
      for (let q = 0; q < m; q += 8) {
        const r0 = rows[q], r1 = rows[q + 1], r2 = rows[q + 2], r3 = rows[q + 3];
        const r4 = rows[q + 4], r5 = rows[q + 5], r6 = rows[q + 6], r7 = rows[q + 7];
        const w0 = held[q], w1 = held[q + 1], w2 = held[q + 2], w3 = held[q + 3];
        const w4 = held[q + 4], w5 = held[q + 5], w6 = held[q + 6], w7 = held[q + 7];
        for (let e = from; e < end; e++)
          out[to + e] += w0 * a[r0 + e] + w1 * a[r1 + e] + w2 * a[r2 + e] + w3 * a[r3 + e]
            + w4 * a[r4 + e] + w5 * a[r5 + e] + w6 * a[r6 + e] + w7 * a[r7 + e];
      }
    }
  }

  /** Exactitude, entropie croisée moyenne et prédictions sur les images de test. */
  evaluate() {
    const { inputs, labels, count, classes } = this.data;
    const out = this.forward(inputs, count);
    const predictions = new Uint8Array(count);
    let [correct, loss] = [0, 0];
    for (let e = 0; e < count; e++) {
      let best = 0;
      for (let c = 1; c < classes; c++) if (out[c * count + e] > out[best * count + e]) best = c;
      const top = out[best * count + e];
      let total = 0;
      for (let c = 0; c < classes; c++) total += Math.exp(out[c * count + e] - top);
      loss += Math.log(total) + top - out[labels[e] * count + e];
      predictions[e] = best;
      if (best === labels[e]) correct++;
    }
    return { accuracy: correct / count, loss: loss / count, correct, predictions };
  }

  /** Neurones par lesquels passe encore un chemin de l'entrée à la sortie, par couche. */
  alive() {
    const { mask, data: { layers } } = this;
    const reach = layers.map(({ nOut }) => new Uint8Array(nOut));
    layers.forEach(({ nIn, nOut, at }, l) => {
      for (let j = 0; j < nOut; j++)
        for (let i = 0; i < nIn; i++)
          if (mask[at + j * nIn + i] && (l === 0 || reach[l - 1][i])) { reach[l][j] = 1; break; }
    });
    for (let l = layers.length - 1; l > 0; l--) {
      const { nIn, at } = layers[l];
      reach[l - 1] = reach[l - 1].map((unit, i) => unit && reach[l].some((next, j) => next && mask[at + j * nIn + i]));
    }
    return reach.map(sum);
  }

  /** Ce que les poids coupés pesaient dans la somme des |w|, et de combien les gardés ont bougé. */
  balance() {
    const { mask, weights, data } = this;
    let [move, kept, all] = [0, 0, 0];
    for (let i = 0; i < data.n; i++) {
      const size = Math.abs(data.weights[i]);
      all += size;
      if (!mask[i]) continue;
      move += Math.abs(weights[i] - data.weights[i]);
      kept += size;
    }
    return { cut: 1 - kept / all, moved: kept ? move / kept : 0 };
  }

  /** Octets des poids (valeurs sur 32 bits) : dense, CSR (indices sur 32 bits), bitmap. */
  storage() {
    const { layers, n } = this.data;
    const rows = sum(layers.map(({ nOut }) => nOut + 1));
    return { dense: 4 * n, csr: 8 * this.total + 4 * rows, bitmap: 4 * this.total + Math.ceil(n / 8) };
  }
}

// ---- affichage

const maker = (create) => (tag, attributes, ...children) => {
  const node = create(tag);
  for (const [key, value] of Object.entries(attributes ?? {}))
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (value != null) node.setAttribute(key, value);
  node.append(...children.flat(2));
  return node;
};
const h = maker((tag) => document.createElement(tag));
const svg = maker((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
const div = (name, ...children) => h("div", { class: name }, ...children);
const span = (...children) => h("span", {}, ...children);
const figure = (name, title, detail, ...content) =>
  h("figure", { class: name }, h("figcaption", {}, h("b", {}, title), " ", detail), content);
const paintDigit = (canvas, side, valueAt) => {
  const image = new ImageData(side, side);
  for (let p = 0; p < side * side; p++) image.data[4 * p + 3] = 255 * valueAt(p);
  canvas.getContext("2d").putImageData(image, 0, 0);
};
const HIDDEN = { "aria-hidden": "true" };
const button = (text, onclick) => h("button", { type: "button", onclick }, text);
const setHue = (node, hue) => {
  if (node.style.getPropertyValue("--hue") !== hue) node.style.setProperty("--hue", hue);
};
const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

const STYLE = `
:host{display:block;container-type:inline-size;
 --ink:var(--pst-color-text-base,var(--jp-ui-font-color1,#1f2328));
 --soft:var(--pst-color-text-muted,var(--jp-ui-font-color2,#57606a));
 --line:var(--pst-color-border,var(--jp-border-color2,#d0d7de));
 --paper:var(--pst-color-background,var(--jp-layout-color0,#fff));
 --alert:#b3261e}
*{box-sizing:border-box}
.px{font:400 15px/1.45 var(--pst-font-family-base,var(--jp-ui-font-family,system-ui,sans-serif));
 color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:4px 16px 16px;
 font-variant-numeric:tabular-nums;--faint:color-mix(in srgb,var(--ink) 12%,transparent);--c:var(--hue)}
.dark{--alert:#ff8a80}
.dark,.dark .hue{--lift:35%}
.hue,.px{--c:color-mix(in oklab,var(--hue),#fff var(--lift,0%))}
p,figure,fieldset{margin:0;padding:0;border:0;min-width:0;contain:layout}
.top{display:grid;grid:auto/1fr 1fr 1.2fr;gap:4px 16px}
.two .top{grid:auto/repeat(4,1fr)}
.stat b{font-size:1.75em;line-height:1.15;font-weight:650}
.stat span{color:var(--soft);font-size:.82em;line-height:1.3}
.stat *{display:block}
.stat.hue b,.answers b{color:var(--c)}
.stick{position:sticky;top:var(--pst-header-article-height,0);z-index:1;background:var(--paper);padding-top:14px}
[type=range]{appearance:none;outline:0!important;display:block;width:100%;height:40px;margin:4px 0 0;background:linear-gradient(90deg,var(--c) var(--p),var(--line) 0) 0/100% 8px no-repeat;cursor:pointer;touch-action:pan-y}
${["-webkit-slider-thumb", "-moz-range-thumb"].map((thumb) => `
[type=range]::${thumb}{appearance:none;box-sizing:border-box;width:26px;height:26px;border-radius:50%;background:var(--paper);border:4px solid var(--c)}
[type=range]:focus-visible::${thumb}{outline:3px solid;outline-offset:2px}`).join("")}
:focus-visible,.chip:has(:focus-visible){outline:3px solid var(--c);outline-offset:2px;border-radius:6px}
.ticks,.axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.75em}
.axis{border-top:1px solid var(--line)}
.ticks{margin:-8px 0 10px;padding:0 13px}
.ticks span{width:0;display:flex;justify-content:center}
.methods{display:grid;grid:auto/repeat(auto-fit,minmax(92px,1fr));gap:6px;font-size:.93em}
legend,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.chip{position:relative;display:grid;grid:auto/auto 1fr;column-gap:7px;align-content:center;border:1px solid var(--line);border-radius:8px;padding:6px 7px 5px;line-height:1.2}
.chip input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.chip:has(:checked){border-color:var(--c);box-shadow:inset 0 0 0 1px var(--c)}
.chip i{width:10px;height:10px;margin-top:.28em;border-radius:50%;background:var(--c)}
.chip small{grid-column:2;color:var(--soft)}
.options{display:flex;flex-wrap:wrap;gap:6px 20px;align-items:center;margin:8px 0 16px;font-size:.9em;color:var(--soft)}
.options label{display:flex;align-items:center;gap:6px;min-height:32px}
.options :is(select,button){font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:4px 8px;min-height:32px}
.options input{accent-color:var(--c);width:17px;height:17px;margin:0}
.note{margin:10px 0 0;font-size:.93em;min-height:7.25em}
.body{display:grid;grid:auto/minmax(0,1fr);gap:18px 28px}
.view{display:contents}
figcaption,.tile,.row{font-size:.85em}
figcaption{line-height:1.3;margin-bottom:6px;color:var(--soft)}
figcaption b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;overflow:visible}
svg text{font-size:11px;fill:var(--soft)}
canvas{display:block;width:100%}
.sharp,.tile canvas{image-rendering:pixelated}
.strip{display:grid;grid:auto/repeat(10,1fr);gap:4px}
.tile{text-align:center;line-height:1.35;border-radius:4px}
.tile canvas{background:var(--faint);border-radius:4px}
.tile.wrong canvas{background:#fff}
.tile.wrong{color:#fff;background:#b3261e;font-weight:700;box-shadow:0 0 0 2px #b3261e}
.row{display:grid;grid:auto/1fr auto;gap:0 8px;margin-bottom:8px}
.bar{grid-column:1/-1;height:9px;border-radius:5px;background:var(--faint);overflow:hidden}
.bar u{display:block;height:100%;background:var(--c)}
.row>span+span{color:var(--soft);text-align:right}
.row.bad>span+span{color:var(--alert);font-weight:600}
.all{fill:var(--faint)}
.keep{fill:var(--c)}
.curve path{fill:none;stroke:var(--c);stroke-linecap:round}
.now{fill:var(--c);stroke:var(--paper);stroke-width:2}
.curve text.hue{fill:var(--c);font-weight:650;font-size:13px;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
@container (min-width:660px){
 .px{padding:8px 24px 20px}
 .body{grid:auto/repeat(2,minmax(0,1fr))}
 .stat b{font-size:2.1em}
 .note{min-height:4.35em}
}
.two .body{grid:auto/repeat(2,minmax(0,1fr));gap:18px 20px}
.curve:has(~.view+.view),.pad{grid-column:1/-1}
.pad{display:grid;grid:auto/112px 72px 1fr;gap:4px 16px;align-items:start;margin:0}
.pad figcaption{grid-column:1/-1}
.buttons{grid-column:1/-1;display:flex;gap:8px}
.slate,.seen{border:1px solid var(--line);border-radius:6px}
.slate{touch-action:none;cursor:crosshair}
.dark :is(.tile canvas,.slate,.seen){filter:invert(1)}
.answers>div{display:grid;grid:auto/1fr auto;line-height:1.2;margin-bottom:6px}
.answers b{font-size:1.25em}
.odds{grid-column:1/-1;display:grid;grid:auto/repeat(10,1fr);gap:3px;font-size:.8em;text-align:center}
.odds i{font-style:normal;padding-top:22px;background:linear-gradient(0deg,var(--c) var(--p),var(--faint) 0) 0 0/100% 22px no-repeat}
.two .view{display:grid;grid-row:span 5;grid-template-rows:subgrid;gap:inherit}
@container (max-width:659px){
 .two .top{grid:auto/1fr 1fr}
 .two .strip{grid:auto/repeat(6,1fr)}
 .answers{grid-column:1/-1;grid-row:3}
 .buttons{grid-column:3;grid-row:2;flex-direction:column}
 .two .wide{display:none}
}
@media (forced-colors:active){
 [type=range]{appearance:auto;outline:revert!important}
 .bar *,.chip i,.keep,.odds i,.curve *{forced-color-adjust:none}
 .tile.wrong,.chip:has(:checked){outline:3px solid}
}
@media print{.options{display:none}.stick{position:static}}`;

// Étiquette et barre : ce qui reste d'une couche, ou la taille d'un stockage.
const bar = (label, detail = "") => {
  const [fill, value] = [h("u"), span()];
  const row = div("row", span(label, h("span", { class: "wide" }, detail)), value, div("bar", fill));
  return { row, show(share, text) {
    fill.style.width = `${100 * share}%`;
    setText(value, text);
  } };
};

/** Ce qu'une méthode fait du réseau, en images : une colonne, ou deux quand on compare. */
class View {
  constructor(data, samples) {
    Object.assign(this, { data, samples, net: new data.Net(data) });
    const { side } = data;
    // Compensés, les poids grandissent : l'axe leur laisse de la place.
    this.span = data.top * (data.methods.some(({ path }) => path) ? 2 : 1);
    this.full = this.#bin(data.weights);
    this.peak = Math.sqrt(Math.max(...this.full));
    [this.right, this.linked] = [span(), span()];
    this.tiles = samples.map((e) => {
      const canvas = h("canvas", { width: side, height: side });
      paintDigit(canvas, side, (p) => data.inputs[p * data.count + e]);
      return div("tile", canvas, span());
    });
    this.layers = data.layers.map(({ nIn, nOut }, l) => bar(`Couche ${l + 1}`, ` · ${nIn} → ${nOut}`));
    this.stores = ["Dense", "CSR", "Carte de bits"].map((name) => bar(name));
    this.canvas = h("canvas", { role: "img", "aria-label": "Poids gardés par chaque neurone de la première couche",
      class: side < 16 ? "sharp" : "" });
    this.keep = svg("path", { class: "keep" });
    this.root = h("section", { class: "view hue" },
      figure("images", "Ce que lit le réseau", this.right, h("div", { class: "strip", ...HIDDEN }, this.tiles)),
      figure("masks", "Ce que voit la première couche", this.linked, this.canvas),
      figure("hist", "Valeurs des poids", "avant, en gris ; restants, en couleur",
        svg("svg", { viewBox: "0 0 300 100", height: 96, preserveAspectRatio: "none", ...HIDDEN },
          svg("path", { class: "all", d: this.#steps(this.full) }), this.keep),
        div("axis", [-this.span, 0, this.span].map((value) => span(number(value, value ? 1 : 0))))),
      figure("layers", "Ce qui reste par couche", "", this.layers.map(({ row }) => row)),
      figure("store", "Stockage des poids", "", this.stores.map(({ row }) => row)));
  }

  #bin(weights, mask) {
    const counts = new Uint32Array(60);
    for (let i = 0; i < weights.length; i++) {
      if (mask && !mask[i]) continue;
      const bin = Math.floor((weights[i] / this.span + 1) * 30);
      counts[Math.min(59, Math.max(0, bin))]++;
    }
    return counts;
  }

  // Hauteur en racine du nombre : quelques poids restants se voient encore.
  #steps(counts) {
    const steps = Array.from(counts, (count, b) =>
      `V${(100 - (100 * Math.sqrt(count)) / this.peak).toFixed(1)}H${5 * (b + 1)}`);
    return `M0 100${steps.join("")}V100Z`;
  }

  #paintMasks(columns) {
    const { data, net, canvas } = this;
    const { side } = data;
    const cell = side + 1;
    const units = Math.min(data.sizes[1], side < 16 ? 128 : 60);
    const width = columns * cell - 1;
    if (canvas.width !== width) {
      const height = Math.ceil(units / columns) * cell - 1;
      Object.assign(canvas, { width, height });
      this.pixels = new ImageData(width, height);
      this.colours = new Uint32Array(this.pixels.data.buffer);
    }
    const strength = 185 / (0.6 * data.top);
    for (let j = 0, i = 0; j < units; j++) {
      const corner = Math.floor(j / columns) * cell * width + (j % columns) * cell;
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++, i++) {
          // Orange : poids positif ; bleu : négatif ; l'intensité suit |w| ; coupé : papier gris.
          const w = net.weights[i];
          this.colours[corner + y * width + x] = !net.mask[i] ? 0x1a808080
            : (Math.min(255, 70 + strength * Math.abs(w)) << 24) | (w > 0 ? 0x025fd9 : 0xbe6e1e);
        }
    }
    canvas.getContext("2d").putImageData(this.pixels, 0, 0);
  }

  #showImages(predictions) {
    const { samples, data, tiles } = this;
    let right = 0;
    samples.forEach((e, t) => {
      const good = predictions[e] === data.labels[e];
      right += good;
      setText(tiles[t].lastChild, String(predictions[e]));
      tiles[t].classList.toggle("wrong", !good);
    });
    setText(this.right, `${right} sur ${samples.length} bien lus`);
  }

  #showLayers(alive) {
    this.data.layers.forEach(({ size }, l) => {
      const { row, show } = this.layers[l];
      const kept = this.net.kept[l];
      const broken = alive[l] === 0;
      row.classList.toggle("bad", broken);
      show(kept / size, `${number(kept)} poids · ${broken ? "⚠ affaissée" : `−${percent(1 - kept / size)}`}`);
    });
  }

  #showStorage() {
    const sizes = Object.values(this.net.storage());
    sizes.forEach((size, i) => this.stores[i].show(size / Math.max(...sizes), `${number(size / 1000, 1)} ko`));
  }

  /** Élague, évalue et redessine ; rend les mesures. */
  update(method, colour, s, scope, columns) {
    const { data, net } = this;
    const reached = net.prune(method, s, scope);
    const result = net.evaluate();
    const alive = net.alive();
    setHue(this.root, colour);
    this.#showImages(result.predictions);
    setText(this.linked, `${alive[0]} neurones sur ${data.sizes[1]} encore reliés`);
    this.#paintMasks(columns);
    this.keep.setAttribute("d", this.#steps(this.#bin(net.weights, net.mask)));
    this.#showLayers(alive);
    this.#showStorage();
    return { ...result, reached, net, kept: net.total, collapsed: alive.at(-1) === 0 };
  }
}

/** La courbe exactitude-sparsité, un point par endroit visité et par méthode. */
class Curve {
  constructor(dense) {
    this.dense = dense;
    this.seen = {};
    this.svg = svg("svg", { role: "img", height: 190, "aria-label": "Exactitude en fonction de la sparsité" });
    this.root = figure("curve", "Exactitude", "selon la sparsité\u00a0: la courbe se trace quand vous bougez", this.svg);
    this.x = (s) => 34 + s * (this.width - 52);
    this.y = (a) => 20 + (1 - a) * 146;
  }

  add(key, look, s, accuracy) {
    (this.seen[key] ??= { look, points: new Map() }).points.set(s, accuracy);
  }

  draw(current) {
    const width = Math.max(240, this.svg.clientWidth || 320);
    if (width !== this.width) this.#axes(width);
    const { x, y } = this;
    const marks = [];
    for (const [key, { look, points }] of Object.entries(this.seen)) {
      const sorted = [...points].sort((a, b) => a[0] - b[0]);
      const alone = sorted.length < 2;
      const style = `--hue:${look.colour};opacity:${current.some((one) => one.key === key) ? 1 : 0.6};stroke-width:${alone ? 6 : 2}`;
      const d = sorted.map(([s, a], i) => `${i ? "L" : "M"}${x(s).toFixed(1)} ${y(a).toFixed(1)}`).join("") + (alone ? "h0" : "");
      marks.push(svg("path", { class: "hue", d, style, "stroke-dasharray": alone ? null : DASHES[look.dash] }));
    }
    for (const { look, reached, accuracy } of current) {
      const style = `--hue:${look.colour}`;
      const [cx, cy] = [x(reached), y(accuracy)];
      const left = cx > width - 70;
      marks.push(svg("circle", { class: "hue now", cx, cy, r: 6, style }),
        svg("text", { class: "hue", style, x: cx + (left ? -10 : 10), y: cy + (accuracy > 0.9 ? 16 : -6), "text-anchor": left ? "end" : "start" }, percent(accuracy)));
    }
    this.marks.replaceChildren(...marks);
  }

  #axes(width) {
    this.width = width;
    const { x, y } = this;
    const across = (at, colour) => ({ d: `M34 ${y(at)}H${width - 18}`, style: `stroke:var(--${colour});stroke-width:1` });
    this.marks = svg("g");
    this.svg.setAttribute("viewBox", `0 0 ${width} 190`);
    this.svg.replaceChildren(
      ...[0, 0.25, 0.5, 0.75, 1].flatMap((v) => [
        svg("path", across(v, "line")),
        svg("text", { x: 30, y: y(v) + 4, "text-anchor": "end" }, number(100 * v)),
        svg("text", { x: x(v), y: 182, "text-anchor": "middle" }, percent(v, 0))]),
      svg("path", { ...across(this.dense, "soft"), "stroke-dasharray": "2 3" }),
      svg("text", { x: width - 18, y: y(this.dense) - 7, "text-anchor": "end" }, `sans élagage : ${percent(this.dense)}`),
      this.marks);
  }
}
/** L'ardoise : le lecteur dessine, chaque réseau répond. */
class Pad {
  constructor(data, onchange) {
    Object.assign(this, { data, onchange, side: data.side, input: new Float64Array(data.sizes[0]), strokes: [] });
    this.canvas = h("canvas", { width: 280, height: 280, class: "slate", role: "img", "aria-label": "Ardoise où dessiner un chiffre",
      onpointerdown: (event) => {
        this.canvas.setPointerCapture(event.pointerId);
        this.strokes.push([]);
        this.#extend(event);
      },
      onpointermove: (event) => event.buttons && this.strokes.length && this.#extend(event) });
    this.seen = h("canvas", { width: this.side, height: this.side, class: "seen sharp", ...HIDDEN });
    this.answers = div("answers");
    let next = 0;
    this.root = figure("pad options", "Dessinez un chiffre", "au doigt ou à la souris ; à côté, ce que reçoivent les réseaux",
      this.canvas, this.seen, this.answers,
      div("buttons", button("Effacer", () => this.#show()), button("Image de test", () => this.#show(next++ % data.count))));
  }

  #extend({ clientX, clientY }) {
    const { left, top, width } = this.canvas.getBoundingClientRect();
    this.strokes.at(-1).push([((clientX - left) / width) * 280, ((clientY - top) / width) * 280]);
    this.#read();
  }

  // Une image du test, ou rien.
  #show(e) {
    this.strokes = [];
    for (let p = 0; p < this.input.length; p++) this.input[p] = e == null ? 0 : this.data.inputs[p * this.data.count + e];
    this.#trace(this.canvas, 22);
    this.#changed();
  }

  #trace(canvas, width, scale = 1, dx = 0, dy = 0) {
    const pen = canvas.getContext("2d");
    pen.clearRect(0, 0, canvas.width, canvas.width);
    Object.assign(pen, { lineWidth: width, lineCap: "round", lineJoin: "round" });
    for (const points of this.strokes) {
      pen.beginPath();
      for (const [x, y] of [points[0], ...points]) pen.lineTo(x * scale + dx, y * scale + dy);
      pen.stroke();
    }
    return pen;
  }

  // Comme les images d'origine : chiffre recadré et centré, puis moyenne par pixel.
  #read() {
    this.#trace(this.canvas, 22);
    const { side } = this;
    const fine = side < 16 ? 4 : 1;
    const size = side * fine;
    const [width, room] = side < 16 ? [5, size - 5] : [2.6, 17.5];
    const points = this.strokes.flat();
    const ends = [0, 1].map((axis) => points.map((point) => point[axis])).map((all) => [Math.min(...all), Math.max(...all)]);
    const scale = room / Math.max(60, ...ends.map(([low, high]) => high - low));
    const shift = ends.map(([low, high]) => (size - scale * (low + high)) / 2);
    const pen = this.#trace(h("canvas", { width: size, height: size }), width, scale, ...shift);
    const { data } = pen.getImageData(0, 0, size, size);
    this.input.fill(0);
    for (let i = 0; i < size * size; i++) {
      const pixel = Math.floor(i / size / fine) * side + Math.floor((i % size) / fine);
      this.input[pixel] += data[4 * i + 3] / 255 / fine ** 2;
    }
    this.#changed();
  }

  #changed() {
    paintDigit(this.seen, this.side, (p) => this.input[p]);
    this.onchange();
  }

  /** La réponse de chaque réseau : {label, colour, net}. */
  answer(networks) {
    const drawn = this.input.some(Boolean);
    const idle = !drawn && networks.map(({ label }) => label).join();
    if (idle && idle === this.idle) return;
    this.idle = idle;
    this.answers.replaceChildren(...networks.map(({ label, colour, net }) => {
      const out = net.forward(this.input, 1);
      const top = Math.max(...out);
      const odds = Array.from(out, (z) => (drawn ? Math.exp(z - top) : 0));
      const total = sum(odds) || 1;
      return h("div", { class: "hue", style: `--hue:${colour}` }, span(label), h("b", {}, drawn ? String(out.indexOf(top)) : "?"),
        h("div", { class: "odds", ...HIDDEN }, odds.map((odd, c) => h("i", { style: `--p:${(100 * odd) / total}%` }, String(c)))));
    }));
  }
}

const DASHES = { "-": null, "--": "7 4", ":": "2 4" };

// Trois images par classe, les premières.
const pickSamples = ({ labels, classes }) => {
  const ranks = Array.from({ length: classes }, (_, c) => [...labels.keys()].filter((e) => labels[e] === c));
  return [0, 1, 2].flatMap((turn) => ranks.flatMap((rank) => rank[turn] ?? []));
};

/** Monte l'explorateur dans `host`. `bridge` relie au noyau de Jupyter : {set, listen}. */
function mount(host, raw, bridge) {
  const data = decode(raw);
  const state = { ...raw.state, other: "" };
  const method = (key) => data.methods.find((one) => one.key === key);
  const layered = () => state.scope === "layerwise";
  const look = (key) => (key === "magnitude" && layered() ? data.layerwise : method(key));
  const curveKey = (key) => (!method(key).path && layered() ? `${key}/` : key);
  const record = (key, s, accuracy) => curve.add(curveKey(key), look(key), s, accuracy);
  const where = (net, reached) => (net.ended ? ` à ${sparsityText(reached)}` : "");

  // Pour les calculs de fond.
  const spare = new data.Net(data);
  const curve = new Curve(data.dense ?? spare.evaluate().accuracy);
  const samples = pickSamples(data);
  const views = [new View(data, samples)];
  const whole = new data.Net(data);
  const pad = new Pad(data, () => change());

  const [pruned, left, ...scores] = ["", "", "hue", "hue"].map((name) => {
    const [value, text] = [h("b"), span()];
    return { root: div(`stat ${name}`, value, text), value, text };
  });
  const slider = h("input", { type: "range", min: 0, max: 100, step: 0.5, "aria-label": "Sparsité",
    oninput: () => change({ sparsity: slider.value / 100 }) });
  const chips = data.methods.map((one) => {
    const input = h("input", { type: "radio", name: "method", value: one.key, onchange: () => change({ method: one.key }) });
    const [name, value] = [span(), h("small", {}, "\u00a0")];
    return { one, input, name, value, root: h("label", { class: "chip hue", style: `--hue:${one.colour}` }, input, h("i"), name, value) };
  });
  const layerwise = h("input", { type: "checkbox", onchange: () => change({ scope: layerwise.checked ? "layerwise" : "global" }) });
  const other = h("select", { onchange: () => change({ other: other.value }) },
    h("option", { value: "" }, "aucune"), data.methods.map((one) => h("option", { value: one.key }, one.label)));
  const note = h("p", { class: "note" });
  const status = h("p", { class: "sr", role: "status" });
  // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
  const onkeydown = (event) => event.stopPropagation();
  const root = h("div", { class: "px", role: "group", "aria-label": "Explorateur d'élagage", onkeydown },
    div("stick",
      div("top", pruned.root, left.root, scores[0].root), slider,
      h("div", { class: "ticks", ...HIDDEN }, [0, 25, 50, 75, 100].map((v) => span(percent(v / 100, 0))))),
    h("fieldset", { class: "methods" }, h("legend", {}, "Méthode"), chips.map((chip) => chip.root)),
    note,
    div("options",
      h("label", {}, layerwise, "même sparsité dans chaque couche"),
      h("label", {}, "comparer à", other), button("Tracer toutes les courbes", traceAll)),
    div("body", curve.root, views[0].root, pad.root), status);
  host.attachShadow({ mode: "open" }).append(h("style", {}, STYLE), root);

  let [frame, settle, work, announce, current] = [0, 0, 0, false, []];
  function change(update) {
    Object.assign(state, update);
    frame ||= requestAnimationFrame(draw);
  }

  function draw() {
    frame = 0;
    const { sparsity: s, scope } = state;
    const shown = [state.method, state.other].filter(Boolean);
    const two = shown.length === 2;
    root.classList.toggle("two", two);
    if (two) views[1] ??= new View(data, samples);
    if (views[1] && two !== views[1].root.isConnected)
      for (const [first, second] of [scores, views]) two ? first.root.after(second.root) : second.root.remove();
    const columns = two && root.clientWidth < 660 ? 8 : data.sizes[0] < 256 ? 16 : 12;
    current = shown.map((key, v) => {
      const { label, colour } = look(key);
      const result = views[v].update(method(key), colour, s, scope, columns);
      const { reached, accuracy } = result;
      record(key, reached, accuracy);
      const box = scores[v];
      setHue(box.root, colour);
      setText(box.value, percent(accuracy));
      setText(box.text, two ? label + where(result.net, reached) : `d'exactitude · perte ${number(result.loss, 2)}`);
      return { key, look: look(key), ...result };
    });
    const [result] = current;
    setHue(root, look(state.method).colour);
    const got = sparsityText(result.reached);
    setText(pruned.value, got);
    setText(pruned.text, got === sparsityText(s) ? "élagués" : `élagués au lieu de ${sparsityText(s)}`);
    setText(left.value, number(result.kept));
    setText(left.text, `poids restants sur ${number(data.n)}`);
    slider.value = 100 * s;
    slider.style.setProperty("--p", `${100 * s}%`);
    slider.setAttribute("aria-valuetext", `${got} élagués, ${remaining(result.kept)}`);
    layerwise.checked = layered();
    for (const { one, input, name, root: chip } of chips) {
      input.checked = one.key === state.method;
      setText(name, look(one.key).label);
      setHue(chip, look(one.key).colour);
    }
    setText(note, describe(method(state.method), result));
    curve.draw(current);
    pad.answer([{ label: "sans élagage", colour: "var(--ink)", net: whole },
      ...current.map(({ look: { label, colour }, net }) => ({ label, colour, net }))]);
    clearTimeout(work);
    clearTimeout(settle);
    settle = setTimeout(settled, 250);
    bridge?.set({ ...state, ...result });
  }

  function describe(one, result) {
    let text = one.note;
    const { net, reached, collapsed } = result;
    const { cut, moved } = net.balance();
    if (cut) text += one.path
      ? ` Ici, les poids restants changent de ${percent(moved, 0)} en moyenne (réseaux calculés d'avance).`
      : ` Ceux qui partent portent ensemble ${percent(cut, 0)} de la somme des |w|\u00a0: rien ne les remplace.`;
    if (net.ended) text += ` ⚠ Rien au-delà\u00a0: comparez les méthodes${where(net, reached)}.`;
    if (collapsed) text += " ⚠ Plus aucun chemin de l'entrée à la sortie\u00a0: le réseau répond toujours pareil.";
    return text;
  }

  function visit(one, s) {
    const reached = spare.prune(one, s, state.scope);
    const { accuracy } = spare.evaluate();
    record(one.key, reached, accuracy);
    return percent(accuracy) + where(spare, reached);
  }

  // Par petits paquets, pour que la page reste vive.
  function inPieces(todo, done) {
    clearTimeout(work);
    const end = performance.now() + 12;
    do todo.shift()?.(); while (todo.length && performance.now() < end);
    if (todo.length) work = setTimeout(inPieces, 0, todo, done);
    else done();
  }
  // Au repos : les autres méthodes à la même sparsité, puis l'annonce.
  function settled() {
    inPieces(chips.map(({ one, value }) => () => setText(value, visit(one, state.sparsity))), () => {
      curve.draw(current);
      if (announce) setText(status, current.map(({ look: { label }, accuracy, kept, reached }) =>
        `${label}, ${sparsityText(reached)} élagués : ${percent(accuracy)} d'exactitude, ${remaining(kept)}.`).join(" "));
      announce = true;
    });
  }
  function traceAll() {
    clearTimeout(settle);
    inPieces(data.methods.flatMap((one) => Array.from({ length: 101 }, (_, i) => () => visit(one, i / 100))), settled);
  }

  // Le fond de la page dit si l'on est en sombre, où qu'on soit.
  const shade = () => {
    const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g) ?? [];
    root.classList.toggle("dark", 0.3 * r + 0.6 * g + 0.1 * b < 110);
  };
  const themes = new MutationObserver(shade);
  for (const node of [document.documentElement, document.body]) themes.observe(node, { attributes: true });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.onchange = shade;
  const sizes = new ResizeObserver(() => change());
  sizes.observe(root);
  shade();
  bridge?.listen(change);
  draw();
  return () => {
    themes.disconnect();
    sizes.disconnect();
    scheme.onchange = null;
    clearTimeout(settle);
    clearTimeout(work);
  };
}

// ---- la page publiée

// Les gros réseaux arrivent par un script à part, chargé au besoin (même par file://).
const sources = {};
const home = globalThis.document?.currentScript?.src;
async function complete(raw) {
  const { source, state } = raw;
  if (!source) return raw;
  if (!sources[source]) await new Promise((onload, onerror) =>
    document.head.append(Object.assign(h("script"), { src: new URL(`${source}.js`, home), onload, onerror })));
  return { ...(await sources[source]()), state };
}

if (globalThis.customElements && !customElements.get("pruning-explorer")) {
  const define = () => customElements.define("pruning-explorer", class extends HTMLElement {
    connectedCallback() {
      const raw = JSON.parse(this.querySelector("script").textContent);
      const start = () => this.shadowRoot || complete(raw).then((full) => this.shadowRoot || mount(this, full), () =>
        (this.querySelector(".pruning-static").style.cssText = "display:block;height:auto"));
      // Près de l'écran, ou au repos.
      new IntersectionObserver(([{ isIntersecting }]) => isIntersecting && start(), { rootMargin: "800px" }).observe(this);
      if (!raw.source) (globalThis.requestIdleCallback ?? setTimeout)(start);
    }
  });
  // Inclus sans « defer », le script attend que les données de la page soient là.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
  else define();
}

globalThis.PruningExplorer = { decode, Net, countPruned, number, percent, mount, complete, sources };
})();
