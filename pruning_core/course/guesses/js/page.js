/* La porte de la page publiée. */

import { defineElements } from "./elements.js";

// Inclus sans « defer », le script attend que les données de la page soient là.
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", defineElements);
else defineElements();
