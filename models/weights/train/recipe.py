"""From pictures to the embedded models, in one command:

    python3 recipe.py --data ../../../../shared/data --yolox ../../../../shared/models/yolox_nano.onnx --work /var/tmp/recipe

Every step leaves a file behind and is skipped when that file is there, so a run that was stopped goes on where it was:
the training too, from its last checkpoint. Nothing outside --work is written, unless --embed is given.
"""
from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CLIPS = "one_by_one_indoor:14,intel_store-aisle:3"  # those with a free licence; every how many frames
NEVER_TRAINED_ON = "PETS09-S2L1"


def step(title: str, script: str, *arguments: object) -> None:
    print(f"== {title}", flush=True)
    subprocess.run([sys.executable, str(HERE / script), *map(str, arguments)], check=True)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, required=True, help="the folder with train/, sequences/ and clips/")
    p.add_argument("--yolox", type=Path, required=True, help="yolox_nano.onnx: it labels the clips and is compared with")
    p.add_argument("--work", type=Path, required=True, help="where the labels, the checkpoint and the models go")
    p.add_argument("--samples", type=int, default=300_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--version", default="1")
    p.add_argument("--embed", action="store_true", help="put the models where the product embeds them")
    args = p.parse_args()
    args.work.mkdir(parents=True, exist_ok=True)

    labels, models = args.work / "clips.json", args.work / "models"
    if not labels.exists():
        step("label the clips", "labels.py", "--data", args.data, "--yolox", args.yolox, "--clips", CLIPS, "--out", labels)
    step("train", "train.py", "--data", args.data, "--clip-labels", labels, "--out", args.work,
         "--samples", args.samples, "--seed", args.seed, "--resume")
    step("export", "export.py", "--checkpoint", args.work / "checkpoint.pt", "--version", args.version, "--out", models)
    video = args.data / "sequences" / NEVER_TRAINED_ON
    step("evaluate", "evaluate.py", "--models", models, "--yolox", args.yolox, "--video", video.with_suffix(".mp4"),
         "--truth", video.with_suffix(".gt.txt"), "--dump", args.work / "detections")
    if args.embed:
        for file in models.iterdir():
            shutil.copy(file, HERE.parent / "embedded" / file.name)


if __name__ == "__main__":
    main()
