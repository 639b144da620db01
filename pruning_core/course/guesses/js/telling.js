/* Une réponse, et son écart à la mesure, tels qu'on les dit. */

import { number } from "../../explorer/js/formatting.js";

/** @import { Answer } from "./kept.js" */
/** @import { Answered, Question } from "./types" */

const CLOSE = 0.05; // de l'échelle : un curseur ne se règle pas mieux

/** @param {Question} question @param {Answer} answer */
export function told(question, answer) {
  if (typeof answer === "string") return answer;
  const whole = Number.isInteger(answer) && (question.step ?? 1) >= 1;
  return `${number(answer, whole ? 0 : question.digits)}\u00a0${question.unit ?? ""}`.trim();
}

/** @param {Answered} question @param {Answer} answer */
export function gap(question, answer) {
  const { truth, low = 0, high = 1, unit, digits } = question;
  if (typeof truth === "string" || typeof answer === "string")
    return answer === truth ? "Bien vu." : "Ce n’est pas ce que vous pensiez.";
  const wrong = Math.abs(answer - truth);
  const far = `${number(wrong, digits)}\u00a0${unit === "%" ? `point${wrong < 2 ? "" : "s"}` : unit}`.trim();
  if (wrong <= CLOSE * (high - low)) return `Bien vu, à ${far} près.`;
  return `C’est ${far} ${answer > truth ? "de moins" : "de plus"} que vous ne pensiez.`;
}
