/* Répondre sur la page (book/extensions/answering.py) : exercices à la main et quiz, gardés dans ce
   navigateur. Les règles d'un exercice sont celles que `check` lit en Python. */
(() => {
  "use strict";

  /** Un test : sa sorte, à quoi l'on compare, à combien près, s'il est nié.
   * @typedef {["near" | "size" | "above", number, number, boolean]} NumberTest
   * @typedef {["same" | "within", number[], number, boolean] | ["count", number, number, boolean]} SetTest
   * @typedef {{ told: string, when: (NumberTest | SetTest | null)[][], right: boolean }} Rule
   * @typedef {{ asksIndices: boolean, rules: Rule[] }} Form */

  const KEY = "elagage-reponses"; // dit dans book/reference/confiance.md
  const PAGE = /** @type {HTMLElement | null} */ (document.querySelector("[data-page]"))?.dataset.page ?? "";

  /* ---------------------------------------------------------- Ce que garde le navigateur */

  /** Réponses de chaque page : les champs d'un exercice, le premier choix d'une question.
   * @typedef {Record<string, Record<string, string[]>>} Kept */

  /** @returns {Kept} */
  function stored() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
      return kept && typeof kept === "object" ? kept : {};
    } catch {
      return {}; // écrit par autre chose que ce script
    }
  }

  /** @param {string} name @returns {string[] | undefined} */
  const kept = (name) => {
    const found = stored()[PAGE]?.[name];
    return Array.isArray(found) ? found : undefined;
  };

  /** Ce qui ne trouve pas de place ne vit que dans la page. @param {Record<string, string[] | undefined>} changes */
  function keep(changes) {
    const all = stored();
    try {
      localStorage.setItem(KEY, JSON.stringify({ ...all, [PAGE]: { ...all[PAGE], ...changes } }));
    } catch {
      // la page, elle, montre déjà la réponse
    }
  }

  /* ---------------------------------------------------------- Lire une réponse, et la juger */

  const NUMBER = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:\/(\d+\.?\d*))?(%?)$/;

  /** « 0,5 », « −1/32 » ou « 50 % ». @param {string} text @returns {number | null} */
  function readNumber(text) {
    const plain = text.replace(/\s/gu, "").replace(/[−–]/gu, "-").replace(",", ".");
    const [whole, above, below = "1", percent] = NUMBER.exec(plain) ?? [];
    const value = (Number(above) / Number(below)) * (percent ? 0.01 : 1);
    return whole && Number.isFinite(value) ? value : null;
  }

  /** « 0, 4 », « [0, 4] » ou « 0 et 4 ». @param {string} text @returns {Set<number> | null} */
  function readIndices(text) {
    const words = text.replace(/[[\](){},;]|\bet\b/gu, " ").trim().split(/\s+/u);
    return words.every((word) => /^-?\d+$/.test(word)) ? new Set(words.map(Number)) : null;
  }

  /** @param {NumberTest | SetTest} test @param {any} found */
  function holds([kind, value, tolerance, negated], found) {
    const wanted = new Set(/** @type {number[]} */ (Array.isArray(value) ? value : []));
    const answers = {
      near: () => Math.abs(found - Number(value)) < tolerance,
      size: () => Math.abs(Math.abs(found) - Number(value)) < tolerance,
      above: () => found > value,
      same: () => found.size === wanted.size && [...found].every((one) => wanted.has(one)),
      within: () => [...found].every((one) => wanted.has(one)),
      count: () => found.size === value,
    };
    return answers[kind]() !== negated;
  }

  /** La première règle qui s'applique. @param {Form} form @param {unknown[]} answer */
  const judge = ({ rules }, answer) =>
    rules.find(
      ({ when }) =>
        !when.length || when.some((one) => one.every((test, rank) => !test || holds(test, answer[rank]))),
    );

  /** @param {Form} form @param {string[]} texts @returns {{ right: boolean, told: string }} */
  function assess(form, texts) {
    if (texts.some((text) => !text.trim())) return { right: false, told: "Donnez d’abord votre réponse." };
    const answer = texts.map((text) => (form.asksIndices ? readIndices(text) : readNumber(text)));
    if (answer.includes(null)) {
      const example = form.asksIndices ? "des indices entiers, par exemple 0, 4" : "un nombre, par exemple 0,5 ou 1/3";
      return { right: false, told: `Cela ne se lit pas\u00a0: attendu ${example}.` };
    }
    const { right, told } = judge(form, answer) ?? { right: false, told: "" };
    return { right, told: `${right ? "Juste" : "Pas encore"}. ${told}` };
  }

  /* ---------------------------------------------------------- Les exercices à la main */

  const FIELDS = /** @type {"input"} */ ("input, select"); // l'un et l'autre ont une valeur

  /** @param {HTMLFormElement} box */
  function setUpExercise(box) {
    const { exercice = "", regles = "" } = box.dataset;
    const form = JSON.parse(regles);
    const fields = [...box.querySelectorAll(FIELDS)];
    const status = box.querySelector("[role=status]");
    const show = () => {
      const { right, told } = assess(form, fields.map((field) => field.value));
      box.dataset.verdict = right ? "juste" : "faux";
      if (status) status.textContent = told;
      return right;
    };
    box.addEventListener("submit", (event) => {
      event.preventDefault();
      const right = show();
      keep({ [exercice]: fields.map((field) => field.value) });
      const done = document.querySelector(`input[data-exercice="${CSS.escape(exercice)}"]`);
      if (right && done instanceof HTMLInputElement && !done.checked) done.click(); // progress.js le retient
    });
    const before = kept(exercice);
    if (before?.length !== fields.length) return;
    fields.forEach((field, rank) => (field.value = before[rank]));
    show();
  }

  document.querySelectorAll("form.repondre").forEach((box) => box instanceof HTMLFormElement && setUpExercise(box));

  /* ---------------------------------------------------------- Le quiz */

  const choices = [...document.querySelectorAll("details[data-choix]")].filter((one) => one instanceof HTMLDetailsElement);
  const review = /** @type {HTMLElement | null} */ (document.querySelector(".bilan-quiz"));
  /** Le premier choix de chaque question. @type {Map<string, HTMLDetailsElement>} */
  const first = new Map();

  /** De vieux navigateurs n'en ont pas de propriété. @param {HTMLDetailsElement} choice */
  const questionOf = (choice) => choice.getAttribute("name") ?? "";
  /** @param {HTMLDetailsElement} choice */
  const isRight = (choice) => choice.dataset.choix === "juste";
  /** @param {HTMLDetailsElement} choice */
  const letterOf = (choice) => choice.querySelector(".sd-summary-text")?.textContent?.trim()[0] ?? "";

  /** Le choix dit ce qu'il vaut, une fois ouvert. @param {HTMLDetailsElement} choice */
  function mark(choice) {
    const label = choice.querySelector(".sd-summary-text");
    if (!label || choice.querySelector(".verdict")) return;
    const verdict = document.createElement("span");
    verdict.className = "verdict";
    verdict.textContent = isRight(choice) ? "juste" : "non";
    label.after(verdict);
  }

  function showScore() {
    const status = review?.querySelector("[role=status]");
    if (!review || !status) return;
    const right = [...first.values()].filter(isRight).length;
    const questions = new Set(choices.map(questionOf)).size;
    review.hidden = !first.size;
    const left = questions - first.size;
    const rest = left ? ` Encore ${left} question${left < 2 ? "" : "s"}.` : "";
    status.textContent = first.size ? `Du premier coup\u00a0: ${right} sur ${first.size}.${rest}` : "";
  }

  for (const choice of choices) {
    const name = questionOf(choice);
    if (kept(name)?.[0] === letterOf(choice)) {
      first.set(name, choice);
      mark(choice);
    }
    choice.querySelector("summary")?.addEventListener("click", () => {
      mark(choice);
      if (first.has(name)) return;
      first.set(name, choice);
      keep({ [name]: [letterOf(choice)] });
      showScore();
    });
  }
  review?.querySelector("button")?.addEventListener("click", () => {
    first.clear();
    keep(Object.fromEntries(choices.map((choice) => [questionOf(choice), undefined])));
    for (const choice of choices) {
      choice.open = false;
      choice.querySelector(".verdict")?.remove();
    }
    showScore();
    choices[0].querySelector("summary")?.focus();
  });
  showScore();
})();
