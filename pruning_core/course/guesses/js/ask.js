/* La question, avant le résultat : le lecteur s'engage, ou passe son chemin. */

import { button, div, html } from "../../explorer/js/display/dom.js";
import { keep, kept, whenKept } from "./kept.js";
import { told } from "./telling.js";

/** @import { Answer } from "./kept.js" */
/** @import { Question } from "./types" */

/** Un champ, et de quoi le lire et le régler.
 * @typedef {{ element: HTMLElement, read: () => Answer | undefined, write: (answer: Answer) => void }} Field */

/** @param {Question} question @returns {Field} */
function slider(question) {
  const { low = 0, high = 100, step = 1, asked } = question;
  const shown = html("output", {});
  const input = html("input", { type: "range", min: low, max: high, step, "aria-label": asked });
  const show = () => {
    shown.textContent = told(question, input.valueAsNumber);
    input.setAttribute("aria-valuetext", shown.textContent);
  };
  input.addEventListener("input", show);
  const ends = div("ends", html("span", {}, told(question, low)), html("span", {}, told(question, high)));
  input.value = String((low + high) / 2);
  show();
  return {
    element: div("slider", shown, input, ends),
    read: () => input.valueAsNumber,
    write(answer) {
      input.value = String(answer);
      show();
    },
  };
}

/** @param {Question} question @returns {Field} */
function choices({ key, asked, options = [] }) {
  const inputs = options.map((value) => html("input", { type: "radio", name: `guess-${key}`, value }));
  const labels = inputs.map((input) => html("label", {}, input, " ", input.value));
  return {
    element: html("fieldset", {}, html("legend", {}, asked), labels),
    read: () => inputs.find((input) => input.checked)?.value,
    write: (answer) => inputs.forEach((input) => (input.checked = input.value === answer)),
  };
}

/** @param {Question} question */
export function ask(question) {
  const field = question.options ? choices(question) : slider(question);
  const status = html("p", { role: "status" });
  const commit = button("Je m’engage", () => {
    const answer = field.read();
    if (answer === undefined) status.textContent = "Choisissez d’abord une réponse, ou passez à la suite.";
    else keep(question.key, answer);
  });
  const show = () => {
    const answer = kept(question.key);
    commit.textContent = answer === undefined ? "Je m’engage" : "Changer";
    status.textContent =
      answer === undefined
        ? "Rien n’oblige à répondre : la mesure est plus bas, de toute façon."
        : `Noté : ${told(question, answer)}. La mesure est plus bas.`;
    if (answer !== undefined) field.write(answer);
  };
  show();
  whenKept(show);
  const asked = question.options ? "" : html("p", { class: "asked" }, question.asked);
  return div("guess", html("p", { class: "title" }, "Votre pronostic"), asked, field.element, div("foot", commit, status));
}
