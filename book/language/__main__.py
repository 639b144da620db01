"""``python -m language [FICHIER...]`` : les fautes de français, une par ligne."""

from __future__ import annotations

import sys
from pathlib import Path

from language.checking import faults
from language.passages import passages, texts

ROOT = Path(__file__).resolve().parents[2]


def main(names: list[str]) -> int:
    """Relit les fichiers nommés, ou tout le projet ; rend 1 s'il y a une faute."""
    paths = [Path(name).resolve() for name in names] or texts(ROOT)
    found = [f for path in paths for passage in passages(ROOT, path) for f in faults(passage)]
    print("\n".join(found) or f"Rien à reprendre. Fichiers relus : {len(paths)}.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
