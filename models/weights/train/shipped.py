"""The models that are shipped, as a checkpoint to go on from: for who has no checkpoint of the run that made them.

    python3 shipped.py --models ../embedded --out build/shipped.pt
    python3 train.py --start build/shipped.pt --frozen statistics ...

What the export folded into the convolutions stays there: every BatchNorm of the checkpoint does nothing but add its
bias, and the scores are the calibrated ones. So such a training must leave the statistics alone (`train.py --frozen`).
"""
from __future__ import annotations

import argparse
import gzip
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from checkpoint import Average, save
from network import STD, Conv, Detector
from onnx_model import WEIGHTS


def weights(folder: Path) -> dict[str, np.ndarray]:
    """The numbers of the shipped weights by name: a graph without nodes."""
    graph = onnx.ModelProto.FromString(gzip.decompress((folder / WEIGHTS).read_bytes())).graph
    return {t.name: numpy_helper.to_array(t) for t in graph.initializer}


def unfolded(numbers: dict[str, np.ndarray]) -> Detector:
    """The network that computes what the shipped one does, in the shape that is trained."""
    net = Detector().eval()
    left = dict(numbers)

    def take(name: str) -> torch.Tensor:
        return torch.from_numpy(left.pop(name).copy())

    with torch.no_grad():
        for name, module in net.named_modules():
            if isinstance(module, Conv):
                name = written(name)
                weight, bias = take(name + ".weight"), take(name + ".bias")
                if name == "stem.0":
                    weight *= STD
                if module.skip:
                    index = torch.arange(weight.shape[0])
                    weight[index, index, weight.shape[2] // 2, weight.shape[3] // 2] -= 1
                module.conv.weight.copy_(weight)
                module.bn.running_mean.zero_()
                module.bn.running_var.fill_(1 - module.bn.eps)
                module.bn.weight.fill_(1)
                module.bn.bias.copy_(bias)
        for stride, head in zip((8, 16, 32), net.heads):
            head.out.weight.copy_(take(f"raw{stride}.weight"))
            head.out.bias.copy_(take(f"raw{stride}.bias"))
    if left:
        raise ValueError(f"shipped weights: {', '.join(left)} have no place in this network")
    return net


def written(name: str) -> str:
    """The name under which onnx_model.body writes a block."""
    level = {"heads.0.tower": "head8", "heads.1.tower": "head16", "heads.2.tower": "head32"}
    return level.get(name, name)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--models", type=Path, required=True, help="the folder that export.py wrote, such as ../embedded")
    p.add_argument("--out", type=Path, required=True, help="the checkpoint")
    args = p.parse_args()
    net = unfolded(weights(args.models))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save(args.out, 0, 0.0, net, Average(net), torch.optim.SGD(net.parameters(), 1.0))


if __name__ == "__main__":
    main()
