"""Ce que rend la vérification d'une réponse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Jugement d'une réponse.

    Attributes
    ----------
    right : bool
        Vrai si la réponse est juste.
    message : str
        Ce qu'on dit au lecteur : pourquoi c'est juste, ou un indice.
    """

    right: bool
    message: str


class Hint(Exception):
    """Indice sur l'erreur probable ; jamais la solution."""


class Untouched(Hint):
    """Réponse pas encore donnée."""
