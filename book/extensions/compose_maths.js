/* Compose des formules pour composed_maths.py : une demande JSON par ligne, une réponse par ligne.
 * {"latex", "display"} rend le HTML de la formule ; {} rend la feuille de style de toutes. */
"use strict";
const readline = require("node:readline");

const [folder, fontURL] = process.argv.slice(2);
globalThis.MathJax = {
  loader: { paths: { mathjax: folder }, require, load: ["adaptors/liteDOM", "input/tex", "output/chtml", "a11y/assistive-mml"] },
  tex: { packages: { "[-]": ["noundefined"] } }, // une commande inconnue est une faute
  chtml: { fontURL },
  startup: { typeset: false },
};
require(`${folder}/startup.js`);

async function answer({ latex, display }) {
  const { startup, tex2chtmlPromise, chtmlStylesheet } = MathJax;
  if (latex === undefined) return startup.adaptor.textContent(chtmlStylesheet());
  // Hauteur d'un « x » de 0,52 em : la moyenne des polices sans empattement des systèmes.
  return startup.adaptor.outerHTML(await tex2chtmlPromise(latex, { display, em: 16, ex: 0.52 * 16 }));
}

MathJax.startup.promise.then(async () => {
  for await (const line of readline.createInterface({ input: process.stdin }))
    process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`);
});
