/* Un dessin à main levée, ramené à la taille des images du réseau. */

import { html } from "./dom.js";
import { contextOf } from "./pixels.js";

/** @typedef {[x: number, y: number]} Point */
/** @typedef {Point[]} Stroke */
/** @typedef {{ scale: number, shift: Point }} Frame */

export const SLATE_SIDE = 280;
export const SLATE_PEN = 22;
const SMALLEST = 60; // un point, sur l'ardoise, ne devient pas un disque

/** Comme les images d'origine : un petit format rempli jusqu'aux bords et moyenné par pixel, un
 * grand où le chiffre laisse une marge.
 * @param {number} side
 */
function formatOf(side) {
  if (side >= 16) return { fine: 1, pen: 2.6, room: 17.5 };
  const fine = 4;
  return { fine, pen: 5, room: side * fine - 5 };
}

/** Recadre et centre : le dessin tient dans `room`, au milieu d'un carré de côté `size`.
 * @param {Stroke[]} strokes
 * @param {number} room
 * @param {number} size
 * @returns {Frame}
 */
export function centred(strokes, room, size) {
  const points = strokes.flat();
  const ends = [0, 1].map((axis) => {
    const along = points.map((point) => point[axis]);
    return { low: Math.min(...along), high: Math.max(...along) };
  });
  const scale = room / Math.max(SMALLEST, ...ends.map(({ low, high }) => high - low));
  const [x, y] = ends.map(({ low, high }) => (size - scale * (low + high)) / 2);
  return { scale, shift: [x, y] };
}

/** Trace le dessin, et rien d'autre.
 * @param {HTMLCanvasElement} canvas
 * @param {Stroke[]} strokes
 * @param {number} lineWidth
 * @param {Frame} [frame]
 */
export function drawStrokes(canvas, strokes, lineWidth, { scale, shift } = { scale: 1, shift: [0, 0] }) {
  const pen = contextOf(canvas);
  pen.clearRect(0, 0, canvas.width, canvas.width);
  Object.assign(pen, { lineWidth, lineCap: "round", lineJoin: "round" });
  for (const points of strokes) {
    pen.beginPath();
    // Le premier point deux fois : un trait d'un seul point se voit.
    for (const [x, y] of [points[0], ...points]) pen.lineTo(x * scale + shift[0], y * scale + shift[1]);
    pen.stroke();
  }
  return pen;
}

/** L'image que reçoit le réseau : l'encre de chaque pixel, entre 0 et 1.
 * @param {Stroke[]} strokes
 * @param {number} side
 */
export function rasterize(strokes, side) {
  const { fine, pen, room } = formatOf(side);
  const size = side * fine;
  const canvas = html("canvas", { width: size, height: size });
  const context = drawStrokes(canvas, strokes, pen, centred(strokes, room, size));
  const { data } = context.getImageData(0, 0, size, size);
  const image = new Float64Array(side * side);
  for (let i = 0; i < size * size; i++) {
    const [row, column] = [Math.floor(i / size / fine), Math.floor((i % size) / fine)];
    image[row * side + column] += data[4 * i + 3] / 255 / fine ** 2;
  }
  return image;
}
