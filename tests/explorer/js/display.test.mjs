/* Chaque morceau de l'affichage, à part. */

import assert from "node:assert/strict";
import test from "node:test";

import { fire, painted } from "./page.mjs";
import { ORDER, PATH, tiny } from "./tiny.mjs";

const HERE = "../../../pruning_core/course/explorer/js";
const { Background } = await import(`${HERE}/display/background.js`);
const { Curve, placeLabel, tracePoints } = await import(`${HERE}/display/curve.js`);
const { binned, outline } = await import(`${HERE}/display/histogram.js`);
const { Pad, chances } = await import(`${HERE}/display/pad.js`);
const { pickSamples } = await import(`${HERE}/display/samples.js`);
const { rangeInput } = await import(`${HERE}/display/slider.js`);
const { readSettings, writeSettings } = await import(`${HERE}/display/settings.js`);
const { addressOf, askedIn } = await import(`${HERE}/share/address.js`);
const { centred, rasterize } = await import(`${HERE}/display/strokes.js`);
const { isDark } = await import(`${HERE}/display/theme.js`);
const { announcement, describe } = await import(`${HERE}/display/wording.js`);
const { createNetwork } = await import(`${HERE}/network/create.js`);

const look = { key: "obd", label: "OBD", colour: "#00835f", dash: "--" };

test("une courbe va de gauche à droite, dans l'ordre des sparsités", () => {
  const points = new Map([[0.5, 0.25], [0, 1]]);
  assert.equal(tracePoints(points, (s) => 100 * s, (a) => 10 * a), "M0.0 10.0L50.0 2.5");
});

test("un point seul est un trait nul, que son bout rond montre", () => {
  assert.equal(tracePoints(new Map([[0.5, 1]]), (s) => s, (a) => a), "M0.5 1.0h0");
});

test("une étiquette se pose près de son point, dans le cadre, et laisse la place de la précédente", () => {
  const taken = [];
  const [first, second] = [0, 1].map(() => placeLabel("93,6\u00a0%", 280, 60, 300, taken));
  assert.deepEqual([first["text-anchor"], first.y], ["end", 54]);
  assert.deepEqual([second["text-anchor"], second.y], ["end", 76]);
  assert.equal(placeLabel("93,6\u00a0%", 100, 20, 300, [])["text-anchor"], "start");
  assert.equal(placeLabel("93,6\u00a0%", 100, 20, 300, []).y, 36);
});

test("la courbe repasse par les mêmes endroits sans s'allonger, et met en avant ce qui est montré", () => {
  const curve = new Curve(0.9);
  for (const [sparsity, accuracy] of [[0.5, 0.8], [0.9, 0.4], [0.5, 0.8]]) curve.add("obd", look, sparsity, accuracy);
  curve.add("hasard", { ...look, dash: ":" }, 0.5, 0.1);
  curve.draw([{ key: "obd", look, reached: 0.5, accuracy: 0.8 }]);
  const [obd, other] = curve.root.querySelectorAll("path.hue");
  assert.equal(obd.getAttribute("d").split("L").length, 2);
  assert.match(obd.getAttribute("style"), /opacity:1;stroke-width:2/);
  assert.equal(obd.getAttribute("stroke-dasharray"), "7 4");
  assert.match(other.getAttribute("style"), /opacity:0.6;stroke-width:6/);
});

test("l'étiquette du point reste dans le cadre : à gauche s'il est au bord droit, dessous s'il est haut", () => {
  const curve = new Curve(0.9);
  const place = (reached, accuracy) => {
    curve.draw([{ key: "obd", look, reached, accuracy }]);
    const [circle, label] = ["circle", "text.hue"].map((css) => curve.root.querySelector(css));
    const moved = (name) => Math.round(label.getAttribute(name) - circle.getAttribute(`c${name}`));
    return [moved("x"), moved("y"), label.getAttribute("text-anchor")];
  };
  assert.deepEqual(place(0.1, 1), [10, 16, "start"]);
  assert.deepEqual(place(1, 0.5), [-10, -6, "end"]);
});

test("un dessin est recadré et centré, sans déformer ni grossir un point", () => {
  const { scale, shift } = centred([[[0, 100], [60, 200]]], 50, 64);
  assert.equal(scale, 0.5);
  assert.deepEqual([0 * scale + shift[0], 60 * scale + shift[0]], [17, 47]);
  assert.deepEqual([100 * scale + shift[1], 200 * scale + shift[1]], [7, 57]);
  assert.equal(centred([[[10, 10]]], 60, 64).scale, 1);
});

test("l'image d'un petit réseau est moyennée par pixel, celle d'un grand non", () => {
  const [small, big] = [8, 28].map((side) => rasterize([[[140, 140]]], side));
  assert.deepEqual([small.length, small[8 * 4 + 4]], [64, 1 / 16]);
  assert.deepEqual([big.length, big[28 * 14 + 14]], [784, 1]);
});

test("les probabilités somment à cent, même quand les sorties débordent", () => {
  assert.deepEqual(chances([1000, 1000]), [50, 50]);
  assert.equal(chances([0, Math.log(3)])[1].toFixed(6), "75.000000");
});

test("l'histogramme compte les poids gardés, et range aux bouts ceux qui dépassent", () => {
  const counts = binned([-5, -1, 0, 0.99, 7], 1);
  assert.deepEqual([counts[0], counts[30], counts[59]], [2, 1, 2]);
  assert.equal(binned([0, 0], 1, [1, 0])[30], 1);
  assert.match(outline(counts, 2), /^M0 100V29\.3H5V100\.0H10.*V29\.3H300V100Z$/);
});

test("un geste que le navigateur reprend rend au curseur sa valeur, et le dit", () => {
  const said = [];
  const input = rangeInput({ min: 0, max: 100 }, (value) => said.push(value));
  input.value = "80";
  fire(input, "pointerdown");
  fire(input, "pointercancel"); // rien n'a bougé : rien à redire
  fire(input, "pointerdown");
  input.value = "30";
  fire(input, "input");
  fire(input, "pointercancel");
  assert.deepEqual([said, input.value], [[30, 80], "80"]);
});

test("une adresse rend les réglages qu'elle porte, à l'explorateur qu'elle nomme", () => {
  location.href = "file:///dossier%20d'essai/lecon.html#ailleurs";
  const methods = new Map([["obd", {}], ["obs", {}]]);
  for (const settings of [
    { sparsity: 0.625, method: "obd", scope: "layerwise", other: "obs" },
    { sparsity: 1, method: "obs", scope: "global", other: "" },
    { sparsity: 0.9, method: "obd", scope: "global", other: "portee" },
  ]) {
    const address = new URL(addressOf(2, writeSettings(settings)));
    assert.equal(address.pathname, "/dossier%20d'essai/lecon.html");
    assert.equal(askedIn(address.hash, 1), null);
    assert.deepEqual(readSettings(askedIn(address.hash, 2), methods), settings);
  }
});

test("une adresse étrangère ou hostile ne règle rien", () => {
  const methods = new Map([["obd", {}]]);
  for (const hash of ["", "#", "#section", "#explorateur", "#explorateur=0", "#explorateur=1e0", "#%"])
    assert.equal(askedIn(hash, 1), null);
  for (const sparsity of ["101", "-1", "1e1", "NaN", "", "0x10", "50%", "99999999", "Infinity"]) {
    const asked = new URLSearchParams({ sparsite: sparsity, methode: "__proto__", portee: "<b>", comparer: "constructor" });
    assert.deepEqual(readSettings(asked, methods), { scope: "global", other: "" });
  }
});

test("clair ou sombre se lit sur le fond", () => {
  assert.deepEqual(["rgb(255, 255, 255)", "rgb(20, 24, 30)", ""].map(isDark), [false, true, false]);
});

test("les images montrées sont les premières de chaque classe, à tour de rôle", () => {
  assert.deepEqual(pickSamples({ labels: [1, 0, 1, 1, 0, 1], classCount: 2 }), [1, 0, 4, 2, 3]);
});

test("les tâches de fond se font dans l'ordre, et une nouvelle série remplace la précédente", async () => {
  const background = new Background();
  const done = [];
  const slow = () => {
    const end = performance.now() + 15;
    while (performance.now() < end);
  };
  background.run([slow, () => done.push("jamais")], () => done.push("non plus"));
  await new Promise((finish) =>
    background.run([() => done.push(1), slow, () => done.push(2)], finish),
  );
  assert.deepEqual(done, [1, 2]);
});

test("la note dit ce que la méthode vient de faire, où un trajet s'arrête, et un réseau rompu", () => {
  const data = tiny(ORDER, PATH);
  const [magnitude, obs] = data.methods;
  const network = createNetwork(data);
  const told = (method, sparsity, { collapsed = false, scope = "global" } = {}) =>
    describe({ method, scope, network, asked: sparsity, reached: network.prune(method, sparsity, scope), collapsed });
  assert.equal(told(magnitude, 0), "Note de magnitude.");
  assert.match(told(magnitude, 0.5), /portent ensemble 33\u00a0% de la somme des \|w\|\u00a0: rien ne les remplace\.$/);
  assert.match(told(obs, 0.375), /changent de 17\u00a0% en moyenne \(réseaux calculés d'avance\)\.$/);
  assert.match(told(obs, 0.25), /⚠ Aucun réseau calculé à 25\u00a0%\u00a0: voici le suivant, à 37,5\u00a0%\.$/);
  assert.match(told(obs, 1), /⚠ Rien au-delà\u00a0: comparez les méthodes à 37,5\u00a0%\.$/);
  assert.match(told(obs, 0.375, { scope: "layerwise" }), /toutes les couches ensemble\u00a0: la case n'y change rien\.$/);
  assert.doesNotMatch(told(magnitude, 0.5, { scope: "layerwise" }), /⚠/);
  assert.match(told(magnitude, 1, { collapsed: true }), /⚠ Plus aucun chemin .* toujours pareil\.$/);
});

test("l'annonce dit chaque méthode montrée", () => {
  const said = announcement([{ look, reached: 0.9, accuracy: 0.5, kept: 1 }]);
  assert.equal(said, "OBD, 90\u00a0% élagués : 50,0\u00a0% d'exactitude, 1 poids restant.");
});

const respondents = (data) => [{ label: "sans élagage", colour: "var(--ink)", network: createNetwork(data) }];
const click = (pad, text) => {
  const buttons = [...pad.root.querySelectorAll("button")];
  fire(buttons.find(({ textContent }) => textContent === text), "click");
};

test("l'ardoise montre tour à tour les images du test, puis rien", () => {
  const data = tiny();
  let changes = 0;
  const pad = new Pad(data, () => changes++);
  const answer = () => {
    pad.answer(respondents(data));
    return pad.root.querySelector(".answers b").textContent;
  };
  assert.equal(answer(), "?");
  click(pad, "Image de test");
  assert.deepEqual([...pad.input], [1, 0]);
  assert.equal(answer(), "0"); // sorties 4 et 0,75
  click(pad, "Image de test");
  assert.deepEqual([...pad.input], [0, 1]);
  click(pad, "Effacer");
  assert.deepEqual([...pad.input], [0, 0]);
  assert.equal(answer(), "?");
  assert.equal(changes, 3);
});

test("un trait suit le pointeur appuyé, dans les unités de l'ardoise, et arrive au réseau", () => {
  const pad = new Pad({ ...tiny(), sizes: [64, 2, 2], side: 8 }, () => {});
  fire(pad.slate, "pointermove", { buttons: 1, clientX: 50, clientY: 50 }); // rien de commencé
  assert.equal(pad.input.some(Boolean), false);
  fire(pad.slate, "pointerdown", { pointerId: 1, clientX: 80, clientY: 90 }); // le milieu
  assert.deepEqual(pad.slate.getContext("2d").points.at(-1), [140, 140]);
  assert.equal(pad.input[8 * 4 + 4], 1 / 16);
  fire(pad.slate, "pointermove", { buttons: 0, clientX: 10, clientY: 20 }); // relâché
  assert.deepEqual(pad.slate.getContext("2d").points.at(-1), [140, 140]);
  fire(pad.slate, "pointermove", { buttons: 1, clientX: 10, clientY: 20 });
  assert.deepEqual(pad.slate.getContext("2d").points.at(-1), [0, 0]);
  assert.equal(painted.at(-1).canvas, pad.seen);
});
