"""Trains the detector. Seeded; a run that was stopped goes on with --resume as if nothing had happened.

One thread is enough and two are slower where the machine has other work: on a CPU with AMX, bfloat16 convolutions of
one thread do several hundred GFLOP/s, and threads that wait for one another at every layer do less. On CPUs that have
no bfloat16 it is emulated and slow; there the training computes in float32.
"""
from __future__ import annotations

import argparse
import math
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from augment import NOBODY_SHARE, Studio
from checkpoint import Average, load_average, save
from drawn import gallery
from loss import detection_loss
from network import Detector, Shape, cells, decode, flatten
from panoramas import places
from paste import Scenes
from pictures import Picture, everything, for_training
from targets import assign

# Input sizes (width, height) of the batches and how often each comes: small ones at first, because they are cheap, and
# those of the product (onnx_model.SHIPPED) and between them at the end.
EARLY = {(416, 256): 0.4, (320, 192): 0.2, (512, 288): 0.2, (384, 288): 0.2}
LATE = {(480, 288): 0.45, (384, 288): 0.15, (640, 384): 0.3, (768, 448): 0.1}

# A teacher corrects the labels and is thrown away: four times as many weights as what is shipped.
TEACHER = Shape(stem=(24, 48), widths=(96, 160, 256), depths=(3, 4, 3), pyramid=96)

# Things, umbrellas and places that are drawn for a training.
GALLERY = (2400, 60, 1200)


@dataclass
class Batches:
    """Batch i is a function of the seed, of i, and of how far the training is: restarts change nothing."""

    studio: Studio
    seed: int
    size: int
    sheaf: int = 1  # batches that are made at once
    late: float = 0.4  # the part of the training from which on the product's sizes are used
    made: tuple[int, tuple[Tensor, Tensor, Tensor]] | None = None

    def __call__(self, i: int, along: float) -> tuple[Tensor, Tensor, Tensor]:
        number, part = divmod(i, self.sheaf)
        if self.made is None or self.made[0] != number:
            self.made = None  # its memory is needed
            self.made = number, self.make(number, along)
        mine = slice(part * self.size, (part + 1) * self.size)
        pixels, verdict, target = self.made[1]
        return pixels[mine], verdict[mine], target[mine]

    def make(self, number: int, along: float) -> tuple[Tensor, Tensor, Tensor]:
        rng = np.random.default_rng([self.seed, number])
        chances = EARLY if along < self.late else LATE
        width, height = list(chances)[rng.choice(len(chances), p=list(chances.values()))]
        scenes: Scenes = self.studio.batch(self.seed, number, self.size * self.sheaf, width, height)
        return (scenes.pixels, *assign(scenes.box, scenes.state, width, height))


def learning_rate(step: int, along: float, peak: float, warmup: int, floor: float = 0.02) -> float:
    """Up in a straight line, then down along a cosine; along is how much of the training is over, in [0,1]."""
    return peak * min(1.0, (step + 1) / warmup) * (floor + (1 - floor) * (1 + math.cos(math.pi * along)) / 2)


def optimiser(net: nn.Module, decay: float) -> torch.optim.Optimizer:
    """AdamW; BatchNorm and biases do not decay."""
    matrices = [p for p in net.parameters() if p.ndim > 1]
    vectors = [p for p in net.parameters() if p.ndim <= 1]
    return torch.optim.AdamW([{"params": matrices, "weight_decay": decay}, {"params": vectors, "weight_decay": 0.0}],
                             **({"fused": True} if matrices[0].is_cuda else {}))


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
    def new(cls, device: torch.device, start: Path | None, decay: float, frozen: str = "", shape: Shape = Shape(),
            memory: float = 0.999) -> Trainer:
        """frozen is what stays as it is: the statistics of every BatchNorm, because weights that were folded know none,
        or all stages too: then only what is made of their answers changes, at half the cost. memory is the average's."""
        net = Detector(shape).to(device, memory_format=torch.channels_last)
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
        return cls(net, Average(net, memory), optimiser(net, decay), device, device.type == "cuda" or has_bfloat16())

    def resume(self, checkpoint: Path) -> None:
        state = torch.load(checkpoint, map_location=self.device)
        self.step, self.minutes, self.average.updates = state["step"], state["minutes"], state["updates"]
        self.net.load_state_dict(state["net"])
        self.average.net.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])

    def save(self, checkpoint: Path) -> None:
        save(checkpoint, self.step, self.minutes, self.net, self.average, self.optimizer)

    def learn(self, pixels: Tensor, verdict: Tensor, target: Tensor, rate: float, memory: Memory | None = None,
              ) -> dict[str, Tensor]:
        """One step on one batch, and one on each of those that the memory brings back; the parts of the first's loss."""
        pictures = pixels.contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16):
            features = self.net.features(pictures)
        lesson = Lesson(features, tuple(pixels.shape[2:]), verdict, target)
        parts = self.step_on(lesson, rate)
        for again in memory.recall(lesson) if memory else []:
            self.step_on(again, rate)
        self.step += 1
        return parts

    def step_on(self, lesson: Lesson, rate: float) -> dict[str, Tensor]:
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


def gathered(args: argparse.Namespace) -> tuple[list[Picture], list[np.ndarray], list[np.ndarray]]:
    """All that is learned from: pictures, drawn things, umbrellas. Before the device is used, because workers fork."""
    if args.drawn and args.drawn.exists():
        real, (sprites, umbrellas, drawn) = pickle.loads(args.drawn.read_bytes())
    else:
        real = places(args.panoramas, workers=args.workers) if args.panoramas else []
        sprites, umbrellas, drawn = gallery(args.seed, *args.gallery, [p.pixels for p in real], args.workers)
        if args.drawn:
            args.drawn.write_bytes(pickle.dumps((real, (sprites, umbrellas, drawn))))
    pictures = for_training(everything(args.data, args.street_labels, args.clip_labels))
    return pictures + real + drawn, sprites, umbrellas


def train(args: argparse.Namespace) -> None:
    learned = gathered(args)
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    trainer = Trainer.new(device, args.start, args.decay, args.frozen, TEACHER if args.teacher else Shape(), args.average)
    checkpoint = args.out / "checkpoint.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    if args.resume and checkpoint.exists():
        trainer.resume(checkpoint)
    steps, first, earlier = args.samples // args.batch, trainer.step, trainer.minutes
    batches = Batches(Studio(*learned, device, args.nobody, args.seed), args.seed, args.batch, args.sheaf, args.late)
    print(f"{len(learned[0])} pictures", flush=True)
    memory = Memory(args.again, MEMORY, args.seed) if args.frozen == "stages" else None
    began, log = time.time(), {}
    while True:
        along = max(trainer.step / steps, trainer.minutes / args.minutes if args.minutes else 0.0)
        if along >= 1:
            break
        rate = learning_rate(trainer.step, along, args.rate, args.warmup)
        parts = trainer.learn(*batches(trainer.step, along), memory=memory, rate=rate)
        trainer.minutes = earlier + (time.time() - began) / 60
        if trainer.step % args.tell == 0:
            log = {k: log.get(k, float(v)) * 0.8 + float(v) * 0.2 for k, v in parts.items()}
            shown = " ".join(f"{k} {v:.3f}" for k, v in log.items())
            speed = (trainer.step - first) * args.batch / (time.time() - began)
            print(f"step {trainer.step}, {along:.1%}: {shown}, {speed:.1f} samples/s", flush=True)
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
    p.add_argument("--panoramas", type=Path, nargs="+", help="folders of places without anybody (panoramas.py)")
    p.add_argument("--resume", action="store_true", help="go on with the checkpoint in --out")
    p.add_argument("--samples", type=int, default=400_000)
    p.add_argument("--minutes", type=float, help="be done by then, with fewer samples if need be (not repeatable)")
    p.add_argument("--batch", type=int, default=128 if torch.cuda.is_available() else 16)
    p.add_argument("--rate", type=float, default=2.5e-3 if torch.cuda.is_available() else 1.5e-3)
    p.add_argument("--average", type=float, default=0.999, help="how much of the average of the weights each step keeps")
    p.add_argument("--teacher", action="store_true", help="a wider network, to correct labels with (labels.py)")
    p.add_argument("--gallery", type=int, nargs=3, default=GALLERY, metavar=("THINGS", "UMBRELLAS", "PLACES"),
                   help="how many of each are drawn")
    p.add_argument("--warmup", type=int, default=300, help="steps until the rate is there")
    p.add_argument("--decay", type=float, default=0.03)
    p.add_argument("--nobody", type=float, default=NOBODY_SHARE, help="part of the pictures that show nobody at all")
    p.add_argument("--late", type=float, default=0.4, help="part of the training from which on inputs are large")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--drawn", type=Path, help="where the drawn things are kept for the next round (a file of this program's own)")
    p.add_argument("--sheaf", type=int, default=4 if torch.cuda.is_available() else 1,
                   help="batches that are made at once: a GPU is quicker with many pictures")
    p.add_argument("--workers", type=int, default=1, help="processes that draw things before the training begins")
    p.add_argument("--tell", type=int, default=10, help="steps between lines of the log")
    p.add_argument("--keep", type=int, default=100, help="steps between checkpoints")
    return p


if __name__ == "__main__":
    train(parser().parse_args())
