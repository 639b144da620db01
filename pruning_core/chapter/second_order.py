"""OBD et OBS, tels que les nomme le chapitre."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from pruning_core.checks import check_count
from pruning_core.curvature.by_name import Curvature, diagonal_named, matrix_named
from pruning_core.curvature.flattening import unflatten
from pruning_core.curvature.matrices import MAX_BYTES
from pruning_core.obs.algebra import DAMPING
from pruning_core.obs.one_by_one import FullCurvature, prune_one_by_one
from pruning_core.passes import reusable
from pruning_core.scores.obd import obd_salience
from pruning_core.types import Criterion, Loader, Scores
from pruning_core.weights.biases import with_biases
from pruning_core.weights.prunable import resolve_parameters


class SecondOrderPruning:
    """Élagage fondé sur la courbure de la perte."""

    def compute_optimal_brain_damage(
        self,
        model: nn.Module,
        train_loader: Loader,
        criterion: Criterion,
        *,
        curvature: Curvature = "ggn",
        parameters: Mapping[str, nn.Parameter] | None = None,
    ) -> tuple[Scores, dict[str, torch.Tensor]]:
        """Saillance OBD, ½ H_ii w_i², et la diagonale H.

        Parameters
        ----------
        model : nn.Module
            Laissé tel quel.
        train_loader : itérable de (x, y), ou Batches
        criterion : fonction (sortie, y) -> perte moyenne du lot
        curvature : {"ggn", "empirical_fisher", "sampled_fisher", "hessian"}, ou SampledFisher
            La courbure dont on prend la diagonale exacte.
        parameters : dict[str, nn.Parameter], optionnel
            Les poids à noter ; par défaut `prunable_parameters(model)`.

        Returns
        -------
        salience : Scores
        hessian_diag : dict[str, Tensor]

        Raises
        ------
        TypeError, ValueError
            Si les données, la fonction de perte, les poids ou la courbure ne conviennent pas.
        """
        chosen = resolve_parameters(model, parameters)
        hessian_diag = diagonal_named(curvature)(model, train_loader, criterion, parameters=chosen)
        return obd_salience(chosen, hessian_diag), hessian_diag

    def compute_optimal_brain_surgeon(
        self,
        model: nn.Module,
        train_loader: Loader,
        criterion: Criterion,
        *,
        curvature: Curvature = "ggn",
        damping: float = DAMPING,
        parameters: Mapping[str, nn.Parameter] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Scores:
        """Saillance OBS, w_q² / (2 [H⁻¹]_qq), par l'inverse de la courbure complète.

        Les biais des modules élagués prennent part à la courbure, donc à l'ajustement prévu.

        Parameters
        ----------
        damping : float
            Amortissement, relatif à la diagonale moyenne.
        max_bytes : int
            Mémoire permise à la matrice complète ; au-delà, voir `obs_neuron_pruning`.

        Returns
        -------
        Scores
            De la forme des poids.

        Raises
        ------
        MemoryError
            Si la matrice de courbure prendrait plus de `max_bytes` octets.
        TypeError, ValueError
            Voir `compute_optimal_brain_damage` ; ou si la courbure amortie n'est pas définie
            positive.
        """
        chosen = resolve_parameters(model, parameters)
        variables = with_biases(model, chosen)
        matrix = matrix_named(curvature)(
            model, train_loader, criterion, parameters=variables, max_bytes=max_bytes
        )
        state = FullCurvature.start(variables, set(chosen), matrix, damping)
        scores = unflatten(state.scores(), variables)
        return {name: scores[name] for name in chosen}

    def iterative_obs_pruning(
        self,
        model: nn.Module,
        train_loader: Loader,
        criterion: Criterion,
        n_weights_to_prune: int,
        *,
        curvature: Curvature = "ggn",
        damping: float = DAMPING,
        recompute_every: int | None = None,
        parameters: Mapping[str, nn.Parameter] | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> list[tuple[str, tuple[int, ...]]]:
        """OBS un poids à la fois : le modèle est élagué et ajusté sur place.

        À chaque itération, le poids encore présent de plus petite saillance est supprimé et
        tous les autres (biais compris) sont ajustés ; l'inverse est réduite en O(n²), non
        recalculée.

        Parameters
        ----------
        model : nn.Module
            Changé sur place. Un poids déjà nul compte comme présent.
        n_weights_to_prune : int
            Nombre de poids distincts à supprimer.
        recompute_every : int, optionnel
            Recalcule la courbure tous les tant de poids ; jamais par défaut.
        curvature, damping, parameters, max_bytes
            Voir `compute_optimal_brain_surgeon`.

        Returns
        -------
        list[tuple[str, tuple[int, ...]]]
            Nom et indices de chaque poids supprimé, dans l'ordre.

        Raises
        ------
        MemoryError, TypeError, ValueError
            Voir `compute_optimal_brain_surgeon` ; ou si `n_weights_to_prune` dépasse le nombre
            de poids. Le modèle n'est alors pas changé.
        """
        chosen = resolve_parameters(model, parameters)
        total = sum(p.numel() for p in chosen.values())
        n = check_count(n_weights_to_prune, "n_weights_to_prune")
        if n > total:
            raise ValueError(
                f"n_weights_to_prune : reçu {n} ; attendu au plus {total}, le nombre de poids."
            )
        if recompute_every is not None:
            check_count(recompute_every, "recompute_every", minimum=1)
        loader = reusable(train_loader)
        variables = with_biases(model, chosen)
        matrix_of = matrix_named(curvature)

        def current() -> torch.Tensor:
            return matrix_of(model, loader, criterion, parameters=variables, max_bytes=max_bytes)

        return prune_one_by_one(
            variables, set(chosen), current, n, damping=damping, recompute_every=recompute_every
        )
