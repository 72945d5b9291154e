"""Writes a trained detector as ONNX: one file of weights, and one small graph for each input size.

An ONNX file is a protobuf message, and protobuf messages merge when their bytes are put one after the other. So the
weights are stored once, and `graph bytes + weight bytes` is a complete model: readable by every engine, and nothing is
needed to put it together but an append.

The weights are float32, because OpenCV 4.6 reads no half precision, but rounded to the eight significant bits of
bfloat16, so that gzip makes them almost three times smaller. The graph holds plain operators of opset 11 only: Conv,
Relu, Sub, Add, Resize, Reshape, Concat, Slice, Exp, Mul, Sigmoid, Transpose.
"""
from __future__ import annotations

import gzip
import hashlib
import json
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from network import MEAN, STD, STRIDES, Conv, Detector, cells, decode, flatten

OPSET = 11
WEIGHTS = "footfall.weights.gz"


@dataclass(frozen=True)
class Kind:
    """One of the models made of the same weights."""

    width: int
    height: int
    use: str
    default: bool = False


# Both sizes suit 16:9 and 4:3 cameras alike: a 4:3 picture leaves a fifth of the width grey.
SHIPPED = {
    "footfall-fast": Kind(480, 288, "people seen from above or aside, many cameras on few cores", default=True),
    "footfall-accurate": Kind(640, 384, "as footfall-fast, for wide views with small people: 1.7 times the time a frame"),
}


def contract(width: int, height: int) -> dict:
    """What the engines must know about the model's input and output."""
    return {"kind": "boxes5", "classes": ["person"], "input": "images", "output": "boxes",
            "width": width, "height": height, "colour": "bgr", "scale": 1, "pad": 114}


@dataclass
class Graph:
    """A graph being written: nodes of this input size, weights shared by all sizes."""

    nodes: list[onnx.NodeProto] = field(default_factory=list)
    constants: list[onnx.TensorProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def add(self, op: str, inputs: list[str], name: str, **attributes) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def weight(self, name: str, value: np.ndarray) -> str:
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), name))
        return name

    def convolution(self, x: str, name: str, weight: np.ndarray, bias: np.ndarray, stride: int = 1) -> str:
        kernel = weight.shape[2]
        names = [x, self.weight(name + ".weight", rounded(weight)), self.weight(name + ".bias", bias)]
        return self.add("Conv", names, name, kernel_shape=[kernel, kernel], strides=[stride, stride],
                        pads=[kernel // 2] * 4)

    def block(self, x: str, name: str, module: Conv) -> str:
        weight, bias = (t.numpy() for t in module.folded())
        y = self.convolution(x, name, weight, bias, module.conv.stride[0])
        return self.add("Relu", [y], name + ".relu")

    def stage(self, x: str, name: str, modules) -> str:
        for i, module in enumerate(modules):
            x = self.block(x, f"{name}.{i}", module)
        return x

    def doubled(self, x: str, name: str) -> str:
        return self.add("Resize", [x, "whole", "twice"], name, mode="nearest",
                        coordinate_transformation_mode="asymmetric", nearest_mode="floor")


def rounded(value: np.ndarray) -> np.ndarray:
    """The nearest numbers of bfloat16, as float32."""
    return torch.from_numpy(value).to(torch.bfloat16).float().numpy()


def normalised_stem(module: Conv) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The first convolution with the division of the normalisation folded in.

    Subtracting the grey cannot be folded: the convolution pads with zeros, which stand for grey only after it.
    """
    weight, bias = (t.numpy() for t in module.folded())
    return weight / STD, bias, np.full((1, 3, 1, 1), MEAN, np.float32)


def body(g: Graph, net: Detector) -> list[str]:
    """The network itself; returns the names of the three levels' raw answers."""
    g.constant("twice", np.array([1, 1, 2, 2], np.float32))
    g.constant("whole", np.zeros(0, np.float32))  # Resize wants a region even where it uses none
    weight, bias, grey = normalised_stem(net.stem[0])
    x = g.add("Sub", ["images", g.constant("grey", grey)], "centred")
    x = g.add("Relu", [g.convolution(x, "stem.0", weight, bias, 2)], "stem.0.relu")
    x = g.block(x, "stem.1", net.stem[1])
    f8 = g.stage(x, "stage8", net.stage8)
    f16 = g.stage(f8, "stage16", net.stage16)
    f32 = g.stage(f16, "stage32", net.stage32)
    p32 = g.block(f32, "lateral32", net.lateral32)
    p16 = g.add("Add", [g.block(f16, "lateral16", net.lateral16), g.doubled(p32, "up32")], "sum16")
    p16 = g.block(p16, "smooth16", net.smooth16)
    p8 = g.add("Add", [g.block(f8, "lateral8", net.lateral8), g.doubled(p16, "up16")], "sum8")
    raw = []
    for stride, p, head in zip(STRIDES, (p8, p16, p32), net.heads):
        p = g.block(p, f"head{stride}", head.tower)
        out = head.out
        raw.append(g.convolution(p, f"raw{stride}", out.weight.detach().numpy(), out.bias.detach().numpy()))
    return raw


def decoding(g: Graph, raw: list[str], width: int, height: int) -> None:
    """Raw answers to `boxes`, 1 x N x 5: cx, cy, w, h in pixels of the input and the score."""
    g.constant("flat", np.array([1, 5, -1], np.int64))
    parts = [g.add("Reshape", [r, "flat"], r + ".flat") for r in raw]
    levels = g.add("Concat", parts, "levels", axis=2)
    grid = cells(height, width).numpy().T  # 3 x N
    stride = g.constant("stride", np.repeat(grid[None, 2:], 2, 1).astype(np.float32))
    middle = g.constant("middle", grid[None, :2].astype(np.float32))
    g.constant("channel", np.array([1], np.int64))
    cuts = [g.constant(f"cut{i}", np.array([i], np.int64)) for i in (0, 2, 4, 5)]
    offset, size, logit = (g.add("Slice", [levels, a, b, "channel"], name) for a, b, name in
                           zip(cuts, cuts[1:], ("offset", "log_size", "logit")))
    centre = g.add("Add", [g.add("Mul", [offset, stride], "scaled_offset"), middle], "centre")
    size = g.add("Mul", [g.add("Exp", [size], "size_in_cells"), stride], "size")
    score = g.add("Sigmoid", [logit], "score")
    g.add("Transpose", [g.add("Concat", [centre, size, score], "columns", axis=1)], "boxes", perm=[0, 2, 1])


def models(net: Detector, width: int, height: int) -> tuple[bytes, bytes]:
    """The graph for one input size, and the weights (the same bytes for every size)."""
    if width % STRIDES[-1] or height % STRIDES[-1]:
        raise ValueError(f"input size {width}x{height}: both must be multiples of {STRIDES[-1]}")
    g = Graph()
    decoding(g, body(g, net.eval()), width, height)
    count = len(cells(height, width))
    graph = helper.make_graph(
        g.nodes, "footfall",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, height, width])],
        [helper.make_tensor_value_info("boxes", TensorProto.FLOAT, [1, count, 5])], g.constants)
    model = helper.make_model(graph, producer_name="footfall", opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = 6
    entry = model.metadata_props.add()
    entry.key, entry.value = "footfall.contract", json.dumps(contract(width, height))
    weights = onnx.ModelProto()
    weights.graph.initializer.extend(g.weights)
    return model.SerializeToString(), weights.SerializeToString()


def write(net: Detector, version: str, kinds: dict[str, Kind], folder: Path) -> None:
    """The graphs, the weights and a card for each model, as the product embeds them (embedded/README.md)."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, kind in kinds.items():
        graph, weights = models(net, kind.width, kind.height)
        onnx.checker.check_model(onnx.load_from_string(graph + weights))
        (folder / f"{name}.graph").write_bytes(graph)
        (folder / WEIGHTS).write_bytes(gzip.compress(weights, mtime=0))
        card = {"name": name, "version": version, "parts": [f"{name}.graph", WEIGHTS],
                "sha256": hashlib.sha256(graph + weights).hexdigest(), "licence": "Apache-2.0", "use": kind.use,
                "default": kind.default, "contract": contract(kind.width, kind.height)}
        (folder / f"{name}.json").write_text(json.dumps(card, indent=2) + "\n")


def read(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """The models that `write` wrote: name to ONNX bytes, width and height."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        card = json.loads(path.read_text())
        graph, weights = (folder / part for part in card["parts"])
        model = graph.read_bytes() + gzip.decompress(weights.read_bytes())
        found[card["name"]] = (model, card["contract"]["width"], card["contract"]["height"])
    return found


def difference(net: Detector, model: bytes, width: int, height: int) -> tuple[float, float]:
    """How far OpenCV's answer is from torch's on a picture of noise: boxes in cells, and scores.

    The comparison is with the rounded weights: what rounding itself costs is for evaluate.py to say.
    """
    net = deepcopy(net)
    for module in net.modules():
        if isinstance(module, Conv):
            weight, bias = module.folded()
            module.conv = nn.Conv2d(*module.conv.weight.shape[1::-1], module.conv.kernel_size, module.conv.stride,
                                    module.conv.padding)
            unit = STD if module is net.stem[0] else 1.0
            weight = rounded(weight.numpy() / unit) * unit
            module.conv.weight.data, module.conv.bias.data = torch.from_numpy(weight), bias
            module.bn, module.skip = nn.Identity(), False
    for head in net.heads:
        head.out.weight.data = torch.from_numpy(rounded(head.out.weight.detach().numpy()))
    noise = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(1)) * 255
    grid = cells(height, width)
    with torch.no_grad():
        want = decode(flatten(net(noise)), grid)
    want[..., 4] = want[..., 4].sigmoid()
    opencv = cv2.dnn.readNetFromONNX(np.frombuffer(model, np.uint8))
    opencv.setInput(noise.numpy())
    far = np.abs(opencv.forward() - want.numpy())[0]
    return float((far[:, :4] / grid[:, 2:].numpy()).max()), float(far[:, 4].max())
