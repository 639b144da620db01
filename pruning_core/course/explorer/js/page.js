/* L'explorateur sur la page publiée : l'élément <pruning-explorer>. */

import { load } from "./data/load.js";
import { BriefExplorer } from "./display/brief.js";
import { Explorer } from "./display/explorer.js";
import { defineElement } from "./element.js";

/** @import { PageData } from "./types" */

defineElement("pruning-explorer", async (/** @type {PageData} */ data, rank) => {
  const Kind = data.brief ? BriefExplorer : Explorer;
  return new Kind(await load(data), data.state, undefined, rank);
});
