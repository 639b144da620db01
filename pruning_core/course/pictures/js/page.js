/* Une image que l'on bouge, sur la page publiée : l'élément <moving-picture>. */

import { defineElement } from "../../explorer/js/element.js";
import { create } from "./kinds.js";

/** @import { PictureData } from "./kinds.js" */

defineElement("moving-picture", async (/** @type {PictureData} */ data) => create(data));
