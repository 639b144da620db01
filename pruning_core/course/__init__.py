"""Ce dont seul le cours a besoin : données, figures, exercices, expériences, explorateur, classe."""
