# Sur Google Colab et Binder, installe ce qui manque ; ailleurs, rien.
import os
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = ""  # adresse du dépôt du cours, qui commence par https://


def install_course() -> None:
    """Installe la bibliothèque, le cours et ce qu'ils demandent."""
    above = [u for u in ("..", "../..") if Path(u, "pruning_core").is_dir()]
    if above:
        packages = [above[0], f"{above[0]}/pruning_core/course"]
    elif REPOSITORY:
        course = "#subdirectory=pruning_core/course"
        packages = [f"git+{REPOSITORY}", f"git+{REPOSITORY}{course}"]
    else:
        raise RuntimeError(
            "Adresse du dépôt du cours : reçue vide ; attendu https://... "
            "Écrivez-la entre les guillemets de REPOSITORY, au début de "
            "cette cellule (elle est dans la page du cours, ou demandez-la "
            "à qui enseigne), puis relancez la cellule."
        )
    print("Installation de ce qui manque (quelques minutes)...")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", *packages]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            "pip n'a pas pu installer le cours. Vérifiez l'adresse du "
            "dépôt et la connexion, puis relancez la cellule. Message de "
            "pip :\n"
            f"{done.stderr}"
        )
    invalidate_caches()
    print("C'est prêt.")


elsewhere = "google.colab" in sys.modules or "BINDER_REPO_URL" in os.environ
if elsewhere and not (find_spec("pruning_core") and find_spec("anywidget")):
    install_course()
