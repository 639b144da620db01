"""Réglages de nbgrader pour les TP : ceux de « make tp » et de « make corriger ».

Ils valent aussi pour nbgrader lui-même (commande ou *formgrader*), lancé d'ici.
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821 : fournie par traitlets

labs = Path(__file__).resolve().parent
classroom = labs.parents[1] / "classe"

c.CourseDirectory.course_id = "elagage"
c.CourseDirectory.root = str(classroom)
# Un chemin relatif : nbgrader reconnaît mal un chemin absolu sous Windows.
c.CourseDirectory.source_directory = os.path.relpath(labs, classroom)
c.CourseDirectory.release_directory = "sujets"
c.CourseDirectory.submitted_directory = "rendus"
c.CourseDirectory.autograded_directory = "corriges"
c.CourseDirectory.feedback_directory = "retours"

c.ClearSolutions.code_stub = {
    "python": "# VOTRE CODE ICI\n"
    'raise NotImplementedError("remplacez cette ligne par votre code")'
}
c.ClearSolutions.text_stub = "VOTRE RÉPONSE ICI"

# Une boucle sans fin ne bloque pas la correction des autres.
c.Execute.timeout = 120
# Une machine chargée met du temps à démarrer un noyau et à rendre ses sorties.
c.Execute.startup_timeout = 300
c.Execute.iopub_timeout = 120
c.Execute.error_on_timeout = {
    "ename": "CellTimeoutError",
    "evalue": "arrêtée après deux minutes",
    "traceback": ["Cellule arrêtée après deux minutes : une boucle sans fin ?"],
}
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]

# Une cellule de note effacée par mégarde est remise, et notée.
c.OverwriteCells.add_missing_cells = True
c.OverwriteCells.missing_cell_notification = (
    "Cellule {cell_id} absente du rendu, remise par la correction.\n\n"
)

# Pour les retours seulement : l'écran de correction a le sien.
c.GenerateFeedback.HTMLExporter.template_name = "retour"
c.GenerateFeedback.HTMLExporter.extra_template_basedirs = [
    str(labs.parents[1] / "book" / "builder" / "templates")
]
