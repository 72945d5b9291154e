"""Real places without anybody: views out of the panoramas that come with Blender.

Debian's package blender-data has eight of them (Greg Zaal, HDRI Haven, CC0: a street, a courtyard, a forest path, a
room, a studio, meadows by day and by night, a quay). One round look holds many camera pictures: from eye level to
straight down, through narrow and wide lenses, in much and little light.
"""
from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np

from pictures import Picture, boxes

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

FOLDER = Path("/usr/share/blender/datafiles/studiolights/world")
PEOPLE = {"sunset"}  # somebody walks on the quay
KEPT_ASIDE = {"interior", "night", "sunrise"}  # to see how often somebody is found where nobody is; never trained on
VIEWS = 24  # of each
SIZE = (480, 300)


def places(folder: Path, kept_aside: bool = False, views: int = VIEWS, seed: int = 1) -> list[Picture]:
    """Views of the places to train on, or of those that were kept aside; the same ones every time."""
    rng, pictures = np.random.default_rng(seed), []
    for path in sorted(folder.glob("*.exr")):
        if path.stem in PEOPLE or (path.stem in KEPT_ASIDE) != kept_aside:
            continue
        light = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if light is None:
            raise FileNotFoundError(f"read {path}: OpenCV cannot read it; it needs its OpenEXR")
        pictures += [Picture("nobody", look(rng, light[..., :3]), boxes([]), boxes([])) for _ in range(views)]
    return pictures


def look(rng: np.random.Generator, light: np.ndarray) -> np.ndarray:
    """One view, exposed for what it shows."""
    width, height = SIZE
    down, turn = np.deg2rad(rng.uniform(-5, 90)), rng.uniform(0, 2 * np.pi)
    focus = 0.5 * width / np.tan(np.deg2rad(rng.uniform(45, 105)) / 2)
    y, x = np.mgrid[:height, :width]
    ray = np.stack([x - width / 2, y - height / 2, np.full(x.shape, focus)], -1).astype(np.float32)
    ray /= np.linalg.norm(ray, axis=-1, keepdims=True)
    sideways, below, ahead = ray[..., 0], ray[..., 1], ray[..., 2]
    below, ahead = below * np.cos(down) + ahead * np.sin(down), ahead * np.cos(down) - below * np.sin(down)
    longitude = (np.arctan2(sideways, ahead) + turn) / (2 * np.pi) % 1
    latitude = np.arcsin(np.clip(below, -1, 1)) / np.pi + 0.5
    rows, columns = light.shape[:2]
    seen = cv2.remap(light, (longitude * columns).astype(np.float32), (latitude * rows).astype(np.float32),
                     cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    exposed = seen / max(float(np.percentile(seen, 90)), 1e-6) * rng.uniform(0.4, 1.0)
    return (np.clip(exposed, 0, 1) ** (1 / 2.2) * 255).astype(np.uint8)
