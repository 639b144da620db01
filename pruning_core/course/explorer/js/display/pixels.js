/* Des images posées dans des éléments <canvas>. */

/** @param {HTMLCanvasElement} canvas */
export function contextOf(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("canvas : aucun contexte 2D ; attendu un navigateur qui en donne un");
  return context;
}

/** Peint un chiffre, en noir plus ou moins opaque.
 * @param {HTMLCanvasElement} canvas
 * @param {number} side
 * @param {(pixel: number) => number} opacityAt entre 0 et 1
 */
export function paintDigit(canvas, side, opacityAt) {
  const image = new ImageData(side, side);
  for (let pixel = 0; pixel < side * side; pixel++) image.data[4 * pixel + 3] = 255 * opacityAt(pixel);
  contextOf(canvas).putImageData(image, 0, 0);
}
