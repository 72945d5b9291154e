"""Trains the detector. Seeded; a run that was stopped goes on with --resume as if nothing had happened.

One thread is enough and two are slower where the machine has other work: on a CPU with AMX, bfloat16 convolutions of
one thread do several hundred GFLOP/s, and threads that wait for one another at every layer do less.
"""
from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from augment import Studio
from checkpoint import Average, load_average, save
from loss import detection_loss
from network import Detector, cells, decode, flatten
from pictures import everything
from targets import assign

# Input sizes (width, height) of the batches and how often each comes: small ones at first, because they are cheap, and
# those of the product (onnx_model.SHIPPED) and between them at the end.
EARLY = {(416, 256): 0.4, (320, 192): 0.2, (512, 288): 0.2, (384, 288): 0.2}
LATE = {(480, 288): 0.5, (384, 288): 0.2, (640, 384): 0.2, (768, 448): 0.1}
END = 0.4  # of the training, from which on the late ones are used


class Batches(Dataset):
    """Batch i is a function of the seed and i alone: workers and restarts change nothing."""

    def __init__(self, studio: Studio, seed: int, first: int, steps: int, size: int) -> None:
        self.studio, self.seed, self.first, self.steps, self.size = studio, seed, first, steps, size

    def __len__(self) -> int:
        return self.steps - self.first

    def __getitem__(self, i: int):
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, self.first + i])
        chances = EARLY if self.first + i < END * self.steps else LATE
        width, height = list(chances)[rng.choice(len(chances), p=list(chances.values()))]
        pixels, verdicts, targets = [], [], []
        for _ in range(self.size):
            scene = self.studio.scene(rng, width, height)
            verdict, target = assign(scene.people, scene.doubtful, width, height)
            pixels.append(scene.pixels)
            verdicts.append(verdict)
            targets.append(target)
        return tuple(torch.from_numpy(np.stack(a)) for a in (pixels, verdicts, targets))


def learning_rate(step: int, along: float, peak: float, warmup: int = 300, floor: float = 0.02) -> float:
    """Up in a straight line, then down along a cosine; along is how much of the training is over, in [0,1]."""
    return peak * min(1.0, (step + 1) / warmup) * (floor + (1 - floor) * (1 + math.cos(math.pi * along)) / 2)


def optimiser(net: nn.Module, decay: float) -> torch.optim.Optimizer:
    """AdamW; BatchNorm and biases do not decay."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}])


def train(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    steps, first, minutes = args.samples // args.batch, 0, 0.0
    net = Detector().to(device, memory_format=torch.channels_last)
    if args.start:
        net.load_state_dict(load_average(args.start).state_dict())
    average, optimizer = Average(net), optimiser(net, args.decay)
    checkpoint = args.out / "checkpoint.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    if args.resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location=device)
        first, minutes, average.updates = state["step"], state["minutes"], state["updates"]
        net.load_state_dict(state["net"])
        average.net.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
    studio = Studio(everything(args.data, args.street_labels, args.clip_labels))
    loader = DataLoader(Batches(studio, args.seed, first, steps, args.batch), batch_size=None, shuffle=False,
                        num_workers=args.workers, prefetch_factor=4 if args.workers else 2)
    began, seen, log = time.time(), 0, {}

    def spent() -> float:
        return minutes + (time.time() - began) / 60

    grids: dict[tuple[int, int], torch.Tensor] = {}
    for step, (pixels, verdict, target) in enumerate(loader, first):
        along = max(step / steps, spent() / args.minutes if args.minutes else 0.0)
        if along >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, along, args.rate)
        size = tuple(pixels.shape[1:3])
        grid = grids.setdefault(size, cells(*size).to(device))
        x = pixels.to(device).permute(0, 3, 1, 2).float()
        with torch.autocast(device.type, torch.bfloat16):
            levels = net.train()(x)
        loss, parts = detection_loss(decode(flatten(levels), grid), verdict.to(device), target.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimizer.step()
        average.update(net)
        seen += len(pixels)
        for k, v in parts.items():
            log[k] = log.get(k, v) * 0.98 + v * 0.02
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}/{steps} " + " ".join(f"{k} {v:.3f}" for k, v in log.items()) +
                  f" {seen / (time.time() - began):.1f} samples/s", flush=True)
        if (step + 1) % args.keep == 0:
            save(checkpoint, step + 1, spent(), net, average, optimizer)
    save(checkpoint, step + 1, spent(), net, average, optimizer)


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--data", type=Path, required=True, help="the folder with train/, sequences/ and clips/")
    p.add_argument("--out", type=Path, required=True, help="where the checkpoint goes")
    p.add_argument("--street-labels", type=Path, help="better labels than train/street.labels.json")
    p.add_argument("--clip-labels", type=Path, help="labels of the clips (labels.py)")
    p.add_argument("--start", type=Path, help="a checkpoint to start from (its weights only)")
    p.add_argument("--resume", action="store_true", help="go on with the checkpoint in --out")
    p.add_argument("--samples", type=int, default=400_000)
    p.add_argument("--minutes", type=float, help="be done by then, with fewer samples if need be (not repeatable)")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=1.5e-3)
    p.add_argument("--decay", type=float, default=0.03)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--keep", type=int, default=100, help="steps between checkpoints")
    return p


if __name__ == "__main__":
    train(parser().parse_args())
