/* Note, dès l'ouverture d'une page, ce qui s'y plaint : scripts, fichiers absents, refus de la politique. */
"use strict";

window.witnessed = [];
{
  const note = (kind, told) => window.witnessed.push(`${kind} : ${told}`);
  for (const level of ["error", "warn"]) {
    const say = console[level].bind(console);
    console[level] = (...told) => {
      note(`console.${level}`, told.join(" "));
      say(...told);
    };
  }
  addEventListener("error", (event) => {
    const { target } = event;
    if (target === window) note("erreur", event.message);
    else note("absent", target.src || target.href || target.outerHTML.slice(0, 120));
  }, true);
  addEventListener("unhandledrejection", (event) => note("promesse", event.reason));
  addEventListener("securitypolicyviolation", (refusal) =>
    note("refus", `${refusal.effectiveDirective} : ${refusal.blockedURI} ${refusal.sample}`));
}
