"""Prédire, puis voir : le lecteur s'engage avant un résultat, et le retrouve à côté."""

from pruning_core.course.guesses.widget import Guess, Guesses, Outcome

__all__ = ["Guess", "Guesses", "Outcome"]
