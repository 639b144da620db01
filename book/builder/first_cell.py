# Sur Google Colab et Binder, installe ce qui manque ; ailleurs, rien.
import os
import subprocess
import sys
from importlib import invalidate_caches
from importlib.util import find_spec
from pathlib import Path

REPOSITORY = ""  # adresse du dépôt du cours, qui commence par https://


def install_missing() -> None:
    """Installe les paquets du carnet que ce noyau ne trouve pas."""
    in_course = Path("../pruning_core").is_dir()
    here = ("..", "../pruning_core/course")
    folder = "#subdirectory=pruning_core/course"
    there = (f"git+{REPOSITORY}", f"git+{REPOSITORY}{folder}")
    packages = {
        "pruning_core": here if in_course else there,
        "anywidget": ("anywidget",),
        "joblib": ("joblib",),
        "matplotlib": ("matplotlib",),
        "pandas": ("pandas",),
        "sklearn": ("scikit-learn",),
    }
    missing: list[str] = []
    for name, wanted in packages.items():
        missing += [] if find_spec(name) else wanted
    if "git+" in missing:
        raise RuntimeError(
            "Adresse du dépôt du cours : reçue vide ; attendu https://... "
            "Écrivez-la entre les guillemets de REPOSITORY, au début de "
            "cette cellule (elle est dans la page du cours, ou demandez-la "
            "à qui enseigne), puis relancez la cellule."
        )
    if missing:
        print("Installation de ce qui manque (quelques minutes)...")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *missing]
        done = subprocess.run(pip, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(
                f"pip n'a pas pu installer {', '.join(missing)}. Vérifiez "
                "l'adresse du dépôt et la connexion, puis relancez la "
                f"cellule. Message de pip :\n{done.stderr}"
            )
        invalidate_caches()
        print("C'est prêt.")


if "google.colab" in sys.modules or "BINDER_REPO_URL" in os.environ:
    install_missing()
