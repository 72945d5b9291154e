"""How wrong the network's answers are: GIoU for the boxes, quality focal loss for the scores."""
from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from targets import DOUBTFUL, SOMEBODY

BOX_WEIGHT = 2.0


def corners(box: Tensor) -> Tensor:
    centre, half = box[..., :2], box[..., 2:4] / 2
    return torch.cat([centre - half, centre + half], -1)


def iou(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (Rezatofighi et al. 2019) of boxes given by corners, pair by pair."""
    area = lambda box: (box[:, 2:] - box[:, :2]).clamp(min=0).prod(1)
    shared = (torch.minimum(a[:, 2:], b[:, 2:]) - torch.maximum(a[:, :2], b[:, :2])).clamp(min=0).prod(1)
    union = area(a) + area(b) - shared + 1e-6
    hull = (torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])).prod(1) + 1e-6
    overlap = shared / union
    return overlap, overlap - (hull - union) / hull


def detection_loss(answers: Tensor, verdict: Tensor, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of decoded answers (B x N x 5), and its parts for the log.

    The score learns how well its own box fits (Li et al. 2020, quality focal loss): that is what makes the best of
    several boxes of one person win.
    """
    somebody = verdict == SOMEBODY
    count = somebody.sum().clamp(min=1)
    overlap, generalised = iou(corners(answers[somebody]), target[somebody])
    box = (1 - generalised).sum() / count
    logit = answers[..., 4]
    quality = torch.zeros_like(logit)
    quality[somebody] = overlap.detach().clamp(0, 1)
    focus = (quality - logit.sigmoid()).abs() ** 2
    score = F.binary_cross_entropy_with_logits(logit, quality, reduction="none") * focus
    score = (score * (verdict != DOUBTFUL)).sum() / count
    return BOX_WEIGHT * box + score, {"box": box.detach(), "score": score.detach(), "iou": overlap.detach().mean()}
