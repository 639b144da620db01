"""Ce que seul le cours demande : données, figures, exercices, expériences, explorateur, classe."""
