"""Draws the picture of the README: a made-up concourse, counted by Footfall itself.

    python3 docs/picture.py bin/footfall docs/picture.png [CLIP.mp4]      (needs python3-opencv and ffmpeg)

With a third argument it also makes the clip that the pictures of the live page and of the set-up are taken on:

    FOOTFALL_WALL_CLIP=CLIP.mp4 FOOTFALL_SCREENSHOTS=docs go test -run xxx -bench WallPicture -benchtime 1x .
"""

import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT, FPS, FRAMES = 1200, 600, 10, 90
COATS = [(70, 60, 50), (60, 80, 150), (130, 90, 50), (60, 110, 80), (120, 60, 110), (50, 50, 60), (90, 130, 170)]
# Each walker: where the feet start and end (fractions of the picture), height at the bottom of the picture, coat.
WALKERS = [
    ((0.02, 0.93), (0.75, 0.80), 0), ((0.10, 0.72), (0.82, 0.66), 1), ((0.97, 0.88), (0.25, 0.97), 2),
    ((0.90, 0.62), (0.18, 0.60), 3), ((0.33, 0.55), (0.60, 0.97), 4), ((0.74, 0.96), (0.55, 0.56), 5),
    ((0.20, 0.62), (0.90, 0.93), 6), ((0.85, 0.77), (0.35, 0.70), 0), ((-0.15, 0.82), (0.50, 0.86), 3),
]


def floor() -> np.ndarray:
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    horizon = int(0.38 * HEIGHT)
    picture[:horizon] = (205, 203, 198)
    for y in range(horizon, HEIGHT):
        shade = 165 + 40 * (y - horizon) / (HEIGHT - horizon)
        picture[y] = (shade, shade, shade - 4)
    for x in range(-3000, 4200, 190):
        cv2.line(picture, (int(WIDTH / 2 + (x - WIDTH / 2) * 0.25), horizon), (x, HEIGHT), (158, 158, 154), 1, cv2.LINE_AA)
    for row in np.geomspace(6, HEIGHT - horizon, 11):
        cv2.line(picture, (0, horizon + int(row)), (WIDTH, horizon + int(row)), (158, 158, 154), 1, cv2.LINE_AA)
    for x in range(30, WIDTH, 230):
        cv2.rectangle(picture, (x, 60), (x + 170, horizon - 14), (178, 170, 158), -1)
        cv2.rectangle(picture, (x, 60), (x + 170, horizon - 14), (150, 145, 138), 2)
    return picture


def person(picture: np.ndarray, x: float, y: float, h: float, coat, phase: float) -> None:
    """Draws somebody whose feet are at x, y and who is h pixels tall."""
    def at(dx: float, dy: float):
        return int(x + dx * h), int(y - dy * h)
    cv2.ellipse(picture, at(0, 0.01), (int(0.16 * h), int(0.035 * h)), 0, 0, 360, (140, 140, 138), -1, cv2.LINE_AA)
    swing = 0.09 * math.sin(phase)
    for leg in (swing, -swing):
        cv2.line(picture, at(0, 0.46), at(leg, 0.02), (60, 55, 50), max(2, int(0.085 * h)), cv2.LINE_AA)
    cv2.line(picture, at(0, 0.74), at(0, 0.48), coat, int(0.21 * h), cv2.LINE_AA)
    for arm in (swing, -swing):
        cv2.line(picture, at(0, 0.76), at(0.11 + arm if arm > 0 else -0.11 + arm, 0.47), tuple(int(0.85 * c) for c in coat),
                 max(2, int(0.06 * h)), cv2.LINE_AA)
    cv2.circle(picture, at(0, 0.91), int(0.075 * h), (130, 160, 205), -1, cv2.LINE_AA)
    cv2.ellipse(picture, at(0, 0.94), (int(0.08 * h), int(0.06 * h)), 0, 180, 360, (45, 50, 70), -1, cv2.LINE_AA)


def main(footfall: str, out: str, clip: str = "") -> None:
    folder = Path(tempfile.mkdtemp())
    detections = []
    for frame in range(FRAMES):
        picture, t = floor(), frame / (FRAMES - 1)
        there = []
        for start, end, coat in WALKERS:
            x, y = (start[i] + t * (end[i] - start[i]) for i in (0, 1))
            there.append((y, x, coat))
        for i, (y, x, coat) in enumerate(sorted(there)):
            h = 130 + 190 * (y - 0.5) / 0.5
            person(picture, x * WIDTH, y * HEIGHT, h, COATS[coat], frame * 0.9 + i)
            detections.append(f"{frame + 1},-1,{x * WIDTH - 0.17 * h:.1f},{y * HEIGHT - h:.1f},{0.34 * h:.1f},{h:.1f},0.9")
        cv2.imwrite(str(folder / f"{frame + 1:06d}.png"), picture)
    if clip:
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-framerate", str(FPS), "-i", folder / "%06d.png", "-pix_fmt", "yuv420p",
                        "-crf", "16", clip], check=True)
    (folder / "seqinfo.ini").write_text(f"[Sequence]\nframeRate={FPS}\n")
    (folder / "mot.txt").write_text("\n".join(detections) + "\n")
    lines = {"platform": [[0.47, 0.99], [0.52, 0.50]], "shops": [[0.58, 0.70], [0.98, 0.73]]}
    (folder / "lines.json").write_text(json.dumps({"lines": lines}))
    video = folder / "out.mp4"
    subprocess.run([footfall, "count", folder, "--lines", folder / "lines.json", "--detections", folder / "mot.txt",
                    "--annotate", video], check=True)
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-sseof", "-1.6", "-i", video, "-frames:v", "1", folder / "out.png"], check=True)
    shot = cv2.imread(str(folder / "out.png"))
    cv2.imwrite(out, shot, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main(*sys.argv[1:4])
