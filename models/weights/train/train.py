"""Trains the detector. Seeded; a run that was stopped goes on with --resume as if nothing had happened.

One thread is enough and two are slower where the machine has other work: on a CPU with AMX, bfloat16 convolutions of
one thread do several hundred GFLOP/s, and threads that wait for one another at every layer do less.
"""
from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
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


@dataclass
class Trainer:
    """The network in training, with all that a checkpoint holds."""

    net: Detector
    average: Average
    optimizer: torch.optim.Optimizer
    device: torch.device
    step: int = 0
    minutes: float = 0.0

    @classmethod
    def new(cls, device: torch.device, start: Path | None, decay: float) -> Trainer:
        net = Detector().to(device, memory_format=torch.channels_last)
        if start:
            net.load_state_dict(load_average(start).state_dict())
        return cls(net.train(), Average(net), optimiser(net, decay), device)

    def resume(self, checkpoint: Path) -> None:
        state = torch.load(checkpoint, map_location=self.device)
        self.step, self.minutes, self.average.updates = state["step"], state["minutes"], state["updates"]
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def save(self, checkpoint: Path) -> None:
        save(checkpoint, self.step, self.minutes, self.net, self.average, self.optimizer)

    def learn(self, pixels: Tensor, verdict: Tensor, target: Tensor, rate: float) -> dict[str, float]:
        """One step on one batch; returns the parts of the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        pictures = pixels.to(self.device).permute(0, 3, 1, 2).float()
        grid = cells(*pixels.shape[1:3]).to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16):
            levels = self.net(pictures)
        answers = decode(flatten(levels), grid)
        loss, parts = detection_loss(answers, verdict.to(self.device), target.to(self.device))
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.average.update(self.net)
        self.step += 1
        return parts


def train(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer.new(device, args.start, args.decay)
    checkpoint = args.out / "checkpoint.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    if args.resume and checkpoint.exists():
        trainer.resume(checkpoint)
    steps, first, earlier = args.samples // args.batch, trainer.step, trainer.minutes
    studio = Studio(everything(args.data, args.street_labels, args.clip_labels))
    loader = DataLoader(Batches(studio, args.seed, first, steps, args.batch), batch_size=None, shuffle=False,
                        num_workers=args.workers, prefetch_factor=4 if args.workers else 2)
    began, log = time.time(), {}
    for batch in loader:
        along = max(trainer.step / steps, trainer.minutes / args.minutes if args.minutes else 0.0)
        if along >= 1:
            break
        parts = trainer.learn(*batch, learning_rate(trainer.step, along, args.rate))
        trainer.minutes = earlier + (time.time() - began) / 60
        log = {k: log.get(k, v) * 0.98 + v * 0.02 for k, v in parts.items()}
        if trainer.step % 100 == 0:
            shown = " ".join(f"{k} {v:.3f}" for k, v in log.items())
            rate = (trainer.step - first) * args.batch / (time.time() - began)
            print(f"step {trainer.step}/{steps} {shown} {rate:.1f} samples/s", flush=True)
        if trainer.step % args.keep == 0:
            trainer.save(checkpoint)
    trainer.save(checkpoint)


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
