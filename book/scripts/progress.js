/* L'avancement du lecteur (book/extensions/reading_progress.py), gardé dans ce navigateur.
   Les places à remplir sont déjà dans la page : ce script n'y change que du texte et des cases. */
(() => {
  "use strict";

  /** Sections lues et exercices faits d'une page. @typedef {{ read: Set<string>, done: Set<string> }} Progress */

  const KEY = "elagage-avancement"; // dit dans book/reference/confiance.md
  const DWELL = 1000; // une fin de section aperçue en passant n'est pas lue
  const HEADER = 64; // hauteur de l'en-tête, qui cache le haut de la page

  /** @param {string} css @param {ParentNode} [root] @returns {HTMLElement[]} */
  const all = (css, root = document) => [...root.querySelectorAll(css)].filter((one) => one instanceof HTMLElement);
  const places = all("[data-page]");
  if (!places.length) return;

  /* ---------------------------------------------------------- Ce que garde le navigateur */

  /** Ce qui est gardé, page par page. @typedef {Record<string, { read?: unknown, done?: unknown }>} Kept */

  let refused = "forgets" in document.documentElement.dataset; // storage.js l'a vu
  let told = false;
  /** Ce qui n'a pas trouvé de place. @type {Kept | null} */
  let unkept = null;

  /** @returns {Kept} */
  function stored() {
    if (unkept) return unkept;
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      return kept && typeof kept === "object" ? kept : {};
    } catch {
      return {}; // écrit par autre chose que ce script
    }
  }

  /** @param {Kept} kept */
  function store(kept) {
    try {
      if (Object.keys(kept).length) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
    } catch {
      refused = true;
      unkept = kept;
    }
  }

  /** @param {unknown} list */
  const names = (list) => (Array.isArray(list) ? list : []);
  /** @param {string} page @returns {Progress} */
  const progress = (page) => {
    const { read, done } = stored()[page] ?? {};
    return { read: new Set(names(read)), done: new Set(names(done)) };
  };

  /** Relu juste avant d'écrire : une autre page ouverte a pu avancer.
   * @param {string} page
   * @param {keyof Progress} kind
   * @param {string} name
   * @param {boolean} present
   */
  function note(page, kind, name, present) {
    const now = progress(page);
    if (present) now[kind].add(name);
    else now[kind].delete(name);
    store({ ...stored(), [page]: { read: [...now.read], done: [...now.done] } });
    show();
  }

  /* ---------------------------------------------------------- Ce que montre la page */

  /** Une durée arrondie comme on la dit. @param {number} left en minutes */
  function spoken(left) {
    const step = left <= 10 ? 1 : 5;
    const rounded = Math.max(Math.floor(left / step + 0.5), 1) * step;
    const hours = Math.floor(rounded / 60);
    const rest = rounded % 60;
    if (!hours) return `${rest}\u00a0min`;
    return `${hours}\u00a0h` + (rest ? `\u00a0${String(rest).padStart(2, "0")}` : "");
  }

  /** @param {ParentNode} root @param {string} css @param {string | number} text */
  const fill = (root, css, text) => all(css, root).forEach((one) => (one.textContent = String(text)));

  /** Une donnée que la construction du site a écrite. @param {HTMLElement} element @param {string} name */
  const written = (element, name) => element.dataset[name] ?? "";

  /** Minutes de chaque section. @param {HTMLElement} place @returns {Record<string, number>} */
  const durationsOf = (place) => JSON.parse(written(place, "sections"));

  function show() {
    for (const place of places) {
      const { read, done } = progress(written(place, "page"));
      const durations = Object.entries(durationsOf(place));
      const whole = durations.reduce((sum, [, time]) => sum + time, 0);
      const unread = durations.filter(([name]) => !read.has(name));
      const left = unread.reduce((sum, [, time]) => sum + time, 0);
      const share = unread.length ? Math.floor((100 * (whole - left)) / whole) : 100;
      fill(place, ".lu", share);
      fill(place, ".reste", unread.length ? spoken(left) : "0\u00a0min");
      const exercises = written(place, "exercices").split(" ");
      fill(place, ".faits", exercises.filter((name) => done.has(name)).length);
      place.style.setProperty("--lu", String(share / 100));
      place.classList.toggle("finie", !unread.length);
      for (const box of all("input[data-exercice]"))
        if (box instanceof HTMLInputElement) box.checked = done.has(written(box, "exercice"));
    }
    if (refused) tellRefusal();
  }

  /** Une fois, sans interrompre : sur l'accueil à côté du tableau, dans une leçon à la première coche.
   * @param {Element} [box]
   */
  function tellRefusal(box) {
    const place = document.querySelector(".garde > span") ?? box?.closest(".exercise");
    if (told || !place) return;
    told = true;
    const words = "Votre navigateur ne garde rien de ce site : votre avancement s’effacera avec la page.";
    if (!box) {
      place.textContent = `${words} `;
      return;
    }
    const notice = document.createElement("p");
    notice.className = "refus";
    notice.setAttribute("role", "status");
    place.append(notice);
    setTimeout(() => (notice.textContent = words), 100); // annoncé : il change après son arrivée
  }

  /* ---------------------------------------------------------- Ce que fait le lecteur */

  /** @param {string} page @param {Record<string, number>} sections */
  function watch(page, sections) {
    /** @type {Map<Element, number>} */
    const waits = new Map();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          clearTimeout(waits.get(target));
          if (!isIntersecting) continue;
          const read = () => {
            observer.unobserve(target);
            note(page, "read", target.parentElement?.id ?? "", true);
          };
          waits.set(target, setTimeout(read, DWELL));
        }
      },
      { rootMargin: `-${HEADER}px 0px 0px` },
    );
    const { read } = progress(page);
    for (const name of Object.keys(sections)) {
      const section = document.getElementById(name);
      if (!section || read.has(name)) continue;
      const end = document.createElement("span"); // vide : la fin de la section, rien de plus
      section.append(end);
      observer.observe(end);
    }
  }

  show();
  addEventListener("storage", (change) => change.key === KEY && show());
  addEventListener("pageshow", (shown) => shown.persisted && show());
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement && target.matches("input[data-exercice]"))) return;
    note(written(places[0], "page"), "done", written(target, "exercice"), target.checked);
    if (refused) tellRefusal(target);
  });
  document.querySelector("button.effacer")?.addEventListener("click", () => {
    if (!confirm("Effacer votre avancement dans toutes les leçons ?")) return;
    store({});
    localStorage.removeItem("elagage-reponses"); // celles d'answers.js
    show();
  });

  const [lesson] = all(".avancement");
  if (lesson) {
    /** @param {() => void} work */
    const soon = (work) => void setTimeout(work, 200);
    const later = window.requestIdleCallback ?? soon;
    later(() => watch(written(lesson, "page"), durationsOf(lesson)));
  }
})();
