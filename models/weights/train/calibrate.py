"""Makes the score mean how likely it is that somebody is there.

The quality focal loss teaches the score how well a box fits, and many a box that fits nobody gets 0.3; a tracker takes
0.3 for "quite likely somebody". A straight line through the logits (Platt 1999), fitted where the truth is known, makes
a probability of it. The line is written into the last convolutions, so it costs nothing.

The scenes whose truth is known are those that were trained on, and there the network is surer than it will be where it
has never been. UNSEEN lowers the line for that.
"""
from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch

from detectors import Detector as Finder
from evaluate import matched
from network import Detector
from pictures import TOWN_CENTRE_FAR, TOWN_CENTRE_STEP, frames, mot

UNSEEN = 1.5  # in units of the logit. On PETS09-S2L1, which was not trained on, the line lies 1.4 lower


def observed(finder: Finder, data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Logits of what is found on frames of TownCentre half way between those trained on, and whether it was right."""
    truth = mot(data / "sequences/TownCentre-A.gt.txt")
    found = {}
    for number, pixels in frames(data / "sequences/TownCentre-A.mp4", TOWN_CENTRE_STEP // 2):
        between = (number - 1) % TOWN_CENTRE_STEP != 0
        if between and number in truth:
            boxes = finder(pixels)
            found[number] = boxes[boxes[:, 3] > TOWN_CENTRE_FAR]  # the truth leaves out those further away
    hit, _ = matched(found, {n: truth[n] for n in found})
    score = np.sort(np.concatenate([b[:, 4] for b in found.values()]))[::-1]
    return np.log(score / (1 - score)), hit


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
