"""False people: how often somebody is found on pictures without anybody.

The pictures are scenes without their people (the median over a clip in which nobody stands for long) in many lights,
through many lenses, cameras and encoders. They have no leaves that move and no cars that come and go: the figure is a
lower bound of what a street will see.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from augment import weather
from detectors import Boxes5, Detector, Yolox
from onnx_model import read
from pictures import empty_scene, frames


def false_people(detector: Detector, scenes: list[np.ndarray], count: int, seed: int = 1) -> np.ndarray:
    """The highest score on each of the pictures."""
    rng, highest = np.random.default_rng(seed), np.zeros(count)
    for i in range(count):
        found = detector(weather(rng, scenes[i % len(scenes)]))
        highest[i] = found[:, 4].max(initial=0)
    return highest


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--models", type=Path, required=True)
    p.add_argument("--yolox", type=Path, help="yolox_nano.onnx, to compare with")
    p.add_argument("--videos", type=Path, nargs="+", required=True, help="clips of scenes that the median empties")
    p.add_argument("--count", type=int, default=1000)
    args = p.parse_args()
    cv2.setNumThreads(1)
    scenes = [empty_scene(v.stem, [pixels for _, pixels in frames(v, 20)]).pixels for v in args.videos]
    contenders: dict[str, Detector] = {name: Boxes5(*model) for name, model in read(args.models).items()}
    if args.yolox:
        contenders["yolox-nano"] = Yolox(args.yolox)
    for name, detector in contenders.items():
        highest = false_people(detector, scenes, args.count)
        parts = [f"{int((highest >= least).sum())} at {least}" for least in (0.3, 0.4, 0.5)]
        print(f"{name}: pictures of {args.count} with somebody: " + ", ".join(parts), flush=True)


if __name__ == "__main__":
    main()
