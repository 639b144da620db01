/* Écrit les scripts tels qu'ils voyagent, réduits ; lancé de la racine par « make scripts ».
 *
 *   node book/scripts/build.cjs DOSSIER
 *
 * Les modules de chaque explorateur sont réunis deux fois : en script classique, que file:// sait
 * charger, et en module, que lit anywidget. Les scripts du site restent un fichier chacun. */
"use strict";

const { readFile } = require("node:fs/promises");
const path = require("node:path");
const { build, transform } = require("esbuild");

const [target] = process.argv.slice(2);
const EXPLORER = "pruning_core/course/explorer";
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

const buildExplorer = (entry, format, name) =>
  build({
    ...COMMON,
    entryPoints: [`${EXPLORER}/js/${entry}`],
    outfile: path.join(target, EXPLORER, "built", name),
    format,
    bundle: true,
    plugins: [stylesheets],
  });

const buildSite = () =>
  build({
    ...COMMON,
    entryPoints: [`${SITE}/*.js`],
    outdir: path.join(target, SITE, "built"),
  });

Promise.all([
  buildExplorer("page.js", "iife", "explorer.js"),
  buildExplorer("jupyter.js", "esm", "explorer.mjs"),
  buildExplorer("words/page.js", "iife", "words_explorer.js"),
  buildExplorer("words/jupyter.js", "esm", "words_explorer.mjs"),
  buildSite(),
]).catch(() => (process.exitCode = 1)); // esbuild a dit pourquoi
