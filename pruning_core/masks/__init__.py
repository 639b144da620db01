"""Choisir les poids à garder, appliquer, tenir, mesurer, enregistrer."""
