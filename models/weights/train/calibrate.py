"""Makes the score mean how likely it is that somebody is there.

The quality focal loss teaches the score how well a box fits, and many a box that fits nobody gets 0.3; a tracker takes
0.3 for "quite likely somebody", and begins to follow. A straight line through the logits makes something of it that a
tracker can use. Its slope is fitted to the photographs that were kept aside (Platt 1999); its offset is chosen so that
nearly all of what has the score at which somebody begins to be followed is right on them. The line is written into the
last convolutions, so it costs nothing.
"""
from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch

from aside import BEGINS, Eye, judged, logit
from network import Detector
from pictures import Picture

RIGHT = 0.975  # of what is found with at least the score BEGINS on the kept photographs


def levelled(net: Detector, kept: list[Picture]) -> tuple[float, float]:
    """Slope and offset for the logits of net, by photographs that it never learned from."""
    score, hit, _ = judged(Eye(net), kept)
    found = logit(np.clip(score, 1e-4, 1 - 1e-4))
    slope, _ = line(found, hit)
    right = np.cumsum(hit) / np.arange(1, len(hit) + 1)  # of the surest ones
    return slope, float(logit(np.array(BEGINS)) - slope * found[np.flatnonzero(right >= RIGHT)[-1]])


def line(logit: np.ndarray, hit: np.ndarray) -> tuple[float, float]:
    """Slope and offset of the logistic regression of hit on logit, by Newton's method."""
    x = np.stack([logit, np.ones_like(logit)], 1).astype(np.float64)
    w = np.array([1.0, 0.0])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ w))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(2)
        w += np.linalg.solve(hessian, x.T @ (hit - p))
    return float(w[0]), float(w[1])


def calibrated(net: Detector, slope: float, offset: float) -> Detector:
    """The network with the line written into its last convolutions."""
    net = deepcopy(net)
    with torch.no_grad():
        for head in net.heads:
            head.out.weight[4] *= slope
            head.out.bias[4] = head.out.bias[4] * slope + offset
    return net
