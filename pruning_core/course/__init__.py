"""Ce que seul le cours demande : données, figures, exercices, expériences, explorateur, classe.

L'importer fait calculer torch sur un seul fil, sauf si `OMP_NUM_THREADS` en demande d'autres : sur
les petites matrices du cours, un seul fil est plusieurs fois plus rapide, et donne partout les
mêmes arrondis.
"""

import os

import torch

if "OMP_NUM_THREADS" not in os.environ:
    torch.set_num_threads(1)
