"""Labels for pictures without truth, by detectors that look again and again: whole, mirrored, and in tiles.

A box that several looks agree on is somebody; one that few have seen is doubtful, and the training ignores it. So the
score of a box in the label file is not one detector's confidence, but how many of those looks that could see it did,
each with its own confidence.
"""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

from detectors import Boxes5, Detector, Yolox, overlaps
from export import read
from pictures import frames

SAME = 0.5  # IoU from which two looks saw the same person
EDGE = 4.0  # pixels from an inner border of a tile: the box may go on beyond it


def tiles(width: int, height: int, rows: int, columns: int, share: float = 0.25) -> list[tuple[int, int, int, int]]:
    """rows x columns tiles that overlap by the given share."""
    def spans(length: int, count: int) -> list[tuple[int, int]]:
        size = length / (count - (count - 1) * share)
        return [(int(i * size * (1 - share)), int(i * size * (1 - share) + size)) for i in range(count)]
    return [(x1, y1, x2, y2) for y1, y2 in spans(height, rows) for x1, x2 in spans(width, columns)]


def look(detector: Detector, pixels: np.ndarray, tile: tuple[int, int, int, int], mirror: bool) -> np.ndarray:
    """What the detector finds in one tile; boxes that an inner border may have cut are left out."""
    x1, y1, x2, y2 = tile
    part = pixels[y1:y2, x1:x2]
    found = detector(np.ascontiguousarray(part[:, ::-1]) if mirror else part)
    if mirror:
        found[:, [0, 2]] = part.shape[1] - found[:, [2, 0]]
    found[:, :4] += np.array([x1, y1, x1, y1], np.float32)
    height, width = pixels.shape[:2]
    inner = [x1 > 0, y1 > 0, x2 < width, y2 < height]
    near = np.abs(found[:, :4] - np.array(tile, np.float32)) < EDGE
    return found[~(near & inner).any(1)]


def could_see(box: np.ndarray, tile: tuple[int, int, int, int]) -> bool:
    """The box is inside the tile, and neither a speck nor as large as all of it."""
    x1, y1, x2, y2 = tile
    tall = (box[3] - box[1]) / (y2 - y1)
    return box[0] >= x1 - EDGE and box[1] >= y1 - EDGE and box[2] <= x2 + EDGE and box[3] <= y2 + EDGE and 0.06 < tall


def agree(looks: list[tuple[tuple[int, int, int, int], np.ndarray]]) -> list[list[float]]:
    """One box a person: the mean of the boxes that belong together, weighted by confidence, and the agreement."""
    pool = np.concatenate([np.concatenate([found, np.full((len(found), 1), i)], 1) for i, (_, found) in enumerate(looks)])
    pool = pool[np.argsort(-pool[:, 4])]
    people = []
    while len(pool):
        same = overlaps(pool[0], pool) >= SAME
        group, pool = pool[same], pool[~same]
        mean = (group[:, :4] * group[:, 4:5]).sum(0) / group[:, 4].sum()
        best = {int(i): float(group[group[:, 5] == i][:, 4].max()) for i in np.unique(group[:, 5])}
        able = sum(could_see(mean, tile) or i in best for i, (tile, _) in enumerate(looks))
        score = sum(best.values()) / max(able, 1)
        # The surest look counts as much as all together: small people are seen by the tiles only.
        people.append([*(round(float(v), 1) for v in mean), round((score + max(best.values())) / 2, 3)])
    return [p for p in people if p[4] >= 0.1]


def label(detectors: list[Detector], pixels: np.ndarray, grids: list[tuple[int, int]]) -> list[list[float]]:
    height, width = pixels.shape[:2]
    views = [tile for rows, columns in grids for tile in tiles(width, height, rows, columns)]
    return agree([(tile, look(d, pixels, tile, mirror)) for d in detectors for tile in views for mirror in (False, True)])


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--yolox", type=Path, help="yolox_nano.onnx")
    p.add_argument("--models", type=Path, help="the folder of an earlier round's export")
    p.add_argument("--clips", default="", help="names of clips, with the step: one_by_one_indoor:12,...; else the street")
    p.add_argument("--grids", default="1x1,2x2", help="tiles: rows x columns")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    cv2.setNumThreads(1)
    detectors: list[Detector] = [Yolox(args.yolox, least=0.1)] if args.yolox else []
    if args.models:
        detectors += [Boxes5(*model, least=0.1) for model in read(args.models).values()]
    grids = [tuple(map(int, g.split("x"))) for g in args.grids.split(",")]
    found: dict = {}
    if args.clips:
        for clip in args.clips.split(","):
            name, step = clip.split(":")
            found[name] = {number: label(detectors, pixels, grids)
                           for number, pixels in frames(args.data / "clips" / f"{name}.mp4", int(step))}
    else:
        for path in sorted((args.data / "train/street").glob("*.jpg")):
            found[f"street/{path.name}"] = label(detectors, cv2.imread(str(path)), grids)
    args.out.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
