/* La mesure, à côté de ce que le lecteur avait dit. */

import { DECORATIVE, div, html, svg } from "../../explorer/js/display/dom.js";
import { kept, whenKept } from "./kept.js";
import { gap, told } from "./telling.js";

/** @import { Answer } from "./kept.js" */
/** @import { Answered } from "./types" */

const WIDTH = 300;
const MIDDLE = 16;

/** L'échelle, et les deux réponses dessus ; la phrase à côté la dit.
 * @param {Answered} question
 * @param {Answer | undefined} answer
 */
function scale({ low = 0, high = 100, truth }, answer) {
  /** @param {number} value */
  const x = (value) => 8 + ((WIDTH - 16) * (Math.min(Math.max(value, low), high) - low)) / (high - low);
  const marks = [svg("path", { d: `M8 ${MIDDLE}H${WIDTH - 8}`, class: "line" })];
  if (typeof answer === "number" && typeof truth === "number") {
    marks.push(svg("path", { d: `M${x(answer)} ${MIDDLE}H${x(truth)}`, class: "gap" }));
    marks.push(svg("circle", { cx: x(answer), cy: MIDDLE, r: 6, class: "mine" }));
  }
  if (typeof truth === "number") marks.push(svg("circle", { cx: x(truth), cy: MIDDLE, r: 6, class: "truth" }));
  return svg("svg", { viewBox: `0 0 ${WIDTH} 32`, ...DECORATIVE }, ...marks);
}

/** @param {Answered} question */
export function tell(question) {
  const content = div("told");
  const show = () => {
    const answer = kept(question.key);
    const measured = ["Mesuré : ", html("b", { class: "truth" }, told(question, question.truth)), "."];
    const mine =
      answer === undefined
        ? ["Vous n’aviez pas donné de pronostic. "]
        : ["Vous disiez ", html("b", { class: "mine" }, told(question, answer)), ". "];
    const drawn = question.options ? "" : scale(question, answer);
    const far = answer === undefined ? "" : ` ${gap(question, answer)}`;
    content.replaceChildren(html("p", {}, mine, measured, far), drawn);
  };
  show();
  whenKept(show);
  return div(
    "guess",
    html("p", { class: "title" }, "Et votre pronostic ?"),
    html("p", { class: "asked" }, question.asked),
    content,
  );
}
