/* Une page sans navigateur : happy-dom, complété de ce qu'il n'a pas (le dessin, la mise en page). */

import { readFileSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";

const { Window } = createRequire(import.meta.url)("happy-dom");

// Une feuille de style importée est son texte, comme le fait build.cjs.
registerHooks({
  load(url, context, next) {
    if (!url.endsWith(".css")) return next(url, context);
    const source = `export default ${JSON.stringify(readFileSync(new URL(url), "utf8"))}`;
    return { format: "module", source, shortCircuit: true };
  },
});

const window = new Window({ url: "file:///lecon.html", width: 1280, height: 900 });

/** Les dessins faits, du plus ancien au plus récent. */
export const painted = [];

class FakeImageData {
  constructor(width, height) {
    Object.assign(this, { width, height, data: new Uint8ClampedArray(4 * width * height) });
  }
}

class FakeContext {
  constructor(canvas) {
    this.canvas = canvas;
    this.points = [];
  }

  clearRect() {
    this.points = [];
  }

  beginPath() {}
  stroke() {}

  lineTo(x, y) {
    this.points.push([x, y]);
  }

  putImageData(image) {
    painted.push({ canvas: this.canvas, image });
  }

  /** Un pixel opaque sous chaque point. */
  getImageData(left, top, width, height) {
    const image = new FakeImageData(width, height);
    for (const [x, y] of this.points) image.data[4 * (Math.floor(y) * width + Math.floor(x)) + 3] = 255;
    return image;
  }
}

const contexts = new WeakMap();
window.HTMLCanvasElement.prototype.getContext = function getContext() {
  if (!contexts.has(this)) contexts.set(this, new FakeContext(this));
  return contexts.get(this);
};
window.HTMLCanvasElement.prototype.setPointerCapture = () => {};
window.HTMLCanvasElement.prototype.getBoundingClientRect = () => ({ left: 10, top: 20, width: 140, height: 140 });

class Idle {
  observe() {}
  disconnect() {}
}

const NAMES = ["document", "customElements", "HTMLElement", "HTMLScriptElement", "Event", "MutationObserver"];
for (const name of NAMES) globalThis[name] = window[name];
Object.assign(globalThis, {
  window: globalThis,
  ImageData: FakeImageData,
  ResizeObserver: Idle,
  IntersectionObserver: Idle,
  getComputedStyle: window.getComputedStyle.bind(window),
  matchMedia: window.matchMedia.bind(window),
  addEventListener: window.addEventListener.bind(window),
  location: window.location,
  requestAnimationFrame: (draw) => setTimeout(draw),
  requestIdleCallback: (work) => setTimeout(work),
});

/** Un événement comme le navigateur l'envoie. */
export const fire = (target, type, fields = {}) => {
  const event = new window.Event(type, { bubbles: true, composed: true });
  target.dispatchEvent(Object.assign(event, fields));
};

/** Attend que l'affichage ait suivi. */
export const pause = (milliseconds = 10) => new Promise((done) => setTimeout(done, milliseconds));
