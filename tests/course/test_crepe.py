"""Le réseau qui entend la hauteur d'un son : son architecture, ses sons, sa mesure."""

from __future__ import annotations

import torch

from pruning_core.course.experiments import crepe


def test_crepe_is_the_published_network() -> None:
    """Le réseau a les poids de celui du paquet, et rend une note par hauteur."""
    model = crepe.Crepe().eval()
    assert sum(p.numel() for p in model.parameters() if p.ndim > 1) == 485_376
    assert model(crepe.sounds(2, 0)[0]).shape == (2, 360)


def test_sounds_have_their_pitch() -> None:
    """Un son est centré, réduit, et périodique à la hauteur annoncée."""
    waves, cents = crepe.sounds(20, 3)
    assert waves.mean(1).abs().max() < 1e-5 and (waves.std(1) - 1).abs().max() < 1e-5
    period = 16_000 / (10 * 2 ** (cents / 1200))
    for wave, length in zip(waves, period.round().int().tolist(), strict=True):
        together = torch.corrcoef(torch.stack([wave[length:], wave[:-length]]))[0, 1]
        assert together > 0.5


def test_heard_within_fifty_cents() -> None:
    """Un réseau qui montre la bonne case entend tout ; décalé de trois cases, rien."""
    waves, cents = crepe.sounds(50, 4)
    bins = ((cents - 1997.3794084376191) / 20).round().long()
    for shift, share in ((0, 1.0), (3, 0.0), (-3, 0.0)):
        scores = torch.full((50, 360), -30.0).scatter(1, (bins + shift)[:, None], 10.0)
        assert crepe.heard(lambda part, scores=scores: scores, waves, cents) == share
