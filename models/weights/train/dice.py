"""Chance on a device: what batch number so and so of a seed gets, whatever was drawn before."""
from __future__ import annotations

import math

import torch
from torch import Tensor


class Dice:
    def __init__(self, seed: int, number: int, device: torch.device) -> None:
        self.device = device
        self.generator = torch.Generator(device).manual_seed((seed * 1_000_003 + number) * 2_654_435_761 % 2 ** 62)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=self.generator, device=self.device)

    def octaves(self, low: float, high: Tensor | float, *shape: int) -> Tensor:
        """Evenly over the octaves between low and high."""
        high = high if isinstance(high, float) else high.clamp(min=low + 1e-3)
        top = math.log(high) if isinstance(high, float) else high.log()
        return torch.exp(math.log(low) + (top - math.log(low)) * self.uniform(0, 1, *shape))

    def chance(self, share: Tensor | float, *shape: int) -> Tensor:
        return self.uniform(0, 1, *shape) < share

    def below(self, count: Tensor | int, *shape: int) -> Tensor:
        """Whole numbers from 0 to count - 1; 0 where count is 0."""
        return (self.uniform(0, 1, *shape) * count).long().clamp(min=0)

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def of(self, chances: Tensor, *shape: int) -> Tensor:
        """Numbers drawn with the given chances, which were added up and end with 1."""
        drawn = torch.searchsorted(chances, self.uniform(0, 1, *shape).contiguous())
        return drawn.clamp(max=len(chances) - 1)
