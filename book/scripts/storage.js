/* Avant tout autre script : là où le navigateur refuse de garder quoi que ce soit (témoins bloqués,
   cadre `sandbox`), une mémoire qui dure le temps de la page. Le thème s'arrêterait en route sans elle. */
{
  /** Ce que promet `Storage`, sans rien garder. */
  class PageStorage {
    /** @type {Map<string, string>} */
    #kept = new Map();

    get length() {
      return this.#kept.size;
    }

    /** @param {number} rank */
    key(rank) {
      return [...this.#kept.keys()][rank] ?? null;
    }

    /** @param {string} name */
    getItem(name) {
      return this.#kept.get(String(name)) ?? null;
    }

    /** @param {string} name @param {string} value */
    setItem(name, value) {
      this.#kept.set(String(name), String(value));
    }

    /** @param {string} name */
    removeItem(name) {
      this.#kept.delete(String(name));
    }

    clear() {
      this.#kept.clear();
    }
  }

  const PROBE = "elagage-essai"; // écrit puis effacé aussitôt

  /** @param {"localStorage" | "sessionStorage"} name */
  const keeps = (name) => {
    try {
      const storage = globalThis[name];
      storage.setItem(PROBE, "");
      storage.removeItem(PROBE);
      return true;
    } catch {
      return false; // refusé, absent, ou sans place
    }
  };

  for (const name of /** @type {const} */ (["localStorage", "sessionStorage"])) {
    if (keeps(name)) continue;
    Object.defineProperty(globalThis, name, { value: new PageStorage(), configurable: true });
    document.documentElement.dataset.forgets = ""; // progress.js le dit au lecteur
  }
}
