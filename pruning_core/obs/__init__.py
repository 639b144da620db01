"""Optimal Brain Surgeon : supprimer des poids et ajuster les autres."""
