"""Drawn things that stand where people could: leaves, posts, doors, boxes, stripes, cars, and shades of all of them."""
from __future__ import annotations

import cv2
import numpy as np


def clutter(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """The picture with one to three kinds of things in it."""
    pixels = pixels.copy()
    for _ in range(rng.integers(1, 4)):
        kind = (leaves, upright, stripes, cars, blots)[rng.integers(5)]
        before = pixels.copy()
        kind(rng, pixels)
        amount = rng.uniform(0.4, 1.0)  # the rest is what is behind: glass, haze, shade
        pixels = cv2.addWeighted(pixels, amount, before, 1 - amount, 0)
    return pixels


def colour(rng: np.random.Generator) -> np.ndarray:
    """Mostly dull, as things are."""
    grey = rng.uniform(10, 240)
    return np.clip(grey + rng.normal(0, 12 if rng.random() < 0.7 else 50, 3), 0, 255)


def leaves(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """A tree or a bush: hundreds of spots of one hue in a cloud."""
    height, width = pixels.shape[:2]
    centre = rng.uniform(0, 1, 2) * (width, height)
    spread = rng.uniform(0.05, 0.3, 2) * (width, height)
    hue, size = rng.uniform(10, 130, 3) * (0.6, 1.0, 0.8), rng.uniform(1.5, 7)
    for _ in range(int(rng.integers(60, 300))):
        x, y = centre + rng.standard_normal(2) * spread
        axes = (max(1, int(size * rng.uniform(0.4, 1.3))), max(1, int(size * rng.uniform(0.3, 0.8))))
        shade = np.clip(hue * rng.uniform(0.4, 1.7), 0, 255)
        cv2.ellipse(pixels, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, shade.tolist(), -1)


def upright(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """Posts, doors, bins, statues without a head: things of a person's shape, often several side by side."""
    height, width = pixels.shape[:2]
    tall = np.exp(rng.uniform(np.log(12), np.log(0.9 * height)))
    wide = max(2.0, tall * rng.uniform(0.06, 0.6))
    shade, x, y = colour(rng), rng.uniform(0, width), rng.uniform(0, height - tall)
    step = wide * rng.uniform(1.3, 4)
    for i in range(int(rng.integers(1, 7))):
        x1, x2, y1, y2 = int(x + i * step), int(x + i * step + wide), int(y), int(y + tall)
        cv2.rectangle(pixels, (x1, y1), (x2, y2), shade.tolist(), -1)
        if rng.random() < 0.5:  # a light and a dark side
            cv2.rectangle(pixels, (x1, y1), ((x1 + x2) // 2, y2), np.clip(shade * rng.uniform(0.5, 1.5), 0, 255).tolist(), -1)
        if rng.random() < 0.3:  # a sign, a window, a handle
            cut = y1 + tall * np.sort(rng.uniform(0.05, 0.95, 2))
            cv2.rectangle(pixels, (x1 + 1, int(cut[0])), (x2 - 1, int(cut[1])), colour(rng).tolist(), -1)


def stripes(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """Fences, crossings, tiles, blinds, shelves."""
    height, width = pixels.shape[:2]
    period, angle = rng.uniform(4, 60), rng.choice([0, np.pi / 2, rng.uniform(0, np.pi)])
    y, x = np.mgrid[:height, :width].astype(np.float32)
    along = (x * np.cos(angle) + y * np.sin(angle)) % period < period * rng.uniform(0.1, 0.6)
    x1, x2 = np.sort(rng.integers(0, width, 2))
    y1, y2 = np.sort(rng.integers(0, height, 2))
    area = pixels[y1:y2, x1:x2]
    area[along[y1:y2, x1:x2]] = colour(rng).astype(np.uint8)


def cars(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """A body, a cabin, two wheels; at night two lamps."""
    height, width = pixels.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        long = rng.uniform(0.06, 0.5) * width
        tall = long * rng.uniform(0.3, 0.5)
        x, y = rng.uniform(-0.2 * width, width), rng.uniform(0.2 * height, height)
        point = lambda u, v: [int(x + u * long), int(y - v * tall)]
        shade = colour(rng)
        cv2.rectangle(pixels, tuple(point(0, 0.6)), tuple(point(1, 0.15)), shade.tolist(), -1)
        cabin = np.array([point(0.15, 0.6), point(0.3, 1), point(0.75, 1), point(0.9, 0.6)])
        cv2.fillPoly(pixels, [cabin], np.clip(shade * 0.5, 0, 255).tolist())
        for u in (0.2, 0.8):
            cv2.circle(pixels, tuple(point(u, 0.12)), max(1, int(0.16 * tall)), (25, 25, 25), -1)
        if rng.random() < 0.3:
            cv2.circle(pixels, tuple(point(1, 0.4)), max(1, int(0.1 * tall)), (200, 240, 255), -1)


def blots(rng: np.random.Generator, pixels: np.ndarray) -> None:
    """Clouds of light and shade without an edge."""
    height, width = pixels.shape[:2]
    rough = rng.standard_normal((int(rng.integers(2, 24)), int(rng.integers(2, 40)), 1)).astype(np.float32)
    cloud = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)[..., None] * rng.uniform(5, 45)
    pixels[:] = np.clip(pixels + cloud, 0, 255).astype(np.uint8)
