/* Ce que la page relit de ce que Python a écrit. */

import assert from "node:assert/strict";
import test from "node:test";
import { deflateSync } from "node:zlib";

import { layersOf } from "../../../pruning_core/course/explorer/js/data/assemble.js";
import { decodeFile } from "../../../pruning_core/course/explorer/js/data/big.js";
import { readPath } from "../../../pruning_core/course/explorer/js/data/compensated.js";
import { readIntegers } from "../../../pruning_core/course/explorer/js/data/integers.js";
import { Reader } from "../../../pruning_core/course/explorer/js/data/reader.js";
import { decode } from "../../../pruning_core/course/explorer/js/data/small.js";
import { base64, packTiny, tiny } from "./tiny.mjs";

test("les entiers sont ceux que write_integers écrit", () => {
  assert.deepEqual(readIntegers("ABCegBhB"), [0, -1, 1, 15, 16, -17]);
  assert.deepEqual(readIntegers("+fhgB+/B"), [511, -513, 1023]);
  assert.deepEqual(readIntegers(""), []);
});

test("chaque réseau d'un trajet part du précédent", () => {
  // Les mêmes réseaux que dans test_compensated.py.
  const packed = { step: 0.25, count: 2, stays: "EACE", moves: "CACAACACA" };
  const dense = [new Float32Array([1, -1, 0.5, 0.25]), new Float32Array([0, 0.125])];
  const [first, second] = readPath(packed, ...dense);
  assert.deepEqual([...first.weights, ...first.biases], [1.25, 0, 0.5, 0.5, 0, 0.25]);
  assert.deepEqual([...second.weights, ...second.biases], [1.5, 0, 0, 0.5, 0.25, 0.25]);
  assert.deepEqual([first.kept, second.kept], [3, 2]);
});

test("les couches se suivent, et les pixels vont pixel par pixel", () => {
  const data = tiny();
  assert.deepEqual(data.layers[1], { inputs: 2, outputs: 2, start: 4, size: 4, biasStart: 2 });
  assert.deepEqual([...data.inputs], [1, 0, 0, 1]);
  assert.equal(data.largestWeight, 2);
  assert.equal(data.weightCount, 8);
});

test("sans ordre écrit, c'est celui des valeurs absolues ; à égalité, le premier rang part d'abord", () => {
  const packed = packTiny([]);
  delete packed.methods[0].order;
  const [method] = decode(packed).methods;
  assert.deepEqual([...method.order()], [3, 7, 0, 1, 4, 5, 6, 2]);
  assert.deepEqual(method.layerOrders().map((order) => [...order]), [[3, 0, 1, 2], [7, 4, 5, 6]]);
  assert.equal(method.order(), method.order()); // trié une seule fois
});

test("des pixels réels restent réels", () => {
  const images = base64(new Float32Array([0.5, 0, 0, 0.25]));
  const { inputs } = decode({ ...packTiny([]), images, pixels: "float32" });
  assert.deepEqual([...inputs], [0.5, 0, 0, 0.25]);
});

test("une grille se lit octets forts d'abord, avec son signe", () => {
  const reader = new Reader(Uint8Array.from([0, 255, 1, 2, 255, 0])); // 2, −1 et 256 pas
  assert.deepEqual([...reader.grid(3, 0.5)], [1, -0.5, 128]);
});

test("une puissance est la somme de sa ligne, de sa colonne et de son reste ; 255 veut dire zéro", () => {
  // Une couche 2 → 1 : ligne 2, colonnes 0 et −1, restes 127 (zéro) et 255.
  const reader = new Reader(Uint8Array.from([2, 0, 255, 127, 255]));
  assert.deepEqual([...reader.powers(layersOf([2, 1]))], [2, 0]);
});

test("un fichier de données se déplie comme lenet.py l'écrit", async () => {
  const grid = (...codes) => [...codes.map((code) => (code >> 8) & 255), ...codes.map((code) => code & 255)];
  const floats = (...values) => [...new Uint8Array(new Float32Array(values).buffer)];
  const look = { label: "", colour: "", dash: "-", note: "" };
  const content = [
    ...grid(4, -2), // poids : 2 et −1
    ...floats(0.5), // biais
    ...[0, 0, 0, 127, 129], // courbure : 1 et 2
    ...[0, 0, 0, 127, 127], // gradient : 1 et 1
    ...[15, 0], // une image
    ...[0], // sa classe
    ...[1, 0], // le second poids part dès la première étape
    ...grid(6), // où le premier vaut 3
    ...floats(1),
  ];
  const { weights, images, exact, dense, methods } = await decodeFile({
    header: {
      ...{ sizes: [2, 1], scale: 15, step: 0.5, images: 1, steps: 1, dense: 0.75 },
      methods: ["magnitude", "obd", "obs"].map((key) => ({ ...look, key })),
      layerwise: { ...look, key: "magnitude_layerwise" },
    },
    packed: deflateSync(Uint8Array.from(content)).toString("base64"),
  });
  assert.deepEqual([[...weights], [...images], exact, dense], [[2, -1], [15, 0], true, 0.75]);
  const [magnitude, obd, obs] = methods;
  assert.deepEqual([...magnitude.order()], [1, 0]);
  assert.deepEqual([...obd.order()], [1, 0]); // ½·1·4 = 2 contre ½·2·1 = 1
  const [step] = obs.path;
  assert.deepEqual([[...step.mask], [...step.weights], [...step.biases], step.kept], [[1, 0], [3, 0], [1], 1]);
});
