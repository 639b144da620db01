// L'élément de la page publiée : quand il démarre.

import assert from "node:assert/strict";
import test from "node:test";
import { pause } from "./page.mjs";
import { defineElement } from "../../../pruning_core/course/explorer/js/element.js";

/** @type {((seen: { isIntersecting: boolean }[]) => void)[]} */
const watching = [];
globalThis.IntersectionObserver = class {
  constructor(told) {
    watching.push(told);
  }
  observe() {}
};

let born = 0;
defineElement("near-by", async () => {
  born += 1;
  return { attach: (host) => host.attachShadow({ mode: "open" }) };
});

const place = () => {
  const element = document.createElement("near-by");
  element.innerHTML = '<script type="application/json">{"source": "loin.js"}</script>';
  document.body.append(element);
  return watching.pop();
};

test("loin de l'écran, il attend", async () => {
  place()([{ isIntersecting: false }]);
  await pause();
  assert.equal(born, 0);
});

test("approché entre deux avis remis ensemble, il démarre une fois", async () => {
  const told = place();
  told([{ isIntersecting: false }, { isIntersecting: true }]);
  await pause();
  assert.equal(born, 1);
  told([{ isIntersecting: true }]);
  await pause();
  assert.equal(born, 1);
});
