/* Les images que chaque réseau lit à l'écran. */

import { DECORATIVE, div, figure, html, setText, span } from "./dom.js";
import { paintDigit } from "./pixels.js";

/** @import { Data } from "../types" */

const TURNS = 3;

/** Trois images par classe, les premières. @param {Data} data */
export function pickSamples({ labels, classCount }) {
  const ofClass = Array.from({ length: classCount }, (_, label) =>
    [...labels.keys()].filter((image) => labels[image] === label),
  );
  return Array.from({ length: TURNS }, (_, turn) => ofClass.flatMap((images) => images[turn] ?? [])).flat();
}

export class Samples {
  /** @param {Data} data @param {number[]} images */
  constructor(data, images) {
    this.labels = images.map((image) => data.labels[image]);
    this.images = images;
    this.right = span();
    this.answers = images.map(() => span());
    this.tiles = images.map((image, rank) => {
      const canvas = html("canvas", { width: data.side, height: data.side });
      paintDigit(canvas, data.side, (pixel) => data.inputs[pixel * data.imageCount + image]);
      return div("tile", canvas, this.answers[rank]);
    });
    const strip = html("div", { class: "strip", ...DECORATIVE }, this.tiles);
    this.root = figure("images", "Ce que lit le réseau", this.right, strip);
  }

  /** @param {Uint8Array} predictions de toutes les images de test */
  show(predictions) {
    let right = 0;
    this.images.forEach((image, rank) => {
      const good = predictions[image] === this.labels[rank];
      if (good) right++;
      setText(this.answers[rank], String(predictions[image]));
      this.tiles[rank].classList.toggle("wrong", !good);
    });
    setText(this.right, `${right} sur ${this.images.length} bien lus`);
  }
}
