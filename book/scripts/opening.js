/* Ce que la page fait une fois lue. */
/* exported tabStops -- le script du thème s'en sert (theme_files.py) */

// Un bloc qui déborde reçoit le focus, pour défiler au clavier. L'observateur le mesure quand il
// vient d'être mis en page : ni avant, ni dans un volet fermé, ni un bloc à la fois.
const tabStops = new ResizeObserver((entries) => {
  const blocks = entries.flatMap(({ target }) => (target instanceof HTMLElement ? target : []));
  const overflows = blocks.map(
    (block) => block.scrollWidth > block.clientWidth || block.scrollHeight > block.clientHeight,
  );
  blocks.forEach((block, rank) => {
    block.tabIndex = overflows[rank] ? 0 : -1;
  });
});

// Les sections hors de l'écran attendent (cours.css). La page ouverte, et l'explorateur avec elle, elles
// sont mises en page une à une, au repos : leurs polices arrivent, leurs hauteurs sont sues.
{
  const WAITS = "data-waits"; // posé par appearance.js
  const page = document.documentElement;
  const layOutWhole = () => page.removeAttribute(WAITS);

  addEventListener("load", () => {
    if (!page.hasAttribute(WAITS)) return;
    const idle = globalThis.requestIdleCallback ?? setTimeout;
    const waiting = [...document.querySelectorAll(".bd-article > section > section")];
    const next = () => {
      const section = waiting.shift();
      if (!(section instanceof HTMLElement)) return layOutWhole();
      section.style.contentVisibility = "visible";
      idle(next);
    };
    setTimeout(idle, 1000, next);
  });

  // Qui va avant cela à un endroit de la page y arrive : les hauteurs sont sues d'abord.
  document.addEventListener(
    "click",
    ({ target }) => target instanceof Element && target.closest("a[href*='#']") && layOutWhole(),
    { capture: true },
  );
  addEventListener("hashchange", () => {
    if (!page.hasAttribute(WAITS)) return;
    layOutWhole();
    document.querySelector(":target")?.scrollIntoView();
  });
}

// Ouverte sur un endroit, la page y reste quand ce qui est au-dessus prend sa hauteur (un explorateur
// démarre), jusqu'au premier geste. Rechargée, elle revient où on la lisait : le navigateur s'en charge.
{
  const [opening] = performance.getEntriesByType("navigation");
  const linked = opening instanceof PerformanceNavigationTiming && opening.type === "navigate";
  const article = document.querySelector("article");
  if (linked && location.hash && article) {
    const hold = new ResizeObserver(() =>
      document.querySelector(":target")?.scrollIntoView({ behavior: "instant" }),
    );
    hold.observe(article);
    for (const gesture of ["wheel", "touchstart", "pointerdown", "keydown"])
      addEventListener(gesture, () => hold.disconnect(), { once: true, passive: true });
  }
}

// Depuis le disque, une page n'a pas le droit d'en lire d'autres : la recherche donne des liens, sans extrait.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Le thème écrirait ce geste dans la page, où la politique de sécurité n'admet aucun script.
document
  .querySelector(".btn-fullscreen-button")
  ?.addEventListener("click", () => globalThis.toggleFullScreen());

// Un cadre « sandbox » refuse d'envoyer un formulaire : la recherche s'y ouvre comme un lien.
if (self !== top)
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key !== "Enter" || !(target instanceof HTMLInputElement && target.form?.matches(".bd-search"))) return;
    event.preventDefault();
    location.assign(`${target.form.action}?${new URLSearchParams({ q: target.value })}`);
  });
