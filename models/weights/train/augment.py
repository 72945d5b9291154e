"""Photographs become camera pictures: crops at many scales, tilt, pasted people, pictures without anybody, weather."""
from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from clutter import clutter
from pictures import Picture, boxes
from weather import weather

GREY = 114  # of the letterbox
SMALLEST = 10.0  # pixels of height below which nobody is learned or punished
VISIBLE = 0.4  # part of the box that must be inside the picture
SOURCES = {"street": 0.76, "town_centre": 0.12, "empty": 0.02, "nobody": 0.03}  # the rest: clips
NOBODY = 0.12  # of the pictures that show nobody at all


@dataclass
class Scene:
    """A picture being made: pixels, people, doubtful boxes."""

    pixels: np.ndarray
    people: np.ndarray
    doubtful: np.ndarray


class Studio:
    """Makes training pictures out of photographs."""

    def __init__(self, pictures: list[Picture], nobody: float = NOBODY) -> None:
        self.nobody = nobody
        self.by_source: dict[str, list[Picture]] = {}
        for p in pictures:
            self.by_source.setdefault(p.source if p.source in SOURCES else "clips", []).append(p)
        names = sorted(self.by_source)
        weights = np.array([SOURCES.get(n, 1 - sum(SOURCES.values())) for n in names])
        self.names, self.chances = names, weights / weights.sum()

    def pick(self, rng: np.random.Generator) -> Picture:
        group = self.by_source[self.names[rng.choice(len(self.names), p=self.chances)]]
        return group[rng.integers(len(group))]

    def scene(self, rng: np.random.Generator, width: int, height: int) -> Scene:
        """One training picture."""
        if rng.random() < self.nobody:
            return self.deserted(rng, width, height)
        chance = rng.random()
        if chance < 0.45:
            made = view(rng, self.pick(rng), width, height)
        elif chance < 0.57:
            made = letterboxed(rng, self.pick(rng), width, height)
        else:
            made = self.mosaic(rng, width, height, columns=2 if chance < 0.85 else 3)
        if rng.random() < 0.35:
            self.paste(rng, made)
        if rng.random() < 0.12:
            umbrellas(rng, made)
        if rng.random() < 0.25:
            made = tilted(rng, made)
        made.pixels = weather(rng, made.pixels)
        if rng.random() < 0.5:
            made = mirrored(made)
        return tidy(made)

    def mosaic(self, rng: np.random.Generator, width: int, height: int, columns: int) -> Scene:
        """Several crops beside and below one another: many people, small people, and no two contexts alike."""
        xs = [0, *sorted(int(width * (i + rng.uniform(-0.25, 0.25)) / columns) for i in range(1, columns)), width]
        ys = [0, int(height * rng.uniform(0.35, 0.65)), height]
        pixels = np.empty((height, width, 3), np.uint8)
        people, doubtful = [], []
        for x1, x2 in zip(xs, xs[1:]):
            for y1, y2 in zip(ys, ys[1:]):
                part = view(rng, self.pick(rng), x2 - x1, y2 - y1)
                pixels[y1:y2, x1:x2] = part.pixels
                shift = np.array([x1, y1, x1, y1], np.float32)
                people.append(part.people + shift)
                doubtful.append(part.doubtful + shift)
        return Scene(pixels, np.concatenate(people), np.concatenate(doubtful))

    def deserted(self, rng: np.random.Generator, width: int, height: int) -> Scene:
        """A picture without anybody: places, what photographs show beside their people, and things that were drawn."""
        pixels = np.empty((height, width, 3), np.uint8)
        columns = int(rng.integers(1, 4))
        edges = [round(i * width / columns) for i in range(columns + 1)]
        for x1, x2 in zip(edges, edges[1:]):
            pixels[:, x1:x2] = self.backdrop(rng, x2 - x1, height)
        if rng.random() < 0.4:
            pixels = clutter(rng, pixels)
        pixels = weather(rng, pixels)
        return Scene(pixels, boxes([]), boxes([]))

    def backdrop(self, rng: np.random.Generator, width: int, height: int) -> np.ndarray:
        places = [name for name in ("nobody", "empty") if name in self.by_source]
        if places and rng.random() < 0.5:
            group = self.by_source[places[0] if rng.random() < 0.9 else places[-1]]
            return view(rng, group[rng.integers(len(group))], width, height).pixels
        for _ in range(4):
            source = self.pick(rng)
            part = deserted_part(rng, source, width / height)
            if part is not None:
                x1, y1, x2, y2 = part
                return cv2.resize(source.pixels[y1:y2, x1:x2], (width, height), interpolation=cv2.INTER_LINEAR)
        plain = np.full((height, width, 3), rng.uniform(20, 220, 3), np.uint8)
        return clutter(rng, plain)

    def paste(self, rng: np.random.Generator, made: Scene) -> None:
        """People cut out of other pictures, with soft edges; who is covered too much becomes doubtful.

        Now and then it is a piece of wall or street instead: the cut itself must not look like somebody.
        """
        height, width = made.pixels.shape[:2]
        for _ in range(rng.integers(1, 6)):
            source = self.pick(rng)
            somebody = rng.random() < 0.6 and len(source.people) > 0
            box = source.people[rng.integers(len(source.people))] if somebody else nobody(rng, source)
            if box is None or box[3] - box[1] < 40 or box[2] - box[0] < 12:
                continue
            x1, y1, x2, y2 = box.astype(int)
            tall = min(float(np.exp(rng.uniform(np.log(24), np.log(0.7 * height)))), 1.5 * (y2 - y1))
            wide = int(tall * (x2 - x1) / (y2 - y1))
            tall = int(tall)
            if wide < 8 or wide >= width or tall >= height:
                continue
            cut = cv2.resize(source.pixels[y1:y2, x1:x2], (wide, tall), interpolation=cv2.INTER_AREA)
            x, y = rng.integers(0, width - wide), rng.integers(0, height - tall)
            mask = soft_mask(wide, tall)
            area = made.pixels[y:y + tall, x:x + wide]
            area[:] = (cut * mask + area * (1 - mask)).astype(np.uint8)
            pasted = np.array([[x, y, x + wide, y + tall]], np.float32)
            covered = overlap(made.people, pasted[0]) > 0.6
            made.doubtful = np.concatenate([made.doubtful, made.people[covered]])
            made.people = np.concatenate([made.people[~covered], pasted[:somebody]])


def nobody(rng: np.random.Generator, source: Picture) -> np.ndarray | None:
    """A piece of the picture of a person's shape without anybody in it, if one is found quickly."""
    height, width = source.pixels.shape[:2]
    everybody = np.concatenate([source.people, source.doubtful])
    for _ in range(5):
        tall = rng.uniform(0.15, 0.5) * height
        wide = tall * rng.uniform(0.25, 0.6)
        x, y = rng.uniform(0, max(width - wide, 1)), rng.uniform(0, height - tall)
        box = np.array([x, y, min(x + wide, width), y + tall], np.float32)
        if not len(everybody) or overlap(everybody, box).max() < 0.05:
            return box
    return None


def deserted_part(rng: np.random.Generator, source: Picture, aspect: float) -> tuple[int, int, int, int] | None:
    """The largest of a few pieces of the picture, of the given aspect, that no box reaches into."""
    height, width = source.pixels.shape[:2]
    everybody = np.concatenate([source.people, source.doubtful])
    best, area = None, 0.0
    for _ in range(12):
        wide = rng.uniform(0.15, 1.0) * width
        tall = wide / aspect
        if tall > height or wide * tall <= area:
            continue
        x, y = rng.uniform(0, width - wide), rng.uniform(0, height - tall)
        box = np.array([x, y, x + wide, y + tall], np.float32)
        if len(everybody) and overlap(everybody, box).max() > 0:
            continue
        best, area = (int(x), int(y), int(x + wide), int(y + tall)), wide * tall
    return best


def umbrellas(rng: np.random.Generator, made: Scene) -> None:
    """Some of the people get an umbrella, which is most of what a steep camera sees of them in the rain."""
    for i in np.flatnonzero(rng.random(len(made.people)) < 0.5):
        x1, y1, x2, y2 = made.people[i]
        wide, tall = (x2 - x1) * rng.uniform(0.5, 1.0), (y2 - y1) * rng.uniform(0.1, 0.35)
        if tall < 3:
            continue
        centre = (int((x1 + x2) / 2), int(y1 + tall * rng.uniform(0.2, 1.0)))
        axes = (int(wide), int(tall))
        colour = rng.uniform(10, 90) + rng.uniform(-10, 10, 3) if rng.random() < 0.5 else rng.uniform(0, 255, 3)
        cv2.ellipse(made.pixels, centre, axes, rng.uniform(-15, 15), 0, 360, colour.tolist(), -1, cv2.LINE_AA)
        for spoke in np.arange(rng.uniform(0, 1), 2 * np.pi, np.pi / 4):
            end = (int(centre[0] + axes[0] * np.cos(spoke)), int(centre[1] + axes[1] * np.sin(spoke)))
            cv2.line(made.pixels, centre, end, (colour * 0.8).tolist(), 1, cv2.LINE_AA)
        made.people[i] = [min(x1, centre[0] - wide), min(y1, centre[1] - tall), max(x2, centre[0] + wide), y2]


def soft_mask(width: int, height: int) -> np.ndarray:
    """One inside, falling to zero over the outer tenth: a rounded rectangle."""
    x = np.minimum(np.arange(width) + 0.5, width - np.arange(width) - 0.5) / (0.18 * width)
    y = np.minimum(np.arange(height) + 0.5, height - np.arange(height) - 0.5) / (0.06 * height)
    return (np.clip(x, 0, 1)[None, :] * np.clip(y, 0, 1)[:, None])[..., None].astype(np.float32)


def overlap(many: np.ndarray, one: np.ndarray) -> np.ndarray:
    """Which part of each of the boxes the one box covers."""
    size = np.clip(np.minimum(many[:, 2:], one[2:]) - np.maximum(many[:, :2], one[:2]), 0, None)
    area = np.prod(many[:, 2:] - many[:, :2], axis=1)
    return np.prod(size, axis=1) / np.maximum(area, 1e-6)


def warp(rng: np.random.Generator, source: Picture, scale: tuple[float, float], angle: float,
         centre: tuple[float, float], target: tuple[float, float], width: int, height: int) -> Scene:
    """Scales and turns the picture so that its point `centre` comes to lie on `target`."""
    pixels, (sx, sy) = source.pixels, scale
    fx = fy = 1.0
    if min(sx, sy) < 0.7:  # shrink first: the warp samples points, and cameras do not
        fx, fy = min(sx, 1.0), min(sy, 1.0)
        how = cv2.INTER_AREA if rng.random() < 0.6 else cv2.INTER_LINEAR
        pixels = cv2.resize(pixels, None, fx=fx, fy=fy, interpolation=how)
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[c * sx, -s * sy], [s * sx, c * sy]])
    shift = np.array(target) - turn @ np.array(centre)
    matrix = np.concatenate([turn / np.array([fx, fy]), shift[:, None]], 1)
    out = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR,
                         borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3)
    return Scene(out, moved(source.people, turn, shift), moved(source.doubtful, turn, shift))


def moved(box: np.ndarray, turn: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Boxes after the warp: the hull of the turned ellipse, which a person fills better than the turned corners."""
    if not len(box):
        return box
    middle = (box[:, :2] + box[:, 2:]) / 2 @ turn.T + shift
    half = (box[:, 2:] - box[:, :2]) / 2
    size = np.sqrt((half ** 2) @ (turn ** 2).T)
    return np.concatenate([middle - size, middle + size], 1).astype(np.float32)


def view(rng: np.random.Generator, source: Picture, width: int, height: int) -> Scene:
    """A crop without borders, mostly around somebody, who gets a height drawn evenly over the octaves."""
    tall, wide = source.pixels.shape[:2]
    cover = max(width / wide, height / tall)
    if len(source.people) and rng.random() < 0.85:
        x1, y1, x2, y2 = source.people[rng.integers(len(source.people))]
        wanted = np.exp(rng.uniform(np.log(14), np.log(0.95 * height)))
        zoom, centre = wanted / max(y2 - y1, 1), ((x1 + x2) / 2, (y1 + y2) / 2)
    else:
        zoom, centre = cover * np.exp(rng.uniform(0, 1.0)), (rng.uniform(0, wide), rng.uniform(0, tall))
    zoom = min(max(zoom, cover), max(2.2, cover))
    squash = np.exp(rng.uniform(-0.15, 0.15)) if rng.random() < 0.85 else rng.uniform(0.55, 1.0)
    scale = (max(zoom / np.sqrt(squash), width / wide), max(zoom * np.sqrt(squash), height / tall))
    chance = rng.random()
    angle = 0.0 if chance < 0.5 else np.deg2rad(rng.uniform(-6, 6) if chance < 0.9 else rng.uniform(-25, 25))
    target = []
    for point, factor, room, side in zip(centre, scale, (width, height), (wide, tall)):
        place = rng.uniform(0.05, 0.95) * room
        # No border if the picture is not turned: the crop stays inside.
        target.append(float(np.clip(place, room - (side - point) * factor, point * factor)))
    return warp(rng, source, scale, angle, centre, tuple(target), width, height)


def letterboxed(rng: np.random.Generator, source: Picture, width: int, height: int) -> Scene:
    """The whole picture at the top left, as the product will show it to the network."""
    tall, wide = source.pixels.shape[:2]
    zoom = min(width / wide, height / tall) * (1 if rng.random() < 0.6 else rng.uniform(0.5, 1))
    return warp(rng, source, (zoom, zoom), 0.0, (0, 0), (0, 0), width, height)


def tilted(rng: np.random.Generator, made: Scene) -> Scene:
    """As if the camera hung higher and looked down more: heads come nearer, feet shrink away, all is foreshortened."""
    height, width = made.pixels.shape[:2]
    head = rng.uniform(0.4, 0.9)  # how much of the width is seen at the top; all of it at the bottom
    left = rng.uniform(0, 1 - head) * width
    seen = np.float32([[left, 0], [left + head * width, 0], [width, height], [0, height]])
    whole = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    matrix = cv2.getPerspectiveTransform(seen, whole)
    pixels = cv2.warpPerspective(made.pixels, matrix, (width, height))

    def through(box: np.ndarray) -> np.ndarray:
        if not len(box):
            return box
        middle = (box[:, :2] + box[:, 2:]) / 2
        sides = np.stack([box[:, 0], middle[:, 1], box[:, 2], middle[:, 1]], 1).reshape(-1, 1, 2)
        ends = np.stack([middle[:, 0], box[:, 1], middle[:, 0], box[:, 3]], 1).reshape(-1, 1, 2)
        sides, ends = (cv2.perspectiveTransform(p, matrix).reshape(-1, 2, 2) for p in (sides, ends))
        hull = np.concatenate([sides, ends], 1)
        return np.concatenate([hull.min(1), hull.max(1)], 1).astype(np.float32)

    return Scene(pixels, through(made.people), through(made.doubtful))


def mirrored(made: Scene) -> Scene:
    width = made.pixels.shape[1]
    flip = lambda box: np.stack([width - box[:, 2], box[:, 1], width - box[:, 0], box[:, 3]], 1)
    return Scene(np.ascontiguousarray(made.pixels[:, ::-1]), flip(made.people), flip(made.doubtful))


def tidy(made: Scene) -> Scene:
    """Boxes cut to the picture; who is too small or hardly visible becomes doubtful."""
    height, width = made.pixels.shape[:2]
    limit = np.array([width, height, width, height], np.float32)

    def cut(box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        inside = np.clip(box, 0, limit)
        area = np.prod(np.maximum(box[:, 2:] - box[:, :2], 1e-3), axis=1)
        return inside, np.prod(inside[:, 2:] - inside[:, :2], axis=1) / area

    people, seen = cut(made.people)
    good = (seen >= VISIBLE) & (people[:, 3] - people[:, 1] >= SMALLEST)
    rest, _ = cut(np.concatenate([made.doubtful, made.people[~good]]))
    rest = rest[(rest[:, 2] - rest[:, 0] > 1) & (rest[:, 3] - rest[:, 1] > 1)]
    return Scene(made.pixels, boxes(people[good]), boxes(rest))
