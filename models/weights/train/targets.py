"""What each cell of the network should say about a picture: FCOS with levels chosen by height."""
from __future__ import annotations

import numpy as np

from network import STRIDES, cells

# Heights in pixels of the network's input. They overlap: somebody between two levels is learned by both.
HEIGHTS = ((0.0, 64.0), (40.0, 150.0), (100.0, 1e9))
RADIUS = 1.5  # cells around the middle of a person that answer for the person

NOBODY, SOMEBODY, DOUBTFUL = 0, 1, -1


def assign(people: np.ndarray, doubtful: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """For each cell a verdict (N) and the box that it answers for (N x 4: x1, y1, x2, y2)."""
    grid = cells(height, width).numpy()
    x, y, stride = grid.T
    verdict = np.zeros(len(grid), np.int8)
    target = np.zeros((len(grid), 4), np.float32)
    for x1, y1, x2, y2 in doubtful:
        verdict[(x > x1) & (x < x2) & (y > y1) & (y < y2)] = DOUBTFUL
    area = (people[:, 2] - people[:, 0]) * (people[:, 3] - people[:, 1])
    for box in people[np.argsort(-area)]:  # the smaller one, mostly the one in front, has the last word
        x1, y1, x2, y2 = box
        dx, dy = np.abs(x - (x1 + x2) / 2), np.abs(y - (y1 + y2) / 2)
        near_x, near_y = np.minimum((x2 - x1) / 2, RADIUS * stride), np.minimum((y2 - y1) / 2, RADIUS * stride)
        for level, (low, high) in zip(STRIDES, HEIGHTS):
            if not low <= y2 - y1 < high:
                continue
            here = stride == level
            chosen = here & (dx <= near_x) & (dy <= near_y)
            if not chosen.any():
                chosen = here & (np.hypot(dx, dy) == np.hypot(dx, dy)[here].min())
            verdict[chosen] = SOMEBODY
            target[chosen] = box
    return verdict, target
