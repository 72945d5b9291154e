"""Labels for pictures without truth, by detectors that look again and again: whole, mirrored, and in tiles.

A box that several looks agree on is somebody; one that few have seen is doubtful, and the training ignores it. So the
score of a box in the label file is not one detector's confidence, but how many of those looks that could see it did,
each with its own confidence.
"""
from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
import torch

from aside import Eye
from checkpoint import load_average
from detectors import Boxes5, Detector, Yolox, overlaps
from onnx_model import read
from pictures import SURE, boxes, frames

SAME = 0.5  # IoU from which two looks saw the same person
DOUBTFUL = 0.3  # a score that training ignores
CONVINCED = 0.5  # agreement from which the trained model alone makes somebody
CLEAR = 0.5  # a score from which the earlier round alone is believed
FAINT = 0.25  # a score below which what the earlier round alone has seen is nobody
TALL = 64.0  # pixels of height from which the earlier round hardly misses anybody
EDGE = 4.0  # pixels from an inner border of a tile: the box may go on beyond it
LARGE = 380.0  # pixels of the network's input: of who is taller a checkpoint sees parts, head to knees for a whole person


def tiles(width: int, height: int, rows: int, columns: int, share: float = 0.25) -> list[tuple[int, int, int, int]]:
    """rows x columns tiles that overlap by the given share."""
    def spans(length: int, count: int) -> list[tuple[int, int]]:
        size = length / (count - (count - 1) * share)
        return [(int(i * size * (1 - share)), int(i * size * (1 - share) + size)) for i in range(count)]
    return [(x1, y1, x2, y2) for y1, y2 in spans(height, rows) for x1, x2 in spans(width, columns)]


def tallest(detector: Detector, tile: tuple[int, int, int, int]) -> float:
    """The height in the picture's pixels above which the detector's boxes of a tile are not believed."""
    if not isinstance(detector, Eye):
        return np.inf
    x1, y1, x2, y2 = tile
    return LARGE / min(detector.width / (x2 - x1), detector.height / (y2 - y1))


@dataclass(frozen=True)
class Look:
    """What one detector has found in one tile, and the height of the tallest people that it is believed about."""

    tile: tuple[int, int, int, int]
    found: np.ndarray
    tallest: float = np.inf

    def could_see(self, box: np.ndarray) -> bool:
        """The box is inside the tile, and neither a speck nor too large."""
        x1, y1, x2, y2 = self.tile
        tall = box[3] - box[1]
        return (box[0] >= x1 - EDGE and box[1] >= y1 - EDGE and box[2] <= x2 + EDGE and box[3] <= y2 + EDGE
                and 0.06 * (y2 - y1) < tall <= self.tallest)


def look(detector: Detector, pixels: np.ndarray, tile: tuple[int, int, int, int], mirror: bool) -> Look:
    """What the detector finds in one tile; boxes that an inner border may have cut are left out, and too tall ones."""
    x1, y1, x2, y2 = tile
    part = pixels[y1:y2, x1:x2]
    found = detector(np.ascontiguousarray(part[:, ::-1]) if mirror else part)
    if mirror:
        found[:, [0, 2]] = part.shape[1] - found[:, [2, 0]]
    found[:, :4] += np.array([x1, y1, x1, y1], np.float32)
    height, width = pixels.shape[:2]
    inner = [x1 > 0, y1 > 0, x2 < width, y2 < height]
    near = np.abs(found[:, :4] - np.array(tile, np.float32)) < EDGE
    limit = tallest(detector, tile)
    return Look(tile, found[~(near & inner).any(1) & (found[:, 3] - found[:, 1] <= limit)], limit)


def agree(looks: list[Look]) -> list[list[float]]:
    """One box a person: the mean of the boxes that belong together, weighted by confidence, and the agreement."""
    pool = np.concatenate([np.insert(seen.found, 5, i, axis=1) for i, seen in enumerate(looks)])
    pool = pool[np.argsort(-pool[:, 4])]
    people = []
    while len(pool):
        same = overlaps(pool[0], pool) >= SAME
        group, pool = pool[same], pool[~same]
        mean = (group[:, :4] * group[:, 4:5]).sum(0) / group[:, 4].sum()
        best = {int(i): float(group[group[:, 5] == i][:, 4].max()) for i in np.unique(group[:, 5])}
        able = sum(seen.could_see(mean) or i in best for i, seen in enumerate(looks))
        score = sum(best.values()) / max(able, 1)
        # The surest look counts as much as all together: small people are seen by the tiles only.
        people.append([*(round(float(v), 1) for v in mean), round((score + max(best.values())) / 2, 3)])
    return [p for p in people if p[4] >= 0.1]


def label(detectors: list[Detector], pixels: np.ndarray, grids: list[tuple[int, int]]) -> list[list[float]]:
    height, width = pixels.shape[:2]
    views = [tile for rows, columns in grids for tile in tiles(width, height, rows, columns)]
    return agree([look(detector, pixels, tile, mirror)
                  for detector in detectors for tile in views for mirror in (False, True)])


def refined(earlier: list[list[float]], mine: list[list[float]]) -> list[list[float]]:
    """Labels of an earlier round corrected by the trained model.

    Where both agree somebody is sure, at the mean of both boxes. What the earlier round half believes becomes somebody
    if the model is convinced, and they are small. What the model alone is convinced of is somebody if the earlier round
    saw a part of it; else it is doubtful, or nobody if it is tall: pigeons and bollards the ones, coats, statues and
    wheels the others. Nobody is what the model alone half believes: these are the mistakes that it has to unlearn. A
    part of somebody, such as what a tile's border left of them, becomes doubtful. What the earlier round alone has
    hardly seen is nobody too: pictures are full of such things, and ignoring them all would teach nothing about them.
    """
    found = np.array([row for row in mine if row[4] >= 0.1], np.float32).reshape(-1, 5)
    used = np.zeros(len(found), bool)
    agreed, alone = [], []
    for row in sorted(earlier, key=lambda r: -r[4]):
        overlap = np.where(used, 0, overlaps(np.array(row), found))
        if not len(found) or overlap.max() < SAME:
            alone.append(row)
            continue
        best = int(overlap.argmax())
        used[best] = True
        both = (np.array(row[:4]) + found[best, :4]) / 2
        convinced = found[best, 4] >= CONVINCED and found[best, 3] - found[best, 1] < TALL
        sure = row[4] if row[4] >= SURE or not convinced else SURE
        agreed.append([*(round(float(v), 1) for v in both), sure])
    whole = boxes([row[:4] for row in agreed if row[4] >= SURE])
    parts = [row for row in alone if row[4] >= SURE]
    for row in found[~used & (found[:, 4] >= CONVINCED)]:
        place = [round(float(v), 1) for v in row[:4]]
        if any(inside(part, boxes([row[:4]]))[0] > 0.8 for part in parts):
            agreed.append([*place, SURE])
        elif row[3] - row[1] < TALL or (inside(row, whole) > 0.8).any():
            agreed.append([*place, DOUBTFUL])
    whole = boxes([row[:4] for row in agreed if row[4] >= SURE])
    for row in alone:
        if row[4] < FAINT and not (inside(row, boxes([f[:4] for f in found])) > 0.5).any():
            continue
        part = bool((inside(row, whole) > 0.8).any())
        agreed.append([*row[:4], min(row[4], DOUBTFUL) if part or row[4] < CLEAR else row[4]])
    return agreed


def inside(row: list[float], others: np.ndarray) -> np.ndarray:
    """Which part of the box lies in each of the others."""
    size = np.clip(np.minimum(row[2:4], others[:, 2:]) - np.maximum(row[:2], others[:, :2]), 0, None)
    return size.prod(1) / max((row[2] - row[0]) * (row[3] - row[1]), 1e-6)


@dataclass(frozen=True)
class Crew:
    """Who looks, and how; each process makes its own detectors of it."""

    yolox: Path | None
    models: Path | None
    checkpoint: Path | None
    sizes: tuple[tuple[int, int], ...]
    grids: list[tuple[int, int]]

    def detectors(self) -> list[Detector]:
        crew: list[Detector] = [Yolox(self.yolox, least=0.1)] if self.yolox else []
        if self.models:
            crew += [Boxes5(*model, least=0.1) for model in read(self.models).values()]
        if self.checkpoint:
            net = load_average(self.checkpoint)
            crew += [Eye(net, *size, least=0.1) for size in self.sizes]
        return crew


at_work: list = []  # one crew in each process, with its detectors


def begin(crew: Crew) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    at_work[:] = [crew.detectors(), crew.grids]


def one(picture: Path | np.ndarray) -> list[list[float]]:
    detectors, grids = at_work
    return label(detectors, cv2.imread(str(picture)) if isinstance(picture, Path) else picture, grids)


def pairs(text: str) -> list[tuple[int, ...]]:
    return [tuple(map(int, g.split("x"))) for g in text.split(",")]


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--yolox", type=Path, help="yolox_nano.onnx")
    p.add_argument("--models", type=Path, help="the folder of an earlier round's export")
    p.add_argument("--checkpoint", type=Path, help="an earlier round itself; it looks on a GPU where there is one")
    p.add_argument("--sizes", default="480x352,640x480,960x736", help="with --checkpoint: the sizes at which it looks")
    p.add_argument("--clips", default="", help="names of clips with the step, NAME:12,...; else the street")
    p.add_argument("--grids", default="1x1,2x2", help="tiles: rows x columns")
    p.add_argument("--earlier", type=Path, help="labels of the street to correct rather than to replace")
    p.add_argument("--workers", type=int, default=1, help="processes that look at the same time")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    crew = Crew(args.yolox, args.models, args.checkpoint, tuple(pairs(args.sizes)), pairs(args.grids))
    found: dict = {}
    with ProcessPoolExecutor(args.workers, get_context("spawn"), begin, (crew,)) as pool:
        if args.clips:
            for clip in args.clips.split(","):
                name, step = clip.split(":")
                shots = frames(args.data / "clips" / f"{name}.mp4", int(step))
                found[name] = dict(zip((n for n, _ in shots), pool.map(one, (pixels for _, pixels in shots))))
        else:
            earlier = json.loads(args.earlier.read_text()) if args.earlier else None
            paths = sorted((args.data / "train/street").iterdir())
            for path, rows in zip(paths, pool.map(one, paths, chunksize=8)):
                name = f"street/{path.stem}.jpg"
                found[name] = rows if earlier is None else refined(earlier[name], rows)
    args.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
