/* Écrit les scripts tels qu'ils voyagent, réduits ; lancé de la racine par « make scripts ».
 *
 *   node book/scripts/build.cjs DOSSIER
 *
 * Les modules de chaque explorateur, et ceux des pronostics, sont réunis deux fois : en script classique, que file:// sait
 * charger, et en module, que lit anywidget. Les scripts du site restent un fichier chacun. */
"use strict";

const { readFile } = require("node:fs/promises");
const path = require("node:path");
const { build, transform } = require("esbuild");

const [target] = process.argv.slice(2);
const COURSE = "pruning_core/course";
const SITE = "book/scripts";
const COMMON = {
  minify: true,
  charset: "utf8",
  target: Object.entries(require("./browsers.json")).map(([name, version]) => `${name}${version}`),
  legalComments: "none",
  banner: { js: "/* Écrit par « make scripts » ; ne pas modifier à la main. */" },
  logLevel: "warning",
};

/** Une feuille de style importée est son texte, réduit. */
const stylesheets = {
  name: "stylesheets",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path: stylesheet }) => {
      const text = await readFile(stylesheet, "utf8");
      const { code } = await transform(text, { loader: "css", minify: true, charset: "utf8" });
      return { contents: code.trimEnd(), loader: "text" };
    });
  },
};

/** Par ses deux portes, `page.js` et `jupyter.js`. */
const buildElement = (folder, name, within = "") =>
  Promise.all(
    [["page.js", "iife", `${name}.js`], ["jupyter.js", "esm", `${name}.mjs`]].map(([entry, format, written]) =>
      build({
        ...COMMON,
        entryPoints: [path.posix.join(COURSE, folder, "js", within, entry)],
        outfile: path.join(target, COURSE, folder, "built", written),
        format,
        bundle: true,
        plugins: [stylesheets],
      }),
    ),
  );

const buildSite = () =>
  build({
    ...COMMON,
    entryPoints: [`${SITE}/*.js`],
    outdir: path.join(target, SITE, "built"),
  });

Promise.all([
  buildElement("explorer", "explorer"),
  buildElement("explorer", "words_explorer", "words"),
  buildElement("guesses", "guesses"),
  buildElement("pictures", "pictures"),
  buildSite(),
]).catch(() => (process.exitCode = 1)); // esbuild a dit pourquoi
