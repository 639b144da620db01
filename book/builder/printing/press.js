/* Ce que la page fait pour son impression ; voir press.py. */

const SOFT = "\u00ad";
const range = document.createRange();

/** Hauteur d'un signe : deux signes d'une même ligne ont la même. */
function heightOf(text, at) {
  range.setStart(text, at);
  range.setEnd(text, at + 1);
  return range.getBoundingClientRect().top;
}

/** Ôte les coupures qui ne servent pas : restées dans le PDF, elles y cacheraient les mots. */
function dropIdleHyphens() {
  document.body.style.width = "162mm"; // la largeur du texte, comme dans livre.css
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const kept = [];
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.data.includes(SOFT)) continue;
    const turns = (at) => Math.abs(heightOf(text, at - 1) - heightOf(text, at + 1)) > 1;
    const signs = [...text.data].filter((sign, at) => sign !== SOFT || turns(at));
    kept.push([text, signs.join("")]);
  }
  for (const [text, data] of kept) text.data = data;
  document.body.style.width = "";
}

/** Écrit les numéros de page, donnés par repère ; rend les repères qui n'en ont pas. */
function writePages(pages) {
  const places = [...document.querySelectorAll("[data-page]")];
  for (const place of places) place.textContent = pages[place.dataset.page];
  return places.map((place) => place.dataset.page).filter((anchor) => !(anchor in pages));
}
