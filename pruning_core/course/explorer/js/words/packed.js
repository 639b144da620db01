/* Le fichier de données des mots, relu dans l'ordre où words/file.py l'écrit. */

import { once } from "../arrays.js";
import { Reader, inflate } from "../data/reader.js";
import { accepts, readAutomaton } from "./automaton.js";
import { spansOf } from "./assemble.js";
import { networksOf } from "./networks.js";

/** @import { Dense, Moved, WordData, WordFile, WordHeader } from "./types" */

/** @param {Reader} reader @param {WordHeader} header @returns {Dense} */
function readDense(reader, { prunable, others, step }) {
  const scales = reader.floats(prunable.reduce((total, [, [rows]]) => total + rows, 0));
  const codes = new Int8Array(reader.bytes(lengthOf(prunable)).buffer);
  return { scales, codes, others: Float64Array.from(reader.grid(lengthOf(others), step)) };
}

/** @param {WordHeader["others"]} tensors */
const lengthOf = (tensors) => spansOf(tensors).reduce((_, { end }) => end, 0);

/** Nombre de bits à 1. @param {Uint8Array} bytes */
function bitsIn(bytes) {
  let count = 0;
  for (const byte of bytes) for (let rest = byte; rest; rest &= rest - 1) count++;
  return count;
}

/** Un réseau compensé ; ses déplacements se déplient à la première demande.
 * @param {Reader} reader
 * @param {WordHeader} header
 * @returns {() => Moved}
 */
function readMoved(reader, { prunable, compensated }) {
  const mask = reader.bytes(Math.ceil(lengthOf(prunable) / 8));
  const kept = bitsIn(mask);
  const written = reader.bytes(2 * kept);
  const biasCount = prunable.reduce((total, [, [rows]]) => total + rows, 0);
  const biases = Float64Array.from(reader.grid(biasCount, compensated.step));
  return once(() => ({ mask, moves: unzigzag(new Reader(written).shorts(kept)), biases }));
}

/** 0, 1, 2, 3... redeviennent 0, −1, 1, −2. @param {Uint16Array} codes */
function unzigzag(codes) {
  const values = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i++) values[i] = (codes[i] >>> 1) ^ -(codes[i] & 1);
  return values;
}

/** Décompresse et déplie le fichier de données.
 * @param {WordFile} file
 * @returns {Promise<WordData>}
 */
export async function decodeWords({ header, packed }) {
  const { prunable, alphabet } = header;
  const reader = new Reader(await inflate(packed));
  const dense = readDense(reader, header);
  const norms = prunable.map(([, [, columns]]) => reader.floats(columns));
  const moved = new Map(
    header.compensated.percents.map((percent) => [percent, readMoved(reader, header)]),
  );
  const automaton = once(() => readAutomaton(reader, header.automaton));
  const networks = networksOf(header, dense, norms, moved);
  return {
    alphabet,
    longest: header.longest,
    percents: header.percents,
    wordCount: header.wordCount,
    landmarks: header.landmarks,
    dense: networks.magnitude(0),
    methods: header.methods.map((method) => ({ ...method, network: networks[method.key] })),
    exists: (word) => accepts(automaton(), word),
  };
}
