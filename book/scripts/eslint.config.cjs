/* Les règles recommandées, et celles qui gardent le code simple. Les noms inconnus : tsc aussi les voit. */
"use strict";

const js = require("@eslint/js");
const globals = require("globals");

const SITE = ["book/scripts/*.js"];
const ELEMENTS = ["pruning_core/course/*/js/**/*.js"];
const PROGRAMS = ["**/*.cjs", "book/extensions/*.js"]; // lancés par Node.js
const TESTS = ["tests/**/*.mjs"];

module.exports = [
  { ignores: ["**/built/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: { eqeqeq: "error", "no-shadow": "error", "no-var": "error", "prefer-const": "error" },
  },
  { files: SITE, languageOptions: { sourceType: "script", globals: { ...globals.browser, Reveal: "readonly", DOCUMENTATION_OPTIONS: "readonly" } } },
  { files: ELEMENTS, languageOptions: { globals: globals.browser } },
  { files: PROGRAMS, languageOptions: { sourceType: "commonjs", globals: { ...globals.node, MathJax: "readonly" } } },
  { files: TESTS, languageOptions: { globals: { ...globals.node, ...globals.browser } } },
];
