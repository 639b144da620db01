/* Une image de l'explorateur, faite sur place : ce qu'il dit, ses figures, et d'où elle vient. */

import { html, svg } from "../display/dom.js";
import { contextOf } from "../display/pixels.js";

/** @typedef {{ title: string, drawing: SVGSVGElement | HTMLCanvasElement }} Figure */
/** @typedef {{ lines: string[], figures: Figure[], source: string[] }} Contents */

const [WIDTH, MARGIN, GAP] = [760, 28, 12];
export const INNER = WIDTH - 2 * MARGIN;
export const SHARPNESS = 2; // pixels de l'image pour un pixel de page
const [TITLE, LINE, SMALL] = [
  { size: 13, step: 22, weight: 650, fill: "#1f2328" },
  { size: 16, step: 26, weight: 650, fill: "#1f2328" },
  { size: 11, step: 18, weight: 400, fill: "#57606a" },
];
// Ce que la feuille de style donne aux dessins : hors de la page, il faut l'écrire dans chacun.
const STYLED = ["fill", "stroke", "stroke-width", "stroke-linecap", "opacity", "font-size", "font-weight", "paint-order"];

/** Un dessin tel qu'il se voit, sans sa feuille de style. @param {SVGSVGElement} drawing */
function frozen(drawing) {
  const copy = /** @type {SVGSVGElement} */ (drawing.cloneNode(true));
  const copies = [...copy.querySelectorAll("*")];
  [...drawing.querySelectorAll("*")].forEach((one, rank) => {
    const style = getComputedStyle(one);
    const written = STYLED.map((name) => `${name}:${style.getPropertyValue(name)}`);
    copies[rank].setAttribute("style", written.join(";"));
  });
  return copy;
}

/** Hauteur à toute la largeur ; un dessin qui s'étire garde la sienne. @param {Figure["drawing"]} drawing */
function heightOf(drawing) {
  if (drawing instanceof HTMLCanvasElement) return (INNER * drawing.height) / drawing.width;
  if (drawing.getAttribute("preserveAspectRatio") === "none") return Number(drawing.getAttribute("height"));
  const { clientWidth, clientHeight } = drawing;
  return (INNER * clientHeight) / (clientWidth || INNER);
}

/** Une image SVG écrite, telle que le navigateur la dessine. @param {string} text */
async function loaded(text) {
  const image = new Image();
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
  await image.decode();
  return image;
}

/** @param {Contents} contents @returns {Promise<HTMLCanvasElement>} */
export async function pictureOf({ lines, figures, source }) {
  let y = MARGIN;
  /** @param {typeof LINE} look @param {string} text */
  const say = ({ size, step, weight, fill }, text) => {
    y += step;
    return svg("text", { x: MARGIN, y: y - 6, "font-size": size, "font-weight": weight, fill }, text);
  };
  /** @type {[HTMLCanvasElement, number, number][]} */
  const pixels = [];
  /** @param {Figure} figure */
  const draw = ({ title, drawing }) => {
    y += GAP;
    const caption = say(TITLE, title);
    const [top, height] = [y, heightOf(drawing)];
    y += height;
    if (drawing instanceof HTMLCanvasElement) {
      pixels.push([drawing, top, height]);
      return [caption];
    }
    const copy = frozen(drawing);
    for (const [name, value] of Object.entries({ x: MARGIN, y: top, width: INNER, height }))
      copy.setAttribute(name, String(value));
    return [caption, copy];
  };
  const drawn = [lines.map((line) => say(LINE, line)), figures.flatMap(draw)];
  y += GAP;
  drawn.push(source.map((line) => say(SMALL, line)));
  const size = { width: WIDTH, height: Math.ceil(y + MARGIN) };
  const font = { "font-family": "system-ui, sans-serif" };
  const page = svg("svg", { ...size, ...font }, svg("rect", { ...size, fill: "#fff" }), drawn);
  const image = await loaded(new XMLSerializer().serializeToString(page));
  const canvas = html("canvas", { width: SHARPNESS * size.width, height: SHARPNESS * size.height });
  const pen = contextOf(canvas);
  pen.scale(SHARPNESS, SHARPNESS);
  pen.drawImage(image, 0, 0, size.width, size.height);
  pen.imageSmoothingEnabled = false;
  for (const [drawing, top, height] of pixels) pen.drawImage(drawing, MARGIN, top, INNER, height);
  return canvas;
}
