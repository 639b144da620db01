"""Calculer avec les seuls poids gardés : des couches linéaires en CSR, là où l'on y gagne."""

from __future__ import annotations

import copy
import warnings

import torch
from torch import nn

from pruning_core.checks import check_materialized, check_sparsity
from pruning_core.masks.choosing import count_pruned
from pruning_core.masks.holding import release_masks

_DTYPES = (torch.float32, torch.float64)


class CsrLinear(nn.Module):
    """Une couche linéaire dont le poids est rangé en CSR, pour l'inférence.

    Parameters
    ----------
    layer : nn.Linear
        Laissée telle quelle.

    Raises
    ------
    RuntimeError
        Si cette version de PyTorch ne sait pas multiplier par une matrice CSR sur ce périphérique.
    """

    starts: torch.Tensor
    columns: torch.Tensor
    values: torch.Tensor
    bias: torch.Tensor | None

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.training = layer.training
        weight = layer.weight.detach()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch dit ses tenseurs CSR « bêta », une fois
            csr = weight.to_sparse_csr()
        # Des indices de 32 bits : le produit n'est rapide qu'avec eux.
        self.register_buffer("starts", csr.crow_indices().int())
        self.register_buffer("columns", csr.col_indices().int())
        self.register_buffer("values", csr.values())
        bias = None if layer.bias is None else layer.bias.detach().clone()
        self.register_buffer("bias", bias)
        try:
            self(weight.new_zeros(1, self.in_features))
        except RuntimeError as error:
            raise RuntimeError(
                f"nn.Linear : reçu un poids sur {weight.device}, où cette version de PyTorch ne "
                "multiplie pas par une matrice CSR ; attendu un processeur qu'elle sert. Gardez le "
                "modèle dense."
            ) from error

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sortie W x + b, la dernière dimension étant celle des entrées."""
        flat = x.reshape(-1, self.in_features)
        # W xᵀ, et non x Wᵀ : torch ne sait faire vite que le premier.
        output = (self._csr() @ flat.T).T
        if self.bias is not None:
            output = output + self.bias
        return output.reshape(*x.shape[:-1], self.out_features)

    @property
    def weight(self) -> torch.Tensor:
        """Le poids dense, recalculé : `nn.TransformerEncoderLayer` le lit dans ses couches."""
        return self._csr().to_dense()

    def extra_repr(self) -> str:
        """Les tailles, et ce qui reste."""
        kept = self.values.numel()
        return f"in_features={self.in_features}, out_features={self.out_features}, gardés={kept}"

    def _csr(self) -> torch.Tensor:
        shape = (self.out_features, self.in_features)
        return torch.sparse_csr_tensor(
            self.starts, self.columns, self.values, shape, check_invariants=False
        )


def csr_linears(model: nn.Module, *, min_sparsity: float = 0.9) -> nn.Module:
    """Rend une copie du modèle, pour l'inférence, dont les couches linéaires creuses sont en CSR.

    Des zéros dans un tenseur dense ne font rien gagner : ni temps, ni place. En CSR, une matrice
    élaguée à 90 % se multiplie deux à quatre fois plus vite sur un cœur, à 95 % trois à neuf fois,
    par lots de 16 à 256 vecteurs ; pour un seul vecteur, il faut 95 %. Sous 80 %, elle est plus
    lente que dense. Ces rapports dépendent de la machine : mesurez la vôtre.

    Ne vont pas plus vite : les convolutions, les récurrents, l'attention de torch, la `Conv1D` de
    transformers et les plongements, laissés denses ; la demi-précision ; et, presque toujours, un
    GPU, où le produit dense reste devant. L'élagage y épargne la place d'un fichier
    (`save_pruned`), pas du temps.

    Parameters
    ----------
    model : nn.Module
        Laissé tel quel. S'il tient des masques, la copie n'en tient plus.
    min_sparsity : float
        Part de zéros à partir de laquelle une couche `nn.Linear`, en float32 ou en float64, passe
        en CSR, dans [0, 1].

    Returns
    -------
    nn.Module
        Mêmes sorties, à l'arrondi près. Son `state_dict` n'a plus les mêmes clefs : chargez les
        poids avant.

    Raises
    ------
    TypeError, ValueError
        Si `min_sparsity` ne convient pas, si aucune couche n'est assez creuse, ou si le modèle est
        sur le périphérique `meta`.
    RuntimeError
        Si cette version de PyTorch ne sait pas multiplier par une matrice CSR.
    """
    check_sparsity(min_sparsity, what="min_sparsity")
    twin = copy.deepcopy(model)
    release_masks(twin)
    layers = [module for module in twin.modules() if type(module) is nn.Linear]
    sparse: dict[nn.Module | None, CsrLinear] = {
        layer: CsrLinear(layer) for layer in layers if _is_sparse(layer, min_sparsity)
    }
    if not sparse:
        raise ValueError(
            "model : reçu un modèle sans couche nn.Linear qui ait au moins "
            f"{100 * min_sparsity:.0f} % de zéros ; attendu au moins une. Appliquez d'abord les "
            "masques (apply_masks, pruned_copy), ou baissez min_sparsity. Les autres couches "
            "(convolutions, Conv1D de transformers) restent denses."
        )
    if twin in sparse:
        return sparse[twin]
    for parent in list(twin.modules()):
        for name, child in parent._modules.items():
            if child in sparse:
                setattr(parent, name, sparse[child])
    return twin


def _is_sparse(layer: nn.Linear, min_sparsity: float) -> bool:
    """Dit si une couche a assez de zéros, et rien qui la fasse calculer autre chose que W x + b."""
    if layer._forward_hooks or layer._forward_pre_hooks or layer.weight.dtype not in _DTYPES:
        return False
    check_materialized(layer.weight, "poids d'une couche nn.Linear")
    weight = layer.weight.detach()
    zeros = weight.numel() - int(torch.count_nonzero(weight))
    return zeros >= count_pruned(weight.numel(), min_sparsity)
