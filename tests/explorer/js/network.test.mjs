/* Le calcul de l'explorateur contre pruning_core : lancé par test_javascript.py, qui écrit les vecteurs. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { decode } from "../../../pruning_core/course/explorer/js/data/small.js";
import { decodeFile } from "../../../pruning_core/course/explorer/js/data/big.js";
import { number, percent } from "../../../pruning_core/course/explorer/js/formatting.js";
import { countPruned } from "../../../pruning_core/course/explorer/js/network/counting.js";
import { createNetwork } from "../../../pruning_core/course/explorer/js/network/create.js";
import { connectedNeurons, storage } from "../../../pruning_core/course/explorer/js/network/measures.js";
import { Network } from "../../../pruning_core/course/explorer/js/network/network.js";
import { tiny } from "./tiny.mjs";

const vectors = JSON.parse(readFileSync(process.env.EXPLORER_VECTORS, "utf8"));
const data = decode(vectors.data);
const methodOf = (key) => data.methods.find((method) => method.key === key);

const bitsOf = (mask) => {
  const packed = Buffer.alloc(Math.ceil(mask.length / 8));
  mask.forEach((kept, i) => (packed[i >> 3] |= kept << (i & 7)));
  return packed.toString("base64");
};

const compare = (net, method, cases) => {
  for (const one of cases) {
    net.prune(method, one.sparsity, one.scope);
    const result = net.evaluate();
    const where = `${one.method} ${one.scope} ${one.sparsity}`;
    assert.equal(bitsOf(net.mask), one.mask, `masque : ${where}`);
    assert.equal(result.accuracy, one.accuracy, `exactitude : ${where}`);
    assert.ok(Math.abs(result.loss - one.loss) <= 1e-9 * Math.max(1, one.loss), `perte : ${where}`);
  }
};

for (const method of data.methods)
  test(`masques, exactitude et perte comme pruning_core : ${method.key}`, () => {
    const cases = vectors.cases.filter((one) => one.method === method.key);
    assert.equal(cases.length, 40);
    compare(new Network(data), method, cases);
  });

test("LeNet-300-100, mis à jour poids par poids, comme pruning_core", async () => {
  await import("../../../pruning_core/course/explorer/built/lenet.js");
  const big = await decodeFile(globalThis.pruningExplorerData.lenet);
  const { cases } = JSON.parse(readFileSync(process.env.LENET_VECTORS, "utf8"));
  const net = createNetwork(big);
  for (const method of big.methods) compare(net, method, cases.filter((one) => one.method === method.key));
  assert.equal(createNetwork(big).evaluate().accuracy, big.dense);
});

test("la dernière position ne dépend pas du chemin pris par le curseur", () => {
  const [wandering, direct] = [new Network(data), new Network(data)];
  for (const s of [0.9, 0.1, 1, 0, 0.7, 0.5]) wandering.prune(methodOf("obd"), s, "global");
  wandering.prune(methodOf("obs"), 0.9, "global");
  wandering.prune(methodOf("gradient"), 0.5, "layerwise");
  direct.prune(methodOf("gradient"), 0.5, "layerwise");
  assert.deepEqual(wandering.weights, direct.weights);
  assert.deepEqual(wandering.evaluate(), direct.evaluate());
});

test("passage avant calculé à la main", () => {
  const net = new Network(tiny());
  // Cachés : image (1,0) → relu(1, 2+1) = (1, 3) ; image (0,1) → relu(−1, 0+1) = (0, 1).
  const outputs = [...net.forward(net.data.inputs, 2)];
  assert.deepEqual(outputs, [1 + 3, 0 + 1, -1 + 1.5 + 0.25, 0.5 + 0.25]);
});

test("les k premiers de l'ordre partent, et eux seuls", () => {
  const net = new Network(tiny());
  net.prune(net.data.methods[0], 0.5, "global");
  assert.deepEqual([...net.mask], [0, 0, 1, 0, 1, 1, 1, 0]);
  net.prune(net.data.methods[0], 0.25, "layerwise");
  assert.deepEqual([...net.mask], [1, 1, 1, 0, 1, 1, 1, 0]);
  assert.deepEqual(net.kept, [3, 3]);
});

test("un neurone sans entrée ou sans sortie n'est plus relié", () => {
  const net = new Network(tiny([0, 1, 4, 6, 2, 3, 5, 7]));
  assert.deepEqual(connectedNeurons(net), [2, 2]);
  net.prune(net.data.methods[0], 0.25, "global"); // le premier neurone caché perd ses entrées
  assert.deepEqual(connectedNeurons(net), [1, 2]);
  net.prune(net.data.methods[0], 1, "global");
  assert.deepEqual(connectedNeurons(net), [0, 0]);
});

test("octets de chaque stockage, comptés à la main", () => {
  const net = new Network(tiny());
  net.prune(net.data.methods[0], 0.5, "global");
  // 4 poids gardés sur 8 ; CSR : 4 valeurs, 4 indices, 2 × (2 + 1) débuts de ligne.
  assert.deepEqual(storage(net), { dense: 32, csr: 16 + 16 + 24, bitmap: 16 + 1 });
});

test("nombre de poids à élaguer exact sur le décimal écrit", () => {
  for (const [n, s, k] of [[100, 0.29, 29], [100, 0.145, 15], [3, 0.5, 2], [7, 0, 0], [7, 1, 7], [10, 1e-7, 0]])
    assert.equal(countPruned(n, s), k, `${n} ${s}`);
});

test("nombres à la française", () => {
  assert.equal(number(6464), "6\u202f464");
  assert.equal(number(-0.354, 2), "−0,35");
  assert.equal(number(-0.001, 1), "0,0");
  assert.equal(percent(0.9375), "93,8\u00a0%");
});
