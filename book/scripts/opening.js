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
addEventListener("load", () => {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  const waiting = [...document.querySelectorAll(".bd-article > section > section")];
  const next = () => {
    const section = waiting.shift();
    if (!(section instanceof HTMLElement)) return;
    section.style.contentVisibility = "visible";
    idle(next);
  };
  setTimeout(idle, 1000, next);
});

// Le thème écrirait ce geste dans la page, où la politique de sécurité n'admet aucun script.
document
  .querySelector(".btn-fullscreen-button")
  ?.addEventListener("click", () => globalThis.toggleFullScreen());
