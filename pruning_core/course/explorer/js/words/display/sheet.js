/* Les mots d'une méthode sur une image, claire, avec les marques qu'ils ont dans la page (words.css). */

import { html } from "../../display/dom.js";
import { contextOf } from "../../display/pixels.js";
import { INNER, SHARPNESS } from "../../share/picture.js";
import { LEVELS, runsOf } from "./line.js";

/** @import { Invention } from "../types" */

const COLUMNS = 2;
const [ROW, SIZE, BASE] = [28, 17, 20]; // hauteurs d'une ligne, du texte, et de son appui
const INDENT = 20; // la place de la coche
const INK = "#1f2328";
/** @type {Record<string, { fill: string, back?: string, line?: number }>} */
const LOOKS = {
  given: { fill: "#57606a" },
  s0: { fill: INK },
  s1: { fill: INK, back: "#faecd6", line: 1 },
  s2: { fill: INK, back: "#f4d7a8", line: 2 },
  s3: { fill: "#fff", back: "#b3261e", line: 3 },
};

const [, rare, rarer, unlikely] = LEVELS.map(({ name }) => name);
/** De quoi lire les marques. */
export const KEY = [
  "✓\u00a0: le mot existe. Marquées\u00a0: les lettres, et fins de mot, qui surprennent le réseau non élagué.",
  `Pâle\u00a0: ${rare}. Orange\u00a0: ${rarer}.`,
  `Rouge\u00a0: ${unlikely}.`,
];

/** @param {Invention[]} inventions @param {string} colour celle de la méthode */
export function sheetOf(inventions, colour) {
  const rows = Math.ceil(inventions.length / COLUMNS);
  const canvas = html("canvas", { width: SHARPNESS * INNER, height: SHARPNESS * ROW * rows });
  const pen = contextOf(canvas);
  inventions.forEach((invention, rank) => {
    pen.resetTransform();
    pen.scale(SHARPNESS, SHARPNESS);
    pen.translate((Math.floor(rank / rows) * INNER) / COLUMNS, (rank % rows) * ROW);
    write(pen, invention, colour);
  });
  return canvas;
}

/** @param {CanvasRenderingContext2D} pen @param {Invention} invention @param {string} colour */
function write(pen, invention, colour) {
  pen.font = `${invention.exists ? 650 : 400} ${SIZE}px system-ui, sans-serif`;
  pen.fillStyle = colour;
  if (invention.exists) pen.fillText("✓", 0, BASE);
  let x = INDENT;
  const nothing = invention.word ? [] : [{ name: "s0", text: "(rien)" }];
  for (const { name, text } of [...nothing, ...runsOf(invention)]) {
    const { fill, back, line = 0 } = LOOKS[name];
    const { width } = pen.measureText(text);
    if (back) {
      pen.fillStyle = back;
      pen.fillRect(x, 2, width, ROW - 4);
      pen.fillStyle = INK;
      pen.fillRect(x, ROW - 2 - line, width, line);
    }
    pen.fillStyle = fill;
    pen.fillText(text, x, BASE);
    x += width;
  }
}
