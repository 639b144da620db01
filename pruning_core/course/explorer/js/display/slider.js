/* Un curseur à glisser, que le doigt qui fait défiler la page ne règle pas. */

import { html } from "./dom.js";

/** @import { Attributes } from "./dom.js" */

/** Un geste que le navigateur reprend pour faire défiler (pointercancel) n'était pas pour le curseur :
 * celui-ci revient où il était.
 * @param {Attributes} attributes
 * @param {(value: number) => void} change
 */
export function rangeInput(attributes, change) {
  let before = "";
  const follow = () => change(Number(input.value));
  const input = html("input", {
    ...{ type: "range", ...attributes, oninput: follow },
    onpointerdown: () => (before = input.value),
    onpointercancel: () => {
      if (input.value === before) return;
      input.value = before;
      follow();
    },
  });
  return input;
}
