"""Réglages de nbgrader pour les TP : ceux de « make tp » et de « make corriger ».

Ils valent aussi pour nbgrader lui-même (commande ou *formgrader*), lancé d'ici.
"""

import os
from pathlib import Path

from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearOutput,
    OverwriteCells,
    OverwriteKernelspec,
)

from pruning_core.course.classroom.folders import TEMPLATES
from pruning_core.course.classroom.mending import mend_submission

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


def seconds(cell):
    """Temps laissé à une cellule : deux minutes, ou trente secondes si elle est courte.

    Une boucle sans fin ne bloque pas la correction des autres ; mais chaque cellule qui
    l'appelle attend. Celles du TP 3, et celles que l'élève ajoute, peuvent entraîner.
    """
    ours = str(cell.get("id", "")).startswith(("tp1-", "tp2-", "tp4-"))
    slow = ("import", "train", "fit(", "prune_layers(", "best")
    quick = not any(word in cell.source for word in slow)
    return 30 if ours and quick else 120


c.Execute.timeout_func = seconds

# Une machine chargée met du temps à démarrer un noyau et à rendre ses sorties.
c.Execute.startup_timeout = 300
c.Execute.iopub_timeout = 120
c.Execute.error_on_timeout = {
    "ename": "CellTimeoutError",
    "evalue": "cellule trop longue, arrêtée par la correction : une boucle sans fin ?",
    "traceback": [
        "Cellule trop longue, arrêtée par la correction : une boucle sans fin ?"
    ],
}
c.Execute.extra_arguments = ["--IPKernelApp.log_level=ERROR"]

# Une cellule copiée, coupée en deux ou sans métadonnées ne coûte pas tout le carnet.
c.Autograde.sanitize_preprocessors = [
    mend_submission,
    ClearOutput,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]

# Une cellule de note effacée par mégarde est remise, et notée.
c.OverwriteCells.add_missing_cells = True
c.OverwriteCells.missing_cell_notification = (
    "Cellule {cell_id} absente du rendu, remise par la correction.\n\n"
)

# Pour les retours seulement : l'écran de correction a le sien.
c.GenerateFeedback.HTMLExporter.template_name = "retour"
c.GenerateFeedback.HTMLExporter.extra_template_basedirs = [str(TEMPLATES)]
