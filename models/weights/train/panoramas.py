"""Real places without anybody: views out of the panoramas that come with Blender.

Debian's package blender-data has eight of them (Greg Zaal, HDRI Haven, CC0: a street, a courtyard, a forest path, a
room, a studio, meadows by day and by night, a quay), and the npm package @pmndrs/assets eighteen small ones (Poly Haven,
CC0: a hall, a lobby, a laboratory, a workshop, a warehouse, a covered bridge and others). One round look holds many
camera pictures: from eye level to straight down, through narrow and wide lenses, in much and little light.
"""
from __future__ import annotations

import base64
import os
import re
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np

from pictures import Picture, boxes

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

FOLDER = Path("/usr/share/blender/datafiles/studiolights/world")
# Those of the npm package are JavaScript with the picture in base64: NAME.exr.js.
PEOPLE = {"sunset", "sunset.exr", "city.exr", "esplanade.exr"}  # somebody walks there, or could: too small to be sure
KEPT_ASIDE = {"interior", "night", "sunrise", "night.exr", "sunrise.exr", "sky.exr"}  # see aside.py; never trained on
SUFFIXES = {".exr", ".hdr", ".js", ".jpg", ".png", ".webp"}
VIEWS = 16  # of each
SIZE = (480, 300)


def places(folders: list[Path], kept_aside: bool = False, workers: int = 1) -> list[Picture]:
    """Views of the places to train on, or of those that were kept aside; the same ones every time."""
    wanted = [path for path in sorted(p for folder in folders for p in folder.iterdir() if p.suffix in SUFFIXES)
              if path.stem not in PEOPLE and (path.stem in KEPT_ASIDE) == kept_aside]
    if workers > 1:
        with ProcessPoolExecutor(workers, get_context("fork")) as pool:
            return [view for some in pool.map(views, wanted) for view in some]
    return [view for path in wanted for view in views(path)]


def views(path: Path) -> list[Picture]:
    rng, pixels = np.random.default_rng(list(path.stem.encode())), light(path)
    return [Picture("nobody", look(rng, pixels), boxes([]), boxes([])) for _ in range(VIEWS)]


def light(path: Path) -> np.ndarray:
    """The panorama, as much light as there was."""
    data = path.read_bytes()
    if path.suffix == ".js":
        data = base64.b64decode(re.search(rb"base64,([A-Za-z0-9+/=]+)", data)[1])
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise FileNotFoundError(f"read {path}: OpenCV cannot read it; it needs its OpenEXR")
    if pixels.dtype == np.uint8:  # what a screen shows rather than how much light there was
        return (pixels[..., :3].astype(np.float32) / 255) ** 2.2
    return pixels[..., :3]


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
