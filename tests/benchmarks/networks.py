"""Des réseaux de la forme de ceux que l'on a, et leurs données ; rien n'est téléchargé."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F

from pruning_core import Batches
from tests.benchmarks.measuring import ROOT

LETTERS = 16
"""Lettres d'un mot, et positions du modèle de mots."""

PADDING = -100
"""Cible des positions qui suivent la fin d'un mot."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyzàâçèéêëîïôöùûüœæ"


@dataclass(frozen=True)
class Subject:
    """Un réseau, de quoi le courber, et de quoi le juger.

    Attributes
    ----------
    model : nn.Module
    batches : itérable de lots
        Ce que reçoivent les fonctions de pruning_core.
    held_out : list of lots
        D'autres exemples.
    """

    model: nn.Module
    batches: Any
    held_out: list[Any]


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.output = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        n, positions, width = x.shape
        query, key, value = (
            part(x).view(n, positions, self.heads, -1).transpose(1, 2)
            for part in (self.query, self.key, self.value)
        )
        mixed = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.output(mixed.transpose(1, 2).reshape(n, positions, width))


class _Block(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attention = _Attention(width, heads)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.first(x))
        return x + self.down(F.gelu(self.up(self.second(x))))


class CharacterModel(nn.Module):
    """Un modèle de mots, lettre après lettre ; sortie [N, lettres, positions]."""

    def __init__(self, letters: int, width: int = 64, depth: int = 2, heads: int = 4) -> None:
        super().__init__()
        self.letters = nn.Embedding(letters, width)
        self.positions = nn.Parameter(0.02 * torch.randn(LETTERS, width))
        self.blocks = nn.Sequential(*(_Block(width, heads) for _ in range(depth)))
        self.last, self.head = nn.LayerNorm(width), nn.Linear(width, letters)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        hidden = self.blocks(self.letters(x) + self.positions)
        return self.head(self.last(hidden)).transpose(1, 2)


def written_words() -> tuple[torch.Tensor, torch.Tensor]:
    """Les mots des pages du cours, mêlés : entrées et cibles, [n, 16]."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("book/**/*.md"))]
    found = {word for text in texts for word in re.findall(r"\w+", text.lower())}
    words = sorted(w for w in found if 3 <= len(w) < LETTERS and set(w) <= set(_ALPHABET))
    x = torch.zeros(len(words), LETTERS, dtype=torch.int64)
    y = torch.full((len(words), LETTERS), PADDING)
    for row, word in enumerate(words):
        codes = torch.tensor([0, *(_ALPHABET.index(letter) + 1 for letter in word), 0])
        x[row, : len(word) + 1], y[row, : len(word) + 1] = codes[:-1], codes[1:]
    order = torch.randperm(len(words), generator=torch.Generator().manual_seed(0))
    return x[order], y[order]


def character_model(examples: int = 500, steps: int = 400, width: int = 64) -> Subject:
    """Le modèle de mots (110 000 poids), entraîné un moment sur les mots des pages du cours."""
    x, y = written_words()
    x_test, y_test, x, y = x[:500], y[:500], x[500:], y[500:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = CharacterModel(len(_ALPHABET) + 1, width)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in range(steps):
            rows = torch.randint(len(x), (64,))
            optimizer.zero_grad()
            F.cross_entropy(model(x[rows]), y[rows], ignore_index=PADDING).backward()
            optimizer.step()
    batches = list(zip(x[:examples].split(100), y[:examples].split(100), strict=True))
    return Subject(model.eval(), batches, [(x_test, y_test)])


class _Residual(nn.Module):
    def __init__(self, channels: int, wider: int) -> None:
        super().__init__()
        stride = 1 if channels == wider else 2
        self.body = nn.Sequential(
            nn.Conv2d(channels, wider, 3, stride, 1, bias=False),
            nn.BatchNorm2d(wider),
            nn.ReLU(),
            nn.Conv2d(wider, wider, 3, 1, 1, bias=False),
            nn.BatchNorm2d(wider),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride == 2:
            projection = nn.Conv2d(channels, wider, 1, 2, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(wider))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(self.body(x) + self.shortcut(x))


def resnet18(width: int = 64, images: int = 64, side: int = 64) -> Subject:
    """Un réseau de la forme de ResNet18, de poids tirés au sort, et des images de même."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        widths = [width, width, 2 * width, 4 * width, 8 * width]
        stages = [
            block
            for narrow, wide in pairwise(widths)
            for block in (_Residual(narrow, wide), _Residual(wide, wide))
        ]
        model = nn.Sequential(
            nn.Conv2d(3, width, 7, 2, 3, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            *stages,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(8 * width, 10),
        )
        first, second = (
            [
                (torch.randn(16, 3, side, side), torch.randint(10, (16,)))
                for _ in range(images // 16)
            ]
            for _ in range(2)
        )
    return Subject(model.eval(), first, second)


def gpt2(depth: int, width: int = 96, sequences: int = 16, positions: int = 64) -> Subject:
    """Un réseau de la forme de GPT-2, de poids tirés au sort ; des suites de mots de même."""
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        n_layer=depth, n_embd=width, n_head=4, n_positions=positions, vocab_size=200
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = GPT2LMHeadModel(config)
        texts = [{"input_ids": torch.randint(200, (8, positions))} for _ in range(sequences // 4)]
    half = len(texts) // 2
    return Subject(model.eval(), language_batches(texts[:half]), texts[half:])


def language_batches(texts: list[dict[str, torch.Tensor]]) -> Batches:
    """Des textes tels que les lit un modèle de langue : chaque mot prédit le suivant."""
    return Batches(
        texts,
        forward=lambda model, batch: model(batch["input_ids"]).logits[:, :-1].transpose(1, 2),
        target=lambda batch: batch["input_ids"][:, 1:],
    )


def outputs(model: nn.Module, lots: list[Any]) -> Iterator[torch.Tensor]:
    """Les sorties d'un modèle, lot par lot."""
    with torch.no_grad():
        for lot in lots:
            if isinstance(lot, dict):
                yield model(lot["input_ids"]).logits
            else:
                yield model(lot[0])
