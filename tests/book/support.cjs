/* D'après ce qu'emploient nos scripts et nos feuilles de style, le navigateur le plus ancien qui suffit.
 *
 *   node tests/book/support.cjs FICHIER...
 *
 * Écrit, par moteur, la version et ce qui la demande, d'après les données de compatibilité de MDN. Un
 * membre dont on ne connaît pas le type (`x.at(0)`) compte pour la plus ancienne des interfaces qui en
 * ont un de ce nom. Ce qu'un script essaie avant de s'en servir (`x?.()`, `f ?? g`, `"f" in x`) ne compte
 * pas, ni ce que dit GRACEFUL : sans lui, la page est moins belle, et se lit. */
"use strict";

const { readFileSync } = require("node:fs");
const { parse } = require("acorn");
const postcss = require("postcss");
const data = require("@mdn/browser-compat-data");

const BROWSERS = { chromium: "chrome", firefox: "firefox", webkit: "safari" };

// Un navigateur qui ignore ceci montre la page quand même.
const GRACEFUL = require("./graceful.json");

const SYNTAX = {
  ChainExpression: "operators.optional_chaining",
  PrivateIdentifier: "classes.private_class_fields",
  PropertyDefinition: "classes.public_class_fields",
  StaticBlock: "classes.static.initialization_blocks",
  AwaitExpression: "operators.await",
};
const OPERATORS = {
  "??": "operators.nullish_coalescing",
  "??=": "operators.nullish_coalescing_assignment",
  "||=": "operators.logical_or_assignment",
  "&&=": "operators.logical_and_assignment",
  "**": "operators.exponentiation",
};

/** Les interfaces qui ont un membre de ce nom. */
const owners = new Map();
for (const family of [data.javascript.builtins, data.api])
  for (const [owner, members] of Object.entries(family))
    for (const name of Object.keys(members))
      if (name !== "__compat") owners.set(name, [...(owners.get(name) ?? []), `${owner}.${name}`]);

const at = (path, root) => path.split(".").reduce((one, name) => one?.[name], root);
const feature = (path) => at(path, data.api) ?? at(path, data.javascript.builtins) ?? at(path, data.javascript);

/** La première version qui l'a, sans préfixe ni option ; rien si MDN n'en sait rien. */
function since(node, browser) {
  const told = [node?.__compat?.support[browser] ?? []].flat();
  const plain = told.find((one) => !one.prefix && !one.flags && !one.alternative_name && !one.version_removed);
  const version = plain?.version_added;
  return typeof version === "string" && version !== "preview" ? parseFloat(version.replace("≤", "")) : undefined;
}

const needed = Object.fromEntries(Object.keys(BROWSERS).map((name) => [name, new Map()]));

/** Il faut au moins l'une de ces interfaces. */
function need(told, nodes, place) {
  if (told in GRACEFUL) return;
  for (const [name, browser] of Object.entries(BROWSERS)) {
    const versions = nodes.map((node) => since(node, browser)).filter((version) => version !== undefined);
    if (versions.length) needed[name].set(`${told} (${place})`, Math.min(...versions));
  }
}

/** Le nom d'un membre qui ne se calcule pas. */
const nameOf = (node) => !node.computed && (node.property ?? node.key)?.name;

/** Chaque nœud d'un programme, et celui qui le contient ; `visit` rend faux pour ne pas descendre. */
function walk(node, visit, parent) {
  if (Array.isArray(node)) for (const one of node) walk(one, visit, parent);
  else if (node?.type && visit(node, parent) !== false)
    for (const child of Object.values(node)) if (child && typeof child === "object") walk(child, visit, node);
}

/** Les noms que nous donnons : un membre qui en porte un n'est pas celui du navigateur. */
const ours = new Set(Object.keys(data.css.properties).map((name) => name.replace(/-./g, (two) => two[1].toUpperCase())));

function readNames(text, file) {
  if (file.endsWith(".d.ts")) for (const [, name] of text.matchAll(/(\w+)\??:/g)) ours.add(name);
  else
    walk(parse(text, { ecmaVersion: "latest", sourceType: "module" }), (node) => {
      if (["MethodDefinition", "PropertyDefinition", "Property"].includes(node.type)) ours.add(nameOf(node));
      if (/Declaration|Declarator|Specifier/.test(node.type)) ours.add((node.id ?? node.local)?.name);
      if (node.type === "AssignmentExpression" && node.left.object?.type === "ThisExpression") ours.add(nameOf(node.left));
      return true;
    });
}

function readScript(text, place) {
  const tree = parse(text, { ecmaVersion: "latest", sourceType: "module" });
  walk(tree, (node, parent) => {
    const syntax = SYNTAX[node.type] ?? OPERATORS[node.operator];
    if (syntax && node.key?.type !== "PrivateIdentifier") need(syntax, [feature(syntax)], place);
    if (node.type === "Identifier" && !["MemberExpression", "Property"].includes(parent.type) && !ours.has(node.name))
      if (/^[A-Z]/.test(node.name)) need(node.name, [feature(node.name)], place);
    if (node.type !== "MemberExpression") return true;
    const name = nameOf(node);
    const tried = node.optional || (parent.type === "CallExpression" && parent.optional)
      || (parent.operator === "??" && parent.left === node);
    if (!name || tried || ours.has(name)) return !tried;
    const object = node.object.type === "Identifier" ? node.object.name : "";
    const exact = [`${object}.${name}_static`, `${object}.${name}`].find((path) => object && feature(path));
    const paths = exact ? [exact] : (owners.get(name) ?? []);
    if (paths.length) need(exact ?? name, paths.map(feature), place);
    return true;
  });
}

/** Ce qui est dans un `@supports` est essayé avant de servir. */
const isTried = ({ parent }) => Boolean(parent) && (parent.name === "supports" || isTried(parent));

function readStylesheet(text, place) {
  const told = (path) => at(path, data.css) && need(path, [at(path, data.css)], place);
  postcss.parse(text).walk((node) => {
    if (isTried(node)) return;
    if (node.type === "decl" && !/^(--|-[a-z])/.test(node.prop)) {
      told(`properties.${node.prop}`);
      for (const word of node.value.match(/[a-z][a-z-]*/g) ?? []) told(`properties.${node.prop}.${word}`);
      for (const [, call] of node.value.matchAll(/([a-z][a-z-]*)\(/g)) told(`types.${call}`);
    }
    if (node.type === "rule")
      for (const [, pseudo] of node.selector.matchAll(/::?([a-z-]+)/g)) told(`selectors.${pseudo}`);
    if (node.type === "atrule") {
      told(`at-rules.${node.name}`);
      for (const [, query] of node.params.matchAll(/\(([a-z-]+)/g)) told(`at-rules.${node.name}.${query}`);
    }
  });
}

const files = process.argv.slice(2).map((name) => [readFileSync(name, "utf8"), name]);
for (const [text, name] of files) if (!name.endsWith(".css")) readNames(text, name);
for (const [text, name] of files)
  if (name.endsWith(".css")) readStylesheet(text, name);
  else if (!name.endsWith(".d.ts")) readScript(text, name);

const newest = (found) => [...found].sort(([, a], [, b]) => b - a);
process.stdout.write(`${JSON.stringify(Object.fromEntries(Object.entries(needed).map(([name, found]) => {
  const sorted = newest(found);
  return [name, { version: sorted[0]?.[1], asked: sorted.slice(0, 25) }];
})))}\n`);
