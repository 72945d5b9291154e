"""What is kept of a training run: the network, its moving average and the optimiser."""
from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import torch
from torch import nn

from network import Detector, Shape


class Average:
    """The exponential moving average of the weights: what is evaluated and shipped."""

    def __init__(self, net: nn.Module, decay: float = 0.9995) -> None:
        self.net, self.decay, self.updates = deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (20 + self.updates))
        mine, theirs = ([v for v in n.state_dict().values() if v.dtype.is_floating_point] for n in (self.net, net))
        torch._foreach_mul_(mine, keep)
        torch._foreach_add_(mine, theirs, alpha=1 - keep)


def save(path: Path, step: int, minutes: float, net: nn.Module, average: Average,
         optimizer: torch.optim.Optimizer) -> None:
    state = {"step": step, "minutes": minutes, "shape": net.shape.as_dict(), "net": net.state_dict(),
             "average": average.net.state_dict(), "updates": average.updates, "optimizer": optimizer.state_dict()}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)
    part = path.with_name("average.part")  # all that exporting needs, a quarter of the size
    torch.save({k: state[k] for k in ("step", "minutes", "shape", "average")}, part)
    part.replace(path.with_name("average.pt"))


def load_average(path: Path) -> Detector:
    """The averaged network of a checkpoint."""
    state = torch.load(path, map_location="cpu")
    shape = {k: tuple(v) if isinstance(v, (list, tuple)) else v for k, v in state["shape"].items()}
    net = Detector(Shape(**shape))
    net.load_state_dict(state["average"])
    return net.eval()


def load_mean(paths: list[Path]) -> Detector:
    """The mean of the averaged networks of runs that went on from the same weights (model soup, Wortsman et al. 2022)."""
    nets = [load_average(p) for p in paths]
    states = [n.state_dict() for n in nets]
    mean = {k: sum(s[k] for s in states) / len(states) if v.dtype.is_floating_point else v
            for k, v in states[0].items()}
    nets[0].load_state_dict(mean)
    return nets[0]
