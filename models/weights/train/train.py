"""Trains the detector. Seeded; a run that was stopped goes on with --resume as if nothing had happened.

One thread is enough and two are slower where the machine has other work: on a CPU with AMX, bfloat16 convolutions of
one thread do several hundred GFLOP/s, and threads that wait for one another at every layer do less. On CPUs that have
no bfloat16 it is emulated and slow; there the training computes in float32.
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

from augment import NOBODY, Studio
from checkpoint import Average, load_average, save
from loss import detection_loss
from network import Detector, cells, decode, flatten
from panoramas import places
from pictures import everything, for_training
from targets import assign

# Input sizes (width, height) of the batches and how often each comes: small ones at first, because they are cheap, and
# those of the product (onnx_model.SHIPPED) and between them at the end.
EARLY = {(416, 256): 0.4, (320, 192): 0.2, (512, 288): 0.2, (384, 288): 0.2}
LATE = {(480, 288): 0.5, (384, 288): 0.2, (640, 384): 0.2, (768, 448): 0.1}


class Batches(Dataset):
    """Batch i is a function of the seed and i alone: workers and restarts change nothing."""

    def __init__(self, studio: Studio, seed: int, first: int, steps: int, size: int, late: float = 0.4) -> None:
        """late is the part of the training from which on the product's sizes are used."""
        self.studio, self.seed, self.first, self.steps, self.size = studio, seed, first, steps, size
        self.late = late

    def __len__(self) -> int:
        return self.steps - self.first

    def __getitem__(self, i: int):
        cv2.setNumThreads(1)
        rng = np.random.default_rng([self.seed, self.first + i])
        chances = EARLY if self.first + i < self.late * self.steps else LATE
        width, height = list(chances)[rng.choice(len(chances), p=list(chances.values()))]
        pixels, verdicts, targets = [], [], []
        for _ in range(self.size):
            scene = self.studio.scene(rng, width, height)
            verdict, target = assign(scene.people, scene.doubtful, width, height)
            pixels.append(scene.pixels)
            verdicts.append(verdict)
            targets.append(target)
        return tuple(torch.from_numpy(np.stack(a)) for a in (pixels, verdicts, targets))


def learning_rate(step: int, along: float, peak: float, warmup: int, floor: float = 0.02) -> float:
    """Up in a straight line, then down along a cosine; along is how much of the training is over, in [0,1]."""
    return peak * min(1.0, (step + 1) / warmup) * (floor + (1 - floor) * (1 + math.cos(math.pi * along)) / 2)


def optimiser(net: nn.Module, decay: float) -> torch.optim.Optimizer:
    """AdamW; BatchNorm and biases do not decay."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}])


def has_bfloat16() -> bool:
    """Whether this CPU multiplies bfloat16 itself. Where the kernel does not tell, it does not."""
    told = Path("/proc/cpuinfo")
    return told.exists() and any(flag in told.read_text() for flag in ("avx512_bf16", "amx_bf16"))


MEMORY = 60  # batches that frozen stages' answers are kept of


@dataclass
class Lesson:
    """A batch as the stages see it, and what should be said of it."""

    features: tuple[Tensor, Tensor, Tensor]
    size: tuple[int, int]
    verdict: Tensor
    target: Tensor


class Memory:
    """Lessons of frozen stages to learn from again: what they see of a picture never changes, and is the costly part."""

    def __init__(self, again: int, room: int, seed: int) -> None:
        self.again, self.room, self.rng, self.lessons = again, room, np.random.default_rng(seed), []

    def recall(self, lesson: Lesson) -> list[Lesson]:
        """Some earlier lessons; the new one is kept."""
        chosen = [self.lessons[self.rng.integers(len(self.lessons))] for _ in range(self.again)] if self.lessons else []
        self.lessons = [*self.lessons, lesson][-self.room:]
        return chosen


@dataclass
class Trainer:
    """The network in training, with all that a checkpoint holds."""

    net: Detector
    average: Average
    optimizer: torch.optim.Optimizer
    device: torch.device
    bfloat16: bool = True
    step: int = 0
    minutes: float = 0.0

    @classmethod
    def new(cls, device: torch.device, start: Path | None, decay: float, frozen: str = "") -> Trainer:
        """frozen is what stays as it is: the statistics of every BatchNorm, because weights that were folded know none,
        or all stages too: then only what is made of their answers changes, at half the cost."""
        net = Detector().to(device, memory_format=torch.channels_last)
        if start:
            net.load_state_dict(load_average(start).state_dict())
        net.train()
        if frozen:
            for module in net.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        if frozen == "stages":
            for part in (net.stem, net.stage8, net.stage16, net.stage32):
                part.requires_grad_(False)
        return cls(net, Average(net), optimiser(net, decay), device, device.type == "cuda" or has_bfloat16())

    def resume(self, checkpoint: Path) -> None:
        state = torch.load(checkpoint, map_location=self.device)
        self.step, self.minutes, self.average.updates = state["step"], state["minutes"], state["updates"]
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def save(self, checkpoint: Path) -> None:
        save(checkpoint, self.step, self.minutes, self.net, self.average, self.optimizer)

    def learn(self, pixels: Tensor, verdict: Tensor, target: Tensor, rate: float, memory: Memory | None = None,
              ) -> dict[str, float]:
        """One step on one batch, and one on each of those that the memory brings back; the parts of the first's loss."""
        pictures = pixels.to(self.device).permute(0, 3, 1, 2).float()
        verdict, target = verdict.to(self.device), target.to(self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            features = self.net.features(pictures)
        lesson = Lesson(features, tuple(pixels.shape[1:3]), verdict, target)
        parts = self.step_on(lesson, rate)
        for again in memory.recall(lesson) if memory else []:
            self.step_on(again, rate)
        self.step += 1
        return parts

    def step_on(self, lesson: Lesson, rate: float) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            levels = self.net.answers(*lesson.features)
        answers = decode(flatten(levels), cells(*lesson.size).to(self.device))
        loss, parts = detection_loss(answers, lesson.verdict, lesson.target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.net.parameters(), 10.0)
        self.optimizer.step()
        self.average.update(self.net)
        return parts


def train(args: argparse.Namespace) -> None:
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer.new(device, args.start, args.decay, args.frozen)
    checkpoint = args.out / "checkpoint.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    if args.resume and checkpoint.exists():
        trainer.resume(checkpoint)
    steps, first, earlier = args.samples // args.batch, trainer.step, trainer.minutes
    pictures = for_training(everything(args.data, args.street_labels, args.clip_labels))
    studio = Studio(pictures + (places(args.panoramas) if args.panoramas else []), args.nobody)
    loader = DataLoader(Batches(studio, args.seed, first, steps, args.batch, args.late), batch_size=None, shuffle=False,
                        num_workers=args.workers, prefetch_factor=4 if args.workers else 2)
    memory = Memory(args.again, MEMORY, args.seed) if args.frozen == "stages" else None
    began, log = time.time(), {}
    for batch in loader:
        along = max(trainer.step / steps, trainer.minutes / args.minutes if args.minutes else 0.0)
        if along >= 1:
            break
        parts = trainer.learn(*batch, memory=memory, rate=learning_rate(trainer.step, along, args.rate, args.warmup))
        trainer.minutes = earlier + (time.time() - began) / 60
        log = {k: log.get(k, v) * 0.98 + v * 0.02 for k, v in parts.items()}
        if trainer.step % 10 == 0:
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
    p.add_argument("--frozen", default="", choices=("", "statistics", "stages"),
                   help="what to leave as it is: --start from shipped.py needs one of them, and stages is quick")
    p.add_argument("--again", type=int, default=4, help="with frozen stages: earlier batches that each new one recalls")
    p.add_argument("--panoramas", type=Path, help="the folder of places without anybody (panoramas.py)")
    p.add_argument("--resume", action="store_true", help="go on with the checkpoint in --out")
    p.add_argument("--samples", type=int, default=400_000)
    p.add_argument("--minutes", type=float, help="be done by then, with fewer samples if need be (not repeatable)")
    p.add_argument("--batch", type=int, default=16)
    p.add_argument("--rate", type=float, default=1.5e-3)
    p.add_argument("--warmup", type=int, default=300, help="steps until the rate is there")
    p.add_argument("--decay", type=float, default=0.03)
    p.add_argument("--nobody", type=float, default=NOBODY, help="part of the pictures that show nobody at all")
    p.add_argument("--late", type=float, default=0.4, help="part of the training from which on inputs are large")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--keep", type=int, default=100, help="steps between checkpoints")
    return p


if __name__ == "__main__":
    train(parser().parse_args())
