"""Calibrates a trained detector, writes it as ONNX, and checks that OpenCV computes what torch does."""
from __future__ import annotations

import argparse
from pathlib import Path

from aside import level
from calibrate import calibrated, levelled
from checkpoint import load_average, load_mean
from onnx_model import SHIPPED, Kind, difference, read, write
from pictures import street


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--checkpoint", type=Path, nargs="+", required=True, help="of several, the mean of the weights")
    p.add_argument("--data", type=Path, help="the folder with train/; without it the scores stay as they are")
    p.add_argument("--like", type=Path, help="a checkpoint whose level of scores to take over, instead of setting it")
    p.add_argument("--street-labels", type=Path, help="better labels than train/street.labels.json")
    p.add_argument("--version", default="1")
    p.add_argument("--sizes", default="", help="WIDTHxHEIGHT,... to try others than those shipped")
    p.add_argument("--out", type=Path, required=True)
    args = p.parse_args()
    net = load_mean(args.checkpoint)
    kinds = {s: Kind(*map(int, s.split("x")), use="a trial") for s in args.sizes.split(",") if s} or SHIPPED
    if args.data and args.like:
        kept = [p for p in street(args.data, args.street_labels) if p.kept_aside]
        slope, offset = level(net, load_average(args.like), kept)
        print(f"scores: logit becomes {slope:.2f} logit {offset:+.2f}")
        net = calibrated(net, slope, offset)
    elif args.data:
        slope, offset = levelled(net, [p for p in street(args.data, args.street_labels) if p.kept_aside])
        print(f"scores: logit becomes {slope:.2f} logit {offset:+.2f}")
        net = calibrated(net, slope, offset)
    write(net, args.version, kinds, args.out)
    for name, (model, width, height) in read(args.out).items():
        box, score = difference(net, model, width, height)
        print(f"{name}: {width}x{height}, OpenCV differs from torch by {box:.1e} cells and {score:.1e} in the score")
        if max(box, score) > 1e-3:
            raise SystemExit(f"export {name}: OpenCV computes something else than torch")


if __name__ == "__main__":
    main()
