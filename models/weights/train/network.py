"""The person detector: plain dense 3x3 convolutions, because on CPUs dense wins (see README.md).

Pictures come in as BGR 0..255; the first convolution of the exported model does the normalising. Three levels
(strides 8, 16, 32) meet in a small top-down pyramid; each level says for each of its cells: where the person's centre
is, how large the box is, and how sure the level is that there is a person.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STRIDES = (8, 16, 32)
MEAN, STD = 114.0, 58.0  # one grey value for all channels: the letterbox's grey becomes zero


@dataclass(frozen=True)
class Shape:
    """How wide the network is; the numbers of the shipped model are the defaults."""

    stem: tuple[int, int] = (16, 32)  # strides 2 and 4
    widths: tuple[int, int, int] = (48, 96, 160)  # strides 8, 16, 32
    depths: tuple[int, int, int] = (2, 3, 2)  # convolutions after the one that halves the picture
    pyramid: int = 48

    def as_dict(self) -> dict:
        return asdict(self)


class Conv(nn.Module):
    """Convolution, BatchNorm, ReLU; where the shape allows it the input is added before the ReLU.

    The addition costs nothing later: `folded` writes it, and the BatchNorm, into the weights.
    """

    def __init__(self, cin: int, cout: int, kernel: int = 3, stride: int = 1, skip: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(cout)
        self.skip = skip
        if skip and (cin != cout or stride != 1):
            raise ValueError("skip needs equal shapes")

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn(self.conv(x))
        return F.relu(y + x if self.skip else y, inplace=True)

    def folded(self) -> tuple[Tensor, Tensor]:
        """Weights and bias of the one convolution (followed by ReLU) that does the same in evaluation."""
        scale = self.bn.weight / torch.sqrt(self.bn.running_var + self.bn.eps)
        weight = self.conv.weight * scale[:, None, None, None]
        bias = self.bn.bias - self.bn.running_mean * scale
        if self.skip:
            weight = weight.clone()
            index = torch.arange(weight.shape[0])
            weight[index, index, weight.shape[2] // 2, weight.shape[3] // 2] += 1
        return weight.detach(), bias.detach()


class Head(nn.Module):
    """One level's answer: five channels (x, y, log width, log height, logit of the score) for each cell."""

    def __init__(self, width: int, prior: float = 0.02) -> None:
        super().__init__()
        self.tower = Conv(width, width, skip=True)
        self.out = nn.Conv2d(width, 5, 1)
        nn.init.normal_(self.out.weight, std=0.01)
        with torch.no_grad():
            # A person is about 1.2 cells wide and 3 high to begin with, and rare.
            logit = -torch.log(torch.tensor((1 - prior) / prior)).item()
            self.out.bias.copy_(torch.tensor([0.0, 0.0, 0.2, 1.1, logit]))

    def forward(self, x: Tensor) -> Tensor:
        return self.out(self.tower(x))


class Detector(nn.Module):
    def __init__(self, shape: Shape = Shape()) -> None:
        super().__init__()
        self.shape = shape
        (s2, s4), (c8, c16, c32), p = shape.stem, shape.widths, shape.pyramid
        self.stem = nn.Sequential(Conv(3, s2, stride=2), Conv(s2, s4, stride=2))
        self.stage8 = self._stage(s4, c8, shape.depths[0])
        self.stage16 = self._stage(c8, c16, shape.depths[1])
        self.stage32 = self._stage(c16, c32, shape.depths[2])
        self.lateral8 = Conv(c8, p, kernel=1)
        self.lateral16 = Conv(c16, p, kernel=1)
        self.lateral32 = Conv(c32, p, kernel=1)
        self.smooth16 = Conv(p, p, skip=True)
        self.heads = nn.ModuleList(Head(p) for _ in STRIDES)

    @staticmethod
    def _stage(cin: int, cout: int, depth: int) -> nn.Sequential:
        return nn.Sequential(Conv(cin, cout, stride=2), *(Conv(cout, cout, skip=True) for _ in range(depth)))

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Raw answers of the three levels, each B x 5 x H/stride x W/stride; pictures are BGR 0..255."""
        return self.answers(*self.features(pictures))

    def features(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the three levels see, before they talk to one another."""
        x = (pictures - MEAN) / STD
        f8 = self.stage8(self.stem(x))
        f16 = self.stage16(f8)
        return f8, f16, self.stage32(f16)

    def answers(self, f8: Tensor, f16: Tensor, f32: Tensor) -> list[Tensor]:
        """What the levels make of it together."""
        p32 = self.lateral32(f32)
        p16 = self.smooth16(self.lateral16(f16) + F.interpolate(p32, scale_factor=2.0, mode="nearest"))
        p8 = self.lateral8(f8) + F.interpolate(p16, scale_factor=2.0, mode="nearest")
        return [head(p) for head, p in zip(self.heads, (p8, p16, p32))]


def cells(height: int, width: int) -> Tensor:
    """x, y of the middle of each cell and its stride, in pixels, for the levels one after another: N x 3."""
    rows = []
    for stride in STRIDES:
        y, x = torch.meshgrid(torch.arange(height // stride), torch.arange(width // stride), indexing="ij")
        middle = torch.stack([x, y], -1).reshape(-1, 2).float() * stride + stride / 2
        rows.append(torch.cat([middle, torch.full((len(middle), 1), float(stride))], 1))
    return torch.cat(rows)


def flatten(levels: list[Tensor]) -> Tensor:
    """The levels' answers as B x N x 5, in the order of `cells`."""
    return torch.cat([level.float().flatten(2) for level in levels], 2).transpose(1, 2)


def decode(raw: Tensor, grid: Tensor) -> Tensor:
    """B x N x 5 raw answers to cx, cy, w, h in pixels and the logit."""
    stride = grid[:, 2:]
    centre = raw[..., :2] * stride + grid[:, :2]
    size = torch.exp(raw[..., 2:4].clamp(max=4.0)) * stride
    return torch.cat([centre, size, raw[..., 4:]], -1)
