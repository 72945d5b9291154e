"""What is put into a picture afterwards: people, pieces of wall, drawn things, umbrellas."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from atlas import LEVELS, Atlas
from dice import Dice
from pictures import Picture
from targets import DOUBTFUL, NOBODY, SOMEBODY

LAYERS = 6  # at most, each over the one before
UMBRELLAS = 4
COVERED = 0.6  # part of somebody that something hides, from which they are doubtful
WALLS = 6  # pieces of a person's shape and without anybody that are looked for in each photograph


@dataclass
class Scenes:
    """Samples being made."""

    pixels: Tensor  # B x 3 x H x W, BGR 0..255
    box: Tensor  # B x M x 4: x1, y1, x2, y2 in pixels
    state: Tensor  # B x M: SOMEBODY, DOUBTFUL, or NOBODY where there is no box


@dataclass
class Layer:
    """One thing for each of some samples: which piece (S x 4) of which picture, and where it goes (S x 4)."""

    sample: Tensor
    picture: Tensor
    piece: Tensor
    place: Tensor
    soft: Tensor  # whether its edges are blended: pieces of photographs have no outline of their own
    gain: Tensor


class Layers:
    def __init__(self, atlas: Atlas, pictures: list[Picture], sprites: list[np.ndarray], umbrellas: list[np.ndarray],
                 device: torch.device, seed: int) -> None:
        rng = np.random.default_rng(seed)
        people = [(i, *box) for i, p in enumerate(pictures) for box in p.people
                  if box[3] - box[1] >= 40 and box[2] - box[0] >= 12]
        walls = [(i, *box) for i, p in enumerate(pictures) for _ in range(WALLS) if (box := wall(rng, p)) is not None]
        drawn = [(len(pictures) + i, 0, 0, s.shape[1], s.shape[0]) for i, s in enumerate(sprites)]
        shades = [(len(pictures) + len(sprites) + i, 0, 0, s.shape[1], s.shape[0]) for i, s in enumerate(umbrellas)]
        self.atlas, self.device = atlas, device
        self.people, self.walls, self.drawn, self.umbrellas = (
            torch.tensor(rows or [(0, 0, 0, 1, 1)], dtype=torch.float32, device=device)
            for rows in (people, walls, drawn, shades))
        # A kind of which there is nothing is never drawn.
        self.kinds = torch.tensor([0.45 * bool(people), 0.15 * bool(walls), 0.4 * bool(drawn)], device=device)
        self.shaded = bool(shades)

    def paste(self, dice: Dice, scenes: Scenes, empty: Tensor) -> None:
        count = len(empty)
        many = torch.where(empty, dice.below(7, count) * dice.chance(0.6, count),
                           (1 + dice.below(5, count)) * dice.chance(0.4, count))
        for n in range(LAYERS):
            here = (many > n).nonzero()[:, 0]
            if len(here):
                self.put(dice, scenes, here, empty[here])
        if self.shaded:
            self.open_umbrellas(dice, scenes)

    def put(self, dice: Dice, scenes: Scenes, here: Tensor, empty: Tensor) -> None:
        """One thing into each of the samples `here`; into empty ones nobody."""
        count, (height, width) = len(here), scenes.pixels.shape[2:]
        kinds = self.kinds.expand(count, 3).clone()
        kinds[empty, 0] = 0
        if not kinds.sum(1).min() > 0:
            return
        kind = (dice.uniform(0, 1, count, 1) * kinds.sum(1, keepdim=True) >= kinds.cumsum(1)).sum(1).clamp(max=2)
        rows = torch.where((kind == 0)[:, None], self.people[dice.below(len(self.people), count)],
                           torch.where((kind == 1)[:, None], self.walls[dice.below(len(self.walls), count)],
                                       self.drawn[dice.below(len(self.drawn), count)]))
        piece, drawn = rows[:, 1:], kind == 2
        wide, tall = piece[:, 2] - piece[:, 0], piece[:, 3] - piece[:, 1]
        high = dice.octaves(14.0, 0.9 * height, count)
        high = torch.where(drawn, high, torch.minimum(high.clamp(min=24, max=0.7 * height), 1.5 * tall))
        broad = (high * wide / tall * torch.where(drawn, dice.uniform(-0.3, 0.3, count), dice.uniform(-0.1, 0.1, count)).exp())
        broad = broad.clamp(min=4)
        x = torch.where(drawn, dice.uniform(-0.05, 1, count) * width - broad * 0.2, dice.uniform(0, 1, count) * (width - broad))
        y = torch.where(drawn, dice.uniform(-0.1, 1, count) * height - high * 0.2, dice.uniform(0, 1, count) * (height - high))
        place = torch.stack([x, y, x + broad, y + high], 1)
        mirror = dice.chance(0.5, count)[:, None]
        piece = torch.where(mirror, piece[:, [2, 1, 0, 3]], piece)
        layer = Layer(here, rows[:, 0].long(), piece, place, ~drawn, dice.uniform(0.75, 1.2, count))
        self.lay(dice, scenes.pixels, layer)
        self.hide(scenes, here, place, kind == 0)

    @staticmethod
    def hide(scenes: Scenes, here: Tensor, place: Tensor, somebody: Tensor) -> None:
        """Who is covered by what was put there is doubtful; who was put there is somebody."""
        box, state = scenes.box[here], scenes.state[here]
        shared = (torch.minimum(box[..., 2:], place[:, None, 2:]) - torch.maximum(box[..., :2], place[:, None, :2]))
        area = (box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1).clamp(min=1e-3)
        covered = (shared.clamp(min=0).prod(-1) / area > COVERED) & (state == SOMEBODY)
        scenes.state[here] = torch.where(covered, torch.full_like(state, DOUBTFUL), state)
        more = torch.full((len(scenes.box), 1), NOBODY, dtype=state.dtype, device=state.device)
        more[here, 0] = torch.where(somebody, SOMEBODY, NOBODY).to(state.dtype)
        where = torch.zeros(len(scenes.box), 1, 4, device=state.device)
        where[here, 0] = place
        scenes.box, scenes.state = torch.cat([scenes.box, where], 1), torch.cat([scenes.state, more], 1)

    def lay(self, dice: Dice, pixels: Tensor, layer: Layer) -> None:
        height, width = pixels.shape[2:]
        x1, y1, x2, y2 = (layer.place[:, i, None] for i in range(4))
        x = torch.arange(width, device=self.device) + 0.5
        y = torch.arange(height, device=self.device) + 0.5
        inside = ((x >= x1) & (x < x2))[:, None, :] & ((y >= y1) & (y < y2))[:, :, None]
        n, row, column = inside.nonzero(as_tuple=True)
        if not len(n):
            return
        u, v = ((column + 0.5) - x1[n, 0]) / (x2 - x1)[n, 0], ((row + 0.5) - y1[n, 0]) / (y2 - y1)[n, 0]
        piece = layer.piece[n]
        size = (layer.piece[:, 2:] - layer.piece[:, :2]).abs()
        zoom = (size / (layer.place[:, 2:] - layer.place[:, :2])).prod(1).sqrt()
        level = (torch.log2(zoom) + dice.uniform(-0.5, 0.4, len(zoom))).round().clamp(0, LEVELS - 1).long()
        begin, wide, tall, zoom_x, zoom_y = self.atlas.row(layer.picture, level)
        seen = self.atlas.look(begin[n], wide[n], tall[n], (piece[:, 0] + u * (piece[:, 2] - piece[:, 0])) * zoom_x[n],
                               (piece[:, 1] + v * (piece[:, 3] - piece[:, 1])) * zoom_y[n])
        # One inside, falling to zero over the outer tenth: a rounded rectangle.
        edge = (torch.minimum(u, 1 - u) / 0.18).clamp(0, 1) * (torch.minimum(v, 1 - v) / 0.06).clamp(0, 1)
        seen = seen * torch.where(layer.soft[n], edge, torch.ones_like(edge))[:, None]
        at = (layer.sample[n], slice(None), row, column)
        under = pixels[at]
        over = (seen[:, :3] * layer.gain[n, None]).clamp(max=255)
        pixels[at] = over + under * (1 - seen[:, 3:] / 255)

    def open_umbrellas(self, dice: Dice, scenes: Scenes) -> None:
        """Some people get an umbrella, which is most of what a steep camera sees of them in the rain."""
        count = len(scenes.pixels)
        wet = dice.chance(0.1, count)
        people = (scenes.state == SOMEBODY).sum(1)
        for n in range(UMBRELLAS):
            here = (wet & (people > n)).nonzero()[:, 0]
            if not len(here):
                continue
            state = scenes.state[here] == SOMEBODY
            who = (dice.uniform(0, 1, *state.shape) * state).argmax(1)
            x1, y1, x2, y2 = scenes.box[here, who].T
            wide, tall = x2 - x1, y2 - y1
            half_x, half_y = wide * dice.uniform(0.5, 1.0, len(here)), tall * dice.uniform(0.1, 0.35, len(here))
            x, y = (x1 + x2) / 2, y1 + tall * torch.minimum(dice.uniform(0.1, 1.0, len(here)), dice.uniform(0.1, 1.0, len(here)))
            place = torch.stack([x - half_x, y - half_y, x + half_x, y + half_y], 1)
            rows = self.umbrellas[dice.below(len(self.umbrellas), len(here))]
            ones = torch.ones(len(here), device=self.device)
            self.lay(dice, scenes.pixels, Layer(here, rows[:, 0].long(), rows[:, 1:], place, ones < 0, ones))
            height, width = scenes.pixels.shape[2:]
            limit = torch.tensor([width, height, width, height], device=self.device)
            both = torch.cat([torch.minimum(scenes.box[here, who, :2], place[:, :2]),
                              torch.maximum(scenes.box[here, who, 2:], place[:, 2:])], 1)
            scenes.box[here, who] = torch.minimum(both.clamp(min=0), limit)


def wall(rng: np.random.Generator, source: Picture) -> np.ndarray | None:
    """A piece of the picture of a person's shape without anybody in it, if one is found quickly."""
    height, width = source.pixels.shape[:2]
    everybody = np.concatenate([source.people, source.doubtful])
    for _ in range(5):
        tall = rng.uniform(0.15, 0.5) * height
        wide = tall * rng.uniform(0.25, 0.6)
        x, y = rng.uniform(0, max(width - wide, 1)), rng.uniform(0, height - tall)
        box = np.array([x, y, min(x + wide, width), y + tall], np.float32)
        shared = np.minimum(everybody[:, 2:], box[2:]) - np.maximum(everybody[:, :2], box[:2])
        if not len(everybody) or not (shared > 0).all(1).any():
            return box
    return None
