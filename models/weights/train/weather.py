"""Light, lens, sensor and encoder: what lies between a place and the picture that a camera sends of it."""
from __future__ import annotations

import cv2
import numpy as np


def weather(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """Light, lens, sensor and encoder, in that order."""
    return encoder(rng, sensor(rng, lens(rng, light(rng, pixels))))


def light(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    chance = rng.random()
    if chance < 0.15:  # infra-red and old cameras
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    elif chance < 0.55:
        grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
        amount = rng.uniform(0.2, 1.5)
        pixels = cv2.addWeighted(pixels, amount, grey, 1 - amount, 0)
    if rng.random() < 0.75:
        ramp = np.arange(256, dtype=np.float32) / 255
        table = np.empty((256, 3), np.float32)
        gamma = np.exp(rng.uniform(-0.5, 0.6))
        contrast, brightness = rng.uniform(0.6, 1.35), rng.uniform(-0.18, 0.18)
        night = rng.random() < 0.1
        if night:
            contrast, brightness = rng.uniform(0.25, 0.6), rng.uniform(-0.1, 0.0)
        tint = rng.uniform(-0.06, 0.06, 3) if rng.random() < 0.5 else np.zeros(3)
        for i in range(3):
            table[:, i] = (ramp ** gamma - 0.5) * contrast + 0.5 * min(1, contrast * 1.2) + brightness + tint[i]
        pixels = cv2.LUT(pixels, np.clip(table * 255, 0, 255).astype(np.uint8).reshape(1, 256, 3))
        if night:
            pixels = lamps(rng, pixels)
    return pixels


def lamps(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """Lights of shops, cars and streets: bright spots with a halo, single and in rows."""
    height, width = pixels.shape[:2]
    glow = np.zeros_like(pixels)
    for _ in range(rng.integers(1, 12)):
        x, y = int(rng.uniform(0, width)), int(rng.uniform(0, height))
        size = (int(rng.uniform(1, 9)), int(rng.uniform(1, 9)))
        step = (int(rng.uniform(-12, 12)), int(rng.uniform(-12, 12)))
        colour = rng.uniform(90, 255, 3).tolist()
        for i in range(rng.integers(1, 6)):
            cv2.ellipse(glow, (x + i * step[0], y + i * step[1]), size, 0, 0, 360, colour, -1)
    return cv2.add(cv2.add(pixels, glow), cv2.GaussianBlur(glow, (0, 0), rng.uniform(2, 8)))


def lens(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    chance = rng.random()
    if chance < 0.15:
        return cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.4, 1.4))
    if chance < 0.22:
        length = int(rng.integers(3, 7))
        kernel = np.zeros((length, length), np.float32)
        cv2.line(kernel, (0, int(rng.integers(length))), (length - 1, int(rng.integers(length))), 1.0)
        return cv2.filter2D(pixels, -1, kernel / kernel.sum())
    if chance < 0.34:  # fewer pixels than there seem to be
        height, width = pixels.shape[:2]
        small = cv2.resize(pixels, None, fx=(f := rng.uniform(0.4, 0.85)), fy=f, interpolation=cv2.INTER_AREA)
        return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    if chance < 0.45:  # sharpened by the camera
        soft = cv2.GaussianBlur(pixels, (0, 0), 1.0)
        amount = rng.uniform(0.3, 1.2)
        return cv2.addWeighted(pixels, 1 + amount, soft, -amount, 0)
    return pixels


def sensor(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    """Noise; one time in ten as much as a cheap camera makes of a dark place, fine or in flakes."""
    chance = rng.random()
    if chance < 0.65:
        return pixels
    strong = chance > 0.9
    noise = rng.standard_normal((97, 1021), np.float32).ravel() * (rng.uniform(12, 36) if strong else rng.uniform(2, 14))
    start = rng.integers(0, 1000)
    grain = np.resize(noise[start:], pixels.shape)
    if rng.random() < 0.4:
        grain = grain[..., :1]
    if strong and rng.random() < 0.5:  # what an encoder or a camera's own smoothing leaves of it
        width = rng.uniform(0.5, 2.0)
        grain = cv2.GaussianBlur(grain, (0, 0), width).reshape(*pixels.shape[:2], -1) * width
    return np.clip(pixels + grain, 0, 255).astype(np.uint8)


def encoder(rng: np.random.Generator, pixels: np.ndarray) -> np.ndarray:
    if rng.random() < 0.55:
        return pixels
    _, bytes_ = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
    return cv2.imdecode(bytes_, cv2.IMREAD_COLOR)
