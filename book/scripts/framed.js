// Un explorateur dans le cadre d'une autre page : elle peut suivre sa hauteur, et la leçon s'ouvre à côté.
if (parent !== window) {
  const tell = () => parent.postMessage({ hauteur: document.documentElement.offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.documentElement);

  // Un cadre peut interdire d'ouvrir un onglet : la leçon s'ouvre alors dans le cadre.
  addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (link instanceof HTMLAnchorElement && open(link.href)) event.preventDefault();
  });
}
