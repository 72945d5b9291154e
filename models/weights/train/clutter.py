"""Drawn things that are nobody: signs, plants, coats, bags, chairs, bollards, trees, cars, and shapes that are nothing at all.

Each is a picture with what it covers (BGRA), drawn by chance down to its proportions, so that the network meets more
kinds of them than it could learn by heart.
"""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np


@dataclass
class Sheet:
    """A canvas that is empty at first; places on it are shares of its width and height."""

    rng: np.random.Generator
    pixels: np.ndarray

    @classmethod
    def of(cls, rng: np.random.Generator, width: int, height: int) -> Sheet:
        return cls(rng, np.zeros((height, width, 4), np.uint8))

    def at(self, x: float, y: float) -> tuple[int, int]:
        height, width = self.pixels.shape[:2]
        return int(x * width), int(y * height)

    def ink(self, shade: np.ndarray) -> tuple[float, ...]:
        return *np.clip(shade, 0, 255).tolist(), 255.0

    def box(self, x1: float, y1: float, x2: float, y2: float, shade: np.ndarray, line: int = -1) -> None:
        cv2.rectangle(self.pixels, self.at(x1, y1), self.at(x2, y2), self.ink(shade), line, cv2.LINE_AA)

    def oval(self, x: float, y: float, rx: float, ry: float, shade: np.ndarray, line: int = -1, turn: float = 0) -> None:
        cv2.ellipse(self.pixels, self.at(x, y), self.at(abs(rx), abs(ry)), turn, 0, 360, self.ink(shade), line, cv2.LINE_AA)

    def disc(self, x: float, y: float, r: float, shade: np.ndarray, line: int = -1) -> None:
        """r is a share of the width."""
        cv2.circle(self.pixels, self.at(x, y), max(1, self.at(r, 0)[0]), self.ink(shade), line, cv2.LINE_AA)

    def shape(self, points: list[tuple[float, float]], shade: np.ndarray, line: int = 0) -> None:
        corners = np.array([self.at(*p) for p in points])
        if line:
            cv2.polylines(self.pixels, [corners], True, self.ink(shade), line, cv2.LINE_AA)
        else:
            cv2.fillPoly(self.pixels, [corners], self.ink(shade), cv2.LINE_AA)

    def line(self, x1: float, y1: float, x2: float, y2: float, shade: np.ndarray, thick: float = 0.03) -> None:
        """thick is a share of the width."""
        cv2.line(self.pixels, self.at(x1, y1), self.at(x2, y2), self.ink(shade), max(1, self.at(thick, 0)[0]), cv2.LINE_AA)


def colour(rng: np.random.Generator) -> np.ndarray:
    """Mostly dull, as things are."""
    grey = rng.uniform(10, 240)
    return np.clip(grey + rng.normal(0, 12 if rng.random() < 0.6 else 70, 3), 0, 255)


def sign(s: Sheet) -> None:
    """A post with one or more plates of any shape."""
    rng, post = s.rng, colour(s.rng)
    thick = rng.uniform(0.02, 0.16)
    s.box(0.5 - thick / 2, 0.05, 0.5 + thick / 2, 1, post)
    y = rng.uniform(0.12, 0.25)
    for _ in range(rng.integers(1, 4)):
        plate(s, 0.5 + rng.uniform(-0.1, 0.1), y, rng.uniform(0.15, 0.48))
        y += rng.uniform(0.15, 0.35)
    if rng.random() < 0.3:
        s.box(0.5 - 2 * thick, 0.9, 0.5 + 2 * thick, 1, colour(rng))


def plate(s: Sheet, x: float, y: float, r: float) -> None:
    rng, outer, inner = s.rng, colour(s.rng), colour(s.rng)
    height, width = s.pixels.shape[:2]
    up = r * width / height
    corners = int(rng.choice([0, 0, 3, 4, 4, 8]))
    turn = rng.choice([0.0, 0.5, 1.0]) * np.pi
    for share, shade in ((1.0, outer), (rng.uniform(0.55, 0.9), inner)):
        if corners:
            angles = turn / max(corners, 1) + 2 * np.pi * np.arange(corners) / corners
            s.shape([(x + share * r * np.sin(a), y - share * up * np.cos(a)) for a in angles], shade)
        else:
            s.disc(x, y, share * r, shade)
    if rng.random() < 0.6:
        scrawl(s, x - r * 0.5, y - up * 0.4, x + r * 0.5, y + up * 0.4)


def scrawl(s: Sheet, x1: float, y1: float, x2: float, y2: float) -> None:
    """Letters, bars, arrows: what is printed on things."""
    rng, shade = s.rng, colour(s.rng)
    if rng.random() < 0.5:
        text = "".join(rng.choice(list("PABCHMORSTUX0123456789!?-&")) for _ in range(rng.integers(1, 6)))
        size = (x2 - x1) * s.pixels.shape[1] / (18 * len(text))
        cv2.putText(s.pixels, text, s.at(x1, y2), cv2.FONT_HERSHEY_SIMPLEX, max(size, 0.2), s.ink(shade),
                    max(1, int(size * 2)), cv2.LINE_AA)
        return
    for _ in range(rng.integers(1, 4)):
        a, b = rng.uniform(x1, x2, 2), rng.uniform(y1, y2, 2)
        s.line(a[0], b[0], a[1], b[1], shade, 0.04)


def plant(s: Sheet) -> None:
    """A pot and what grows in it, from aside."""
    rng, pot, top = s.rng, colour(s.rng), s.rng.uniform(0.45, 0.8)
    low, high = rng.uniform(0.1, 0.3), rng.uniform(0.15, 0.4)
    s.shape([(0.5 - high, top), (0.5 + high, top), (0.5 + low, 1), (0.5 - low, 1)], pot)
    green = rng.uniform((10, 50, 10), (90, 170, 110))
    for _ in range(rng.integers(5, 60)):
        reach, angle = rng.uniform(0.1, 0.95) * top, rng.normal(0, 0.7)
        x, y = 0.5 + reach * 0.6 * np.sin(angle), top - reach * np.cos(angle)
        shade = green * rng.uniform(0.4, 1.6)
        if rng.random() < 0.5:
            s.line(0.5, top, x, y, shade, rng.uniform(0.01, 0.06))
        s.oval(x, y, rng.uniform(0.02, 0.16), rng.uniform(0.01, 0.08), shade, turn=rng.uniform(0, 180))


def from_above(s: Sheet) -> None:
    """Something round or square from straight above: a pot, a table, a bin, a parasol, a drain, a hat stand."""
    rng = s.rng
    rings = np.sort(rng.uniform(0.1, 0.49, rng.integers(1, 5)))[::-1]
    square = rng.random() < 0.3
    for r in rings:
        shade, line = colour(rng), -1 if rng.random() < 0.8 else 3
        (s.box(0.5 - r, 0.5 - r, 0.5 + r, 0.5 + r, shade, line) if square else s.oval(0.5, 0.5, r, r, shade, line))
    spokes = int(rng.integers(0, 14))
    hue = rng.uniform((10, 50, 10), (90, 170, 110)) if rng.random() < 0.6 else colour(rng)
    begin, reach, slim = rng.uniform(0, 7), rng.uniform(0.15, 0.48), rng.uniform(0.08, 0.5)
    for n in range(spokes):
        angle = begin + 2 * np.pi * n / spokes + rng.normal(0, 0.15)
        long = reach * rng.uniform(0.6, 1.0)
        s.oval(0.5 + long / 2 * np.cos(angle), 0.5 + long / 2 * np.sin(angle), long / 2, long * slim / 2,
               hue * rng.uniform(0.5, 1.5), turn=float(np.rad2deg(angle)))


def hanging(s: Sheet) -> None:
    """Coats, towels and curtains on a rail, on hooks or over a chair's back."""
    rng, rail = s.rng, s.rng.uniform(0.03, 0.15)
    if rng.random() < 0.7:
        s.line(0, rail, 1, rail, colour(rng), 0.02)
    many = int(rng.integers(1, 7))
    for n in range(many):
        x, half = (n + 0.5) / many, rng.uniform(0.3, 0.6) / many
        top, end, flare = rail + rng.uniform(0, 0.06), rng.uniform(0.5, 1.0), rng.uniform(0.7, 1.4)
        shade, slope = colour(rng), rng.uniform(0.0, 0.1)
        s.shape([(x - half * 0.3, top), (x + half * 0.3, top), (x + half, top + slope), (x + half * flare, end),
                 (x - half * flare, end), (x - half, top + slope)], shade)
        if rng.random() < 0.5:  # sleeves
            for side in (-1, 1):
                s.line(x + side * half * 0.9, top + slope, x + side * half * rng.uniform(0.9, 1.5), top + 0.6 * (end - top),
                       shade * rng.uniform(0.7, 1.2), rng.uniform(0.1, 0.3) / many)
        for _ in range(rng.integers(0, 4)):  # folds, buttons
            fold = x + rng.uniform(-half, half) * 0.8
            s.line(fold, top + slope, fold + rng.uniform(-0.1, 0.1) * half, end, shade * rng.uniform(0.6, 1.3), 0.012)


def bag(s: Sheet) -> None:
    rng, shade, top = s.rng, colour(s.rng), s.rng.uniform(0.15, 0.5)
    s.oval(0.5, top, rng.uniform(0.1, 0.3), rng.uniform(0.05, 0.9) * top, colour(rng), line=int(rng.integers(2, 7)))
    s.box(rng.uniform(0.02, 0.2), top, rng.uniform(0.8, 0.98), 0.97, shade)
    for _ in range(rng.integers(0, 4)):
        x1, x2 = np.sort(rng.uniform(0.1, 0.9, 2))
        y1, y2 = np.sort(rng.uniform(top, 0.95, 2))
        s.box(x1, y1, x2, y2, shade * rng.uniform(0.6, 1.4), line=int(rng.choice([-1, 2])))


def seat(s: Sheet) -> None:
    """Chairs, stools, benches, tables, trolleys: legs, a board and perhaps a back."""
    rng, shade = s.rng, colour(s.rng)
    board, thick = rng.uniform(0.2, 0.7), rng.uniform(0.03, 0.12)
    left, right = rng.uniform(0.02, 0.2), rng.uniform(0.8, 0.98)
    for x in np.linspace(left + 0.03, right - 0.03, rng.integers(1, 5)):
        s.line(x, board, x + rng.uniform(-0.1, 0.1), 0.99, shade * rng.uniform(0.5, 1.0), rng.uniform(0.02, 0.08))
    if rng.random() < 0.6:
        back = rng.uniform(0.02, 0.15)
        s.box(left, back, right if rng.random() < 0.5 else left + 0.15, board, shade * rng.uniform(0.7, 1.2),
              line=int(rng.choice([-1, 3])))
    s.box(left, board, right, board + thick, shade)


def bollard(s: Sheet) -> None:
    """Bollards, bins, hydrants, cones, columns, bottles: things that are round about an upright line."""
    rng, shade = s.rng, colour(s.rng)
    count = int(rng.integers(3, 8))
    y = np.concatenate([[0.03], np.sort(rng.uniform(0.05, 0.95, count - 2)), [0.98]])
    half = rng.uniform(0.08, 0.45, count) if rng.random() < 0.5 else np.linspace(*rng.uniform(0.05, 0.45, 2), count)
    s.shape([(0.5 - h, v) for h, v in zip(half, y)] + [(0.5 + h, v) for h, v in zip(half[::-1], y[::-1])], shade)
    if rng.random() < 0.5:
        s.oval(0.5, y[0] + 0.05, half[0], 0.08, shade * rng.uniform(0.6, 1.3))
    for _ in range(rng.integers(0, 4)):
        at, n = rng.uniform(0.05, 0.9), rng.uniform(0.02, 0.15)
        h = np.interp(at, y, half)
        s.box(0.5 - h, at, 0.5 + h, at + n, colour(rng))


def tree(s: Sheet) -> None:
    """A trunk and a crown: round, pointed, or bare."""
    rng, bark = s.rng, s.rng.uniform((15, 20, 25), (90, 110, 130))
    thick, fork = rng.uniform(0.03, 0.14), rng.uniform(0.2, 0.7)
    s.shape([(0.5 - thick / 2, fork), (0.5 + thick / 2, fork), (0.5 + thick, 1), (0.5 - thick, 1)], bark)
    green = rng.uniform((5, 40, 20), (90, 160, 140))
    kind = rng.random()
    if kind < 0.25:
        for n in range(int(rng.integers(2, 6))):
            wide, top = 0.15 + 0.08 * n, 0.02 + 0.13 * n
            s.shape([(0.5, top), (0.5 + wide, top + 0.3), (0.5 - wide, top + 0.3)], green * rng.uniform(0.7, 1.3))
        return
    for _ in range(rng.integers(4, 12)):
        s.line(0.5, fork + 0.1, 0.5 + rng.uniform(-0.4, 0.4), rng.uniform(0.02, fork), bark, rng.uniform(0.01, 0.04))
    if kind < 0.85:
        size = rng.uniform(0.02, 0.15)
        for _ in range(int(rng.integers(20, 160))):
            x, y = 0.5 + rng.normal(0, 0.19), fork * 0.55 + rng.normal(0, 0.14)
            s.oval(x, y, size * rng.uniform(0.5, 1.3), size * rng.uniform(0.3, 0.9), green * rng.uniform(0.4, 1.6),
                   turn=rng.uniform(0, 180))


def car(s: Sheet) -> None:
    """From aside: a body, a cabin, wheels, lamps. Vans, buses and trains are longer and higher."""
    rng, shade = s.rng, colour(s.rng)
    roof, waist = rng.uniform(0.03, 0.3), rng.uniform(0.35, 0.6)
    lean = rng.uniform(0, 0.2)
    s.shape([(0.1 + lean, roof), (0.9 - lean, roof), (0.95, waist), (0.05, waist)], shade * rng.uniform(0.6, 1.1))
    s.box(0.02, waist, 0.98, 0.85, shade)
    panes = int(rng.integers(1, 9))
    for n in range(panes):
        x = 0.12 + lean + (0.76 - 2 * lean) * n / panes
        s.box(x, roof + 0.05, x + (0.66 - 2 * lean) / panes, waist - 0.03, colour(rng) * 0.6)
    for x in (rng.uniform(0.12, 0.25), rng.uniform(0.75, 0.88)):
        s.disc(x, 0.85, rng.uniform(0.05, 0.09), np.full(3, 25.0))
        s.disc(x, 0.85, 0.03, colour(rng))
    if rng.random() < 0.4:
        s.disc(0.96, 0.68, 0.03, np.array([180.0, 230, 255]))


def bicycle(s: Sheet) -> None:
    rng, shade, r = s.rng, colour(s.rng), s.rng.uniform(0.16, 0.24)
    for x in (0.25, 0.75):
        s.disc(x, 0.72, r, colour(rng) * 0.4, line=int(rng.integers(1, 4)))
    for a, b in (((0.25, 0.72), (0.4, 0.4)), ((0.4, 0.4), (0.65, 0.4)), ((0.65, 0.4), (0.75, 0.72)),
                 ((0.4, 0.4), (0.5, 0.72)), ((0.5, 0.72), (0.65, 0.4)), ((0.25, 0.72), (0.5, 0.72)),
                 ((0.65, 0.4), (0.65, 0.25)), ((0.58, 0.25), (0.74, 0.25)), ((0.36, 0.36), (0.46, 0.36))):
        s.line(*a, *b, shade, 0.025)


def frame(s: Sheet) -> None:
    """Doors, windows, posters, shelves with goods, machines: a rectangle with things in it."""
    rng, shade = s.rng, colour(s.rng)
    s.box(0.02, 0.02, 0.98, 0.98, shade)
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(1, 5))
    filled, same = rng.random(), colour(rng)
    for i in range(rows):
        for k in range(columns):
            x, y = (k + 0.1) / columns, (i + 0.1) / rows
            wide, tall = 0.8 / columns, 0.8 / rows
            kind = rng.random()
            if kind < 0.5 * filled:
                s.box(x, y, x + wide, y + tall, same if rng.random() < 0.5 else colour(rng))
            elif kind < 0.7 * filled:
                s.oval(x + wide / 2, y + tall / 2, wide / 2, tall / 2, colour(rng))
            elif kind < filled:
                x1, x2 = x + wide * np.sort(rng.uniform(0, 1, 2))
                s.box(x1, y + tall * rng.uniform(0, 0.8), x2, y + tall, colour(rng))
    if rng.random() < 0.4:
        scrawl(s, 0.1, 0.1, 0.9, 0.4)


def lamp(s: Sheet) -> None:
    """Street lamps, traffic lights, cameras on masts, parking meters."""
    rng, shade = s.rng, colour(s.rng)
    thick = rng.uniform(0.02, 0.1)
    x, top = rng.uniform(0.3, 0.7), rng.uniform(0.05, 0.3)
    s.line(x, top, x, 1, shade, thick)
    if rng.random() < 0.5:
        s.line(x, top, x + rng.uniform(-0.3, 0.3), top - 0.02, shade, thick)
    wide, tall = rng.uniform(0.06, 0.25), rng.uniform(0.05, 0.35)
    s.box(x - wide, top - 0.03, x + wide, top + tall, colour(rng) * 0.6)
    many = int(rng.integers(0, 4))
    for n in range(many):
        s.disc(x, top + tall * (n + 0.5) / many, wide * 0.6, colour(rng))


def beast(s: Sheet) -> None:
    """Dogs, birds, cats, horses, more or less."""
    rng, shade = s.rng, colour(s.rng)
    back, long = rng.uniform(0.35, 0.6), rng.uniform(0.2, 0.35)
    s.oval(0.5, back, long, rng.uniform(0.08, 0.2), shade)
    for x in (0.5 - long * 0.8, 0.5 - long * 0.6, 0.5 + long * 0.6, 0.5 + long * 0.8)[:: int(rng.integers(1, 3))]:
        s.line(x, back, x + rng.uniform(-0.06, 0.06), 0.98, shade * rng.uniform(0.6, 1.0), rng.uniform(0.02, 0.07))
    head = (0.5 + long * 1.2, back - rng.uniform(0.0, 0.25))
    s.line(0.5 + long * 0.8, back, *head, shade, 0.1)
    s.oval(*head, rng.uniform(0.06, 0.13), rng.uniform(0.04, 0.1), shade)
    s.line(0.5 - long, back, 0.5 - long * 1.4, back + rng.uniform(-0.3, 0.2), shade, 0.03)


def pile(s: Sheet) -> None:
    """Shapes without a meaning, on and beside one another."""
    rng, base = s.rng, colour(s.rng)
    for _ in range(rng.integers(2, 9)):
        shade = base * rng.uniform(0.5, 1.5) if rng.random() < 0.5 else colour(rng)
        x, y = rng.uniform(0.2, 0.8), rng.uniform(0.1, 0.9)
        rx, ry = rng.uniform(0.03, 0.4), rng.uniform(0.03, 0.3)
        kind, line = rng.random(), -1 if rng.random() < 0.8 else 3
        if kind < 0.35:
            s.box(x - rx, y - ry, x + rx, y + ry, shade, line)
        elif kind < 0.65:
            s.oval(x, y, rx, ry, shade, line, turn=rng.uniform(0, 180))
        elif kind < 0.85:
            angles = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
            s.shape([(x + rx * np.cos(a), y + ry * np.sin(a)) for a in angles], shade)
        else:
            s.line(x - rx, y - ry, x + rx, y + ry, shade, rng.uniform(0.02, 0.15))


def cloud(s: Sheet) -> None:
    """A blot with a rough edge: bushes, heaps, puddles, shade, smoke."""
    rng, (height, width) = s.rng, s.pixels.shape[:2]
    rough = rng.standard_normal((int(rng.integers(3, 12)), int(rng.integers(3, 12)))).astype(np.float32)
    y, x = np.mgrid[:height, :width]
    far = np.hypot((x / width - 0.5) / 0.5, (y / height - 0.5) / 0.5)
    full = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC) * rng.uniform(0.1, 0.5) + 0.8 - far * 1.2
    s.pixels[..., 3] = np.clip(full * rng.choice([3, 30]), 0, 1) * 255
    s.pixels[..., :3] = colour(rng) * rng.uniform(0.3, 1)


def umbrella(s: Sheet) -> None:
    """From above or nearly."""
    rng, shade = s.rng, colour(s.rng) if s.rng.random() < 0.5 else s.rng.uniform(0, 255, 3)
    s.oval(0.5, 0.5, 0.49, 0.49, shade)
    begin, spokes = rng.uniform(0, 1), int(rng.integers(6, 11))
    for angle in begin + 2 * np.pi * np.arange(spokes) / spokes:
        if rng.random() < 0.5:  # every part has its own light
            points = [(0.5 + 0.48 * np.cos(a), 0.5 + 0.48 * np.sin(a)) for a in (angle, angle + 2 * np.pi / spokes)]
            s.shape([(0.5, 0.5), *points], shade * rng.uniform(0.75, 1.2))
        s.line(0.5, 0.5, 0.5 + 0.49 * np.cos(angle), 0.5 + 0.49 * np.sin(angle), shade * 0.8, 0.01)


# What is drawn, how wide it is for its height, and how often it comes.
KINDS: dict[Callable[[Sheet], None], tuple[float, float, float]] = {
    sign: (0.2, 0.7, 2), plant: (0.4, 1.2, 2), from_above: (0.8, 1.3, 2), hanging: (0.3, 2.5, 2), bag: (0.5, 1.3, 1),
    seat: (0.4, 2.0, 1.5), bollard: (0.2, 0.8, 2), tree: (0.4, 1.2, 1.5), car: (1.5, 4.0, 1.5), bicycle: (1.3, 1.7, 0.7),
    frame: (0.3, 2.5, 1.5), lamp: (0.2, 0.6, 1), beast: (0.9, 1.6, 0.5), pile: (0.25, 1.5, 2.5), cloud: (0.3, 2.0, 1)}


def finished(s: Sheet, textures: list[np.ndarray]) -> np.ndarray:
    """Light from one side, a surface, sometimes glass or a soft edge."""
    rng, (height, width) = s.rng, s.pixels.shape[:2]
    colours = s.pixels[..., :3].astype(np.float32)
    if textures and rng.random() < 0.45:
        surface = textures[rng.integers(len(textures))]
        tall, wide = surface.shape[:2]
        y, x = rng.integers(0, tall // 2), rng.integers(0, wide // 2)
        part = cv2.resize(surface[y:y + tall // 2, x:x + wide // 2], (width, height)).astype(np.float32)
        colours = colours * (1 - (mix := rng.uniform(0.3, 1.0))) + part * (0.3 + colours.mean(2, keepdims=True) / 180) * mix
    if rng.random() < 0.6:
        ramp = np.linspace(*rng.uniform(0.6, 1.35, 2), width)[None, :, None]
        colours = colours * ramp * np.linspace(*rng.uniform(0.75, 1.2, 2), height)[:, None, None]
    if rng.random() < 0.5:
        colours = colours + rng.normal(0, rng.uniform(1, 14), colours.shape)
    s.pixels[..., :3] = np.clip(colours, 0, 255)
    if rng.random() < 0.15:
        s.pixels[..., 3] = s.pixels[..., 3] * rng.uniform(0.4, 0.95)
    if rng.random() < 0.3:
        s.pixels = cv2.GaussianBlur(s.pixels, (0, 0), rng.uniform(0.5, 2.5))
    if rng.random() < 0.12:
        s.pixels = np.ascontiguousarray(np.rot90(s.pixels, int(rng.integers(1, 4))))
    return s.pixels


def thing(rng: np.random.Generator, textures: list[np.ndarray] = (), draw: Callable[[Sheet], None] | None = None,
          ) -> np.ndarray:
    """One drawn thing, BGRA, its colours not multiplied by what it covers. Textures are pictures without anybody."""
    kinds = list(KINDS)
    often = np.array([KINDS[k][2] for k in kinds])
    draw = draw or kinds[rng.choice(len(kinds), p=often / often.sum())]
    slim, broad, _ = KINDS.get(draw, (1.0, 1.0, 0))
    height = int(rng.integers(90, 240))
    width = int(np.clip(height * np.exp(rng.uniform(np.log(slim), np.log(broad))), 24, 480))
    sheet = Sheet.of(rng, width, height)
    draw(sheet)
    return finished(sheet, textures)
