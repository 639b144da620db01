"""Un transformeur de poche : il lit les lettres d'un mot et devine la suivante.

À chaque position, un vecteur de `width` nombres, le flux, part de la lettre lue et de sa place.
Chaque bloc y ajoute deux choses : ce que l'attention va chercher aux positions d'avant, puis ce
qu'un petit perceptron en tire. La dernière couche en fait un score par lettre.
"""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import nn

from pruning_core.course.words.corpus import ALPHABET, CONTEXT


class Attention(nn.Module):
    """Chaque position lit les précédentes, et elle-même, selon ce qu'elle y cherche.

    Parameters
    ----------
    width : int
        Largeur du flux, multiple de `heads`.
    heads : int
        Nombre de têtes : autant de lectures à la fois, chacune sur sa part de la largeur.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)  # ce que cherche une position
        self.key = nn.Linear(width, width)  # ce que chaque position annonce
        self.value = nn.Linear(width, width)  # ce qu'elle donne
        self.output = nn.Linear(width, width)  # ce qu'on en ajoute au flux

    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        """[N, T, width] -> [N, T, width]."""
        query, key, value = (
            layer(stream).unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for layer in (self.query, self.key, self.value)
        )
        agreement = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        future = torch.ones_like(agreement[0, 0], dtype=torch.bool).triu(1)
        attention = agreement.masked_fill(future, -torch.inf).softmax(-1)
        return self.output((attention @ value).transpose(1, 2).flatten(2))


class Block(nn.Module):
    """Une attention, puis un perceptron ; chacun lit le flux normalisé et s'y ajoute."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.before_attention = nn.LayerNorm(width)
        self.attention = Attention(width, heads)
        self.before_mlp = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(
                up=nn.Linear(width, 4 * width),
                # La forme de GPT-2, par la tangente hyperbolique, que JavaScript calcule aussi.
                activation=nn.GELU(approximate="tanh"),
                down=nn.Linear(4 * width, width),
            )
        )

    def forward(self, stream: torch.Tensor) -> torch.Tensor:
        """[N, T, width] -> [N, T, width]."""
        stream = stream + self.attention(self.before_attention(stream))
        return stream + self.mlp(self.before_mlp(stream))


class WordTransformer(nn.Module):
    """Le modèle de langue du cours : des lettres lues, un score pour chaque lettre qui suivrait.

    Parameters
    ----------
    width : int
        Largeur du flux, multiple de `heads`.
    blocks : int
        Nombre de blocs.
    heads : int
        Nombre de têtes de chaque attention.
    seed : int
        Graine des poids de départ ; le générateur global de torch n'est pas touché.

    References
    ----------
    Vaswani et coll., *Attention Is All You Need*, 2017 ; Radford et coll., *Language Models are
    Unsupervised Multitask Learners*, 2019, pour la normalisation avant chaque part d'un bloc.
    """

    def __init__(self, width: int = 64, blocks: int = 2, heads: int = 4, *, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.letters = nn.Embedding(len(ALPHABET), width)
            self.positions = nn.Embedding(CONTEXT, width)
            self.blocks = nn.ModuleList(Block(width, heads) for _ in range(blocks))
            self.before_scores = nn.LayerNorm(width)
            self.scores = nn.Linear(width, len(ALPHABET))
            for embedding in (self.letters, self.positions):
                nn.init.normal_(embedding.weight, std=0.1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Scores des lettres qui suivraient chaque position.

        Parameters
        ----------
        inputs : Tensor int64 [N, T]
            Rangs de `ALPHABET`, T positions au plus 16 ; la première est la marque.

        Returns
        -------
        Tensor [N, T, V]
            Avant softmax ; V est la taille de l'alphabet.
        """
        places = torch.arange(inputs.shape[1], device=inputs.device)
        stream = self.letters(inputs) + self.positions(places)
        for block in self.blocks:
            stream = block(stream)
        return self.scores(self.before_scores(stream))


def block_weights(model: nn.Module) -> dict[str, nn.Parameter]:
    """Les poids qu'on élague : les matrices des blocs, sans biais, plongements ni scores."""
    return {
        name: parameter
        for name, parameter in model.named_parameters()
        if name.startswith("blocks.") and parameter.ndim == 2
    }
