/* Une bulle pour les termes du glossaire et les renvois aux équations : au survol, au clavier et au
   toucher. Elle reste tant qu'on la survole, et Échap la ferme. Sans ce script : des liens. */
(() => {
  "use strict";

  const WAIT = 250; // le temps de passer du mot à sa bulle
  const GAP = 4;
  const MARGIN = 8;
  const LINKS = "article a.terme, article a.reference[href^='#equation-']";
  const BUBBLE = "bulle";

  let link = null; // celui dont la bulle est ouverte
  let bubble = null;
  let leaving = 0;
  let pointer = "mouse";

  const linkOf = ({ target }) => target.closest?.(LINKS) ?? null;
  const inBubble = (node) => Boolean(node && bubble?.contains(node));

  function content(of) {
    const equation = of.hash.startsWith("#equation-");
    const id = equation ? decodeURIComponent(of.hash.slice(1)) : `glose-${of.hash.slice(1)}`;
    const source = document.getElementById(id);
    const parts = equation ? source?.querySelectorAll("mjx-container") : source?.childNodes;
    return [...(parts ?? [])].map((part) => part.cloneNode(true));
  }

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
    of.closest("article").append(bubble);
    place();
  }

  function place() {
    const article = bubble.parentElement.getBoundingClientRect();
    const word = link.getClientRects()[0];
    const { width, height } = bubble.getBoundingClientRect();
    const below = word.bottom + GAP + height <= innerHeight;
    const top = below ? word.bottom + GAP : word.top - GAP - height;
    const rightmost = article.width - width - MARGIN;
    const left = Math.max(MARGIN, Math.min(word.left - article.left, rightmost));
    bubble.style.left = `${left}px`;
    bubble.style.top = `${top - article.top}px`;
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
      if (inBubble(event.target)) clearTimeout(leaving);
      else if (linkOf(event)) open(linkOf(event));
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
