// Ce qui se décide avant le premier affichage. Le script du thème, en fin de page, referait tout le style.
{
  const page = document.documentElement;

  let mode = localStorage.getItem("mode") ?? "auto";
  page.dataset.mode = mode;
  if (mode === "auto") mode = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  page.dataset.theme = mode;

  // Une page ouverte à son début laisse attendre ce qui est plus bas (cours.css). Ouverte ailleurs, par
  // un lien profond, un rechargement ou un retour, elle est mise en page entière : on arrive où il faut.
  const [opening] = performance.getEntriesByType("navigation");
  const atTop = opening instanceof PerformanceNavigationTiming && opening.type === "navigate" && !location.hash;
  page.toggleAttribute("data-waits", atTop);
}
