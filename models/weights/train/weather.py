"""Light, lens, sensor and encoder: what lies between a place and the picture that a camera sends of it."""
from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from dice import Dice

KERNEL = 7  # pixels; of blurs
LUMA = (0.114, 0.587, 0.299)  # of BGR

# Quantisation tables of JPEG (ITU-T T.81, K.1 and K.2) for quality 50.
BRIGHT = (16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
          14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
          49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99)
COLOUR = (17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
          47, 66, 99, 99, 99, 99, 99, 99, *([99] * 32))


def weather(dice: Dice, pixels: Tensor) -> Tensor:
    """Light, lens, sensor and encoder, in that order; pixels are B x 3 x H x W, 0..255."""
    pixels = light(dice, pixels)
    some(dice, pixels, 0.1, falling)
    some(dice, pixels, 0.33, lens)
    some(dice, pixels, 0.12, coarse)
    some(dice, pixels, 0.35, sensor)
    some(dice, pixels, 0.45, encoder)
    return pixels.clamp_(0, 255).round_()


def some(dice: Dice, pixels: Tensor, share: float, change) -> None:
    """Changes a share of the samples."""
    here = dice.chance(share, len(pixels)).nonzero()[:, 0]
    if len(here):
        pixels[here] = change(dice, pixels[here])


def each(value: Tensor) -> Tensor:
    return value.view(-1, 1, 1, 1)


def grey(pixels: Tensor) -> Tensor:
    return (pixels * torch.tensor(LUMA, device=pixels.device).view(1, 3, 1, 1)).sum(1, keepdim=True)


def light(dice: Dice, pixels: Tensor) -> Tensor:
    count = len(pixels)
    chance = dice.uniform(0, 1, count)  # infra-red and old cameras, and stronger or weaker colours
    colour = torch.where(chance < 0.15, torch.zeros_like(chance), dice.uniform(0.2, 1.5, count))
    colour = torch.where(chance < 0.55, colour, torch.ones_like(colour))
    pixels = torch.lerp(grey(pixels).expand_as(pixels), pixels, each(colour)).clamp_(0, 255).div_(255)
    changed, night = dice.chance(0.75, count), dice.chance(0.1, count)
    contrast = torch.where(night, dice.uniform(0.25, 0.6, count), dice.uniform(0.6, 1.35, count))
    brightness = torch.where(night, dice.uniform(-0.1, 0.0, count), dice.uniform(-0.18, 0.18, count))
    gamma = torch.exp(dice.uniform(-0.5, 0.6, count)) * changed + 1.0 * ~changed
    contrast, brightness = contrast * changed + 1.0 * ~changed, brightness * changed
    tint = dice.uniform(-0.06, 0.06, count, 3) * (changed & dice.chance(0.5, count))[:, None]
    offset = (0.5 * (contrast * 1.2).clamp(max=1) * changed + 0.5 * ~changed - 0.5 * contrast + brightness)[:, None] + tint
    pixels = pixels.pow_(each(gamma)).mul_(each(contrast)).add_(offset[..., None, None]).mul_(255)
    here = (night & changed).nonzero()[:, 0]
    if len(here):
        pixels[here] = lamps(dice, pixels[here])
    return pixels.clamp_(0, 255)


def lamps(dice: Dice, pixels: Tensor, most: int = 10) -> Tensor:
    """Lights of shops, cars and streets: bright spots with a halo, single and in rows."""
    count, (height, width) = len(pixels), pixels.shape[2:]
    many = dice.below(most, count)
    y = torch.arange(height, device=pixels.device).view(1, 1, height, 1)
    x = torch.arange(width, device=pixels.device).view(1, 1, 1, width)
    centre, step = dice.uniform(0, 1, 2, count), dice.uniform(-14, 14, 2, count)
    for n in range(most):
        new = dice.chance(0.4, count)  # else the row goes on
        centre = torch.where(new, dice.uniform(0, 1, 2, count), centre + step / width)
        size, halo = dice.octaves(1.0, 9.0, count), dice.uniform(2, 6, count)
        aspect = dice.uniform(0.5, 2, count)
        far = ((x - each(centre[0] * width)) / each(size)) ** 2 + ((y - each(centre[1] * height)) / each(size * aspect)) ** 2
        glow = (far < 1) * 0.9 + torch.exp(-far / each(halo)) * 0.5
        colour = dice.uniform(90, 255, count, 3)[..., None, None] * each(n < many)
        pixels = pixels + glow * colour
    return pixels.clamp_(0, 255)


def streak(dice: Dice, count: int, long: Tensor) -> Tensor:
    """Kernels that smear along a line, count x 7 x 7: a straight line drawn softly."""
    reach = torch.arange(KERNEL, device=dice.device) - KERNEL // 2
    angle = dice.uniform(0, math.pi, count)
    along = angle.cos().view(-1, 1, 1) * reach + angle.sin().view(-1, 1, 1) * reach[:, None]
    across = angle.cos().view(-1, 1, 1) * reach[:, None] - angle.sin().view(-1, 1, 1) * reach
    kernel = (1 - across.abs()).clamp(min=0) * (along.abs() <= long.view(-1, 1, 1) / 2)
    return kernel / kernel.sum((1, 2), keepdim=True)


def gaussian(width: Tensor) -> Tensor:
    """Kernels count x 7 x 7."""
    reach = torch.arange(KERNEL, device=width.device) - KERNEL // 2
    line = torch.exp(-(reach ** 2) / (2 * width[:, None] ** 2))
    line = line / line.sum(1, keepdim=True)
    return line[:, :, None] * line[:, None, :]


def filtered(pixels: Tensor, kernel: Tensor) -> Tensor:
    """Each sample with its own kernel."""
    count, channels, height, width = pixels.shape
    flat = F.pad(pixels, [KERNEL // 2] * 4, mode="reflect").reshape(1, count * channels, height + 6, width + 6)
    weight = kernel[:, None].expand(count, channels, KERNEL, KERNEL).reshape(-1, 1, KERNEL, KERNEL)
    return F.conv2d(flat, weight, groups=count * channels).view_as(pixels)


def lens(dice: Dice, pixels: Tensor) -> Tensor:
    """Out of focus, moving, or sharpened by the camera."""
    count = len(pixels)
    kind = dice.uniform(0, 1, count).view(-1, 1, 1)
    still = torch.zeros(count, KERNEL, KERNEL, device=pixels.device)
    still[:, KERNEL // 2, KERNEL // 2] = 1
    amount = dice.uniform(0.3, 1.2, count).view(-1, 1, 1)
    sharp = (1 + amount) * still - amount * gaussian(torch.ones(count, device=pixels.device))
    soft = gaussian(dice.uniform(0.4, 1.6, count))
    kernel = torch.where(kind < 0.45, soft, torch.where(kind < 0.66, streak(dice, count, dice.uniform(2, 6, count)), sharp))
    return filtered(pixels, kernel).clamp_(0, 255)


def coarse(dice: Dice, pixels: Tensor) -> Tensor:
    """Fewer pixels than there seem to be."""
    height, width = pixels.shape[2:]
    factor = float(dice.uniform(0.4, 0.85, 1))
    small = F.interpolate(pixels, size=(round(height * factor), round(width * factor)), mode="bilinear", antialias=True)
    return F.interpolate(small, size=(height, width), mode="bilinear")


def falling(dice: Dice, pixels: Tensor) -> Tensor:
    """Rain, snow, or moths before an infra-red lamp: specks that are smeared more or less, and near or far."""
    count, size = len(pixels), pixels.shape[2:]
    near = float(dice.uniform(1, 2.5, 1))
    height, width = round(size[0] / near), round(size[1] / near)
    share = each(dice.octaves(0.0002, 0.006, count))
    specks = (dice.uniform(0, 1, count, 1, height, width) < share).float()
    snow = dice.chance(0.5, count).view(-1, 1, 1)
    kernel = torch.where(snow, gaussian(dice.uniform(0.4, 1.6, count)), streak(dice, count, dice.uniform(4, 7, count)))
    kernel = kernel / kernel.amax((1, 2), keepdim=True)
    seen = F.interpolate(filtered(specks, kernel).clamp(max=1), size=size, mode="bilinear")
    return torch.lerp(pixels, torch.full_like(pixels, 235.0), seen * each(dice.uniform(0.15, 0.95, count)))


def sensor(dice: Dice, pixels: Tensor) -> Tensor:
    """Noise; now and then as much as a cheap camera makes of a dark place, fine or in flakes."""
    count, (height, width) = len(pixels), pixels.shape[2:]
    strong = dice.chance(0.28, count)
    amount = torch.where(strong, dice.uniform(12, 36, count), dice.uniform(2, 14, count))
    grain = dice.normal(count, 3, height, width)
    grain = torch.where(each(dice.chance(0.4, count)), grain[:, :1], grain)
    flakes = (strong & dice.chance(0.5, count)).nonzero()[:, 0]
    if len(flakes):  # what an encoder or a camera's own smoothing leaves of it
        size = dice.uniform(0.5, 1.8, len(flakes))
        grain[flakes] = filtered(grain[flakes], gaussian(size)) * each(size)
    return (pixels + grain * each(amount)).clamp_(0, 255)


def transform(device: torch.device) -> Tensor:
    """The discrete cosine transform of eight numbers."""
    k, n = torch.arange(8, device=device)[:, None], torch.arange(8, device=device)[None]
    rows = torch.cos(math.pi * (2 * n + 1) * k / 16) / 2
    return torch.where(k == 0, rows / math.sqrt(2), rows)


def rounded(plane: Tensor, table: Tensor) -> Tensor:
    """A plane (B x C x H x W) after its blocks of 8x8 went through a quantised cosine transform; table is B x 8 x 8."""
    count, channels, height, width = plane.shape
    cosine = transform(plane.device)
    blocks = plane.view(count, channels, height // 8, 8, width // 8, 8).permute(0, 1, 2, 4, 3, 5)
    table = table.view(count, 1, 1, 1, 8, 8)
    blocks = (cosine @ blocks @ cosine.T / table).round() * table
    return (cosine.T @ blocks @ cosine).permute(0, 1, 2, 4, 3, 5).reshape(plane.shape)


def encoder(dice: Dice, pixels: Tensor) -> Tensor:
    """What JPEG and its like leave, with half the pixels in colour."""
    quality = dice.uniform(22, 90, len(pixels))
    scale = torch.where(quality < 50, 50 / quality, 2 - quality / 50).view(-1, 1, 1)
    tables = [(torch.tensor(t, device=pixels.device, dtype=torch.float32).view(1, 8, 8) * scale).round().clamp(1, 255)
              for t in (BRIGHT, COLOUR)]
    bright = grey(pixels)
    colour = F.avg_pool2d(torch.cat([(pixels[:, :1] - bright) * 0.564, (pixels[:, 2:] - bright) * 0.713], 1), 2)
    bright = rounded(bright - 128, tables[0]) + 128
    colour = F.interpolate(rounded(colour, tables[1]), scale_factor=2.0, mode="bilinear")
    blue, red = bright + colour[:, :1] / 0.564, bright + colour[:, 1:] / 0.713
    green = (bright - LUMA[0] * blue - LUMA[2] * red) / LUMA[1]
    return torch.cat([blue, green, red], 1)
