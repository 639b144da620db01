/* L'explorateur d'élagage : un vrai réseau élagué et réévalué dans la page, à chaque geste.
 *
 * Un seul fichier, sans dépendance ni compilation, pour deux portes :
 * - la page publiée l'inclut comme script classique ; il y définit l'élément <pruning-explorer> ;
 * - Jupyter le charge comme module (anywidget) ; Python ajoute la ligne « export default ».
 * Il suit trois étapes : les données (decode), le calcul (Net), l'affichage (mount).
 */
(() => {
  "use strict";

  // ----------------------------------------------------------------- nombres à la française

  const number = (value, digits = 0) => {
    const [whole, decimals] = Math.abs(value).toFixed(digits).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
    const text = decimals ? `${grouped},${decimals}` : grouped;
    return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
  };
  const percent = (value, digits = 1) => `${number(100 * value, digits)}\u00a0%`;
  const sparsityText = (s) => percent(s, Math.abs(1000 * s - 10 * Math.round(100 * s)) < 1e-6 ? 0 : 1);
  // Espaces insécables devant la ponctuation double et dans les guillemets.
  const fr = (text) => text.replace(/ ([:;!?»])/g, "\u00a0$1").replace(/« /g, "«\u00a0");
  const plural = (n, one, many) => `${number(n)} ${n < 2 ? one : many}`;

  // ------------------------------------------------------------------------------ données

  const bytes = (base64) => {
    const text = atob(base64);
    const out = new Uint8Array(text.length);
    for (let i = 0; i < out.length; i++) out[i] = text.charCodeAt(i);
    return out;
  };
  const float32 = (base64) => new Float32Array(bytes(base64).buffer);

  /** Déplie les données écrites par Python (packing.py) en tableaux typés. */
  function decode(raw) {
    const layers = [];
    let at = 0;
    let biasAt = 0;
    raw.names.forEach((name, l) => {
      const [nIn, nOut] = [raw.sizes[l], raw.sizes[l + 1]];
      layers.push({ name, nIn, nOut, at, size: nIn * nOut, biasAt });
      at += nIn * nOut;
      biasAt += nOut;
    });
    const n = at;
    const images = raw.pixels === "float32" ? float32(raw.images) : bytes(raw.images);
    const labels = bytes(raw.labels);
    const count = labels.length;
    const nIn = raw.sizes[0];
    // Pixel par pixel plutôt qu'image par image : la boucle intérieure court sur les images.
    const inputs = new Float64Array(nIn * count);
    for (let i = 0; i < count; i++)
      for (let p = 0; p < nIn; p++) inputs[p * count + i] = images[i * nIn + p] / raw.scale;
    const methods = raw.methods.map((method) => ({
      ...method,
      order: method.order && new (n > 65536 ? Uint32Array : Uint16Array)(bytes(method.order).buffer),
      path: method.path?.map((step) => ({
        bits: bytes(step.mask),
        values: float32(step.values),
        biases: float32(step.biases),
      })),
    }));
    const weights = float32(raw.weights);
    let top = 0;
    for (const w of weights) top = Math.max(top, Math.abs(w));
    return { ...raw, layers, n, count, images, labels, inputs, methods, weights, top,
      biases: float32(raw.biases), classes: raw.sizes[raw.sizes.length - 1] };
  }

  // ------------------------------------------------------------------------------- calcul

  /** Nombre de poids à élaguer parmi n : ⌊s·n + 1/2⌋, exact sur le nombre décimal qu'on lit
   *  (0,29 de 100 donne 29), comme pruning_core.masks.count_pruned. */
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
      this.buffers = new Map();
      this.rows = new Int32Array(Math.max(...data.sizes));
      this.kept = data.layers.map((layer) => layer.size);
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
      this.total = this.kept.reduce((a, b) => a + b, 0);
      return 1 - this.total / n;
    }

    #cut(method, s, scope) {
      const { data, mask, weights } = this;
      const { order } = method;
      mask.fill(1);
      if (scope === "layerwise") {
        // L'ordre d'une couche est l'ordre global, restreint à elle.
        method.layered ??= data.layers.map(({ at, size }) => order.filter((i) => i >= at && i < at + size));
        for (const indices of method.layered) {
          const k = countPruned(indices.length, s);
          for (let i = 0; i < k; i++) mask[indices[i]] = 0;
        }
      } else {
        const k = countPruned(data.n, s);
        for (let i = 0; i < k; i++) mask[order[i]] = 0;
      }
      for (let i = 0; i < data.n; i++) weights[i] = mask[i] ? data.weights[i] : 0;
      this.biases = data.biases;
    }

    // Les réseaux compensés sont précalculés : on prend le premier qui en coupe au moins autant.
    #follow(method, s) {
      const { data, mask, weights } = this;
      const wanted = data.n - countPruned(data.n, s);
      if (wanted === data.n) {
        mask.fill(1);
        weights.set(data.weights);
        this.biases = data.biases;
        return;
      }
      const { path } = method;
      const step = path.find((one) => one.values.length <= wanted) ?? path[path.length - 1];
      let next = 0;
      for (let i = 0; i < data.n; i++) {
        mask[i] = (step.bits[i >> 3] >> (i & 7)) & 1;
        weights[i] = mask[i] ? step.values[next++] : 0;
      }
      this.biases = step.biases;
    }

    /** Passage avant ; rend les sorties, classe par classe, pour les `count` entrées. */
    forward(inputs, count) {
      const { layers } = this.data;
      if (!this.buffers.has(count))
        this.buffers.set(count, layers.map(({ nOut }) => new Float64Array(nOut * count)));
      const outputs = this.buffers.get(count);
      let a = inputs;
      layers.forEach((layer, l) => {
        this.#linear(layer, a, count, outputs[l], l < layers.length - 1);
        a = outputs[l];
      });
      return a;
    }

    #linear({ nIn, nOut, at, biasAt }, a, count, out, relu) {
      const { weights, rows, biases } = this;
      for (let j = 0; j < nOut; j++) {
        const from = at + j * nIn;
        const to = j * count;
        let m = 0;
        for (let i = 0; i < nIn; i++) if (weights[from + i] !== 0) rows[m++] = i;
        out.fill(biases[biasAt + j], to, to + count);
        let q = 0;
        // Quatre poids par tour : quatre fois moins d'allers-retours avec la mémoire.
        for (; q + 4 <= m; q += 4) {
          const [i0, i1, i2, i3] = [rows[q], rows[q + 1], rows[q + 2], rows[q + 3]];
          const [w0, w1, w2, w3] = [weights[from + i0], weights[from + i1], weights[from + i2], weights[from + i3]];
          const [a0, a1, a2, a3] = [i0 * count, i1 * count, i2 * count, i3 * count];
          for (let e = 0; e < count; e++)
            out[to + e] += w0 * a[a0 + e] + w1 * a[a1 + e] + w2 * a[a2 + e] + w3 * a[a3 + e];
        }
        for (; q < m; q++) {
          const w = weights[from + rows[q]];
          const a0 = rows[q] * count;
          for (let e = 0; e < count; e++) out[to + e] += w * a[a0 + e];
        }
        if (relu) for (let e = to; e < to + count; e++) if (out[e] < 0) out[e] = 0;
      }
    }

    /** Exactitude, perte (entropie croisée moyenne) et prédictions sur les images de test. */
    evaluate() {
      const { inputs, labels, count, classes } = this.data;
      const out = this.forward(inputs, count);
      const predictions = new Uint8Array(count);
      let correct = 0;
      let loss = 0;
      for (let e = 0; e < count; e++) {
        let best = 0;
        for (let c = 1; c < classes; c++) if (out[c * count + e] > out[best * count + e]) best = c;
        const top = out[best * count + e];
        let sum = 0;
        for (let c = 0; c < classes; c++) sum += Math.exp(out[c * count + e] - top);
        loss += Math.log(sum) + top - out[labels[e] * count + e];
        predictions[e] = best;
        if (best === labels[e]) correct++;
      }
      return { accuracy: correct / count, loss: loss / count, correct, predictions };
    }

    /** Neurones par lesquels passe encore un chemin de l'entrée à la sortie, par couche. */
    alive() {
      const { layers } = this.data;
      const reach = layers.map(({ nOut }) => new Uint8Array(nOut));
      layers.forEach(({ nIn, nOut, at }, l) => {
        for (let j = 0; j < nOut; j++)
          for (let i = 0; i < nIn; i++)
            if (this.mask[at + j * nIn + i] && (l === 0 || reach[l - 1][i])) { reach[l][j] = 1; break; }
      });
      for (let l = layers.length - 1; l > 0; l--) {
        const { nIn, nOut, at } = layers[l];
        for (let i = 0; i < nIn; i++) {
          let used = 0;
          for (let j = 0; j < nOut && !used; j++) used = reach[l][j] && this.mask[at + j * nIn + i];
          if (!used) reach[l - 1][i] = 0;
        }
      }
      return reach.map((units) => units.reduce((a, b) => a + b, 0));
    }

    /** Octets des poids (valeurs sur 32 bits) : dense, CSR (indices sur 32 bits), bitmap. */
    storage() {
      const { layers, n } = this.data;
      const rows = layers.reduce((sum, { nOut }) => sum + nOut + 1, 0);
      return { dense: 4 * n, csr: 8 * this.total + 4 * rows, bitmap: 4 * this.total + Math.ceil(n / 8) };
    }
  }

  // ------------------------------------------------------------------------------ affichage

  const SVG = "http://www.w3.org/2000/svg";
  const setAttributes = (node, attributes) => {
    for (const [key, value] of Object.entries(attributes))
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value === true) node.setAttribute(key, "");
      else if (value !== false && value != null) node.setAttribute(key, value);
    return node;
  };
  const h = (tag, attributes, ...children) => {
    const node = setAttributes(document.createElement(tag), attributes ?? {});
    node.append(...children.flat(2));
    return node;
  };
  const svg = (tag, attributes, ...children) => {
    const node = setAttributes(document.createElementNS(SVG, tag), attributes);
    node.append(...children.flat(2));
    return node;
  };
  const setText = (node, text) => {
    if (node.textContent !== text) node.textContent = text;
  };

  const STYLE = `
:host{display:block;container-type:inline-size;
 --ink:var(--pst-color-text-base,var(--jp-ui-font-color1,light-dark(#1f2328,#e6e6e6)));
 --soft:var(--pst-color-text-muted,var(--jp-ui-font-color2,light-dark(#57606a,#a9b1bb)));
 --line:var(--pst-color-border,var(--jp-border-color2,light-dark(#d0d7de,#3d444d)));
 --paper:var(--pst-color-background,var(--jp-layout-color0,light-dark(#fff,#14181e)));
 --alert:#b3261e}
*{box-sizing:border-box}
.px{font:400 15px/1.45 var(--pst-font-family-base,var(--jp-ui-font-family,system-ui,sans-serif));
 color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:16px;
 font-variant-numeric:tabular-nums;--c:var(--hue)}
.dark{--alert:#ff8a80}
.dark,.dark .hue{--lift:35%}
.hue,.px{--c:color-mix(in oklab,var(--hue),#fff var(--lift,0%))}
p,figure,fieldset{margin:0;padding:0;border:0;min-width:0}
.top{display:grid;grid-template-columns:1fr 1fr 1.2fr;gap:4px 16px}
.two .top{grid-template-columns:repeat(4,1fr)}
.stat b{display:block;font-size:1.75em;line-height:1.15;font-weight:650;letter-spacing:-.01em}
.stat span{color:var(--soft);font-size:.82em;line-height:1.3;display:block}
.stat.hue b{color:var(--c)}
.range{display:block;margin:6px 0 0}
input[type=range]{appearance:none;-webkit-appearance:none;display:block;width:100%;height:40px;margin:0;background:none;cursor:pointer;touch-action:pan-y}
input[type=range]::-webkit-slider-runnable-track{height:8px;border-radius:4px;background:linear-gradient(90deg,var(--c) var(--p),var(--line) var(--p))}
input[type=range]::-moz-range-track{height:8px;border-radius:4px;background:linear-gradient(90deg,var(--c) var(--p),var(--line) var(--p))}
input[type=range]::-webkit-slider-thumb{-webkit-appearance:none;width:26px;height:26px;margin-top:-9px;border-radius:50%;background:var(--paper);border:4px solid var(--c)}
input[type=range]::-moz-range-thumb{width:18px;height:18px;border-radius:50%;background:var(--paper);border:4px solid var(--c)}
:focus-visible{outline:3px solid var(--c);outline-offset:2px;border-radius:6px}
.ticks{display:flex;justify-content:space-between;color:var(--soft);font-size:.75em;margin:-8px 0 10px;padding:0 13px}
.ticks span{width:0;display:flex;justify-content:center;white-space:nowrap}
.methods{display:grid;grid-template-columns:repeat(auto-fit,minmax(98px,1fr));gap:6px}
legend,.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.chip{position:relative;display:grid;grid-template-columns:auto 1fr;column-gap:7px;align-content:center;border:1px solid var(--line);border-radius:8px;padding:6px 8px 5px;cursor:pointer;line-height:1.2}
.chip input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.chip:has(:checked){border-color:var(--c);box-shadow:inset 0 0 0 1px var(--c)}
.chip:has(:focus-visible){outline:3px solid var(--c);outline-offset:2px}
.chip i{width:10px;height:10px;margin-top:.28em;border-radius:50%;background:var(--c)}
.chip em{grid-column:2;font-style:normal;color:var(--soft);font-size:.85em}
.options{display:flex;flex-wrap:wrap;gap:6px 20px;align-items:center;margin:10px 0 0;font-size:.9em;color:var(--soft)}
.options label{display:inline-flex;align-items:center;gap:6px;min-height:32px;cursor:pointer}
.options select,.options button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:4px 8px;min-height:32px}
.options button{cursor:pointer}
.options input{accent-color:var(--c);width:17px;height:17px;margin:0}
.note{margin:10px 0 14px;font-size:.93em;min-height:2.9em}
.body{display:grid;grid-template-columns:minmax(0,1fr);gap:18px 28px}
.view{display:contents}
figcaption{font-size:.85em;line-height:1.3;margin-bottom:6px;color:var(--soft)}
figcaption b{color:var(--ink);font-weight:600}
svg{display:block;width:100%;overflow:visible}
svg text{font-size:11px;fill:var(--soft)}
canvas{display:block}
.masks canvas{width:100%;image-rendering:pixelated;border-radius:4px}
.strip{display:grid;grid-template-columns:repeat(10,1fr);gap:4px}
.tile{text-align:center;font-size:.85em;line-height:1.35;border-radius:4px}
.tile canvas{width:100%;image-rendering:pixelated;background:color-mix(in srgb,var(--ink) 6%,transparent);border-radius:4px}
.dark .tile canvas{filter:invert(1)}
.dark .tile.wrong canvas{background:#fff}
.tile.wrong canvas{background:var(--paper)}
.tile.wrong{color:#fff;background:#b3261e;font-weight:700;box-shadow:0 0 0 2px #b3261e}
.row{display:grid;grid-template-columns:1fr auto;gap:0 8px;font-size:.85em;margin-bottom:8px}
.row .bar{grid-column:1/-1;height:9px;border-radius:5px;background:color-mix(in srgb,var(--ink) 10%,transparent);overflow:hidden}
.row .bar u{display:block;height:100%;background:var(--c);transform-origin:0 0;border-radius:5px}
.row.best b{color:var(--c)}
.row span:last-of-type{color:var(--soft);text-align:right}
.row.bad span:last-of-type{color:var(--alert);font-weight:600}
.grid{stroke:var(--line)}
.all{fill:color-mix(in srgb,var(--ink) 15%,transparent)}
.keep{fill:var(--c)}
.curve path{fill:none;stroke:var(--c);stroke-width:2}
.curve circle{fill:var(--c)}
.curve .now{stroke:var(--paper);stroke-width:2}
.curve text.hue{fill:var(--c);font-weight:650;font-size:13px;paint-order:stroke;stroke:var(--paper);stroke-width:4px}
@container (min-width:660px){
 .px{padding:20px 24px}
 .body{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
 .stat b{font-size:2.1em}
}
.two .body{grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:18px 20px}
.two .curve{grid-column:1/-1}
.two .view{display:grid;gap:18px;align-content:start}
@container (max-width:659px){
 .two .top{grid-template-columns:1fr 1fr}
 .two .strip{grid-template-columns:repeat(5,1fr)}
}
@media (forced-colors:active){
 input[type=range]{appearance:auto;-webkit-appearance:auto}
 .row .bar,.chip i,.all,.keep,.curve *{forced-color-adjust:none}
 .row .bar{background:#8888}
 .tile.wrong{outline:3px solid}
 .chip:has(:checked){outline:3px solid Highlight}
}`;

  /** Ce qu'une méthode fait du réseau, en images : une colonne, ou deux quand on compare. */
  class View {
    constructor(data, samples) {
      this.data = data;
      this.net = new Net(data);
      this.samples = samples;
      this.side = Math.round(Math.sqrt(data.sizes[0]));
      const bars = (labels) => labels.map((label) => {
        const fill = h("u");
        const value = h("span");
        const row = h("div", { class: "row" }, h("span", {}, label), value, h("div", { class: "bar" }, fill));
        return { row, fill, value };
      });
      this.tiles = samples.map((e) => h("div", { class: "tile" }, this.#digit(e), h("span")));
      this.layers = bars(data.layers.map(({ nIn, nOut }, l) => `Couche ${l + 1} · ${nIn} → ${nOut}`));
      this.stores = bars(["Dense", "CSR", "Bitmap"]);
      this.caption = {};
      this.canvas = h("canvas", { role: "img" });
      this.hist = { all: svg("path", { class: "all" }), keep: svg("path", { class: "keep" }) };
      this.root = h("section", { class: "view hue" },
        this.#figure("images", h("div", { class: "strip", "aria-hidden": "true" }, this.tiles)),
        this.#figure("masks", this.canvas),
        this.#figure("hist", this.#histogram()),
        this.#figure("layers", this.layers.map(({ row }) => row)),
        this.#figure("store", this.stores.map(({ row }) => row)));
    }

    #figure(name, ...content) {
      this.caption[name] = h("span");
      return h("figure", { class: name }, h("figcaption", {}, this.caption[name]), content);
    }

    #digit(e) {
      const { side, data } = this;
      const canvas = h("canvas", { width: side, height: side });
      const image = new ImageData(side, side);
      for (let p = 0; p < side * side; p++)
        image.data[4 * p + 3] = 255 * data.inputs[p * data.count + e];
      canvas.getContext("2d").putImageData(image, 0, 0);
      return canvas;
    }

    #histogram() {
      this.bins = 60;
      this.full = this.#bin(this.data.weights);
      this.peak = Math.sqrt(Math.max(...this.full));
      const { top } = this.data;
      this.hist.all.setAttribute("d", this.#steps(this.full));
      return svg("svg", { viewBox: "0 0 300 118", "aria-hidden": "true" }, this.hist.all, this.hist.keep,
        svg("path", { class: "grid", d: "M0 100.5H300" }),
        [-top, 0, top].map((value, i) => svg("text", { x: 150 * i, y: 114, "text-anchor": ["start", "middle", "end"][i] }, number(value, value ? 1 : 0))));
    }

    // Les poids compensés sortent parfois de l'intervalle d'origine : ils vont au bord.
    #bin(weights, mask) {
      const counts = new Uint32Array(this.bins);
      const { top } = this.data;
      for (let i = 0; i < weights.length; i++) {
        if (mask && !mask[i]) continue;
        const bin = Math.floor(((weights[i] + top) / (2 * top)) * this.bins);
        counts[Math.min(this.bins - 1, Math.max(0, bin))]++;
      }
      return counts;
    }

    // Hauteur en racine du nombre : quelques poids restants se voient encore.
    #steps(counts) {
      let d = "M0 100";
      const w = 300 / this.bins;
      counts.forEach((count, b) => {
        const y = (100 - (96 * Math.sqrt(count)) / this.peak).toFixed(1);
        d += `V${y}H${(w * (b + 1)).toFixed(1)}`;
      });
      return `${d}V100Z`;
    }

    #paintMasks(columns) {
      const { data, net, side, canvas } = this;
      const units = data.layers[0].nOut;
      const cell = side + 1;
      const [width, height] = [columns * cell - 1, Math.ceil(units / columns) * cell - 1];
      if (canvas.width !== width || canvas.height !== height) {
        Object.assign(canvas, { width, height });
        this.pixels = new ImageData(width, height);
      }
      const out = this.pixels.data;
      for (let j = 0; j < units; j++) {
        const [x0, y0] = [(j % columns) * cell, Math.floor(j / columns) * cell];
        for (let p = 0; p < side * side; p++) {
          const at = 4 * ((y0 + Math.floor(p / side)) * width + x0 + (p % side));
          const w = net.weights[j * side * side + p];
          const kept = net.mask[j * side * side + p];
          // Orange : poids positif ; bleu : négatif ; l'intensité suit |w| ; coupé : papier gris.
          const [r, g, b] = !kept ? [128, 128, 128] : w > 0 ? [217, 95, 2] : [30, 110, 190];
          out[at] = r;
          out[at + 1] = g;
          out[at + 2] = b;
          out[at + 3] = kept ? 70 + 185 * Math.min(1, Math.abs(w) / (0.6 * data.top)) : 26;
        }
      }
      canvas.getContext("2d").putImageData(this.pixels, 0, 0);
    }

    /** Élague, évalue et redessine ; rend les mesures. */
    update(method, look, s, scope, columns) {
      const { data, net, caption } = this;
      const reached = net.prune(method, s, scope);
      const result = net.evaluate();
      this.root.style.setProperty("--hue", look.colour);
      let right = 0;
      this.samples.forEach((e, t) => {
        const good = result.predictions[e] === data.labels[e];
        right += good;
        setText(this.tiles[t].lastChild, String(result.predictions[e]));
        this.tiles[t].className = good ? "tile" : "tile wrong";
      });
      this.#caption(caption.images, "Ce que lit le réseau", `${right} sur ${this.samples.length} bien lus`);
      const alive = net.alive();
      const units = data.layers[0].nOut;
      this.#caption(caption.masks, "Ce que voit la première couche", `${alive[0]} neurones sur ${units} encore reliés`);
      this.#paintMasks(columns);
      this.canvas.setAttribute("aria-label", `Masque de chacun des ${units} neurones de la première couche`);
      this.hist.keep.setAttribute("d", this.#steps(this.#bin(net.weights, net.mask)));
      const moved = method.path ? "gardés puis déplacés, en couleur" : "gardés, en couleur";
      this.#caption(caption.hist, "Valeurs des poids", moved);
      this.#caption(caption.layers, "Ce qui reste par couche", "");
      data.layers.forEach(({ size }, l) => {
        const { row, fill, value } = this.layers[l];
        const kept = net.kept[l];
        const broken = alive[l] === 0;
        row.classList.toggle("bad", broken);
        fill.style.width = `${(100 * kept) / size}%`;
        const count = plural(kept, "poids", "poids");
        setText(value, broken ? `⚠ affaissée · ${count}` : `${count} · ${percent(1 - kept / size)} coupés`);
      });
      const bytesOf = net.storage();
      const sizes = [bytesOf.dense, bytesOf.csr, bytesOf.bitmap];
      const most = Math.max(...sizes);
      const least = Math.min(...sizes);
      this.#caption(caption.store, "Stockage des poids", "");
      sizes.forEach((size, i) => {
        this.stores[i].fill.style.width = `${(100 * size) / most}%`;
        this.stores[i].row.classList.toggle("best", size === least);
        setText(this.stores[i].value, `${number(size / 1000, 1)}\u00a0ko`);
      });
      return { ...result, kept: net.total, reached, collapsed: alive.at(-1) === 0 };
    }

    #caption(node, title, detail) {
      if (!node.firstChild) node.append(h("b"), h("span"));
      setText(node.firstChild, title);
      setText(node.lastChild, detail && ` : ${detail}`.replace(" :", "\u00a0:"));
    }
  }

  /** La courbe exactitude-sparsité, un point par endroit visité et par méthode. */
  class Curve {
    constructor(dense) {
      this.dense = dense;
      this.seen = new Map();
      this.svg = svg("svg", { role: "img", height: 190, "aria-label": "Exactitude en fonction de la sparsité" });
      this.root = h("figure", { class: "curve" },
        h("figcaption", {}, h("b", {}, "Exactitude"), ` selon la sparsité\u00a0: la courbe se trace quand vous bougez`), this.svg);
      this.width = 0;
    }

    add(key, look, s, accuracy) {
      if (!this.seen.has(key)) this.seen.set(key, { look, points: new Map() });
      this.seen.get(key).points.set(s, accuracy);
    }

    draw(current) {
      const width = Math.max(240, this.svg.clientWidth || 320);
      if (width !== this.width) this.#axes(width);
      const x = (s) => 34 + s * (width - 52);
      const y = (a) => 12 + (1 - a) * 150;
      const now = new Set(current.map(({ key }) => key));
      const marks = [];
      for (const [key, { look, points }] of this.seen) {
        const sorted = [...points].sort((a, b) => a[0] - b[0]);
        const style = `--hue:${look.colour};opacity:${now.has(key) ? 1 : 0.6}`;
        const d = sorted.map(([s, a], i) => `${i ? "L" : "M"}${x(s).toFixed(1)} ${y(a).toFixed(1)}`).join("");
        marks.push(svg("path", { class: "hue", d, style, "stroke-dasharray": DASHES[look.dash] }));
        if (sorted.length < 40) marks.push(...sorted.map(([s, a]) => svg("circle", { class: "hue", cx: x(s), cy: y(a), r: 2.5, style })));
      }
      for (const { look, s, accuracy } of current) {
        const style = `--hue:${look.colour}`;
        const [cx, cy] = [x(s), y(accuracy)];
        const left = cx > width - 70;
        marks.push(svg("circle", { class: "hue now", cx, cy, r: 6, style }),
          svg("text", { class: "hue", style, x: cx + (left ? -10 : 10), y: cy + (accuracy > 0.9 ? 16 : -6), "text-anchor": left ? "end" : "start" }, percent(accuracy)));
      }
      this.marks.replaceChildren(...marks);
    }

    #axes(width) {
      this.width = width;
      const x = (s) => 34 + s * (width - 52);
      const y = (a) => 12 + (1 - a) * 150;
      this.marks = svg("g", {});
      this.svg.setAttribute("viewBox", `0 0 ${width} 190`);
      this.svg.replaceChildren(
        ...[0, 0.25, 0.5, 0.75, 1].flatMap((v) => [
          svg("path", { d: `M34 ${y(v)}H${width - 18}`, style: "stroke:var(--line);stroke-width:1" }),
          svg("text", { x: 30, y: y(v) + 4, "text-anchor": "end" }, number(100 * v)),
          svg("text", { x: x(v), y: 178, "text-anchor": "middle" }, percent(v, 0))]),
        svg("path", { d: `M34 ${y(this.dense)}H${width - 18}`, style: "stroke:var(--soft);stroke-width:1", "stroke-dasharray": "2 3" }),
        svg("text", { x: 38, y: y(this.dense) + 13 }, `sans élagage ${percent(this.dense)}`),
        this.marks);
    }
  }
  const DASHES = { "-": null, "--": "7 4", ":": "2 4" };

  // Deux images de chaque classe, les premières du jeu de test.
  function pickSamples({ labels, classes, count }) {
    const picked = [];
    for (let turn = 0; turn < 2; turn++)
      for (let c = 0; c < classes && picked.length < 20; c++) {
        const found = labels.findIndex((label, e) => label === c && !picked.includes(e));
        if (found >= 0 && found < count) picked.push(found);
      }
    return picked;
  }

  let copies = 0;

  /** Monte l'explorateur dans `host`. `bridge` relie au noyau de Jupyter : {get, set, listen}. */
  function mount(host, raw, bridge) {
    const data = decode(raw);
    const id = ++copies;
    const shadow = host.attachShadow({ mode: "open" });
    const state = { ...raw.state, other: "" };
    const method = (key) => data.methods.find((one) => one.key === key);
    const look = (key) => (key === "magnitude" && state.scope === "layerwise" ? data.layerwise : method(key));
    const curveKey = (key) => (method(key).path || state.scope === "global" ? key : `${key}/${state.scope}`);

    // Un second réseau sert aux calculs de fond, pour ne pas toucher celui qui est affiché.
    const spare = new Net(data);
    const dense = spare.evaluate().accuracy;
    const curve = new Curve(dense);
    const samples = pickSamples(data);
    const views = [new View(data, samples), new View(data, samples)];

    const stat = (label) => {
      const [value, text] = [h("b"), h("span", {}, label)];
      return { root: h("div", { class: "stat" }, value, text), value, text };
    };
    const stats = { s: stat("élagués"), kept: stat(`poids restants sur ${number(data.n)}`), a: stat(""), b: stat("") };
    stats.a.root.classList.add("hue");
    stats.b.root.classList.add("hue");
    const slider = h("input", { type: "range", min: 0, max: 100, step: 0.5, "aria-label": "Sparsité",
      oninput: () => change({ sparsity: slider.value / 100 }) });
    const chips = data.methods.map((one) => {
      const input = h("input", { type: "radio", name: `px-method-${id}`, value: one.key, onchange: () => change({ method: one.key }) });
      const [name, value] = [h("span", {}, one.label), h("em", {}, "\u00a0")];
      return { one, input, name, value, root: h("label", { class: "chip hue", style: `--hue:${one.colour}` }, input, h("i"), name, value) };
    });
    const layerwise = h("input", { type: "checkbox", onchange: () => change({ scope: layerwise.checked ? "layerwise" : "global" }) });
    const other = h("select", { onchange: () => change({ other: other.value }) },
      h("option", { value: "" }, "aucune"), data.methods.map((one) => h("option", { value: one.key }, one.label)));
    const sweep = h("button", { type: "button", onclick: () => traceAll() }, "Tracer toutes les courbes");
    const note = h("p", { class: "note" });
    const status = h("p", { class: "sr", role: "status" });
    const body = h("div", { class: "body" }, curve.root, views[0].root);
    const root = h("div", { class: "px", role: "group", "aria-label": "Explorateur d'élagage" },
      h("div", { class: "top" }, stats.s.root, stats.kept.root, stats.a.root),
      h("div", { class: "range" }, slider),
      h("div", { class: "ticks", "aria-hidden": "true" }, [0, 25, 50, 75, 100].map((v) => h("span", {}, percent(v / 100, 0)))),
      h("fieldset", { class: "methods" }, h("legend", {}, "Méthode"), chips.map((chip) => chip.root)),
      h("div", { class: "options" },
        h("label", {}, layerwise, "même sparsité dans chaque couche"),
        h("label", {}, "comparer à", other), sweep),
      note, body, status);
    shadow.append(h("style", {}, STYLE), root);
    // JupyterLab prendrait les flèches et les lettres pour ses raccourcis.
    root.addEventListener("keydown", (event) => event.stopPropagation());

    let frame = 0;
    let settle = 0;
    let tracing = 0;
    function change(update, silent) {
      Object.assign(state, update);
      if (!frame) frame = requestAnimationFrame(draw);
      if (!silent) touched = true;
    }
    let touched = false;

    function draw() {
      frame = 0;
      const { sparsity: s, scope } = state;
      const shown = state.other ? [state.method, state.other] : [state.method];
      const two = shown.length === 2;
      root.classList.toggle("two", two);
      if (two !== views[1].root.isConnected) {
        if (two) {
          root.querySelector(".top").append(stats.b.root);
          body.append(views[1].root);
        } else {
          stats.b.root.remove();
          views[1].root.remove();
        }
      }
      const narrow = root.clientWidth < 660;
      const units = data.layers[0].nOut;
      const columns = two && narrow ? 8 : Math.min(units, 16);
      const results = shown.map((key, v) => {
        const result = views[v].update(method(key), look(key), s, scope, columns);
        curve.add(curveKey(key), look(key), result.reached, result.accuracy);
        const box = v ? stats.b : stats.a;
        box.root.style.setProperty("--hue", look(key).colour);
        setText(box.value, percent(result.accuracy));
        setText(box.text, two ? look(key).label : `d'exactitude, ${percent(dense)} sans élagage`);
        return { key, look: look(key), s: result.reached, accuracy: result.accuracy, result };
      });
      const [{ result }] = results;
      root.style.setProperty("--hue", look(state.method).colour);
      setText(stats.s.value, sparsityText(s));
      setText(stats.kept.value, number(result.kept));
      slider.value = 100 * s;
      slider.style.setProperty("--p", `${100 * s}%`);
      slider.setAttribute("aria-valuetext", `${sparsityText(s)} élagués, ${plural(result.kept, "poids restant", "poids restants")}`);
      layerwise.checked = scope === "layerwise";
      other.value = state.other;
      for (const { one, input, name, root: chip } of chips) {
        input.checked = one.key === state.method;
        setText(name, look(one.key).label);
        chip.style.setProperty("--hue", look(one.key).colour);
      }
      setText(note, fr(describe(method(state.method), result)));
      curve.draw(results);
      clearTimeout(settle);
      settle = setTimeout(settled, 250, results);
      bridge?.set({ sparsity: s, method: state.method, scope, accuracy: result.accuracy, loss: result.loss, kept: result.kept }, touched);
      touched = false;
    }

    function describe(one, result) {
      const parts = [one.note];
      if (one.path && result.kept < data.n)
        parts.push(`Réseau calculé d'avance, le premier du trajet qui coupe au moins autant : ${sparsityText(Math.round(1000 * result.reached) / 1000)}.`);
      if (result.collapsed) parts.push("⚠ Plus aucun chemin de l'entrée à la sortie : le réseau répond toujours pareil.");
      return parts.join(" ");
    }

    // Au repos : ce que donnent les autres méthodes à la même sparsité, puis l'annonce.
    function settled(results) {
      const shown = results.map(({ key }) => key);
      for (const { one, value } of chips) {
        const known = results[shown.indexOf(one.key)];
        let accuracy = known?.accuracy;
        if (!known) {
          const reached = spare.prune(one, state.sparsity, state.scope);
          accuracy = spare.evaluate().accuracy;
          curve.add(curveKey(one.key), look(one.key), reached, accuracy);
        }
        setText(value, percent(accuracy));
      }
      curve.draw(results);
      if (announce) setText(status, results.map(({ look: { label }, accuracy, result }) =>
        `${label}, ${sparsityText(state.sparsity)} élagués : ${percent(accuracy)} d'exactitude, ${plural(result.kept, "poids restant", "poids restants")}.`).join(" "));
      announce = true;
    }
    let announce = false;

    // La courbe entière de chaque méthode, par petits paquets pour que la page reste vive.
    function traceAll() {
      const todo = data.methods.flatMap((one) => Array.from({ length: 101 }, (_, i) => [one, i / 100]));
      clearTimeout(tracing);
      const scope = state.scope;
      const batch = () => {
        const end = performance.now() + 12;
        while (todo.length && performance.now() < end) {
          const [one, s] = todo.shift();
          const reached = spare.prune(one, s, scope);
          if (scope === state.scope) curve.add(curveKey(one.key), look(one.key), reached, spare.evaluate().accuracy);
        }
        change({}, true);
        if (todo.length) tracing = setTimeout(batch, 0);
      };
      batch();
    }

    // Le fond de la page, et non un réglage, dit si l'on est en sombre : cela vaut partout.
    const shade = () => {
      const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g)?.map(Number) ?? [255, 255, 255];
      root.classList.toggle("dark", 0.3 * r + 0.6 * g + 0.1 * b < 110);
    };
    const themes = new MutationObserver(shade);
    for (const node of [document.documentElement, document.body])
      themes.observe(node, { attributes: true, attributeFilter: ["data-theme", "data-mode", "data-jp-theme-light", "class"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", shade);
    const sizes = new ResizeObserver(() => change({}, true));
    sizes.observe(root);
    shade();
    bridge?.listen((update) => change(update, true));
    draw();
    return () => {
      themes.disconnect();
      sizes.disconnect();
      scheme.removeEventListener("change", shade);
      clearTimeout(settle);
      clearTimeout(tracing);
    };
  }

  // ------------------------------------------------------------------- les deux portes

  const SHARED = ["sparsity", "method", "scope"];

  /** Porte de Jupyter (anywidget) : les traits vont et viennent entre la page et le noyau. */
  function render({ model, el }) {
    const host = el.appendChild(document.createElement("div"));
    const read = () => Object.fromEntries(SHARED.map((key) => [key, model.get(key)]));
    let applied = "";
    let timer = 0;
    const bridge = {
      set(values) {
        for (const [key, value] of Object.entries(values)) model.set(key, value);
        applied = JSON.stringify(read());
        clearTimeout(timer);
        timer = setTimeout(() => model.save_changes(), 80);
      },
      listen: (apply) => SHARED.forEach((key) => model.on(`change:${key}`, () => {
        if (JSON.stringify(read()) !== applied) apply(read());
      })),
    };
    const raw = JSON.parse(model.get("_data"));
    return mount(host, { ...raw, state: read() }, bridge);
  }

  if (globalThis.customElements && !customElements.get("pruning-explorer")) {
    const define = () => customElements.define("pruning-explorer", class extends HTMLElement {
      connectedCallback() {
        const script = this.querySelector("script[type='application/json']");
        if (script && !this.shadowRoot) mount(this, JSON.parse(script.textContent));
      }
    });
    // Inclus sans « defer », le script attend que les données de la page soient là.
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", define);
    else define();
  }

  globalThis.PruningExplorer = { decode, Net, countPruned, number, percent, mount, render };
})();
