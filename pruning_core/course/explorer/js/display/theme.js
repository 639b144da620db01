/* Clair ou sombre : ce que dit le fond de la page, où qu'on soit. */

const DARK_BELOW = 110; // luminance, de 0 à 255

/** @param {string} colour `rgb(20, 24, 30)` */
export function isDark(colour) {
  const [red, green, blue] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return 0.3 * red + 0.6 * green + 0.1 * blue < DARK_BELOW;
}

/** Tient la classe « dark » à jour ; rend de quoi s'arrêter. @param {HTMLElement} root */
export function followTheme(root) {
  const update = () => root.classList.toggle("dark", isDark(getComputedStyle(root).backgroundColor));
  const attributes = new MutationObserver(update);
  for (const node of [document.documentElement, document.body])
    attributes.observe(node, { attributes: true });
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  scheme.addEventListener("change", update);
  update();
  return () => {
    attributes.disconnect();
    scheme.removeEventListener("change", update);
  };
}
