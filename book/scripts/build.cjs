/* Écrit les scripts tels qu'ils voyagent, réduits ; lancé de la racine par « make scripts ».
 *
 *   node book/scripts/build.cjs DOSSIER
 *
 * Ceux du site restent un fichier chacun. */
"use strict";

const path = require("node:path");
const { build } = require("esbuild");

const [target] = process.argv.slice(2);
const SITE = "book/scripts";
const COMMON = {
  minify: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "none",
  banner: { js: "/* Écrit par « make scripts » ; ne pas modifier à la main. */" },
  logLevel: "warning",
};

const buildSite = () =>
  build({
    ...COMMON,
    entryPoints: [`${SITE}/*.js`],
    outdir: path.join(target, SITE, "built"),
  });

buildSite().catch(() => (process.exitCode = 1)); // esbuild a dit pourquoi
