"""Noter chaque poids : un fichier par critère."""
