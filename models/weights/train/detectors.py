"""Detectors as the product runs them: letterbox at the top left, OpenCV DNN on one thread, non-maximum suppression."""
from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

PAD = 114


class Detector(Protocol):
    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """People on a BGR picture: N x 5 of x1, y1, x2, y2 in pixels and the score, the surest first."""


def letterbox(pixels: np.ndarray, width: int, height: int) -> tuple[np.ndarray, float]:
    """The picture scaled into width x height, and the scale."""
    zoom = min(width / pixels.shape[1], height / pixels.shape[0])
    size = (round(pixels.shape[1] * zoom), round(pixels.shape[0] * zoom))
    canvas = np.full((height, width, 3), PAD, np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR)
    return canvas, zoom


def suppress(found: np.ndarray, limit: float) -> np.ndarray:
    """Non-maximum suppression; limit is the largest IoU that two people may have."""
    found = found[np.argsort(-found[:, 4], kind="stable")]
    kept = []
    while len(found):
        kept.append(found[0])
        found = found[1:][overlaps(found[0], found[1:]) <= limit]
    return np.array(kept, np.float32).reshape(-1, 5)


def overlaps(one: np.ndarray, many: np.ndarray) -> np.ndarray:
    """IoU of one box with many."""
    size = np.clip(np.minimum(one[2:4], many[:, 2:4]) - np.maximum(one[:2], many[:, :2]), 0, None)
    shared = size[:, 0] * size[:, 1]
    area = (many[:, 2] - many[:, 0]) * (many[:, 3] - many[:, 1])
    return shared / ((one[2] - one[0]) * (one[3] - one[1]) + area - shared + 1e-9)


class Network:
    """What both kinds of model share: a letterboxed picture through OpenCV DNN."""

    def __init__(self, model: bytes, width: int, height: int, least: float, nms: float) -> None:
        self.net = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
        self.width, self.height, self.least, self.nms = width, height, least, nms

    def forward(self, pixels: np.ndarray) -> tuple[np.ndarray, float]:
        canvas, zoom = letterbox(pixels, self.width, self.height)
        self.net.setInput(canvas.transpose(2, 0, 1)[None].astype(np.float32))
        return self.net.forward()[0], zoom

    def finish(self, centre: np.ndarray, size: np.ndarray, score: np.ndarray, zoom: float) -> np.ndarray:
        good = score >= self.least
        corners = np.concatenate([centre - size / 2, centre + size / 2], 1)[good] / zoom
        return suppress(np.concatenate([corners, score[good, None]], 1), self.nms)


class Boxes5(Network):
    """Footfall's own models: everything is decoded inside."""

    def __init__(self, model: bytes, width: int, height: int, least: float = 0.01, nms: float = 0.45) -> None:
        super().__init__(model, width, height, least, nms)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        rows, zoom = self.forward(pixels)
        return self.finish(rows[:, :2], rows[:, 2:4], rows[:, 4], zoom)


class Yolox(Network):
    """YOLOX-Nano (COCO), of which only the class person is used."""

    def __init__(self, path: Path, side: int = 416, least: float = 0.01, nms: float = 0.45) -> None:
        super().__init__(path.read_bytes(), side, side, least, nms)
        grid = []
        for stride in (8, 16, 32):
            y, x = np.mgrid[: side // stride, : side // stride]
            grid.append(np.stack([x.ravel(), y.ravel(), np.full(x.size, stride)], 1))
        self.grid = np.concatenate(grid).astype(np.float32)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        rows, zoom = self.forward(pixels)
        stride = self.grid[:, 2:]
        centre = (rows[:, :2] + self.grid[:, :2]) * stride
        return self.finish(centre, np.exp(rows[:, 2:4]) * stride, rows[:, 4] * rows[:, 5], zoom)
