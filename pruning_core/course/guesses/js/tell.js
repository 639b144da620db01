/* La mesure, à côté de ce que le lecteur avait dit. */

import { DECORATIVE, div, html, svg } from "../../explorer/js/display/dom.js";
import { kept, whenKept } from "./kept.js";
import { gap, told } from "./telling.js";

/** @import { Answered } from "./types" */

const WIDTH = 320;
const [FROM, TO, AXIS] = [64, WIDTH - 60, 30]; // la place des bornes, de part et d'autre

/** Un repère : un triangle, au-dessus de l'axe ou dessous, et son nom.
 * @param {string} name @param {number} x @param {1 | -1} side */
function mark(name, x, side) {
  const tip = AXIS + 4 * side;
  const base = tip + 9 * side;
  return svg(
    "g",
    { class: name },
    svg("path", { d: `M${x} ${tip}L${x - 5} ${base}H${x + 5}Z` }),
    svg("text", { x, y: base + (side < 0 ? -4 : 13), "text-anchor": "middle" }, side < 0 ? "vous" : "mesuré"),
  );
}

/** Les deux réponses sur un axe ; la phrase à côté les dit.
 * @param {Answered} question
 * @param {number} answer
 * @param {number} truth
 */
function compared(question, answer, truth) {
  const { low = 0, high = 100 } = question;
  /** @param {number} value */
  const x = (value) => FROM + ((TO - FROM) * (Math.min(Math.max(value, low), high) - low)) / (high - low);
  return svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} 58`, ...DECORATIVE },
    svg("path", { d: `M${FROM} ${AXIS - 4}v8m0-4H${TO}m0-4v8`, class: "axis" }),
    svg("path", { d: `M${x(answer)} ${AXIS}H${x(truth)}`, class: "gap" }),
    svg("text", { x: FROM - 6, y: AXIS + 4, "text-anchor": "end" }, told(question, low)),
    svg("text", { x: TO + 6, y: AXIS + 4 }, told(question, high)),
    mark("mine", x(answer), -1),
    mark("truth", x(truth), 1),
  );
}

/** @param {Answered} question */
export function tell(question) {
  const content = div("told");
  const show = () => {
    const answer = kept(question.key);
    const measured = ["Mesuré : ", html("b", { class: "truth" }, told(question, question.truth)), "."];
    if (answer === undefined) {
      content.replaceChildren(html("p", {}, measured, " Vous n’aviez pas donné de pronostic."));
      return;
    }
    const mine = ["Vous disiez ", html("b", { class: "mine" }, told(question, answer)), ". "];
    const { truth } = question;
    const drawn = typeof answer === "number" && typeof truth === "number" ? compared(question, answer, truth) : "";
    content.replaceChildren(html("p", {}, mine, measured, ` ${gap(question, answer)}`), drawn);
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
