"""Ce qui empêche de dériver un modèle : refusé d'un mot clair, ou écarté le temps d'une mesure."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.checkpoint import CheckpointFunction

from pruning_core.checks import check_initialized, check_materialized

_QUANTIZED = ("torch.ao.nn.quantized", "torch.ao.nn.intrinsic.quantized")


def check_differentiable(model: nn.Module) -> None:
    """Refuse un modèle dont autograd ne peut pas donner les gradients, poids par poids.

    Raises
    ------
    TypeError
        Si le modèle est compilé par `torch.jit`, quantifié, réparti entre processus ou répliqué
        sur plusieurs périphériques.
    ValueError
        Si ses poids n'ont pas encore de valeurs, ou ont été faits sous `torch.inference_mode`.
    """
    for module in model.modules():
        found = _unfit_module(module)
        if found is not None:
            raise TypeError(f"model : reçu {found}.")
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        check_initialized(tensor, name)
        check_materialized(tensor, name)
        if tensor.is_inference():
            raise ValueError(
                f"model : reçu {name}, fait sous torch.inference_mode, qu'autograd ne suit pas ; "
                "attendu des tenseurs ordinaires : hors de ce mode, copy.deepcopy(model) en rend."
            )
        if hasattr(tensor, "full_tensor"):
            raise TypeError(
                f"model : reçu {name}, réparti entre processus ({type(tensor).__name__}) ; attendu "
                "un tenseur ordinaire : rassemblez l'état complet "
                "(torch.distributed.checkpoint.state_dict.get_model_state_dict) et chargez-le dans "
                "un modèle ordinaire."
            )


@contextmanager
def without_draws(model: nn.Module) -> Iterator[None]:
    """Refuse un modèle qui tire au sort, même en mode évaluation : on noterait un seul tirage.

    Raises
    ------
    ValueError
        En sortie, si le générateur de torch a servi.
    """
    before = _generators(model)
    yield
    if not all(map(torch.equal, before, _generators(model))):
        raise ValueError(
            "model : reçu un modèle qui tire au sort en mode évaluation (par exemple "
            "F.dropout(x, 0.5), sans training=self.training) ; attendu une sortie qui ne dépend "
            "que du lot : nn.Dropout, ou un tirage fait d'avance et donné avec le lot."
        )


def _generators(model: nn.Module) -> list[torch.Tensor]:
    on_cuda = {parameter.device for parameter in model.parameters() if parameter.is_cuda}
    return [torch.get_rng_state(), *map(torch.cuda.get_rng_state, on_cuda)]


def _unfit_module(module: nn.Module) -> str | None:
    """Ce que l'on a reçu, et ce que l'on attendait, si le module ne convient pas."""
    if isinstance(module, torch.jit.ScriptModule):
        return (
            "un module compilé par torch.jit, que l'on ne peut pas lire couche par couche ; "
            "attendu le modèle Python d'avant torch.jit.script ou torch.jit.trace"
        )
    if type(module).__name__ == "FullyShardedDataParallel":
        return (
            "un modèle réparti par FSDP ; attendu un modèle ordinaire, où l'on a chargé l'état "
            "complet (torch.distributed.checkpoint.state_dict.get_model_state_dict)"
        )
    if isinstance(module, nn.DataParallel) and len(module.device_ids) > 1:
        return "un DataParallel sur plusieurs périphériques ; attendu le modèle seul, model.module"
    if type(module).__module__.startswith(_QUANTIZED):
        return (
            f"un module quantifié, {type(module).__name__}, qui n'a pas de gradient ; attendu le "
            "modèle d'avant la quantification : élaguez d'abord, quantifiez ensuite"
        )
    return None


@contextmanager
def plain_computation(model: nn.Module) -> Iterator[None]:
    """Fait calculer torch simplement : tout s'y dérive deux fois, aux arrondis du type près.

    Autograd y est actif, même sous `no_grad` ou `inference_mode` ; `autocast` y est levé.
    """
    recurrent = any(isinstance(m, (nn.RNNBase, nn.RNNCellBase)) for m in model.modules())
    mha = torch.backends.mha
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        stack.enter_context(without_autocast(model))
        # Les noyaux rapides d'attention n'ont ni dérivée seconde ni forme vectorisée.
        stack.callback(mha.set_fastpath_enabled, mha.get_fastpath_enabled())
        mha.set_fastpath_enabled(False)
        stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        # oneDNN et cuDNN ne dérivent un réseau récurrent qu'une fois, ou qu'en entraînement.
        _switch(stack, torch.backends.mkldnn, "enabled", off=recurrent)
        _switch(stack, torch.backends.cudnn, "enabled", off=recurrent)
        # Au millième près, comme TF32 calcule, on ne pourrait plus rien vérifier.
        _switch(stack, torch.backends.cudnn, "allow_tf32", off=True)
        _switch(stack, torch.backends.cuda.matmul, "allow_tf32", off=True)
        # Un gradient creux ne se dérive pas une seconde fois.
        for module in model.modules():
            if isinstance(module, (nn.Embedding, nn.EmbeddingBag)):
                _switch(stack, module, "sparse", off=True)
        stack.enter_context(_without_checkpoints())
        stack.enter_context(_without_compilation(model))
        yield


@contextmanager
def without_autocast(model: nn.Module) -> Iterator[None]:
    """Lève `torch.autocast` : une mesure se fait dans le type des poids, où qu'on la demande.

    Celui que le modèle met lui-même autour d'un de ses calculs reste : il en fait partie.
    """
    kinds = {"cpu", *(tensor.device.type for tensor in model.parameters())}
    with ExitStack() as stack:
        for kind in kinds:
            # Certains périphériques n'ont pas `torch.autocast`, et refusent même de le lever.
            if torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind):
                stack.enter_context(torch.autocast(kind, enabled=False))
        yield


def _switch(stack: ExitStack, owner: Any, option: str, *, off: bool) -> None:
    """Éteint s'il le faut l'option d'une bibliothèque ou d'un module, jusqu'à la fin de la pile."""
    value = getattr(owner, option)
    if off and value:
        stack.callback(setattr, owner, option, value)
        setattr(owner, option, False)


@contextmanager
def _without_checkpoints() -> Iterator[None]:
    """Garde les activations que `checkpoint(use_reentrant=True)` recalculerait.

    Cette forme de `checkpoint` cache au graphe ce qu'elle contient.
    """

    def apply(run, preserve_rng_state, *args):  # type: ignore[no-untyped-def]
        return run(*args)

    CheckpointFunction.apply = staticmethod(apply)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del CheckpointFunction.apply


@contextmanager
def _without_compilation(model: nn.Module) -> Iterator[None]:
    """Fait exécuter tel quel ce que `torch.compile` a compilé, couches visibles.

    Raises
    ------
    TypeError
        Si le modèle est compilé et que cette version de torch ne sait pas s'en passer.
    """
    if "torch._dynamo" not in sys.modules:  # rien n'a été compilé, et l'importer est long
        yield
        return
    if not hasattr(torch.compiler, "set_stance"):
        if any(m._compiled_call_impl or "_orig_mod" in m._modules for m in model.modules()):
            raise TypeError(
                "model : reçu un modèle passé par torch.compile ; attendu, avant torch 2.6, le "
                "modèle d'origine, model._orig_mod."
            )
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield
