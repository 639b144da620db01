/* Le bilan : chaque pronostic, et sa mesure. */

import { button, div, html } from "../../explorer/js/display/dom.js";
import { forget, kept, whenKept } from "./kept.js";
import { told } from "./telling.js";

/** @import { Answered } from "./types" */

const HEADS = ["On croit souvent que", "Vous disiez", "Mesuré"];

/** @param {Answered} question */
function row(question) {
  const answer = kept(question.key);
  const cells = [answer === undefined ? "–" : told(question, answer), told(question, question.truth)];
  return html(
    "tr",
    {},
    html("th", { scope: "row" }, question.belief, html("small", {}, question.asked)),
    cells.map((text, rank) => html("td", { "data-head": HEADS[rank + 1] }, text)),
  );
}

/** @param {{ questions: Answered[] }} data */
export function review({ questions }) {
  const body = html("tbody");
  const status = html("p", { role: "status" });
  const keys = questions.map(({ key }) => key);
  const clear = button("Effacer mes pronostics", () => forget(keys));
  const show = () => {
    const given = keys.filter((key) => kept(key) !== undefined).length;
    body.replaceChildren(...questions.map(row));
    clear.hidden = !given;
    status.textContent = given
      ? `Vous avez donné ${given} pronostic${given < 2 ? "" : "s"} sur ${keys.length}.`
      : "Vous n’avez donné aucun pronostic dans ce navigateur : voici les mesures seules.";
  };
  show();
  whenKept(show);
  const heads = HEADS.map((text) => html("th", { scope: "col" }, text));
  const caption = html("caption", {}, "Vos pronostics, et ce que les leçons ont mesuré");
  return div("guess", html("table", {}, caption, html("thead", {}, html("tr", {}, heads)), body), div("foot", clear, status));
}
