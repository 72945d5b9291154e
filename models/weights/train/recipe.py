"""From pictures to the embedded models, in one command:

    python3 recipe.py --data DATA --yolox yolox_nano.onnx --work FOLDER

Two rounds: a wider network learns from the given labels and corrects them, and the one that is shipped learns from what
came out. With --earlier the models of an earlier run correct the labels instead, and say how high scores are. Every step leaves a file behind and is skipped when that file is there, and a training goes on from its last checkpoint: a run that
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
from panoramas import FOLDER, SUFFIXES

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
    minutes: list[float] | None  # for each of the two rounds, if there is a limit
    panoramas: list[Path]  # folders of places without anybody
    workers: int

    def label_clips(self) -> Path:
        labels = self.work / "clips.json"
        if not labels.exists():
            run("label the clips", "labels.py", "--data", self.data, "--yolox", self.yolox, "--clips", CLIPS,
                "--workers", self.workers, "--out", labels)
        return labels

    def train(self, name: str, samples: int, *more: object) -> Path:
        limit = ("--minutes", self.minutes[name == "second"]) if self.minutes else ()
        run(f"train: {name}", "train.py", "--data", self.data, "--out", self.work / name, "--samples", samples,
            "--seed", self.seed, "--panoramas", *self.panoramas, "--workers", self.workers,
            "--drawn", self.work / "drawn.pickle", "--resume", *limit, *more)
        return self.work / name / "average.pt"

    def unpack(self, models: Path) -> Path:
        checkpoint = self.work / "earlier" / "average.pt"
        if not checkpoint.exists():
            run("unpack the earlier models", "shipped.py", "--models", models, "--out", checkpoint.with_name("checkpoint.pt"))
        return checkpoint

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
            run("correct the labels", "labels.py", "--data", self.data, "--checkpoint", checkpoint, "--grids", "1x1",
                "--earlier", self.data / "train/street.labels.json", "--workers", self.workers, "--out", labels)
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
    p.add_argument("--first", type=int, default=200_000, help="samples of the first round")
    p.add_argument("--samples", type=int, default=1_200_000, help="samples of the second round")
    p.add_argument("--minutes", type=float, nargs=2, help="for each of the two rounds at most (not repeatable)")
    p.add_argument("--panoramas", type=Path, nargs="+", default=[FOLDER], help="folders of places without anybody")
    p.add_argument("--workers", type=int, default=1, help="processes that label at the same time")
    p.add_argument("--earlier", type=Path, help="models of an earlier run, such as ../embedded, in place of the first round")
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--version", default="1")
    p.add_argument("--embed", action="store_true", help="put the models where the product embeds them")
    args = p.parse_args()
    for folder in args.panoramas:
        if not folder.is_dir() or not any(p.suffix in SUFFIXES for p in folder.iterdir()):
            sys.exit(f"recipe.py: --panoramas {folder}: no panoramas there; apt-get install blender-data, or name a folder")
    args.work.mkdir(parents=True, exist_ok=True)

    recipe = Recipe(args.data, args.yolox, args.work, args.seed, args.minutes, args.panoramas, args.workers)
    clips = recipe.label_clips()
    first = (recipe.unpack(args.earlier) if args.earlier else
             recipe.train("first", args.first, "--clip-labels", clips, "--teacher"))
    street = recipe.correct_labels(first)
    second = recipe.train("second", args.samples, "--clip-labels", clips, "--street-labels", street)
    models = recipe.export(second, "models", "--street-labels", street, "--version", args.version,
                           *(("--like", first) if args.earlier else ()))
    recipe.join(models)
    recipe.evaluate(models)
    if args.embed:
        for file in models.iterdir():
            shutil.copy(file, HERE.parent / "embedded" / file.name)


if __name__ == "__main__":
    main()
