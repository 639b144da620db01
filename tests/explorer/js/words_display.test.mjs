/* L'explorateur de mots, monté dans une page, et chaque morceau de son affichage. */

import assert from "node:assert/strict";
import test from "node:test";

import { fire, pause } from "./page.mjs";

const HERE = "../../../pruning_core/course/explorer";
await import(`${HERE}/built/words.js`);
const { WordExplorer } = await import(`${HERE}/js/words/display/explorer.js`);
const { LEVELS, levelOf, runsOf } = await import(`${HERE}/js/words/display/line.js`);
const { Gauge } = await import(`${HERE}/js/words/display/gauge.js`);
const { announcement, described, existing, readPrompt } = await import(`${HERE}/js/words/display/wording.js`);
const { addressOf, askedIn } = await import(`${HERE}/js/share/address.js`);
const { readState, writeState } = await import(`${HERE}/js/words/settings.js`);
const { decodeWords } = await import(`${HERE}/js/words/packed.js`);

const STATE = { sparsity: 0.5, method: "magnitude", other: "layer_obs", seed: 1, prompt: "" };
const data = await decodeWords(globalThis.pruningExplorerData.words);

function mount(t, bridge) {
  const host = document.body.appendChild(document.createElement("div"));
  const stop = new WordExplorer(data, STATE, bridge).attach(host);
  t.after(() => {
    stop();
    host.remove();
  });
  const all = (css) => [...host.shadowRoot.querySelectorAll(css)];
  const [slider, seed] = ["range", "number"].map((type) => all(`input[type=${type}]`)[0]);
  const [prompt] = all("input[type=text]");
  const [others] = all("button");
  const words = () => all(".column").map((column) => spokenIn(column));
  return { all, slider, seed, prompt, others, words };
}

const spokenIn = (column) => [...column.querySelectorAll(".sr")].map(({ textContent }) => textContent);

/** Attend que tous les mots soient écrits : chaque tour de minuterie en écrit un, s'il en reste. */
async function settled({ words }) {
  await pause(60); // l'image qui suit le geste
  for (let last = "", still = 0; still < 10; ) {
    await pause(0);
    const now = JSON.stringify(words());
    still = now === last ? still + 1 : 0;
    last = now;
  }
  return words();
}

test("deux réseaux écrivent dix mots chacun, que le curseur change", async (t) => {
  const page = mount(t);
  const [first, second] = await settled(page);
  assert.deepEqual([first.length, second.length], [10, 10]);
  assert.ok([...first, ...second].every(Boolean));
  page.slider.value = "90";
  fire(page.slider, "input");
  const after = await settled(page);
  assert.notDeepEqual(after, [first, second]);
  assert.equal(page.slider.getAttribute("aria-valuetext"), "90\u00a0% des poids retirés");
  assert.equal(page.all(".asked b")[0].textContent, "90\u00a0%");
});

test("sans élagage, les deux méthodes écrivent les mêmes mots", async (t) => {
  const page = mount(t);
  page.slider.value = "0";
  fire(page.slider, "input");
  const [first, second] = await settled(page);
  assert.deepEqual(first, second);
});

test("un tirage se rejoue ; « Autres mots » passe au suivant", async (t) => {
  const page = mount(t);
  const before = await settled(page);
  fire(page.others, "click");
  const next = await settled(page);
  assert.equal(page.seed.value, "2");
  assert.notDeepEqual(next, before);
  page.seed.value = "1";
  fire(page.seed, "input");
  assert.deepEqual(await settled(page), before);
});

test("un tirage impossible se dit, et ne change rien", async (t) => {
  const page = mount(t);
  const before = await settled(page);
  for (const wrong of ["-1", "1.5", "4294967296", ""]) {
    page.seed.value = wrong;
    fire(page.seed, "input");
    assert.match(page.all(".told")[0].textContent, /nombre entier/);
  }
  assert.deepEqual(await settled(page), before);
});

test("tous les mots commencent par le début demandé, que rien ne colore", async (t) => {
  const page = mount(t);
  page.prompt.value = "Ré";
  fire(page.prompt, "input");
  const [first, second] = await settled(page);
  assert.ok([...first, ...second].every((word) => word.startsWith("ré")));
  assert.ok(page.all(".letters i:first-child").every((one) => one.className === "given" && one.textContent === "ré"));
});

test("une méthode choisie change sa colonne et sa barre", async (t) => {
  const page = mount(t);
  const [first, second] = await settled(page);
  const [choice] = page.all("select");
  choice.value = "layer_obs";
  fire(choice, "change");
  const after = await settled(page);
  assert.notDeepEqual(after[0], first);
  assert.deepEqual(after, [second, second]);
  const [bar, other] = page.all(".level").map(({ textContent }) => textContent);
  assert.equal(bar, other);
});

test("aucune touche ne sort de l'explorateur", (t) => {
  const { slider } = mount(t);
  const heard = [];
  const listen = ({ key }) => heard.push(key);
  document.addEventListener("keydown", listen);
  t.after(() => document.removeEventListener("keydown", listen));
  fire(slider, "keydown", { key: "b" });
  assert.deepEqual(heard, []);
});

test("le noyau apprend chaque réglage, et règle la page", async (t) => {
  const told = [];
  let apply = () => {};
  const page = mount(t, { set: (state) => told.push({ ...state }), listen: (then) => (apply = then) });
  page.slider.value = "70";
  fire(page.slider, "input");
  await settled(page);
  assert.deepEqual(told.at(-1), { ...STATE, sparsity: 0.7 });
  apply({ ...STATE, prompt: "re", sparsity: 0.3 });
  const [first] = await settled(page);
  assert.equal(page.slider.value, "30");
  assert.equal(page.prompt.value, "re");
  assert.ok(first.every((word) => word.startsWith("re")));
});

test("la porte de Jupyter monte l'explorateur aux réglages du noyau", async (t) => {
  const { default: door } = await import(`${HERE}/js/words/jupyter.js`);
  const el = document.createElement("div");
  const traits = { ...STATE, sparsity: 0.2, _data: JSON.stringify({ source: "words" }) };
  const model = { get: (name) => traits[name], set: () => {}, on: () => {}, save_changes: () => {} };
  t.after(await door.render({ model, el }));
  assert.equal(el.firstChild.shadowRoot.querySelector(".asked b").textContent, "20\u00a0%");
});

test("chaque niveau de surprise commence à ses bits", () => {
  for (const [rank, { bits }] of LEVELS.entries()) {
    assert.equal(levelOf(bits), rank);
    assert.equal(levelOf(bits + 0.9), rank);
  }
  assert.equal(levelOf(Infinity), LEVELS.length - 1);
});

test("les lettres d'un même niveau vont ensemble, celles du début à part", () => {
  const runs = runsOf({ word: "reçut", given: 2, surprises: [20, 20, 1, 2, 20], exists: false });
  assert.deepEqual(runs.map(({ name, text }) => `${name} ${text}`), ["given re", "s0 çu", "s3 t"]);
});

test("une fin que l'on n'attendait pas se voit ; une fin attendue, non", () => {
  const names = (surprises) => runsOf({ word: "s", given: 0, surprises, exists: false }).map(({ name }) => name);
  assert.deepEqual(names([2, 13]), ["s0", "s3"]);
  assert.deepEqual(names([2, 1]), ["s0"]);
  assert.deepEqual(names([2]), ["s0"]); // coupé à la longueur permise
});

test("la jauge donne à chaque barre une longueur qui suit ses bits", () => {
  const methods = [{ label: "a", colour: "#000", bits: [7, 4] }, { label: "b", colour: "#111", bits: [2, 3] }];
  const gauge = new Gauge([{ label: "hasard", bits: 5 }]);
  gauge.show(methods, 1);
  const lengths = [...gauge.root.querySelectorAll("u")].map(({ style }) => parseFloat(style.width));
  assert.ok(Math.abs(lengths[0] / lengths[1] - 4 / 3) < 1e-6);
  assert.ok(lengths[0] < 100);
  gauge.show(methods, 0); // pire que le hasard : la barre est pleine
  assert.equal(gauge.root.querySelector("u").style.width, "100%");
  gauge.show(methods, 1);
  assert.deepEqual([...gauge.root.querySelectorAll(".level b")].map((one) => one.textContent), ["4,00", "3,00"]);
});

test("un début de mot se lit en minuscules ; une autre lettre se refuse et se dit", () => {
  const read = (typed) => readPrompt(typed, ".abcé", 4);
  assert.deepEqual(read("bAé"), { prompt: "baé", told: "" });
  assert.deepEqual(read("be\u0301"), { prompt: "bé", told: "" });
  assert.equal(read("b1c").prompt, "bc");
  assert.match(read("b1c").told, /« 1 »/);
  assert.match(read("b.").told, /« \. »/);
  assert.deepEqual(read("abca").prompt, "abc");
  assert.match(read("abca").told, /3 lettres au plus/);
});

test("les phrases s'accordent", () => {
  const words = (...known) => known.map((exists) => ({ word: "mot", exists }));
  assert.equal(existing(words(false, false)), "aucun sur 2 n'existe");
  assert.equal(existing(words(true, false)), "1 mot sur 2 existe");
  assert.equal(existing(words(true, true)), "2 mots sur 2 existent");
  const method = { label: "magnitude", note: "Coupe." };
  assert.deepEqual(described([method, method]), [{ name: "Magnitude.", note: " Coupe. " }]);
  const said = announcement(50, [{ method, bits: 2.756, inventions: words(true, false) }]);
  assert.equal(said, "50\u00a0% élagués. magnitude\u00a0: 2,76 bits par lettre, 1 mot sur 2 existe\u00a0; mot, mot.");
});

test("une adresse rend les réglages qu'elle porte", () => {
  location.href = "file:///dossier%20d'essai/lecon.html";
  for (const state of [
    STATE,
    { sparsity: 0.9, method: "wanda", other: "wanda", seed: 2 ** 32 - 1, prompt: "été" },
    { sparsity: 0, method: "layer_obs", other: "magnitude", seed: 0, prompt: "re" },
  ]) {
    const address = new URL(addressOf(1, writeState(state)));
    assert.deepEqual(readState(askedIn(address.hash, 1), data), state);
  }
});

test("une adresse hostile ne règle rien, et un début que le modèle ne lit pas est laissé", () => {
  for (const wrong of ["-1", "1.5", "4294967296", "NaN", "Infinity", " ", "<b>"]) {
    const asked = new URLSearchParams({ sparsite: "101", methode: "__proto__", comparer: "constructor", tirage: wrong });
    assert.deepEqual(readState(asked, data), { prompt: "" });
  }
  for (const debut of ["re2", "<img src=x>", "a".repeat(200)])
    assert.deepEqual(readState(new URLSearchParams({ debut }), data), { prompt: "" });
});
