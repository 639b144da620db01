"""L'édition du lecteur : les carnets en Markdown ordinaire, sans solution ni sortie.

JupyterLab, Colab et VS Code ne savent pas tous lire les directives du site, et aucun ne le fait en
français. Ces carnets sont tirés des leçons ; on n'y écrit rien à la main.
"""
