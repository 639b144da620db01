/* Les mots que la page invente, contre ceux de Python, et chaque morceau du calcul à part. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { inflateSync } from "node:zlib";

const HERE = "../../../pruning_core/course/explorer";
await import(`${HERE}/built/words.js`);
const { Reader } = await import(`${HERE}/js/data/reader.js`);
const { accepts, readAutomaton } = await import(`${HERE}/js/words/automaton.js`);
const { drawsOf, invent, surprises } = await import(`${HERE}/js/words/inventing.js`);
const { decodeWords } = await import(`${HERE}/js/words/packed.js`);
const { cutSmallest, groupsOf } = await import(`${HERE}/js/words/thresholds.js`);
const { Reading } = await import(`${HERE}/js/words/transformer.js`);

const { cases, list } = JSON.parse(readFileSync(process.env.WORD_VECTORS, "utf8"));
const data = await decodeWords(globalThis.pruningExplorerData.words);
const codes = (word) => [...word].map((letter) => data.alphabet.indexOf(letter));
const text = (letters) => letters.map((letter) => data.alphabet[letter]).join("");
const networkOf = (key, percent) => data.methods.find((method) => method.key === key).network(percent);

test("chaque mot inventé est celui de Python, à la lettre", () => {
  for (const { method, percent, seed, prompt, words } of cases) {
    const reading = new Reading(networkOf(method, percent), data.longest);
    const asked = { seed, prompt: codes(prompt), longest: data.longest };
    const found = words.map((_, number) => text(invent(reading, { ...asked, number })));
    assert.deepEqual(found, words, `${method} à ${percent} %, graine ${seed}, début « ${prompt} »`);
  }
  assert.ok(cases.length >= 44);
});

test("la surprise du réseau dense est celle de Python, à chaque lettre", () => {
  const judge = new Reading(data.dense, data.longest);
  for (const { words, surprises: expected } of cases)
    words.forEach((word, rank) => {
      const found = surprises(judge, codes(word));
      assert.equal(found.length, expected[rank].length);
      found.forEach((bits, place) => assert.ok(Math.abs(bits - expected[rank][place]) < 1e-9));
    });
});

test("l'automate accepte tous les mots de la liste, et pas un de plus", () => {
  assert.ok(list.every((word) => data.exists(codes(word))));
  assert.equal(data.wordCount, list.length);
  // Autant de mots que de chemins : l'automate n'en a pas d'autre.
  const { header, packed } = globalThis.pruningExplorerData.words;
  const bytes = inflated(packed);
  const { states, edges, returns } = header.automaton;
  const reader = new Reader(bytes.slice(bytes.length - states - edges - 2 * returns));
  const { first, targets, accepts: final } = readAutomaton(reader, header.automaton);
  const counts = new Map();
  const paths = (state) => {
    if (!counts.has(state)) {
      let total = final[state];
      for (let edge = first[state]; edge < first[state + 1]; edge++) total += paths(targets[edge]);
      counts.set(state, total);
    }
    return counts.get(state);
  };
  assert.equal(paths(0), list.length);
});

test("un automate se relit comme automaton.py l'écrit : « as », « es », « esse »", () => {
  // Lettres a, e, s : 1, 2, 3. Les mêmes octets que dans test_word_automaton.py.
  const states = [8, 4, 3, 4, 6, 4]; // « », a, as (qui est aussi esse), e, es, ess
  const arrows = [2, 6, 4, 6, 6, 5];
  const reader = new Reader(Uint8Array.from([...states, ...arrows, 0, 0]));
  const automaton = readAutomaton(reader, { states: 6, edges: 6, returns: 1 });
  const known = ["13", "23", "2332"].map((word) => [...word].map(Number));
  assert.ok(known.every((word) => accepts(automaton, word)));
  const unknown = ["", "1", "2", "233", "132", "3", "23323"].map((word) => [...word].map(Number));
  assert.ok(!unknown.some((word) => accepts(automaton, word)));
});

test("les plus petits scores partent, groupe par groupe ; à égalité, le premier rang d'abord", () => {
  const weights = Float64Array.of(1, -1, 1, 3, 2, -1);
  const scores = weights.map(Math.abs);
  const cut = (lengths, sparsity) => [...cutSmallest(weights, scores, groupsOf(scores, lengths), sparsity)];
  assert.deepEqual(cut([6], 0), [...weights]);
  assert.deepEqual(cut([6], 0.5), [0, 0, 0, 3, 2, -1]);
  assert.deepEqual(cut([3, 3], 0.34), [0, -1, 1, 3, 2, 0]);
  assert.deepEqual(cut([6], 1), [0, 0, 0, 0, 0, 0]);
});

test("un tirage ne dépend que de la graine, du numéro du mot et de la position", () => {
  const draws = drawsOf(3, 5);
  assert.equal(draws(2), drawsOf(3, 5)(2));
  const others = [drawsOf(3, 5)(3), drawsOf(3, 6)(2), drawsOf(4, 5)(2)];
  assert.ok(others.every((other) => other !== draws(2) && other >= 0 && other < 1));
});

function inflated(packed) {
  return new Uint8Array(inflateSync(Buffer.from(packed, "base64")));
}
