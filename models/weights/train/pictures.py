"""The pictures to learn from, decoded once into memory, with their people and their doubtful boxes."""
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detectors import overlaps

SURE = 0.35  # boxes of the label files below this score are "do not care"

# TownCentre's truth leaves out people at the far end of the street, which is the top edge of the picture.
TOWN_CENTRE_FAR = 110.0
TOWN_CENTRE_STEP = 8  # of 25 frames a second


# Of the street's photographs one block in PARTS is kept aside. Blocks, because neighbours show the same people.
BLOCK, PARTS, ASIDE = 20, 10, 7


# In these photographs hangs a coat over a chair, always in this place, that every detector takes for somebody.
COAT, COAT_PLACE, COAT_LIKE = range(1180, 1406), (15, 255, 165, 470), 0.6


@dataclass
class Picture:
    """BGR pixels; people and doubtful boxes are N x 4 arrays of x1, y1, x2, y2 in pixels."""

    source: str
    pixels: np.ndarray
    people: np.ndarray
    doubtful: np.ndarray
    kept_aside: bool = False  # to choose by, not to learn from

    def __post_init__(self) -> None:
        height, width = self.pixels.shape[:2]
        limit = np.array([width, height, width, height], np.float32)
        self.people, self.doubtful = np.clip(self.people, 0, limit), np.clip(self.doubtful, 0, limit)


def boxes(rows) -> np.ndarray:
    return np.asarray(rows, np.float32).reshape(-1, 4)


def split(rows, sure: float = SURE) -> tuple[np.ndarray, np.ndarray]:
    """Scored boxes to people and doubtful ones."""
    return boxes([r[:4] for r in rows if r[4] >= sure]), boxes([r[:4] for r in rows if r[4] < sure])


def street(data: Path, labels: Path | None = None) -> list[Picture]:
    """The photographs of train/street, with the given labels or better ones."""
    found = json.loads((labels or data / "train/street.labels.json").read_text())
    names = sorted(found)
    with ThreadPoolExecutor(8) as pool:
        photographs = pool.map(lambda name: cv2.imread(str(photograph(data, name))), names)
    pictures = []
    for name, pixels in zip(names, photographs):
        if pixels is None:
            raise FileNotFoundError(f"read {data / 'train' / name}: no such picture")
        number = int(Path(name).stem)
        rows = [r for r in found[name] if number not in COAT or overlaps(np.array(COAT_PLACE), boxes([r[:4]]))[0] < COAT_LIKE]
        pictures.append(Picture("street", pixels, *split(rows), number // BLOCK % PARTS == ASIDE))
    return pictures


def photograph(data: Path, name: str) -> Path:
    """The file of a photograph, whatever it was packed as."""
    path = data / "train" / name
    return path if path.exists() else path.with_suffix(".webp")


def for_training(pictures: list[Picture]) -> list[Picture]:
    return [p for p in pictures if not p.kept_aside]


def frames(video: Path, step: int, wanted: set[int] | None = None) -> list[tuple[int, np.ndarray]]:
    """Every step-th frame with its number, counted from 1, or those that are wanted."""
    capture, kept, number = cv2.VideoCapture(str(video)), [], 0
    while capture.grab():
        number += 1
        if (number in wanted) if wanted is not None else (number - 1) % step == 0:
            kept.append((number, capture.retrieve()[1]))
    capture.release()
    if not kept:
        raise FileNotFoundError(f"read {video}: no frames")
    return kept


def mot(path: Path) -> dict[int, np.ndarray]:
    """Boxes of a MOT file by frame, as x1, y1, x2, y2."""
    rows = np.loadtxt(path, delimiter=",", ndmin=2)
    by_frame = {}
    for number in np.unique(rows[:, 0]):
        x, y, w, h = rows[rows[:, 0] == number][:, 2:6].T
        by_frame[int(number)] = np.stack([x, y, x + w, y + h], 1).astype(np.float32)
    return by_frame


def town_centre(data: Path) -> list[Picture]:
    truth = mot(data / "sequences/TownCentre-A.gt.txt")
    pictures = []
    for number, pixels in frames(data / "sequences/TownCentre-A.mp4", TOWN_CENTRE_STEP):
        far = boxes([[0, 0, pixels.shape[1], TOWN_CENTRE_FAR]])
        pictures.append(Picture("town_centre", pixels, truth.get(number, boxes([])), far))
    return pictures


def clips(data: Path, labels: Path) -> list[Picture]:
    """Frames of the clips with a free licence, labelled by detectors (labels.py)."""
    pictures = []
    for name, by_frame in json.loads(labels.read_text()).items():
        for number, pixels in frames(data / "clips" / f"{name}.mp4", 1, {int(n) for n in by_frame}):
            pictures.append(Picture(name, pixels, *split(by_frame[str(number)])))
    return pictures


def empty_scene(source: str, shots: list[np.ndarray]) -> Picture:
    """The scene without its people: the median over time. Only for scenes where nobody stands for long."""
    return Picture(source, np.median(np.stack(shots), axis=0).astype(np.uint8), boxes([]), boxes([]))


def everything(data: Path, street_labels: Path | None = None, clip_labels: Path | None = None) -> list[Picture]:
    town = town_centre(data)
    pictures = street(data, street_labels) + town + [empty_scene("empty", [p.pixels for p in town[::2]])]
    return pictures + (clips(data, clip_labels) if clip_labels else [])
