"""Photographs become camera pictures: crops at many scales, tilt, mosaics, pictures without anybody.

A whole batch is made at once, on the device that trains: which picture is seen at which scale in which part of which
sample is drawn first, and then every pixel is read from where it comes from, once.
"""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from atlas import LEVELS, Atlas
from dice import Dice
from paste import Layers, Scenes
from pictures import Picture
from targets import DOUBTFUL, NOBODY, SOMEBODY
from weather import weather

GREY = 114.0  # of the letterbox
SMALLEST = 10.0  # pixels of height below which nobody is learned or punished
VISIBLE = 0.4  # part of the box that must be inside the picture
SOURCES = {"street": 0.70, "town_centre": 0.10, "empty": 0.01, "nobody": 0.07, "drawn": 0.06}  # the rest: clips
NOBODY_SHARE = 0.2  # of the pictures that show nobody at all
MOST = 96  # boxes of one sample
PARTS = 6  # of one sample at most: three columns, two rows


@dataclass
class Shots:
    """For each part of each sample (B x 6): which picture, and how it gets there."""

    picture: Tensor
    level: Tensor  # of the atlas
    turn: Tensor  # ... x 2 x 2: pixels of the picture to pixels of the sample
    shift: Tensor  # ... x 2


@dataclass
class Tilt:
    """For each sample: how much of the width is seen at the top (all of it at the bottom), and from where.

    As if the camera hung higher and looked down more: heads come nearer, feet shrink away, all is foreshortened.
    """

    head: Tensor
    left: Tensor

    def source(self, x: Tensor, y: Tensor, width: int, height: int) -> tuple[Tensor, Tensor]:
        """Where a point of the tilted picture comes from; head and left must broadcast."""
        u, v = x / width, y / height
        depth = 1 - v + self.head * v
        return ((1 - v) * self.left + self.head * width * u) / depth, height * self.head * v / depth

    def target(self, x: Tensor, y: Tensor, width: int, height: int) -> tuple[Tensor, Tensor]:
        s = (y / height).clamp(-2, 3)
        v = s / (self.head + s * (1 - self.head)).clamp(min=0.05)
        depth = 1 - v + self.head * v
        return (x * depth - (1 - v) * self.left) / self.head, height * v


class Studio:
    """Makes batches of training pictures out of photographs."""

    def __init__(self, pictures: list[Picture], sprites: list[np.ndarray], umbrellas: list[np.ndarray],
                 device: torch.device, nobody: float = NOBODY_SHARE, seed: int = 1) -> None:
        self.device, self.nobody = device, nobody
        self.atlas = Atlas([p.pixels for p in pictures] + sprites + umbrellas, device)
        self.size = torch.tensor([p.pixels.shape[1::-1] for p in pictures], dtype=torch.float32, device=device)
        self.box, self.state = padded(pictures, device)
        self.count = (self.state == SOMEBODY).sum(1)
        self.chances = chances(pictures, SOURCES).to(device)
        deserted = {s: 1.0 for s in ("nobody", "drawn") if any(p.source == s for p in pictures)}
        self.deserted = chances(pictures, {"street": 0.0, **(deserted or {"street": 1.0})}, rest=0.0).to(device)
        self.layers = Layers(self.atlas, pictures, sprites, umbrellas, device, seed)

    def batch(self, seed: int, number: int, count: int, width: int, height: int) -> Scenes:
        """Batch `number` of a seed: count samples of one size."""
        dice = Dice(seed, number, self.device)
        empty = dice.chance(self.nobody, count)
        letterboxed, part = layout(dice, empty, width, height)
        shots = self.shots(dice, empty, letterboxed, part)
        head = torch.where(dice.chance(0.25, count), dice.uniform(0.4, 0.9, count), torch.ones(count, device=self.device))
        tilt = Tilt(head[:, None, None], ((1 - head) * dice.uniform(0, 1, count) * width)[:, None, None])
        mirror = dice.chance(0.5, count)
        pixels = self.pixels(shots, part, tilt, mirror, width, height)
        scenes = self.people(shots, part, tilt, mirror, pixels)
        self.layers.paste(dice, scenes, empty)
        scenes.pixels = weather(dice, scenes.pixels)
        return scenes

    def shots(self, dice: Dice, empty: Tensor, letterboxed: Tensor, part: Tensor) -> Shots:
        """What each part shows. Samples that must be empty show places, and pieces of photographs without anybody."""
        shape = part.shape[:2]
        room = (part[..., 2:] - part[..., :2]).clamp(min=1)
        picture = dice.of(self.chances, *shape)
        picture = torch.where(empty[:, None] & dice.chance(0.6, *shape), dice.of(self.deserted, *shape), picture)
        free, found = self.free_part(dice, picture, room)
        picture = torch.where(empty[:, None] & ~found, dice.of(self.deserted, *shape), picture)
        size, cover = self.size[picture], (room / self.size[picture]).amax(-1)
        somebody = (self.count[picture] > 0) & dice.chance(0.85, *shape) & ~empty[:, None]
        box = self.box[picture, dice.below(self.count[picture], *shape)]
        zoom = dice.octaves(14.0, 0.95 * room[..., 1], *shape) / (box[..., 3] - box[..., 1]).clamp(min=1)
        zoom = torch.where(somebody, zoom, cover * torch.exp(dice.uniform(0, 1, *shape)))
        zoom = torch.minimum(torch.maximum(zoom, cover), cover.clamp(min=2.2))
        centre = torch.where(somebody[..., None], (box[..., :2] + box[..., 2:]) / 2, dice.uniform(0, 1, *shape, 2) * size)
        squash = torch.where(dice.chance(0.85, *shape), dice.uniform(-0.15, 0.15, *shape).exp(),
                             dice.uniform(0.55, 1, *shape)).sqrt()
        scale = torch.maximum(torch.stack([zoom / squash, zoom * squash], -1), room / size)
        turned = dice.uniform(0, 1, *shape)
        angle = torch.where(turned < 0.9, dice.uniform(-6, 6, *shape), dice.uniform(-25, 25, *shape)) * (turned > 0.5)
        # No border if the picture is not turned: the crop stays inside.
        place = dice.uniform(0.05, 0.95, *shape, 2) * room
        target = torch.minimum(torch.maximum(place, room - (size - centre) * scale), centre * scale)
        # Pieces without anybody, and whole pictures at the top left as the product will show them.
        bare = (empty[:, None] & found)[..., None]
        scale = torch.where(bare, room / (free[..., 2:] - free[..., :2]).clamp(min=1), scale)
        centre, target = torch.where(bare, free[..., :2], centre), torch.where(bare, torch.zeros_like(target), target)
        whole = letterboxed[:, None, None].expand_as(centre)
        fit = (room / size).amin(-1) * torch.where(dice.chance(0.6, *shape), 1.0, dice.uniform(0.5, 1, *shape))
        scale = torch.where(whole, fit[..., None], scale)
        centre, target = centre * ~whole, target * ~whole
        angle = torch.deg2rad(angle * ~(letterboxed[:, None] | bare[..., 0]))
        c, s = angle.cos(), angle.sin()
        turn = torch.stack([torch.stack([c * scale[..., 0], -s * scale[..., 1]], -1),
                            torch.stack([s * scale[..., 0], c * scale[..., 1]], -1)], -2)
        shift = target - (turn @ centre[..., None])[..., 0] + part[..., :2]
        level = -torch.log2(scale.prod(-1).sqrt()) + dice.uniform(-0.6, 0.4, *shape)
        return Shots(picture, level.round().clamp(0, LEVELS - 1).long(), turn, shift)

    def free_part(self, dice: Dice, picture: Tensor, room: Tensor, tries: int = 12) -> tuple[Tensor, Tensor]:
        """The largest of a few pieces of the pictures that no box reaches into, and whether there is one."""
        size = self.size[picture][..., None, :]
        wide = dice.uniform(0.15, 1, *picture.shape, tries) * size[..., 0]
        tall = wide * (room[..., 1] / room[..., 0])[..., None]
        x = dice.uniform(0, 1, *wide.shape) * (size[..., 0] - wide)
        y = dice.uniform(0, 1, *wide.shape) * (size[..., 1] - tall)
        piece = torch.stack([x, y, x + wide, y + tall], -1)
        box, there = self.box[picture][..., None, :, :], (self.state[picture] != NOBODY)[..., None, :]
        shared = torch.minimum(piece[..., None, 2:], box[..., 2:]) - torch.maximum(piece[..., None, :2], box[..., :2])
        free = ~((shared > 0).all(-1) & there).any(-1) & (tall <= size[..., 1])
        area, best = (wide * tall * free).max(-1)
        return piece.gather(-2, best[..., None, None].expand(*best.shape, 1, 4))[..., 0, :], area > 0

    def pixels(self, shots: Shots, part: Tensor, tilt: Tilt, mirror: Tensor, width: int, height: int) -> Tensor:
        count = len(mirror)
        x = torch.arange(width, device=self.device) + 0.5
        y = (torch.arange(height, device=self.device) + 0.5)[None, :, None]
        x = torch.where(mirror[:, None], width - x, x)[:, None, :]
        x, y = tilt.source(x, y, width, height)
        y = y.expand_as(x)
        # Parts 0, 1, 2 are the upper row; the borders are where 1 and 2 begin, and where part 3 does.
        edge = lambda n, side: part[:, n, side, None, None]
        here = (x >= edge(1, 0)).long() + (x >= edge(2, 0)) + 3 * (y >= edge(3, 1))
        here = here + (torch.arange(count, device=self.device) * PARTS)[:, None, None]
        begin, wide, tall, zoom_x, zoom_y = self.atlas.row(shots.picture, shots.level)
        back = inverse(shots.turn) * torch.stack([zoom_x, zoom_y], -1)[..., None]
        start = (back @ shots.shift[..., None])[..., 0]
        pick = lambda value: value.reshape(count * PARTS)[here]
        seen = self.atlas.look(pick(begin), pick(wide), pick(tall),
                               pick(back[..., 0, 0]) * x + pick(back[..., 0, 1]) * y - pick(start[..., 0]),
                               pick(back[..., 1, 0]) * x + pick(back[..., 1, 1]) * y - pick(start[..., 1]))
        seen = seen[..., :3] + (255 - seen[..., 3:]) * (GREY / 255)
        return seen.permute(0, 3, 1, 2).contiguous()

    def people(self, shots: Shots, part: Tensor, tilt: Tilt, mirror: Tensor, pixels: Tensor) -> Scenes:
        """Where the people of the pictures have come to lie; who is too small or hardly visible becomes doubtful."""
        height, width = pixels.shape[2:]
        box, state = self.box[shots.picture], self.state[shots.picture]
        box = moved(box, shots.turn[:, :, None], shots.shift[:, :, None])
        inside, seen = cut(box, part[:, :, None])
        count = len(mirror)
        inside, seen = inside.reshape(count, -1, 4), seen.reshape(count, -1)
        state = state.reshape(count, -1)
        box = tilted(inside, tilt, width, height)
        limit = torch.tensor([0, 0, width, height], device=self.device)
        box, more = cut(box, limit)
        flipped = torch.stack([width - box[..., 2], box[..., 1], width - box[..., 0], box[..., 3]], -1)
        box = torch.where(mirror[:, None, None], flipped, box)
        size = box[..., 2:] - box[..., :2]
        clear = (seen * more >= VISIBLE) & (size[..., 1] >= SMALLEST)
        state = torch.where((state == SOMEBODY) & ~clear, torch.full_like(state, DOUBTFUL), state)
        there = (size > 1).all(-1) & (seen > 0)  # a tilt gives even an empty box a size
        state = torch.where(there, state, torch.full_like(state, NOBODY))
        order = ((state == SOMEBODY) * 2 + (state == DOUBTFUL)).argsort(dim=1, descending=True, stable=True)[:, :MOST]
        return Scenes(pixels, box.gather(1, order[..., None].expand(-1, -1, 4)), state.gather(1, order))


def padded(pictures: list[Picture], device: torch.device) -> tuple[Tensor, Tensor]:
    """Boxes (P x M x 4, people first) and what each is (P x M)."""
    most = max(1, max(len(p.people) + len(p.doubtful) for p in pictures))
    box = np.zeros((len(pictures), most, 4), np.float32)
    state = np.full((len(pictures), most), NOBODY, np.int8)
    for i, p in enumerate(pictures):
        everybody = np.concatenate([p.people, p.doubtful])
        box[i, :len(everybody)] = everybody
        state[i, :len(everybody)] = DOUBTFUL
        state[i, :len(p.people)] = SOMEBODY
    return torch.from_numpy(box).to(device), torch.from_numpy(state).to(device)


def chances(pictures: list[Picture], sources: dict[str, float], rest: float | None = None) -> Tensor:
    """The chance of each picture, added up: each source has its share, and the pictures of one share it evenly."""
    kind = [p.source if p.source in sources else "clips" for p in pictures]
    share = {**sources, "clips": max(0.0, 1 - sum(sources.values())) if rest is None else rest}
    each = np.array([share[k] / kind.count(k) for k in kind])
    return torch.from_numpy((each / each.sum()).cumsum()).float()


def layout(dice: Dice, empty: Tensor, width: int, height: int) -> tuple[Tensor, Tensor]:
    """Who is letterboxed (B), and the parts of each sample (B x 6 x 4); a part that is not there has no area.

    A mosaic has several crops beside and below one another: many people, small people, and no two contexts alike.
    """
    count = len(empty)
    chance = dice.uniform(0, 1, count)
    letterboxed = (chance >= 0.45) & (chance < 0.57) & ~empty
    columns = 1 + (chance >= 0.57).long() + (chance >= 0.85)
    first, second = (width * (n + dice.uniform(-0.25, 0.25, count)) / columns.clamp(min=2) for n in (1, 2))
    first = torch.where(columns > 1, first, torch.full_like(first, width)).round()
    second = torch.where(columns > 2, second, torch.full_like(second, width)).round()
    below = torch.where((columns > 1) & (~empty | dice.chance(0.3, count)), dice.uniform(0.35, 0.65, count) * height,
                        torch.full_like(first, height)).round()
    left, right = torch.zeros_like(first), torch.full_like(first, width)
    top, bottom = left, torch.full_like(first, height)
    part = [torch.stack([x1, y1, x2, y2], -1) for y1, y2 in ((top, below), (below, bottom))
            for x1, x2 in ((left, first), (first, second), (second, right))]
    return letterboxed, torch.stack(part, 1)


def moved(box: Tensor, turn: Tensor, shift: Tensor) -> Tensor:
    """Boxes after the warp: the hull of the turned ellipse, which a person fills better than the turned corners."""
    middle, half = (box[..., :2] + box[..., 2:]) / 2, (box[..., 2:] - box[..., :2]) / 2
    middle = (turn @ middle[..., None])[..., 0] + shift
    size = ((turn ** 2) @ (half ** 2)[..., None])[..., 0].sqrt()
    return torch.cat([middle - size, middle + size], -1)


def inverse(turn: Tensor) -> Tensor:
    """Of matrices of two by two."""
    (a, b), (c, d) = turn[..., 0, :].unbind(-1), turn[..., 1, :].unbind(-1)
    swapped = torch.stack([torch.stack([d, -b], -1), torch.stack([-c, a], -1)], -2)
    return swapped / (a * d - b * c)[..., None, None]


def cut(box: Tensor, limit: Tensor) -> tuple[Tensor, Tensor]:
    """What of the boxes lies inside the limit, and which share of their area that is."""
    low, high = limit[..., :2], limit[..., 2:]
    inside = torch.cat([torch.minimum(torch.maximum(box[..., :2], low), high),
                        torch.minimum(torch.maximum(box[..., 2:], low), high)], -1)
    area = lambda b: (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    return inside, area(inside) / area(box).clamp(min=1e-3)


def tilted(box: Tensor, tilt: Tilt, width: int, height: int) -> Tensor:
    """Boxes after the tilt: the hull of where the middles of their sides go."""
    middle = (box[..., :2] + box[..., 2:]) / 2
    x = torch.stack([box[..., 0], box[..., 2], middle[..., 0], middle[..., 0]], -1)
    y = torch.stack([middle[..., 1], middle[..., 1], box[..., 1], box[..., 3]], -1)
    x, y = tilt.target(x, y, width, height)
    return torch.stack([x.amin(-1), y.amin(-1), x.amax(-1), y.amax(-1)], -1)
