/* Compose des formules pour composed_maths.py : reçoit les paires [latex, display], rend le HTML de
 * chaque formule et la feuille de style de toutes. */
"use strict";
const { text } = require("node:stream/consumers");

const [folder, fontURL] = process.argv.slice(2);
globalThis.MathJax = {
  loader: { paths: { mathjax: folder }, require, load: ["adaptors/liteDOM", "input/tex", "output/chtml", "a11y/assistive-mml"] },
  tex: {
    packages: { "[-]": ["noundefined"] }, // une commande inconnue est une faute
    macros: { top: "\\mathsf{T}" }, // la barre de ⊤, trop fine, s'efface sur un écran ordinaire
  },
  chtml: { fontURL },
  startup: { typeset: false },
};
require(`${folder}/startup.js`);

MathJax.startup.promise.then(async () => {
  const { startup, tex2chtmlPromise, chtmlStylesheet } = MathJax;
  const pages = [];
  for (const [latex, display] of JSON.parse(await text(process.stdin)))
    // Hauteur d'un « x » de 0,52 em : la moyenne des polices sans empattement des systèmes.
    pages.push(startup.adaptor.outerHTML(await tex2chtmlPromise(latex, { display, em: 16, ex: 0.52 * 16 })));
  process.stdout.write(JSON.stringify({ pages, style: startup.adaptor.textContent(chtmlStylesheet()) }));
});
