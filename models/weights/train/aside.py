"""What is chosen by: photographs and places that were kept aside, and never the sequences that the product is measured on.

    python3 aside.py --data DATA --street-labels street.json --checkpoints earlier.pt later.pt

For each checkpoint: AP50 on the street's photographs that were kept aside, and on how many pictures without anybody
(other places, much weather, and drawn things) somebody is found at the score at which the photographs' people are found
as often as by the first checkpoint at 0.3.

It also finds the level of the scores. A tracker takes a score for a probability, and its thresholds were set for the
weights that are shipped; `level` is the straight line through the logits that makes the people of the kept photographs
get, on the whole, the scores that those weights gave them. The first weights of all are levelled by calibrate.py.
"""
from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from augment import Studio
from checkpoint import load_average
from detectors import letterbox, overlaps, suppress
from drawn import gallery
from evaluate import scores
from network import Detector, cells, decode, flatten
from panoramas import places
from pictures import Picture, street

SIZE = (480, 288)  # footfall-fast's
BEGINS = 0.3  # the score at which the product's tracker begins to follow somebody


class Eye:
    """A trained network that looks at pictures as the product does."""

    def __init__(self, net: Detector, width: int = SIZE[0], height: int = SIZE[1], least: float = 0.02) -> None:
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.net, self.width, self.height = net.to(self.device, memory_format=torch.channels_last), width, height
        self.grid, self.least = cells(height, width).to(self.device), least

    @torch.inference_mode()
    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        canvas, zoom = letterbox(pixels, self.width, self.height)
        picture = torch.from_numpy(canvas).to(self.device).permute(2, 0, 1)[None].float()
        rows = decode(flatten(self.net(picture.contiguous(memory_format=torch.channels_last))), self.grid)[0]
        rows = rows[rows[:, 4].sigmoid() >= self.least].cpu().numpy()
        score = 1 / (1 + np.exp(-rows[:, 4:]))
        centre, half = rows[:, :2], rows[:, 2:4] / 2
        return suppress(np.concatenate([(centre - half) / zoom, (centre + half) / zoom, score], 1), 0.45)


def judged(eye: Eye, pictures: list[Picture]) -> tuple[np.ndarray, np.ndarray, int]:
    """Scores of what is found and whether it is somebody, the surest first; and how many people there are.

    What lies on a doubtful box, and people too small to be learned, count neither way.
    """
    found, people = [], 0
    for p in pictures:
        zoom = min(SIZE[0] / p.pixels.shape[1], SIZE[1] / p.pixels.shape[0])
        small = (p.people[:, 3] - p.people[:, 1]) * zoom < 14
        there, vague = p.people[~small], np.concatenate([p.doubtful, p.people[small]])
        taken = np.zeros(len(there), bool)
        people += len(there)
        for row in eye(p.pixels):
            shared = np.where(taken, -1, overlaps(row, there)) if len(there) else np.array([-1.0])
            best = int(shared.argmax())
            if shared[best] >= 0.5:
                taken[best] = True
            elif len(vague) and overlap(row[None, :4], merged(row, vague)).max() > 0.5:
                continue
            found.append((row[4], shared[best] >= 0.5))
    found.sort(key=lambda f: -f[0])
    return np.array([f[0] for f in found]), np.array([f[1] for f in found], bool), people


def overlap(many: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Which part of each of the boxes the one box covers."""
    size = np.clip(np.minimum(many[:, 2:], one[2:]) - np.maximum(many[:, :2], one[:2]), 0, None)
    area = np.prod(many[:, 2:] - many[:, :2], axis=1)
    return np.prod(size, axis=1) / np.maximum(area, 1e-6)


def merged(row: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The one of the boxes that covers most of the row."""
    shared = [float(overlap(row[None, :4], o)[0]) for o in others]
    return others[int(np.argmax(shared))]


def deserted(count: int, panoramas: list[Path], seed: int = 1003) -> list[np.ndarray]:
    """Pictures without anybody in much weather: real places that were kept aside and drawn ones, all with drawn things."""
    seen = places(panoramas, kept_aside=True)
    sprites, umbrellas, drawn = gallery(seed, 300, 1, count // 2, [p.pixels for p in seen])
    studio = Studio(seen + drawn, sprites, umbrellas, torch.device("cpu"), nobody=1.0, seed=seed)
    pictures = [studio.batch(seed, n, 10, *SIZE).pixels for n in range(count // 10)]
    return [p.permute(1, 2, 0).numpy().astype(np.uint8) for batch in pictures for p in batch]


def logit(score: np.ndarray) -> np.ndarray:
    return np.log(score / (1 - score))


def level(net: Detector, like: Detector, pictures: list[Picture]) -> tuple[float, float]:
    """Slope and offset for the logits of net that give the people of the pictures the scores that `like` gave them."""
    lists = []
    for one in (net, like):
        score, hit, _ = judged(Eye(one), pictures)
        lists.append(logit(score[hit]))
    count = min(len(one) for one in lists)
    mine, theirs = (one[:count] for one in lists)  # rank by rank
    middle = (theirs > logit(np.array(0.15))) & (theirs < logit(np.array(0.9)))
    slope, offset = np.polyfit(mine[middle], theirs[middle], 1)
    return float(slope), float(offset)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True)
    p.add_argument("--street-labels", type=Path)
    p.add_argument("--panoramas", type=Path, nargs="+", required=True)
    p.add_argument("--checkpoints", type=Path, nargs="+", required=True, help="the first is compared with")
    p.add_argument("--count", type=int, default=200, help="pictures without anybody")
    p.add_argument("--threads", type=int, default=1)
    args = p.parse_args()
    torch.set_num_threads(args.threads)
    kept = [s for s in street(args.data, args.street_labels) if s.kept_aside]
    empty = deserted(args.count, args.panoramas)
    wanted = None
    for checkpoint in args.checkpoints:
        eye = Eye(load_average(checkpoint))
        score, hit, people = judged(eye, kept)
        if wanted is None:
            wanted = int((hit & (score >= BEGINS)).sum())
        same = float(score[np.flatnonzero(hit)[min(wanted, int(hit.sum())) - 1]])
        wrong = int((~hit & (score >= same)).sum())
        highest = np.array([eye(e)[:, 4].max(initial=0.0) for e in empty])
        average, recall = scores(hit, people)
        print(f"{checkpoint}: AP50 {average:.3f}, recall at 90 % precision {recall:.3f}; where {wanted} of {people} are "
              f"found (score {same:.2f}), {wrong} are wrong, and somebody on {int((highest >= same).sum())} of "
              f"{args.count} pictures without anybody", flush=True)


if __name__ == "__main__":
    main()
