"""From pictures to the embedded models, in one command:

    python3 recipe.py --data DATA --yolox yolox_nano.onnx --work FOLDER

Two rounds: the first learns from the given labels, corrects them, and the second learns from what came out. Every step
leaves a file behind and is skipped when that file is there, and a training goes on from its last checkpoint: a run that
was stopped goes on where it was. Nothing outside --work is written, unless --embed is given.
"""
from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from onnx_model import read
from panoramas import FOLDER

HERE = Path(__file__).parent
CLIPS = "one_by_one_indoor:14,intel_store-aisle:3"  # those with a free licence; every how many frames
NEVER_TRAINED_ON = "PETS09-S2L1"


def run(title: str, script: str, *arguments: object) -> None:
    print(f"== {title}", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


@dataclass
class Recipe:
    data: Path
    yolox: Path
    work: Path
    seed: int
    minutes: float | None  # for each round, if there is a limit
    panoramas: Path  # of places without anybody

    def label_clips(self) -> Path:
        labels = self.work / "clips.json"
        if not labels.exists():
            run("label the clips", "labels.py", "--data", self.data, "--yolox", self.yolox, "--clips", CLIPS,
                "--out", labels)
        return labels

    def train(self, name: str, samples: int, *more: object) -> Path:
        limit = ("--minutes", self.minutes) if self.minutes else ()
        run(f"train: {name}", "train.py", "--data", self.data, "--out", self.work / name, "--samples", samples,
            "--seed", self.seed, "--panoramas", self.panoramas, "--resume", *limit, *more)
        return self.work / name / "checkpoint.pt"

    def export(self, checkpoint: Path, folder: str, *more: object) -> Path:
        run(f"export: {folder}", "export.py", "--checkpoint", checkpoint, "--data", self.data,
            "--out", self.work / folder, *more)
        return self.work / folder

    def join(self, models: Path) -> None:
        """Files for `footfall eval --model`: the product itself puts the parts together only where they are embedded."""
        folder = self.work / "onnx"
        folder.mkdir(exist_ok=True)
        for name, (model, _, _) in read(models).items():
            (folder / f"{name}.onnx").write_bytes(model)

    def correct_labels(self, checkpoint: Path) -> Path:
        labels = self.work / "street.json"
        if not labels.exists():
            models = self.export(checkpoint, "first-models", "--sizes", "768x448")  # larger than what is shipped: small people
            run("correct the labels", "labels.py", "--data", self.data, "--models", models, "--grids", "1x1",
                "--earlier", self.data / "train/street.labels.json", "--out", labels)
        return labels

    def evaluate(self, models: Path) -> None:
        video = self.data / "sequences" / NEVER_TRAINED_ON
        run("evaluate", "evaluate.py", "--models", models, "--yolox", self.yolox, "--video", video.with_suffix(".mp4"),
            "--truth", video.with_suffix(".gt.txt"), "--dump", self.work / "detections")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="the folder with train/, sequences/ and clips/")
    p.add_argument("--yolox", type=Path, required=True, help="yolox_nano.onnx: labels the clips, is compared with")
    p.add_argument("--work", type=Path, required=True, help="where the labels, the checkpoints and the models go")
    p.add_argument("--first", type=int, default=50_000, help="samples of the first round")
    p.add_argument("--samples", type=int, default=300_000, help="samples of the second round")
    p.add_argument("--minutes", type=float, help="for each round at most (not repeatable)")
    p.add_argument("--panoramas", type=Path, default=FOLDER, help="places without anybody; in Debian's blender-data")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--version", default="1")
    p.add_argument("--embed", action="store_true", help="put the models where the product embeds them")
    args = p.parse_args()
    if not any(args.panoramas.glob("*.exr")):
        sys.exit(f"recipe.py: --panoramas {args.panoramas}: has no *.exr; apt-get install blender-data, or name a folder")
    args.work.mkdir(parents=True, exist_ok=True)

    recipe = Recipe(args.data, args.yolox, args.work, args.seed, args.minutes, args.panoramas)
    clips = recipe.label_clips()
    first = recipe.train("first", args.first, "--clip-labels", clips)
    street = recipe.correct_labels(first)
    second = recipe.train("second", args.samples, "--clip-labels", clips, "--street-labels", street, "--start", first)
    models = recipe.export(second, "models", "--version", args.version)
    recipe.join(models)
    recipe.evaluate(models)
    if args.embed:
        for file in models.iterdir():
            shutil.copy(file, HERE.parent / "embedded" / file.name)


if __name__ == "__main__":
    main()
