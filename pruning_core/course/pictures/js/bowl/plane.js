/* Le plan des deux poids : les courbes de niveau, le minimum que l'on tire, les deux chemins. */

import { setHue, svg } from "../../../explorer/js/display/dom.js";
import { ellipse } from "./quadratic.js";

/** @import { Hessian, Pair, Removal } from "./quadratic.js" */

/** @typedef {[label: string, colour: string]} Look */

const SIDE = 360;
const RINGS = [0.2, 0.4, 0.6, 0.8, 1, 1.2]; // courbes de niveau, en parts du bord
const NAMES = ["w₀", "w₁"];

export class Plane {
  #rings = RINGS.map(() => svg("ellipse", { class: "ring" }));
  #touching = svg("ellipse", { class: "hue touching" });
  #axis = svg("path", { class: "axis gone" });
  #minimum = svg("circle", { class: "minimum", r: 10 });

  /**
   * @param {number} edge ce qui doit tenir dans le dessin, de part et d'autre de zéro
   * @param {Look[]} looks d'OBD et d'OBS
   * @param {(weights: Pair) => void} drag
   */
  constructor(edge, looks, drag) {
    this.edge = edge;
    this.paths = looks.map((look) => new Path(look));
    setHue(/** @type {any} */ (this.#touching), looks[1][1]);
    const middle = SIDE / 2;
    const frame = { viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", class: "plane" };
    this.root = svg(
      "svg",
      frame,
      // un second cadre coupe les courbes au bord, sans couper les étiquettes
      svg("svg", { width: SIDE, height: SIDE, class: "cut" }, this.#rings, this.#touching),
      svg("path", { class: "axis", d: `M0 ${middle}H${SIDE}M${middle} 0V${SIDE}` }),
      this.#axis,
      svg("text", { x: SIDE - 4, y: middle - 7, "text-anchor": "end" }, NAMES[0]),
      svg("text", { x: middle + 8, y: 14 }, NAMES[1]),
      this.paths.map(({ root }) => root),
      this.#minimum,
    );
    this.#follow(drag);
  }

  /** @param {number} value */
  #x = (value) => SIDE * (0.5 + value / (2 * this.edge));
  /** @param {number} value */
  #y = (value) => SIDE * (0.5 - value / (2 * this.edge));

  /** Le minimum se tire à la souris et au doigt ; au clavier, ses deux curseurs font de même.
   * @param {(weights: Pair) => void} drag
   */
  #follow(drag) {
    this.#minimum.addEventListener("pointerdown", (event) => {
      this.#minimum.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    this.#minimum.addEventListener("pointermove", ({ pointerId, clientX, clientY }) => {
      if (!this.#minimum.hasPointerCapture(pointerId)) return;
      const { left, top, width } = this.root.getBoundingClientRect();
      const unit = (2 * this.edge) / width;
      drag([(clientX - left) * unit - this.edge, this.edge - (clientY - top) * unit]);
    });
  }

  /**
   * @param {Pair} weights
   * @param {Hessian} hessian
   * @param {number} removed
   * @param {Removal} removal
   */
  show(weights, hessian, removed, { obd, obs, obsCost }) {
    const centre = /** @type {Pair} */ ([this.#x(weights[0]), this.#y(weights[1])]);
    const unit = ((hessian.diagonal[0] + hessian.diagonal[1]) * this.edge ** 2) / 4;
    this.#rings.forEach((ring, rank) => this.#place(ring, centre, hessian, unit * RINGS[rank] ** 2));
    this.#place(this.#touching, centre, hessian, obsCost);
    const middle = SIDE / 2;
    this.#axis.setAttribute("d", removed ? `M0 ${middle}H${SIDE}` : `M${middle} 0V${SIDE}`);
    const ends = [obd, obs].map(([first, second]) => /** @type {Pair} */ ([this.#x(first), this.#y(second)]));
    const along = ends[1][1 - removed] < ends[0][1 - removed] ? -1 : 1;
    this.paths.forEach((path, rank) => path.show(centre, ends[rank], removed, rank ? along : -along));
    setPlace(this.#minimum, centre);
  }

  /** @param {SVGElement} curve @param {Pair} centre @param {Hessian} hessian @param {number} level */
  #place(curve, centre, hessian, level) {
    const { short, long, turn } = ellipse(hessian, level);
    const scale = SIDE / (2 * this.edge);
    setPlace(curve, centre);
    curve.setAttribute("rx", String(short * scale));
    curve.setAttribute("ry", String(long * scale));
    curve.setAttribute("transform", `rotate(${-turn} ${centre})`);
  }
}

/** Le chemin d'une méthode, du minimum à l'axe. */
class Path {
  #line = svg("path");
  #end = svg("circle", { r: 6 });
  #label;

  /** @param {Look} look */
  constructor([label, colour]) {
    this.#label = svg("text", {}, label);
    this.root = svg("g", { class: "hue path", style: `--hue:${colour}` }, this.#line, this.#end, this.#label);
  }

  /** L'étiquette est de l'autre côté de l'axe, écartée le long de lui : OBD et OBS ne se couvrent pas.
   * @param {Pair} from @param {Pair} to
   * @param {number} removed
   * @param {number} shift de −1 à 1, le long de l'axe
   */
  show(from, to, removed, shift) {
    this.#line.setAttribute("d", `M${from}L${to}`);
    setPlace(this.#end, to);
    const before = from[0] > to[0];
    const [x, y] = removed
      ? [to[0] + 20 * shift, to[1] + (from[1] < to[1] ? 22 : -12)]
      : [to[0] + (before ? -12 : 12), to[1] + 5 + 9 * shift];
    this.#label.setAttribute("x", String(x));
    this.#label.setAttribute("y", String(y));
    this.#label.setAttribute("text-anchor", removed ? "middle" : before ? "end" : "start");
  }
}

/** @param {SVGElement} element @param {Pair} place */
function setPlace(element, [x, y]) {
  element.setAttribute("cx", String(x));
  element.setAttribute("cy", String(y));
}
