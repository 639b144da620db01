"""Les entrées des couches, et leur second moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from pruning_core import obs_layer_pruning, wanda_scores
from pruning_core.curvature import inputs
from pruning_core.curvature.inputs import InputCall, InputReader
from pruning_core.curvature.moments import SecondMoment

REAL = torch.float64

CONVOLUTIONS = {
    "1d": (lambda: nn.Conv1d(2, 3, 3, stride=2, padding=1), (4, 2, 7)),
    "groups": (lambda: nn.Conv2d(4, 6, 2, groups=2), (3, 4, 4, 3)),
    "same": (lambda: nn.Conv2d(2, 3, 2, dilation=2, padding="same"), (3, 2, 4, 5)),
    "circular": (lambda: nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), (3, 2, 4, 3)),
    "3d": (lambda: nn.Conv3d(2, 2, (2, 1, 2), bias=False), (2, 2, 3, 2, 3)),
    "transposed": (
        lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, padding=1, output_padding=1, groups=2),
        (2, 4, 3, 2),
    ),
    "transposed_1d": (lambda: nn.ConvTranspose1d(2, 3, 2, dilation=2, stride=3), (3, 2, 4)),
}


def _moment(model: nn.Module, x: torch.Tensor, name: str, cuts: list[slice]) -> SecondMoment:
    reader = InputReader(model, [name])
    moment = SecondMoment(name, reader.groups[name], cuts, torch.device("cpu"))
    with torch.no_grad(), reader.listening(moment.add):
        model(x)
    return moment


def _patches(layer: nn.Module, x: torch.Tensor) -> Iterator[tuple[int, torch.Tensor]]:
    """Groupe et entrées de chaque position, par la dérivée de la sortie selon les poids."""
    for example in x.split(1):
        output = layer(example)
        for channel in range(0, output.shape[1], output.shape[1] // layer.groups):
            for value in output[0, channel].flatten():
                (gradient,) = torch.autograd.grad(value, layer.weight, retain_graph=True)
                group = channel * layer.groups // output.shape[1]
                if isinstance(layer, (nn.ConvTranspose1d, nn.ConvTranspose2d)):
                    inside = len(gradient) // layer.groups
                    yield group, gradient[group * inside : (group + 1) * inside, 0].flatten()
                else:
                    yield group, gradient[channel].flatten()


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_second_moment_of_a_convolution(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """2 E[a aᵀ], où a est ce que la sortie multiplie par les poids, à chaque position."""
    monkeypatch.setattr(inputs, "_CHUNK_ELEMENTS", 100)
    build, shape = CONVOLUTIONS[name]
    torch.manual_seed(0)
    layer, x = build().to(REAL), torch.randn(shape, dtype=REAL)
    found: dict[int, list[torch.Tensor]] = {}
    for group, patch in _patches(layer, x):
        found.setdefault(group, []).append(patch)
    width = len(found[0][0])
    cuts = [slice(0, 3), slice(3, width)]
    first, second = _moment(nn.Sequential(layer), x, "0.weight", cuts).matrices()
    for group, patches in found.items():
        rows = torch.stack(patches)
        expected = 2 * rows.T @ rows / len(rows)
        torch.testing.assert_close(first[group], expected[:3, :3])
        torch.testing.assert_close(second[group], expected[3:, 3:])


def test_one_example_alone() -> None:
    """Une convolution lit aussi un exemple sans dimension de lot."""
    layer = nn.Conv1d(2, 3, 2, dtype=REAL)
    x = torch.randn(2, 6, dtype=REAL)
    alone = _moment(nn.Sequential(layer), x, "0.weight", [slice(0, 4)]).matrices()
    batched = _moment(nn.Sequential(layer), x[None], "0.weight", [slice(0, 4)]).matrices()
    assert torch.equal(alone[0], batched[0])


class _Scaled(nn.Linear):
    """Une couche dont la sortie n'est pas celle de ses poids."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weight * 2, self.bias)


class _Padded(nn.Conv2d):
    """Une convolution qui ajoute ses bords elle-même."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(F.pad(x, (1, 1, 1, 1)))


class _Renamed(nn.Linear):
    """Une couche récrite, mais de même sortie."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, values, self.weight.T)


@pytest.mark.parametrize(
    ("layer", "shape"), [(_Scaled(4, 3), (5, 4)), (_Padded(2, 3, 3), (2, 2, 4, 4))]
)
def test_a_layer_that_does_something_else_is_refused(
    layer: nn.Module, shape: tuple[int, ...]
) -> None:
    """Une couche dont la sortie n'est pas W a + b se refuse, poids nommé."""
    with pytest.raises(ValueError, match=r"0\.weight.*n'est pas W a \+ b.*parameters="):
        _moment(nn.Sequential(layer), torch.randn(shape), "0.weight", [slice(0, 4)])


def test_a_rewritten_layer_is_checked_then_read() -> None:
    """Une couche récrite qui rend W a + b se lit comme les autres, argument nommé compris."""
    layer, x = _Renamed(4, 3), torch.randn(5, 4)
    reader = InputReader(layer, ["weight"])
    moment = SecondMoment("weight", 1, [slice(0, 4)], torch.device("cpu"))
    with torch.no_grad(), reader.listening(moment.add):
        layer(values=x)
    torch.testing.assert_close(moment.matrices()[0][0].float(), 2 * x.T @ x / 5)


def test_bias_and_checkpoint() -> None:
    """La colonne du biais a pour entrée 1 ; une couche sous `checkpoint` s'écoute aussi."""
    layer, x = nn.Linear(3, 2, dtype=REAL), torch.randn(4, 5, 3, dtype=REAL)
    reader = InputReader(layer, ["weight"])
    moment = SecondMoment("weight", 1, [slice(0, 2), slice(2, 4)], torch.device("cpu"))
    with torch.no_grad(), reader.listening(moment.add):
        checkpoint(layer, x, use_reentrant=False)
    rows = torch.cat([x.flatten(0, 1), torch.ones(20, 1, dtype=REAL)], 1)
    expected = 2 * rows.T @ rows / 20
    first, second = moment.matrices()
    torch.testing.assert_close(first[0], expected[:2, :2])
    torch.testing.assert_close(second[0], expected[2:, 2:])


def test_what_cannot_be_read() -> None:
    """Un poids lu hors d'une couche, une couche muette ou des entrées infinies se refusent."""
    attention = nn.MultiheadAttention(4, 2)
    with pytest.raises(ValueError, match=r"in_proj_weight d'un MultiheadAttention.*parameters="):
        InputReader(attention, ["in_proj_weight"])
    with pytest.raises(ValueError, match=r"weight d'un Embedding"):
        InputReader(nn.Embedding(3, 4), ["weight"])
    layer = nn.Linear(2, 2)
    with pytest.raises(ValueError, match="n'est pas appelée"):
        SecondMoment("weight", 1, [slice(0, 2)], torch.device("cpu")).matrices()
    with pytest.raises(ValueError, match="ne sont pas finies"):
        _moment(layer, torch.tensor([[1.0, torch.inf]]), "weight", [slice(0, 2)]).matrices()


def test_hooks_are_removed() -> None:
    """Hors du contexte, plus rien n'écoute."""
    layer = nn.Linear(2, 2)
    heard: list[InputCall] = []
    with InputReader(layer, ["weight"]).listening(heard.append):
        layer(torch.zeros(1, 2))
    layer(torch.zeros(1, 2))
    assert len(heard) == 1


class _Twice(nn.Module):
    """Une couche appelée, et son poids employé une fois de plus, d'une façon ou d'une autre."""

    def __init__(self, use: Callable[[nn.Linear, torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.layer, self.use = nn.Linear(4, 4), use

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.use(self.layer, torch.tanh(self.layer(x)))


ELSEWHERE = {
    "F.linear": lambda layer, h: F.linear(h, layer.weight),
    "produit": lambda layer, h: h @ layer.weight.T,
    "forward": lambda layer, h: layer.forward(h),
    "assemblé": lambda layer, h: h @ torch.cat([layer.weight, layer.weight]).T,
}


@pytest.mark.parametrize("use", ELSEWHERE.values(), ids=ELSEWHERE)
@pytest.mark.parametrize("measure", [wanda_scores, lambda m, d: obs_layer_pruning(m, d, 0.5)])
def test_a_weight_used_elsewhere_is_refused(measure: Callable, use: Callable) -> None:
    """Un poids qui sert aussi hors de layer(x) se refuse : on ne lirait pas toutes ses entrées."""
    with pytest.raises(ValueError, match=r"layer\.weight.* hors de layer\(x\)"):
        measure(_Twice(use), [(torch.randn(5, 4), torch.zeros(5))])


def test_reading_the_type_of_a_weight_is_not_using_it() -> None:
    """Lire le type, la forme ou le périphérique d'un poids ne l'emploie pas."""
    model = _Twice(lambda layer, h: h.to(layer.weight.dtype) * layer.weight.shape[0])
    assert wanda_scores(model, [(torch.randn(5, 4), torch.zeros(5))])["layer.weight"].shape == (
        4,
        4,
    )
