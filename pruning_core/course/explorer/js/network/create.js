/* Le réseau qui convient à des données. */

import { IncrementalNetwork } from "./incremental.js";
import { Network } from "./network.js";

/** @param {import("../types").Data} data @returns {Network} */
export const createNetwork = (data) => new (data.exact ? IncrementalNetwork : Network)(data);
