/* Un réseau 2-2-2 que l'on calcule à la main : huit poids, deux images d'un seul pixel allumé. */

import { decode } from "../../../pruning_core/course/explorer/js/data/small.js";

export const base64 = (typed) => Buffer.from(typed.buffer).toString("base64");

const look = (key) => ({ key, label: key, colour: "#0072b2", dash: "-", note: `Note de ${key}.` });

/** @param {number[]} order rangs des poids, du premier élagué au dernier */
export const packTiny = (order, ...others) => ({
  names: ["0.weight", "2.weight"],
  sizes: [2, 2, 2],
  weights: base64(new Float32Array([1, -1, 2, 0, 1, 1, -1, 0.5])),
  biases: base64(new Float32Array([0, 1, 0, 0.25])),
  images: "CAAC", // 1, 0, 0, 1
  labels: base64(new Uint8Array([0, 1])),
  scale: 1,
  methods: [{ ...look("magnitude"), order: base64(new Uint16Array(order)) }, ...others],
  layerwise: { ...look("magnitude_layerwise"), label: "magnitude par couche" },
});

export const ORDER = [3, 7, 0, 1, 4, 5, 6, 2];

/** Un trajet d'un seul réseau : trois poids partent, deux changent d'un pas de 0,5. */
export const PATH = {
  ...look("obs"),
  path: { step: 0.5, count: 1, stays: "CCCAACCA", moves: "CAABAAAAA" },
};

export const tiny = (order = ORDER, ...others) => decode(packTiny(order, ...others));
