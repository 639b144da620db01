/* Clair ou sombre : ce que dit le fond de la page, où qu'on soit. */

const DARK_BELOW = 110; // luminance, de 0 à 255

/** @param {string} colour `rgb(20, 24, 30)` */
export function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue < DARK_BELOW;
}

/** Tient la classe « dark » à jour ; rend de quoi s'arrêter.
 *
 * Le fond se lit une fois l'élément en place et mis en page ; ensuite, quoi qui le change (attribut,
 * feuille de style arrivée tard, réglage du système), sa transition (frame.css) le dit.
 * @param {HTMLElement} root
 */
export function followTheme(root) {
  const update = () => root.classList.toggle("dark", isDark(getComputedStyle(root).backgroundColor));
  const placed = new ResizeObserver(update);
  placed.observe(root);
  root.addEventListener("transitionend", update);
  update();
  return () => {
    placed.disconnect();
    root.removeEventListener("transitionend", update);
  };
}
