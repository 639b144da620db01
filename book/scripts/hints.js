/* Une bulle pour les termes du glossaire et les renvois aux équations : au survol, au clavier et au
   toucher. Elle reste tant qu'on la survole, et Échap la ferme. Sans ce script : des liens. */
(() => {
  "use strict";

  const WAIT = 250; // le temps de passer du mot à sa bulle
  const GAP = 4;
  const MARGIN = 8;
  const LINKS = "article a.terme, article a.reference[href^='#equation-']";
  const BUBBLE = "bulle";

  /** Celui dont la bulle est ouverte. @type {HTMLAnchorElement | null} */
  let link = null;
  /** @type {HTMLElement | null} */
  let bubble = null;
  let leaving = 0;
  let pointer = "mouse";

  /** @param {Event} event @returns {HTMLAnchorElement | null} */
  const linkOf = ({ target }) => (target instanceof Element ? target.closest(LINKS) : null);
  /** @param {EventTarget | null} node */
  const inBubble = (node) => node instanceof Node && Boolean(bubble?.contains(node));

  /** Ce qu'il y a à montrer, copié de la page. @param {HTMLAnchorElement} of */
  function content(of) {
    const equation = of.hash.startsWith("#equation-");
    const id = equation ? decodeURIComponent(of.hash.slice(1)) : `glose-${of.hash.slice(1)}`;
    const source = document.getElementById(id);
    const parts = equation ? source?.querySelectorAll("mjx-container") : source?.childNodes;
    return [...(parts ?? [])].map((part) => part.cloneNode(true));
  }

  /** @param {HTMLAnchorElement} of */
  function open(of) {
    clearTimeout(leaving);
    if (of === link) return;
    close();
    const parts = content(of);
    if (!parts.length) return;
    link = of;
    bubble = document.createElement("div");
    bubble.id = BUBBLE;
    bubble.className = BUBBLE;
    bubble.setAttribute("role", "tooltip");
    bubble.append(...parts);
    if (pointer === "touch" && of.matches(".terme")) {
      const more = document.createElement("small");
      more.textContent = "Touchez encore pour ouvrir le glossaire.";
      bubble.append(more);
    }
    // Une définition est déjà reliée à son terme, qui la dit même sans ce script.
    if (!of.hasAttribute("aria-describedby")) of.setAttribute("aria-describedby", BUBBLE);
    const article = /** @type {HTMLElement} */ (of.closest("article"));
    article.append(bubble);
    place(bubble, of, article);
  }

  /** Sous le mot, ou au-dessus si le bas de l'écran est trop près.
   * @param {HTMLElement} shown
   * @param {HTMLAnchorElement} of
   * @param {HTMLElement} within
   */
  function place(shown, of, within) {
    const article = within.getBoundingClientRect();
    const word = of.getClientRects()[0];
    const { width, height } = shown.getBoundingClientRect();
    const below = word.bottom + GAP + height <= innerHeight;
    const y = below ? word.bottom + GAP : word.top - GAP - height;
    const rightmost = article.width - width - MARGIN;
    const x = Math.max(MARGIN, Math.min(word.left - article.left, rightmost));
    shown.style.left = `${x}px`;
    shown.style.top = `${y - article.top}px`;
  }

  function close() {
    clearTimeout(leaving);
    bubble?.remove();
    if (link?.getAttribute("aria-describedby") === BUBBLE) link.removeAttribute("aria-describedby");
    link = bubble = null;
  }

  document.addEventListener("pointerdown", (event) => (pointer = event.pointerType), { passive: true });
  document.addEventListener(
    "pointerover",
    (event) => {
      if (event.pointerType === "touch") return;
      const found = linkOf(event);
      if (inBubble(event.target)) clearTimeout(leaving);
      else if (found) open(found);
    },
    { passive: true },
  );
  document.addEventListener(
    "pointerout",
    (event) => {
      if (event.pointerType === "touch" || !bubble) return;
      if (linkOf(event) !== link && !inBubble(event.target)) return;
      clearTimeout(leaving);
      leaving = setTimeout(close, WAIT);
    },
    { passive: true },
  );
  document.addEventListener("focusin", (event) => {
    const found = linkOf(event);
    if (found?.matches(":focus-visible")) open(found);
  });
  document.addEventListener("focusout", (event) => linkOf(event) === link && close());
  document.addEventListener("keydown", ({ key }) => key === "Escape" && close());
  document.addEventListener("click", (event) => {
    const found = linkOf(event);
    if (found && found !== link && pointer === "touch") {
      open(found);
      if (bubble) event.preventDefault();
    } else if (!inBubble(event.target)) close();
  });
})();
