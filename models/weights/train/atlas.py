"""Pictures of all sizes in one tensor, so that a device reads any point of any of them at once.

Each picture is there at its size, a half, a quarter and so on (a mip map, Williams 1983): whoever shrinks it reads from
the size that fits, and no pixel is skipped, as a camera skips none.
"""
from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor

LEVELS = 5


def levels(pixels: np.ndarray) -> list[np.ndarray]:
    """The picture as BGRA, each time half as large; colours are multiplied by what they cover."""
    if pixels.shape[2] == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA)
    else:
        pixels = pixels.copy()
        pixels[..., :3] = (pixels[..., :3].astype(np.uint16) * pixels[..., 3:] + 127) // 255
    height, width = pixels.shape[:2]
    sizes = [(max(1, width >> n), max(1, height >> n)) for n in range(LEVELS)]
    return [pixels] + [cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) for size in sizes[1:]]


class Atlas:
    def __init__(self, pictures: list[np.ndarray], device: torch.device) -> None:
        texels, rows, begin = [], [], 0
        for pixels in pictures:
            for part in levels(pixels):
                height, width = part.shape[:2]
                texels.append(np.ascontiguousarray(part).view(np.int32).ravel())
                rows.append((begin, width, height, width / pixels.shape[1], height / pixels.shape[0]))
                begin += width * height
        table = np.array(rows)
        self.texels = torch.from_numpy(np.concatenate(texels)).to(device)
        self.begin, self.width, self.height = (torch.from_numpy(c.astype(np.int64)).to(device) for c in table.T[:3])
        self.zoom_x, self.zoom_y = (torch.from_numpy(c.astype(np.float32)).to(device) for c in table.T[3:])

    def row(self, picture: Tensor, level: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """What look must know about pictures, each at a level: begin, width, height, and the level's scale in x and y."""
        row = picture * LEVELS + level
        return self.begin[row], self.width[row], self.height[row], self.zoom_x[row], self.zoom_y[row]

    def look(self, begin: Tensor, width: Tensor, height: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """BGRA, 0..255, at points x, y in pixels of the level; one more dimension than x. Outside it is nothing."""
        x, y = x - 0.5, y - 0.5
        inside = (x > -0.75) & (y > -0.75) & (x < width - 0.25) & (y < height - 0.25)
        left, top = x.floor(), y.floor()
        fx, fy = (x - left)[..., None], (y - top)[..., None]
        left, top = left.long(), top.long()
        last_x, last_y = width - 1, height - 1
        columns = [torch.minimum(left.clamp(min=0), last_x), torch.minimum((left + 1).clamp(min=0), last_x)]
        rows = [begin + torch.minimum(t.clamp(min=0), last_y) * width for t in (top, top + 1)]
        upper = torch.lerp(self.read(rows[0] + columns[0]), self.read(rows[0] + columns[1]), fx)
        lower = torch.lerp(self.read(rows[1] + columns[0]), self.read(rows[1] + columns[1]), fx)
        return torch.lerp(upper, lower, fy) * inside[..., None]

    def read(self, texel: Tensor) -> Tensor:
        return self.texels[texel].view(torch.uint8).view(*texel.shape, 4).float()
