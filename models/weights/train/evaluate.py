"""AP50 and recall at 90 % precision on a sequence with published truth, beside YOLOX-Nano, with the cost of each.

The crossings, which is what counts in the end, are scored by `footfall eval --detections FILE` on what --dump writes.
"""
from __future__ import annotations

import argparse
import time
from pathlib import Path

import cv2
import numpy as np

from detectors import Boxes5, Detector, Yolox, overlaps
from onnx_model import read
from pictures import frames, mot


def matched(found: dict[int, np.ndarray], truth: dict[int, np.ndarray], least: float = 0.5) -> tuple[np.ndarray, int]:
    """Whether each detection found somebody whom no surer one had found, the surest first; and how many there are."""
    people = sum(len(t) for t in truth.values())
    everything = sorted((-row[4], frame, i) for frame, rows in found.items() for i, row in enumerate(rows))
    taken = {frame: np.zeros(len(t), bool) for frame, t in truth.items()}
    hit = np.zeros(len(everything), bool)
    for n, (_, frame, i) in enumerate(everything):
        there = truth.get(frame)
        if there is None or not len(there):
            continue
        overlap = np.where(taken[frame], -1, overlaps(found[frame][i], there))
        best = int(overlap.argmax())
        if overlap[best] >= least:
            hit[n] = taken[frame][best] = True
    return hit, people


def scores(hit: np.ndarray, people: int) -> tuple[float, float]:
    """Average precision (the area under the curve made monotonous) and the recall at 90 % precision."""
    true = np.cumsum(hit)
    precision, recall = true / np.arange(1, len(hit) + 1), true / people
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    average = float(np.sum(np.diff(np.concatenate([[0], recall])) * envelope))
    return average, float(recall[precision >= 0.9].max(initial=0))


def detect(detector: Detector, video: Path, step: int) -> tuple[dict[int, np.ndarray], float]:
    """Detections by frame, and the median milliseconds that one took."""
    found, spent = {}, []
    for number, pixels in frames(video, step):
        began = time.perf_counter()
        found[number] = detector(pixels)
        spent.append(time.perf_counter() - began)
    return found, float(np.median(spent)) * 1000


def dump(found: dict[int, np.ndarray], path: Path) -> None:
    """MOT rows: frame, -1, x, y, w, h, score."""
    rows = [f"{frame},-1,{x1:.2f},{y1:.2f},{x2 - x1:.2f},{y2 - y1:.2f},{score:.4f}"
            for frame, boxes in sorted(found.items()) for x1, y1, x2, y2, score in boxes if score >= 0.05]
    path.write_text("\n".join(rows) + "\n")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--models", type=Path, required=True, help="the folder that export.py wrote")
    p.add_argument("--only", default="", help="names of models, with commas; default: all in the folder")
    p.add_argument("--yolox", type=Path, help="yolox_nano.onnx, to compare with")
    p.add_argument("--video", type=Path, required=True)
    p.add_argument("--truth", type=Path, help="MOT ground truth; without it only --dump is done")
    p.add_argument("--step", type=int, default=1, help="every how many frames")
    p.add_argument("--dump", type=Path, help="a folder for the detections in MOT form")
    args = p.parse_args()
    cv2.setNumThreads(1)
    wanted = args.only.split(",") if args.only else None
    contenders: dict[str, Detector] = {name: Boxes5(*model) for name, model in read(args.models).items()
                                       if wanted is None or name in wanted}
    if args.yolox:
        contenders["yolox-nano"] = Yolox(args.yolox)
    for name, detector in contenders.items():
        found, cost = detect(detector, args.video, args.step)
        line = f"{args.video.stem} {name}: {cost:.1f} ms"
        if args.truth:
            truth = {f: t for f, t in mot(args.truth).items() if f in found}
            average, recall = scores(*matched(found, truth))
            line += f", AP50 {average:.3f}, recall at 90 % precision {recall:.3f}"
        print(line, flush=True)
        if args.dump:
            args.dump.mkdir(parents=True, exist_ok=True)
            dump(found, args.dump / f"{args.video.stem}.{name}.txt")


if __name__ == "__main__":
    main()
