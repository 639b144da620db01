/* Les sortes d'images : celle que nomment les données, mise en place. */

import { Bowl } from "./bowl/picture.js";
import { Budget } from "./budget/picture.js";
import { Cancellation } from "./cancellation/picture.js";
import { Epochs } from "./epochs/picture.js";
import { FirstStep } from "./first_step/picture.js";
import { HeatMap } from "./heat_map/picture.js";
import { LossPath } from "./loss_path/picture.js";
import { ScaleFactor } from "./scale_factor/picture.js";
import { Scatter } from "./scatter/picture.js";

const KINDS = {
  ...{ bowl: Bowl, budget: Budget, cancellation: Cancellation, epochs: Epochs, first_step: FirstStep },
  ...{ heat_map: HeatMap, loss_path: LossPath, scatter: Scatter, scale_factor: ScaleFactor },
};

/** Ce que Python écrit dans la page (pictures/base.py) ; le reste dépend de la sorte.
 * @typedef {{ kind: keyof typeof KINDS }} PictureData */

/** @param {PictureData} data */
export const create = (data) => new KINDS[data.kind](/** @type {any} */ (data));
