/* L'explorateur entier, monté dans une page, et ses deux portes. */

import assert from "node:assert/strict";
import test from "node:test";

import { fire, pause } from "./page.mjs";
import { ORDER, PATH, packTiny, tiny } from "./tiny.mjs";

const HERE = "../../../pruning_core/course/explorer/js";
const { Explorer } = await import(`${HERE}/display/explorer.js`);
const { bridgeTo } = await import(`${HERE}/bridge.js`);
const { default: door } = await import(`${HERE}/jupyter.js`);
await import(`${HERE}/page.js`);

const STATE = { sparsity: 0.5, method: "magnitude", scope: "global" };

function mount(t, bridge) {
  const host = document.body.appendChild(document.createElement("div"));
  const data = { ...tiny(ORDER, PATH), side: 1 }; // deux pixels ne font pas un carré
  const stop = new Explorer(data, STATE, bridge).attach(host);
  t.after(() => {
    stop();
    host.remove();
  });
  const find = (css) => host.shadowRoot.querySelector(css);
  const stats = () => [...host.shadowRoot.querySelectorAll(".stat b")].map((one) => one.textContent);
  return { host, find, stats, slider: find("input[type=range]") };
}

test("l'explorateur montre le réseau élagué aux réglages de départ", (t) => {
  const { find, stats, slider } = mount(t);
  assert.deepEqual(stats(), ["50\u00a0%", "4", "50,0\u00a0%"]);
  assert.equal(slider.value, "50");
  assert.equal(slider.getAttribute("aria-valuetext"), "50\u00a0% élagués, 4 poids restants");
  assert.equal(find("input[value=magnitude]").checked, true);
});

test("le curseur élague à l'image suivante", async (t) => {
  const { stats, slider } = mount(t);
  slider.value = "25";
  fire(slider, "input");
  await pause();
  assert.deepEqual(stats().slice(0, 2), ["25\u00a0%", "6"]);
});

test("aucune touche ne sort de l'explorateur", (t) => {
  const { host, slider } = mount(t);
  const heard = [];
  host.addEventListener("keydown", ({ key }) => heard.push(key));
  for (const key of ["ArrowRight", "j", "b"]) fire(slider, "keydown", { key });
  assert.deepEqual(heard, []);
});

test("la même sparsité dans chaque couche change le nom et la couleur de la magnitude", async (t) => {
  const { find } = mount(t);
  const box = find("input[type=checkbox]");
  box.checked = true;
  fire(box, "change");
  await pause();
  assert.equal(find(".chip span").textContent, "magnitude par couche");
});

test("comparer montre une seconde colonne, et la retire", async (t) => {
  const { host, find, stats } = mount(t);
  const other = find("select");
  const views = () => host.shadowRoot.querySelectorAll(".view").length;
  other.value = "obs";
  fire(other, "change");
  await pause();
  assert.deepEqual([views(), stats().length], [2, 4]);
  other.value = "";
  fire(other, "change");
  await pause();
  assert.deepEqual([views(), stats().length], [1, 3]);
});

test("une méthode se compare à elle-même : toutes les couches ensemble, et chacune pour soi", async (t) => {
  const { host, find } = mount(t);
  const choose = async (css, value) => {
    const input = find(css);
    if (input.type === "radio" || input.type === "checkbox") input.checked = value;
    else input.value = value;
    fire(input, "change");
    await pause();
  };
  const scores = () => [...host.shadowRoot.querySelectorAll(".stat.hue span")].map((one) => one.textContent);
  await choose("select", "portee");
  assert.deepEqual(scores(), ["magnitude", "magnitude par couche"]);
  await choose("input[type=checkbox]", true);
  assert.deepEqual(scores(), ["magnitude par couche", "magnitude"]);
  await choose("input[value=obs]", true); // un trajet n'a qu'une portée : rien à comparer
  assert.equal(scores().length, 1);
  assert.equal(find("option[value=portee]").disabled, true);
});

test("un trajet dit, comparé aussi, à quelle sparsité est le réseau qu'il montre", async (t) => {
  const { host, find, slider } = mount(t);
  find("select").value = "obs";
  fire(find("select"), "change");
  slider.value = "25";
  fire(slider, "input");
  const chip = () => host.shadowRoot.querySelectorAll(".chip small")[1].textContent;
  for (let turn = 0; turn < 100 && !chip().trim(); turn += 1) await pause(50); // calculée au repos
  const [, second] = host.shadowRoot.querySelectorAll(".stat.hue span");
  assert.equal(second.textContent, "obs à 37,5\u00a0%");
  assert.match(chip(), / à 37,5\u00a0%$/);
});

test("l'explorateur écrit ses apostrophes comme le livre", (t) => {
  const { host } = mount(t);
  const labels = [...host.shadowRoot.querySelectorAll("[aria-label]")].map((one) => one.getAttribute("aria-label"));
  assert.doesNotMatch([host.shadowRoot.textContent.replace(/\/\*[^]*?\*\//g, ""), ...labels].join(" "), /\p{L}'\p{L}/u);
});

test("au repos, chaque méthode dit son exactitude ; la première fois, rien n'est annoncé", async (t) => {
  const { find, slider } = mount(t);
  await pause(300);
  assert.equal(find(".chip small").textContent, "50,0\u00a0%");
  assert.equal(find("[role=status]").textContent, "");
  slider.value = "25";
  fire(slider, "input");
  await pause(300);
  assert.match(find("[role=status]").textContent, /^magnitude, 25\u00a0% élagués : .*, 6 poids restants\.$/);
});

test("tracer passe par toutes les sparsités de chaque méthode", async (t) => {
  const { host, find } = mount(t);
  fire([...host.shadowRoot.querySelectorAll(".options button")].find((one) => /Tracer/.test(one.textContent)), "click");
  for (let wait = 0; wait < 100 && !/L/.test(find(".curve path.hue").getAttribute("d")); wait++) await pause(20);
  const [magnitude, obs] = host.shadowRoot.querySelectorAll(".curve path.hue");
  assert.equal(magnitude.getAttribute("d").split("L").length, 9); // 8 poids : 9 sparsités possibles
  assert.equal(obs.getAttribute("d").split("L").length, 2); // sans élagage, puis son seul réseau
});

function fakeModel(values) {
  const listeners = {};
  return {
    values: { ...values },
    saved: 0,
    get(name) {
      return this.values[name];
    },
    set(name, value) {
      if (this.values[name] === value) return;
      this.values[name] = value;
      listeners[`change:${name}`]?.();
    },
    on: (event, listener) => (listeners[event] = listener),
    save_changes() {
      this.saved++;
    },
  };
}

test("un réglage de Python bouge la page, et ce que la page écrit ne lui revient pas", async (t) => {
  const model = fakeModel(STATE);
  const bridge = bridgeTo(model, Object.keys(STATE), ["accuracy", "loss", "kept"]);
  const { slider } = mount(t, bridge);
  assert.deepEqual([model.values.kept, model.values.accuracy], [4, 0.5]);
  model.set("sparsity", 0.25);
  await pause();
  assert.equal(slider.value, "25");
  assert.equal(model.values.kept, 6);
  slider.value = "0";
  fire(slider, "input");
  await pause();
  assert.equal(model.values.sparsity, 0);
  await pause(100);
  assert.equal(model.saved, 1); // un seul message, une fois les gestes finis
});

test("la porte de Jupyter monte l'explorateur aux réglages du noyau", async (t) => {
  const el = document.createElement("div");
  const model = fakeModel({ ...STATE, sparsity: 0.25, _data: JSON.stringify(packTiny(ORDER)) });
  t.after(await door.render({ model, el }));
  assert.equal(el.firstChild.shadowRoot.querySelector(".stat b").textContent, "25\u00a0%");
});

test("la porte de la page monte l'explorateur avec les données qu'il contient", async () => {
  const data = document.createElement("script");
  data.type = "application/json";
  data.textContent = JSON.stringify({ ...packTiny(ORDER), state: STATE });
  const element = document.createElement("pruning-explorer");
  element.append(data);
  document.body.append(element);
  await pause(50);
  assert.equal(element.shadowRoot.querySelector(".stat b").textContent, "50\u00a0%");
});

test("une page qui ne veut que l'essentiel a le curseur, les images et la courbe, sans options", async (t) => {
  const data = document.createElement("script");
  data.type = "application/json";
  data.textContent = JSON.stringify({ ...packTiny(ORDER), state: STATE, brief: true });
  const element = document.createElement("pruning-explorer");
  element.append(data);
  document.body.append(element);
  t.after(() => element.remove());
  await pause(50);
  const find = (css) => element.shadowRoot.querySelector(css);
  const figures = [...element.shadowRoot.querySelectorAll("figure")].map((one) => one.className);
  assert.deepEqual(figures, ["images", "curve"]);
  for (const css of [".options", ".note", ".pad"]) assert.equal(find(css), null);
  const slider = find("input[type=range]");
  slider.value = "25";
  fire(slider, "input");
  await pause();
  assert.equal(find(".stat b").textContent, "25\u00a0%");
});
