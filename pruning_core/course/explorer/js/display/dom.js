/* De quoi écrire un arbre d'éléments comme on le lit, apostrophes comprises. */

import { typeset } from "../formatting.js";

/** @typedef {Node | string | Content[]} Content */
/** @typedef {Record<string, string | number | null | ((event: any) => void)>} Attributes
 * « onclick » et les autres sont des écouteurs ; `null` n'écrit rien. */

/**
 * @param {Element} element
 * @param {Attributes} attributes
 * @param {Content[]} children
 */
function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes))
    if (typeof value === "function") element.addEventListener(name.slice("on".length), value);
    else if (value !== null) element.setAttribute(name, name === "aria-label" ? typeset(String(value)) : String(value));
  const contents = /** @type {any[]} */ (children).flat(Infinity);
  element.append(...contents.map((one) => (typeof one === "string" ? typeset(one) : one)));
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Content[]} children
 */
export function html(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {Content[]} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

/** @param {string} name @param {Content[]} children */
export const div = (name, ...children) => html("div", { class: name }, ...children);

/** @param {Content[]} children */
export const span = (...children) => html("span", {}, ...children);

/** @param {string} text @param {() => void} onclick */
export const button = (text, onclick) => html("button", { type: "button", onclick }, text);

/** Une figure et sa légende : un titre, un détail.
 * @param {string} name
 * @param {string} title
 * @param {Content} detail
 * @param {Content[]} content
 */
export const figure = (name, title, detail, ...content) =>
  html(
    "figure",
    { class: name },
    html("figcaption", {}, html("b", {}, title), " ", detail),
    content,
  );

/** Ce que les lecteurs d'écran sautent : un décor, ou ce qui est déjà dit autrement. */
export const DECORATIVE = { "aria-hidden": "true" };

// N'écrire que ce qui change : le navigateur ne refait pas la mise en page pour rien.

/** @param {Node} node @param {string} text */
export function setText(node, text) {
  const written = typeset(text);
  if (node.textContent !== written) node.textContent = written;
}

/** La couleur d'une méthode. @param {HTMLElement} element @param {string} hue */
export function setHue(element, hue) {
  if (element.style.getPropertyValue("--hue") !== hue) element.style.setProperty("--hue", hue);
}
