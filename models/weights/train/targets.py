"""What each cell of the network should say about a picture: FCOS with levels chosen by height."""
from __future__ import annotations

import torch
from torch import Tensor

from network import STRIDES, cells

# Heights in pixels of the network's input. They overlap: somebody between two levels is learned by both.
HEIGHTS = ((0.0, 64.0), (40.0, 150.0), (100.0, 1e9))
RADIUS = 1.5  # cells around the middle of a person that answer for the person

NOBODY, SOMEBODY, DOUBTFUL = 0, 1, -1


def assign(box: Tensor, state: Tensor, width: int, height: int) -> tuple[Tensor, Tensor]:
    """For each cell a verdict (B x N) and the box that it answers for (B x N x 4: x1, y1, x2, y2).

    box is B x M x 4; state (B x M) says what each is: SOMEBODY, DOUBTFUL, or NOBODY for none at all.
    """
    grid = cells(height, width).to(box.device)
    x, y, stride = (grid[:, i, None] for i in range(3))  # N x 1
    x1, y1, x2, y2 = (box[:, None, :, i] for i in range(4))  # B x 1 x M
    inside = (x > x1) & (x < x2) & (y > y1) & (y < y2)
    doubtful = (inside & (state == DOUBTFUL)[:, None]).any(2)
    low, high = (torch.tensor([h[i] for h in HEIGHTS], device=box.device) for i in (0, 1))
    level = (stride / STRIDES[0]).log2().round().long()
    tall = y2 - y1
    suits = (tall >= low[level]) & (tall < high[level])
    # At least the cell in which the middle lies answers, however small the person is.
    near_x = torch.maximum(torch.minimum((x2 - x1) / 2, RADIUS * stride), stride / 2)
    near_y = torch.maximum(torch.minimum(tall / 2, RADIUS * stride), stride / 2)
    chosen = ((x - (x1 + x2) / 2).abs() <= near_x) & ((y - (y1 + y2) / 2).abs() <= near_y)
    chosen &= suits & (state == SOMEBODY)[:, None]
    # The smaller one, mostly the one in front, has the last word.
    area = torch.where(chosen, (x2 - x1) * tall, torch.full((), float("inf"), device=box.device))
    least, best = area.min(2)
    somebody = least < float("inf")
    target = box.gather(1, best[..., None].expand(-1, -1, 4)) * somebody[..., None]
    verdict = torch.where(somebody, SOMEBODY, torch.where(doubtful, DOUBTFUL, NOBODY))
    return verdict.to(torch.int8), target
