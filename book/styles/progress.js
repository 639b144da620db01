/* L'avancement du lecteur (book/extensions/reading_progress.py), gardé dans ce navigateur.
   Les places à remplir sont déjà dans la page : ce script n'y change que du texte et des cases. */
(() => {
  "use strict";

  const KEY = "elagage-avancement"; // dit dans book/reference/confiance.md
  const DWELL = 1000; // une fin de section aperçue en passant n'est pas lue
  const HEADER = 64; // hauteur de l'en-tête, qui cache le haut de la page

  const all = (css, root = document) => [...root.querySelectorAll(css)];
  const places = all("[data-page]");
  if (!places.length) return;

  /* ---------------------------------------------------------- Ce que garde le navigateur */

  let refused = false;
  let told = false;
  let here = {}; // à défaut : jusqu'à la fermeture de la page

  function stored() {
    if (refused) return here;
    let text = null;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      refused = true;
      return here;
    }
    try {
      const kept = JSON.parse(text);
      return kept && typeof kept === "object" ? kept : {};
    } catch {
      return {}; // écrit par autre chose que ce script
    }
  }

  function store(kept) {
    here = kept;
    if (refused) return;
    try {
      if (Object.keys(kept).length) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
    } catch {
      refused = true;
    }
  }

  const names = (list) => (Array.isArray(list) ? list : []);
  const progress = (page) => {
    const { read, done } = stored()[page] ?? {};
    return { read: new Set(names(read)), done: new Set(names(done)) };
  };

  // Relu juste avant d'écrire : une autre page ouverte a pu avancer.
  function note(page, kind, name, present) {
    const now = progress(page);
    if (present) now[kind].add(name);
    else now[kind].delete(name);
    store({ ...stored(), [page]: { read: [...now.read], done: [...now.done] } });
    show();
  }

  /* ---------------------------------------------------------- Ce que montre la page */

  // Comme spoken() dans reading_progress.py.
  function spoken(left) {
    const step = left <= 10 ? 1 : 5;
    const rounded = Math.max(Math.floor(left / step + 0.5), 1) * step;
    const hours = Math.floor(rounded / 60);
    const rest = rounded % 60;
    if (!hours) return `${rest}\u00a0min`;
    return `${hours}\u00a0h` + (rest ? `\u00a0${String(rest).padStart(2, "0")}` : "");
  }

  const fill = (root, css, text) => all(css, root).forEach((one) => (one.textContent = text));

  function show() {
    for (const place of places) {
      const { read, done } = progress(place.dataset.page);
      const durations = Object.entries(JSON.parse(place.dataset.sections));
      const whole = durations.reduce((sum, [, time]) => sum + time, 0);
      const unread = durations.filter(([name]) => !read.has(name));
      const left = unread.reduce((sum, [, time]) => sum + time, 0);
      const share = unread.length ? Math.floor((100 * (whole - left)) / whole) : 100;
      fill(place, ".lu", share);
      fill(place, ".reste", unread.length ? spoken(left) : "0\u00a0min");
      const exercises = place.dataset.exercices.split(" ");
      fill(place, ".faits", exercises.filter((name) => done.has(name)).length);
      place.style.setProperty("--lu", share / 100);
      place.classList.toggle("finie", !unread.length);
      for (const box of all("input[data-exercice]")) box.checked = done.has(box.dataset.exercice);
    }
    if (refused) tellRefusal();
  }

  // Une fois, sans interrompre : sur l'accueil à côté du tableau, dans une leçon à la première coche.
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

  function watch(page, sections) {
    const waits = new Map();
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          clearTimeout(waits.get(target));
          if (!isIntersecting) continue;
          const read = () => {
            observer.unobserve(target);
            note(page, "read", target.parentElement.id, true);
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
    if (!target.matches("input[data-exercice]")) return;
    note(places[0].dataset.page, "done", target.dataset.exercice, target.checked);
    if (refused) tellRefusal(target);
  });
  document.querySelector("button.effacer")?.addEventListener("click", () => {
    if (!confirm("Effacer votre avancement dans toutes les leçons ?")) return;
    store({});
    show();
  });

  const lesson = document.querySelector(".avancement");
  if (lesson) {
    const later = window.requestIdleCallback ?? ((work) => setTimeout(work, 200));
    later(() => watch(lesson.dataset.page, JSON.parse(lesson.dataset.sections)));
  }
})();
