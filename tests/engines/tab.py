"""Les gestes d'un lecteur, les mêmes dans chaque moteur.

Un chemin est un sélecteur CSS ; ``hôte >>> dedans`` entre dans l'arbre d'un composant. Le premier
élément trouvé est le bon.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

WITNESS = (Path(__file__).parent / "witness.js").read_text(encoding="utf-8")

# Prête : chargée, scripts différés passés, sections mises en page sans attendre leur tour.
READY = """async () => {
  if (document.readyState !== "complete") await new Promise(go => addEventListener("load", go));
  for (const section of document.querySelectorAll("article > section > section"))
    section.style.contentVisibility = "visible";
  await document.fonts.ready;
  await new Promise(go => setTimeout(go, 100));
}"""

_FIND = """const find = (path) => path.split(" >>> ").reduce((root, css) =>
  (root?.shadowRoot ?? root)?.querySelector(css), document);"""
_BOX = """async (path) => {
  FIND
  const one = find(path);
  if (!one) return null;
  one.scrollIntoView({ block: "center", behavior: "instant" });
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const { left, top, width, height } = one.getBoundingClientRect();
  return [left, top, width, height];
}""".replace("FIND", _FIND)
_TOUCH = """([path, x, y]) => {
  FIND
  const one = find(path);
  const place = { bubbles: true, composed: true, cancelable: true, clientX: x, clientY: y };
  const finger = { ...place, pointerType: "touch", pointerId: 7, isPrimary: true };
  for (const type of ["pointerover", "pointerenter", "pointerdown", "pointerup"])
    one.dispatchEvent(new PointerEvent(type, finger));
  one.dispatchEvent(new PointerEvent("click", { ...finger, detail: 1 }));
}""".replace("FIND", _FIND)


class Tab(ABC):
    """Un onglet, ouvert une fois pour toutes : il va de page en page."""

    engine: str

    @abstractmethod
    def go(self, url: str) -> None:
        """Va à une page, sans attendre plus que son chargement."""

    @abstractmethod
    def run(self, script: str, argument: Any = None) -> Any:
        """Évalue une expression, ou appelle une fonction ; attend ce qu'elle promet."""

    @abstractmethod
    def press(self, *keys: str) -> None:
        """Frappe des touches, l'une après l'autre : ``"ArrowRight"``, ``"Control+k"``."""

    @abstractmethod
    def mouse(self, act: str, x: float = 0, y: float = 0) -> None:
        """Mène la souris : ``"move"``, ``"down"`` ou ``"up"``."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Donne sa taille à la page, en pixels CSS."""

    @abstractmethod
    def shot(self, path: Path) -> None:
        """Enregistre ce que l'on voit."""

    @abstractmethod
    def faults(self) -> list[str]:
        """Ce dont la page se plaint depuis son ouverture."""

    @abstractmethod
    def outside(self) -> list[str]:
        """Ce que la page a demandé à un autre ordinateur."""

    def open(self, url: str) -> None:
        """Va à une page, et attend qu'elle soit prête."""
        self.go(url)
        self.run(READY)

    def until(self, script: str, argument: Any = None, *, seconds: float = 30) -> Any:
        """Attend que ceci soit vrai, et le rend."""
        end = time.monotonic() + seconds
        while not (found := self.run(script, argument)):
            assert time.monotonic() < end, f"{self.engine} : jamais vrai : {script} {argument}"
            time.sleep(0.05)
        return found

    def box(self, path: str) -> tuple[float, float, float, float]:
        """Amène cet élément à l'écran : sa gauche, son haut, sa largeur, sa hauteur."""
        left, top, width, height = self.until(_BOX, path)
        return left, top, width, height

    def read(self, path: str, name: str = "textContent") -> Any:
        """Une propriété de cet élément ; rien s'il n'est pas là."""
        return self.run(f"([path, name]) => {{ {_FIND} return find(path)?.[name]; }}", [path, name])

    def focus(self, path: str) -> None:
        """Donne le clavier à cet élément."""
        self.box(path)
        self.run(f"(path) => {{ {_FIND} find(path).focus(); }}", path)

    def hover(self, path: str) -> None:
        """Amène la souris sur cet élément."""
        left, top, width, height = self.box(path)
        self.mouse("move", left + width / 2, top + height / 2)

    def click(self, path: str) -> None:
        """Clique au milieu de cet élément."""
        self.hover(path)
        self.mouse("down")
        self.mouse("up")

    def drag(self, path: str, start: float, end: float) -> None:
        """Tire la souris d'une part à l'autre de la largeur de cet élément."""
        left, top, width, height = self.box(path)
        middle = top + height / 2
        self.mouse("move", left + start * width, middle)
        self.mouse("down")
        for step in range(1, 6):
            self.mouse("move", left + (start + (end - start) * step / 5) * width, middle)
        self.mouse("up")

    def tap(self, path: str) -> None:
        """Touche cet élément ; un pilote sans doigt envoie à la page les événements d'un doigt."""
        left, top, width, height = self.box(path)
        self.run(_TOUCH, [path, left + width / 2, top + height / 2])

    def wear(self, scheme: str) -> None:
        """Des couleurs claires ou sombres (``"light"``, ``"dark"``), comme par le bouton."""
        self.run("(scheme) => { document.documentElement.dataset.theme = scheme; }", scheme)
