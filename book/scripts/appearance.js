// Choisit clair ou sombre avant le premier affichage ; le script du thème, en fin de page, referait tout
// le style. Un navigateur peut refuser de se souvenir : la page suit alors le système.
{
  const page = document.documentElement;
  let mode = "auto";
  try {
    mode = localStorage.getItem("mode") ?? mode;
  } catch {
    // refusé
  }
  page.dataset.mode = mode;
  if (mode === "auto") mode = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  page.dataset.theme = mode;
}
