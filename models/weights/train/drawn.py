"""Drawn places without anybody: rooms, streets, parks, floors from above, and surfaces that are nothing at all."""
from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import cv2
import numpy as np

from clutter import Sheet, colour, scrawl, thing, umbrella
from pictures import Picture, boxes

SIZE = (480, 300)


def place(rng: np.random.Generator, things: list[np.ndarray]) -> np.ndarray:
    """One place, BGR, with some of the things in it."""
    ground = (room, street, park, floor, surface)[rng.integers(5)]
    pixels = ground(rng)
    if rng.random() < 0.5:  # nothing is of one colour
        grain = rng.normal(0, 1, (*pixels.shape[:2], 1)).astype(np.float32)
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.6, 3))[..., None] * rng.uniform(3, 30)
        pixels = np.clip(pixels + grain, 0, 255).astype(np.uint8)
    height, width = pixels.shape[:2]
    horizon = rng.uniform(-0.2, 0.5) * height  # what stands lower stands nearer and is larger
    feet = np.sort(rng.uniform(max(horizon, 0), 1.15 * height, rng.integers(0, 22)))
    size = np.exp(rng.uniform(np.log(0.2), np.log(1.3)))
    twice = rng.random() < 0.3  # the same thing many times, as on a parking place or a platform
    same = things[rng.integers(len(things))]
    for foot in feet:
        sprite = same if twice else things[rng.integers(len(things))]
        tall = (foot - horizon) * size * np.exp(rng.uniform(-0.5, 0.5)) if rng.random() < 0.7 else rng.uniform(12, 160)
        tall = int(np.clip(tall, 10, 1.2 * height))
        stand(pixels, sprite, int(rng.uniform(-0.05, 1.0) * width), int(foot) - tall, tall)
    return pixels


def stand(pixels: np.ndarray, sprite: np.ndarray, x: int, y: int, tall: int) -> None:
    """Puts a thing into the picture, as high as tall, its upper left corner at x, y."""
    wide = max(4, round(tall * sprite.shape[1] / sprite.shape[0]))
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = max(x, 0), max(y, 0), min(x + wide, width), min(y + tall, height)
    if x1 >= x2 or y1 >= y2:
        return
    part = cv2.resize(sprite, (wide, tall), interpolation=cv2.INTER_AREA)[y1 - y:y2 - y, x1 - x:x2 - x]
    cover = part[..., 3:].astype(np.float32) / 255
    pixels[y1:y2, x1:x2] = (part[..., :3] * cover + pixels[y1:y2, x1:x2] * (1 - cover)).astype(np.uint8)


def blank(rng: np.random.Generator) -> tuple[Sheet, np.ndarray]:
    sheet = Sheet.of(rng, *SIZE)
    shade = colour(rng)
    sheet.box(0, 0, 1, 1, shade)
    return sheet, shade


def fade(sheet: Sheet, y1: float, y2: float, a: np.ndarray, b: np.ndarray) -> None:
    """From one colour to another, downwards."""
    rows = [int(y * sheet.pixels.shape[0]) for y in (y1, y2)]
    share = np.linspace(0, 1, max(rows[1] - rows[0], 1))[:, None, None]
    sheet.pixels[rows[0]:rows[1], :, :3] = np.clip(a * (1 - share) + b * share, 0, 255)


def rays(sheet: Sheet, horizon: float, shade: np.ndarray) -> None:
    """Lines that run away to one point, and perhaps those across them: tiles, planks, lanes."""
    rng, x = sheet.rng, sheet.rng.uniform(-0.2, 1.2)
    many, thick = int(rng.integers(2, 16)), rng.uniform(0.002, 0.02)
    for foot in np.linspace(x - 2, x + 2, many):
        sheet.line(x, horizon, foot, 1, shade, thick)
    if rng.random() < 0.5:
        for n in range(1, many):
            y = horizon + (1 - horizon) / n
            sheet.line(0, y, 1, y, shade, thick)


def windows(sheet: Sheet, x1: float, y1: float, x2: float, y2: float) -> None:
    rng, rows, columns = sheet.rng, int(sheet.rng.integers(1, 8)), int(sheet.rng.integers(1, 8))
    glass, share = colour(rng), rng.uniform(0.3, 0.8)
    for i in range(rows):
        for k in range(columns):
            x, y = x1 + (x2 - x1) * (k + 0.2) / columns, y1 + (y2 - y1) * (i + 0.2) / rows
            lit = glass if rng.random() < 0.7 else colour(rng)
            sheet.box(x, y, x + (x2 - x1) * share / columns, y + (y2 - y1) * share / rows, lit)


def room(rng: np.random.Generator) -> np.ndarray:
    sheet, wall = blank(rng)
    fade(sheet, 0, 1, wall * rng.uniform(0.8, 1.2), wall * rng.uniform(0.7, 1.1))
    horizon = rng.uniform(0.05, 0.6)
    ground = colour(rng)
    fade(sheet, horizon, 1, ground, ground * rng.uniform(0.6, 1.4))
    rays(sheet, horizon - rng.uniform(0, 0.4), ground * rng.uniform(0.6, 1.3))
    fade(sheet, horizon - 0.02, horizon, colour(rng), colour(rng))
    for _ in range(rng.integers(0, 5)):  # doors, windows, pictures on the wall
        x, wide = rng.uniform(0, 0.9), rng.uniform(0.05, 0.3)
        y = rng.uniform(-0.1, max(horizon - 0.05, 0))
        sheet.box(x, y, x + wide, horizon if rng.random() < 0.5 else y + rng.uniform(0.05, 0.4), colour(rng))
        if rng.random() < 0.3:
            scrawl(sheet, x, y + 0.02, x + wide, y + 0.1)
    return sheet.pixels[..., :3].copy()


def street(rng: np.random.Generator) -> np.ndarray:
    sheet, sky = blank(rng)
    horizon = rng.uniform(0.1, 0.6)
    fade(sheet, 0, horizon, sky, sky * rng.uniform(0.8, 1.4))
    x = -0.1
    while x < 1:
        wide, top = rng.uniform(0.1, 0.5), rng.uniform(-0.3, horizon - 0.05)
        sheet.box(x, top, x + wide, horizon, colour(rng))
        if rng.random() < 0.8:
            windows(sheet, x, top, x + wide, horizon)
        x += wide + rng.choice([0.0, rng.uniform(0, 0.2)])
    kerb = rng.uniform(horizon, 1)
    fade(sheet, horizon, 1, np.full(3, rng.uniform(40, 200)), np.full(3, rng.uniform(40, 200)))
    fade(sheet, kerb, 1, np.full(3, rng.uniform(20, 140)), np.full(3, rng.uniform(20, 140)))
    rays(sheet, horizon, np.full(3, rng.uniform(30, 240)))
    if rng.random() < 0.4:
        for n in range(int(rng.integers(3, 12))):  # a crossing
            sheet.shape([(n * 0.1, 0.7), (n * 0.1 + 0.05, 0.7), (n * 0.11 + 0.04, 0.9), (n * 0.11 - 0.02, 0.9)],
                        np.full(3, rng.uniform(170, 250)))
    return sheet.pixels[..., :3].copy()


def park(rng: np.random.Generator) -> np.ndarray:
    sheet, sky = blank(rng)
    horizon = rng.uniform(-0.1, 0.5)
    fade(sheet, 0, 1, sky * 1.2, sky)
    green = rng.uniform((20, 60, 30), (90, 170, 130)) if rng.random() < 0.7 else np.full(3, rng.uniform(180, 250))
    top = max(horizon, 0)
    fade(sheet, top, 1, green, green * rng.uniform(0.6, 1.3))
    for _ in range(rng.integers(0, 120)):
        y = rng.uniform(top, 1)
        size = 0.005 + 0.05 * (y - top) * rng.uniform(0.2, 1)
        sheet.oval(rng.uniform(0, 1), y, size, size * rng.uniform(0.2, 1), green * rng.uniform(0.6, 1.4))
    if rng.random() < 0.6:  # a path
        x, end = rng.uniform(0, 1, 2)
        sheet.shape([(x - 0.02, top), (x + 0.02, top), (end + rng.uniform(0.1, 0.5), 1), (end - rng.uniform(0.1, 0.5), 1)],
                    rng.uniform(80, 210) + rng.normal(0, 10, 3))
    return sheet.pixels[..., :3].copy()


def floor(rng: np.random.Generator) -> np.ndarray:
    """From straight above."""
    sheet, ground = blank(rng)
    across, along = rng.integers(1, 20, 2)
    joint, thick = ground * rng.uniform(0.7, 1.25), rng.uniform(0.001, 0.01)
    turn = rng.uniform(-0.3, 0.3) if rng.random() < 0.4 else 0.0
    for n in range(-across, 2 * across):
        sheet.line(n / across, 0, n / across + turn, 1, joint, thick)
    for n in range(-along, 2 * along):
        sheet.line(0, n / along, 1, n / along - turn, joint, thick)
    for _ in range(rng.integers(0, 5)):  # mats, thresholds, marks
        x, y = rng.uniform(-0.1, 0.9, 2)
        sheet.box(x, y, x + rng.uniform(0.02, 0.8), y + rng.uniform(0.02, 0.6), colour(rng), line=int(rng.choice([-1, 4])))
    return sheet.pixels[..., :3].copy()


def surface(rng: np.random.Generator) -> np.ndarray:
    """Clouds of light, stripes, patches."""
    sheet, shade = blank(rng)
    for _ in range(rng.integers(0, 9)):
        points = [tuple(p) for p in rng.uniform(-0.2, 1.2, (int(rng.integers(3, 6)), 2))]
        sheet.shape(points, colour(rng))
    pixels = sheet.pixels[..., :3].astype(np.float32)
    rough = rng.standard_normal((int(rng.integers(2, 40)), int(rng.integers(2, 40)))).astype(np.float32)
    pixels += cv2.resize(rough, SIZE, interpolation=cv2.INTER_CUBIC)[..., None] * rng.uniform(2, 40)
    if rng.random() < 0.3:
        y, x = np.mgrid[:SIZE[1], :SIZE[0]]
        angle, period = rng.uniform(0, np.pi), rng.uniform(5, 80)
        pixels[(x * np.cos(angle) + y * np.sin(angle)) % period < period * rng.uniform(0.1, 0.6)] = colour(rng)
    return np.clip(pixels, 0, 255).astype(np.uint8)


CHUNKS = 16  # of a gallery, which are drawn one beside the other


@dataclass(frozen=True)
class Order:
    """One chunk of a gallery: how many of each, and pictures whose surfaces the things may have."""

    seed: tuple[int, int]
    things: int
    umbrellas: int
    places: int
    textures: list[np.ndarray]

    def draw(self) -> tuple[list[np.ndarray], list[np.ndarray], list[Picture]]:
        rng = np.random.default_rng(self.seed)
        sprites = [thing(rng, self.textures) for _ in range(self.things)]
        shades = [thing(rng, self.textures, umbrella) for _ in range(self.umbrellas)]
        scenes = [Picture("drawn", place(rng, sprites), boxes([]), boxes([])) for _ in range(self.places)]
        return sprites, shades, scenes


def gallery(seed: int, things: int, umbrellas: int, places: int, textures: list[np.ndarray], workers: int = 1,
            ) -> tuple[list[np.ndarray], list[np.ndarray], list[Picture]]:
    """Things, umbrellas and places with things in them; the same ones for the same seed, however many workers draw."""
    some = [math.ceil(n / CHUNKS) for n in (things, umbrellas, places)]
    orders = [Order((seed, n), *some, textures[n::CHUNKS]) for n in range(CHUNKS)]
    if workers > 1:
        with ProcessPoolExecutor(workers, get_context("fork")) as pool:
            drawn = list(pool.map(Order.draw, orders))
    else:
        drawn = [order.draw() for order in orders]
    sprites, shades, scenes = ([thing for part in parts for thing in part] for parts in zip(*drawn))
    return sprites, shades, scenes
