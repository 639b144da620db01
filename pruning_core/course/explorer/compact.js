/* Le grand réseau : ses données compressées, et un calcul qui ne refait que ce qui change.
 *
 * lenet.py met les données à la place de DATA et écrit lenet.js, que explorer.js charge à la demande.
 */
(() => {
"use strict";
const { Net, sources } = globalThis.PruningExplorer;
const CACHED = 2 ** 16; // réels lus d'affilée : 512 Kio

/** Première couche mise à jour poids par poids. Poids et pixels sont des multiples d'un même pas :
 *  les sommes sont exactes, donc le résultat ne dépend pas du chemin pris par le curseur. */
class BigNet extends Net {
  constructor(data) {
    super(data);
    const [{ nOut, size }] = data.layers;
    this.before = new Float64Array(size);
    this.sums = new Float64Array(nOut * data.count);
  }

  apply(layer, a, count, out) {
    if (a !== this.data.inputs) return this.applyInBlocks(layer, a, count, out);
    const { before, sums, weights, data } = this;
    const { starts, rows, values } = (data.sparse ??= byPixel(data));
    const { nIn, nOut, size, biasAt } = layer;
    let [changed, kept] = [0, 0];
    for (let i = 0; i < size; i++) {
      if (weights[i] !== before[i]) changed++;
      if (weights[i] !== 0) kept++;
    }
    if (kept < changed) {
      before.fill(0);
      sums.fill(0);
    }
    for (let j = 0, i = 0; j < nOut; j++)
      for (let p = 0; p < nIn; p++, i++) {
        const move = weights[i] - before[i];
        if (move === 0) continue;
        before[i] = weights[i];
        for (let q = starts[p]; q < starts[p + 1]; q++) sums[j * count + rows[q]] += move * values[q];
      }
    for (let j = 0, e = 0; j < nOut; j++) {
      const bias = this.biases[biasAt + j];
      for (const end = (j + 1) * count; e < end; e++) out[e] = sums[e] / data.scale + bias;
    }
  }

  // Un bloc d'images à la fois : ce que chaque neurone en lit tient dans le cache du processeur.
  applyInBlocks(layer, a, count, out) {
    const size = Math.ceil(CACHED / layer.nIn);
    for (let from = 0; from < count; from += size)
      super.apply(layer, a, count, out, from, Math.min(from + size, count));
  }
}

// Pour chaque pixel, les images où il n'est pas noir.
function byPixel({ images, count, sizes: [nIn] }) {
  const starts = new Uint32Array(nIn + 1);
  const [rows, values] = [[], []];
  for (let p = 0; p < nIn; p++) {
    for (let e = 0; e < count; e++)
      if (images[e * nIn + p]) {
        rows.push(e);
        values.push(images[e * nIn + p]);
      }
    starts[p + 1] = rows.length;
  }
  return { starts, rows: Uint16Array.from(rows), values: Uint8Array.from(values) };
}

// Du plus petit score au plus grand ; à égalité, le plus petit rang d'abord : le rang complète les
// bits du score dans un seul réel, que le tri natif compare. Des boucles : « from » est dix fois plus lent.
function ranked(score, n) {
  const scores = new Float32Array(n);
  for (let i = 0; i < n; i++) scores[i] = score(i);
  const bits = new Uint32Array(scores.buffer);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) keys[i] = bits[i] * 2 ** 19 + i;
  keys.sort();
  const order = new Uint32Array(n);
  for (let i = 0; i < n; i++) order[i] = keys[i] % 2 ** 19;
  return order;
}

// 2^(code/2), exact à l'arrondi près, le même ici et en Python.
const halfPower = (code) => (code & 1 ? Math.SQRT2 : 1) * 2 ** ((code - (code & 1)) / 2);

sources.lenet = async () => {
  const { header, packed } = DATA;
  const text = atob(packed);
  const zipped = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) zipped[i] = text.charCodeAt(i);
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const { sizes, step, images, steps } = header;
  const shapes = sizes.slice(1).map((nOut, l) => [nOut, sizes[l]]);
  const n = shapes.reduce((sum, [nOut, nIn]) => sum + nOut * nIn, 0);
  const nBiases = shapes.reduce((sum, [nOut]) => sum + nOut, 0);
  let at = 0;
  const take = (length) => bytes.slice(at, (at += length));
  const floats = (length) => new Float32Array(take(4 * length).buffer);
  // Entiers sur 16 bits, octets forts puis octets faibles : chaque moitié se compresse mieux seule.
  const grid = (length) => {
    const [high, low] = [take(length), take(length)];
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = (((high[i] << 24) >> 16) | low[i]) * step;
    return values;
  };
  // Logarithmes : décalage de la ligne, de la colonne, et reste ; 255 veut dire zéro.
  const logs = () => {
    const out = new Float64Array(n);
    let i = 0;
    for (const [nOut, nIn] of shapes) {
      const [row, column] = [new Int8Array(take(nOut).buffer), new Int8Array(take(nIn).buffer)];
      const rest = take(nOut * nIn);
      for (let k = 0; k < rest.length; k++, i++)
        out[i] = rest[k] === 255 ? 0 : halfPower(rest[k] - 127 + row[Math.floor(k / nIn)] + column[k % nIn]);
    }
    return out;
  };
  const weights = grid(n);
  const biases = floats(nBiases);
  const curvature = logs();
  const gradient = logs();
  const pixels = take(images * sizes[0]);
  const labels = take(images);
  const leaves = take(n);
  const path = Array.from({ length: steps }, (_, t) => {
    const mask = new Uint8Array(n);
    let kept = 0;
    for (let i = 0; i < n; i++) kept += mask[i] = leaves[i] > t ? 1 : 0;
    const values = grid(kept);
    const moved = new Float32Array(n);
    for (let i = 0, next = 0; i < n; i++) if (mask[i]) moved[i] = values[next++];
    return { mask, kept, weights: moved, biases: floats(nBiases) };
  });
  // Un désordre sans tirage : les bits du rang, mélangés.
  const scramble = (i) => {
    let x = Math.imul(i ^ (i >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
  };
  const scores = {
    random: scramble,
    magnitude: (i) => Math.abs(weights[i]),
    gradient: (i) => Math.abs(weights[i]) * gradient[i],
    obd: (i) => 0.5 * curvature[i] * (weights[i] * weights[i]),
    obd_inverted: (i) => (weights[i] * weights[i]) / (2 * (curvature[i] + 1e-10)),
  };
  const methods = header.methods.map((method) =>
    method.key === "obs" ? { ...method, path } : { ...method, rank: () => ranked(scores[method.key], n) });
  return { ...header, methods, weights, biases, images: pixels, labels, Net: BigNet };
};
})();
