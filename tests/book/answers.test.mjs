/* answers.js dans une page : il juge comme Python, et le quiz se souvient. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";
import vm from "node:vm";

const { Window } = createRequire(import.meta.url)("happy-dom");
const SCRIPT = readFileSync("book/scripts/answers.js", "utf8");

/** Une page, le script exécuté. */
function page(body, kept = {}) {
  const window = new Window({ url: "http://localhost/" });
  window.document.body.innerHTML = `<div data-page="lecon">${body}</div>`;
  for (const [key, value] of Object.entries(kept)) window.localStorage.setItem(key, value);
  vm.runInNewContext(SCRIPT, {
    document: window.document,
    localStorage: window.localStorage,
    CSS: { escape: (text) => text },
    ...Object.fromEntries(
      ["HTMLFormElement", "HTMLInputElement", "HTMLDetailsElement"].map((name) => [name, window[name]]),
    ),
  });
  return window;
}

const escaped = (data) => JSON.stringify(data).replace(/&/g, "&amp;").replace(/"/g, "&quot;");

function form(data, texts, kept) {
  const fields = texts.map(() => "<input>").join("");
  const window = page(
    `<input type="checkbox" data-exercice="exo"><form class="repondre" data-exercice="exo"
     data-regles="${escaped(data)}">${fields}<button></button><p role="status"></p></form>`,
    kept,
  );
  const box = window.document.querySelector("form");
  const answer = (given = texts) => {
    [...box.querySelectorAll("input")].forEach((field, rank) => (field.value = given[rank]));
    box.dispatchEvent(new window.Event("submit", { cancelable: true }));
    return box.querySelector("p").textContent;
  };
  return { window, box, answer, done: () => window.document.querySelector("[type=checkbox]").checked };
}

/** Une case vide par champ. */
const blank = ({ rules }) => rules.find(({ right }) => right).when[0].map(() => "");
const { cases, forms } = JSON.parse(readFileSync(process.env.ANSWER_CASES, "utf8"));

test("chaque réponse reçoit sur la page le jugement de Python", () => {
  assert.ok(cases.length > 400);
  const pages = Object.entries(forms).map(([key, data]) => [key, form(data, blank(data))]);
  const answers = Object.fromEntries(pages.map(([key, { answer }]) => [key, answer]));
  for (const { exercise, texts, told } of cases)
    assert.equal(answers[exercise](texts), told, `${exercise} : ${texts}`);
});

test("un nombre se lit comme on l'écrit ici", () => {
  const rules = [{ told: "oui", when: [[["near", -0.5, 1e-9, false]]], right: true }, { told: "non", when: [], right: false }];
  for (const text of ["−0,5", "-0.5", " - 1/2 ", "−50 %", "-50\u00a0%"])
    assert.equal(form({ asksIndices: false, rules }, [text]).answer(), "Juste. oui", text);
  for (const text of ["un demi", "1/0", "0,5,1", "--1"])
    assert.match(form({ asksIndices: false, rules }, [text]).answer(), /ne se lit pas/, text);
  assert.match(form({ asksIndices: false, rules }, [" "]).answer(), /^Donnez/);
});

test("des indices se lisent comme on les écrit ici", () => {
  const rules = [{ told: "oui", when: [[["same", [1, 2], 0, false]]], right: true }, { told: "non", when: [], right: false }];
  for (const text of ["1, 2", "2 et 1", "[1, 2]", "1;2"])
    assert.equal(form({ asksIndices: true, rules }, [text]).answer(), "Juste. oui", text);
  for (const text of ["1,5 2 a", "un", "1.5"])
    assert.match(form({ asksIndices: true, rules }, [text]).answer(), /ne se lit pas/, text);
});

test("une réponse juste coche l'exercice, et revient avec la page", () => {
  const data = forms["gradient-main"];
  const { window, answer, done } = form(data, ["2", "0"]);
  assert.match(answer(), /^Juste/);
  assert.ok(done());
  const kept = { "elagage-reponses": window.localStorage.getItem("elagage-reponses") };
  const again = form(data, ["", ""], kept);
  assert.deepEqual([...again.box.querySelectorAll("input")].map((one) => one.value), ["2", "0"]);
  assert.match(again.box.querySelector("p").textContent, /^Juste/);
});

test("une réponse fausse ne coche rien", () => {
  const { answer, done } = form(forms["gradient-main"], ["0", "2"]);
  assert.match(answer(), /^Pas encore/);
  assert.ok(!done());
});

const choice = (question, letter, worth) =>
  `<details name="quiz-${question}" data-choix="${worth}"><summary><span class="sd-summary-text">${letter}. x</span></summary></details>`;
const QUIZ = `${choice(1, "a", "faux")}${choice(1, "b", "juste")}${choice(2, "a", "juste")}
  <div class="bilan-quiz" hidden><p role="status"></p><button></button></div>`;

test("le premier choix compte, et reste quand on revient", () => {
  const first = page(QUIZ);
  const { document } = first;
  const told = () => document.querySelector("[role=status]").textContent;
  const summaries = [...document.querySelectorAll("summary")];
  assert.ok(document.querySelector(".bilan-quiz").hidden);
  summaries[0].click();
  summaries[1].click();
  assert.equal(told(), "Du premier coup\u00a0: 0 sur 1. Encore 1 question.");
  summaries[2].click();
  assert.equal(told(), "Du premier coup\u00a0: 1 sur 2.");
  assert.deepEqual([...document.querySelectorAll(".verdict")].map((one) => one.textContent), ["non", "juste", "juste"]);
  const again = page(QUIZ, { "elagage-reponses": first.localStorage.getItem("elagage-reponses") }).document;
  assert.equal(again.querySelector("[role=status]").textContent, "Du premier coup\u00a0: 1 sur 2.");
  assert.equal(again.querySelectorAll(".verdict").length, 2);
  again.querySelector("button").click();
  assert.ok(again.querySelector(".bilan-quiz").hidden);
  assert.equal(again.querySelectorAll(".verdict").length, 0);
});

test("des réponses illisibles, ou gardées par autre chose, ne gênent pas", () => {
  for (const junk of ["{", "3", '{"lecon": {"quiz-1": 3, "exo": "a"}}'])
    assert.ok(page(QUIZ, { "elagage-reponses": junk }).document.querySelector(".bilan-quiz").hidden);
});
