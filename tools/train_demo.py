"""Trains the model of `edgewright demo` and writes everything the demo ships.

    make demo-model

The data are the 1,797 real 8x8 images of scikit-learn's handwritten digits. They lie in the order in which
they were collected, apparently grouped by writer, so the last 500 are held out as they lie: a shuffled split
would test on hands that the training has seen.

One thread and fixed seeds make the result repeatable on one machine and one PyTorch build; another CPU may
round differently in the last bits.
"""

import argparse
import math
import warnings
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional

OUT = Path(__file__).resolve().parent.parent / "sdk" / "edgewright" / "demo"
TEST_SAMPLES = 500
CALIBRATION_SAMPLES = 100
SEED = 20
EPOCHS = 120
BATCH = 64
#: A pixel counts the dark cells of a 4x4 block of the scan, 0 to 16: x_float = x * PIXEL_SCALE.
PIXEL_SCALE = np.float32(1 / 16)


class ConvBlock(nn.Module):
    """Convolution, batch normalisation and ReLU; 3x3 unless told."""

    def __init__(self, in_c: int, out_c: int, kernel: int = 3, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_c, out_c, kernel, stride, kernel // 2, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(out_c)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.norm(self.conv(x)))


class Separable(nn.Module):
    """Depthwise 3x3, then pointwise."""

    def __init__(self, in_c: int, out_c: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = ConvBlock(in_c, in_c, 3, stride, groups=in_c)
        self.pointwise = ConvBlock(in_c, out_c, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.pointwise(self.depthwise(x))


class Residual(nn.Module):
    """Depthwise 3x3 and pointwise around which the input is added back."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = ConvBlock(channels, channels, 3, groups=channels)
        self.conv = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(x + self.norm(self.conv(self.depthwise(x))))


class DigitNet(nn.Module):
    """x [n, 1, 8, 8] -> logits [n, 10]: a convolution, two separable stages, a residual block, one dense layer."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvBlock(1, 16)
        self.widen = Separable(16, 32)
        self.shrink = Separable(32, 48, stride=2)
        self.residual = Residual(48)
        self.classify = nn.Linear(48, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.residual(self.shrink(self.widen(self.stem(x))))
        return self.classify(functional.adaptive_avg_pool2d(x, 1).flatten(1))


def distort(x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image under a small affine map of its own: rotation, slant, size and position of a hand."""
    n = x.shape[0]

    def uniform(limit: float) -> Tensor:
        return (torch.rand(n, generator=generator) * 2 - 1) * limit

    angle, slant, size = uniform(math.radians(12)), uniform(0.2), 1 + uniform(0.12)
    cos, sin = torch.cos(angle) * size, torch.sin(angle) * size
    rows = torch.stack([cos, slant - sin, uniform(0.2), sin, cos, uniform(0.2)], dim=1).reshape(n, 2, 3)
    grid = functional.affine_grid(rows, list(x.shape), align_corners=False)
    return functional.grid_sample(x, grid, align_corners=False)


def train(x: Tensor, y: Tensor, epochs: int) -> DigitNet:
    """The trained network, in evaluation mode. x float32 [n, 1, 8, 8], y int64 [n]."""
    torch.manual_seed(SEED)
    generator = torch.Generator().manual_seed(SEED)
    net = DigitNet()
    steps = epochs * math.ceil(len(x) / BATCH)
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.01, total_steps=steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=generator).split(BATCH):
            loss = functional.cross_entropy(net(distort(x[batch], generator)), y[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()
    return net


def export(net: DigitNet, path: Path) -> None:
    """Writes `net` as ONNX opset 17 with a batch of one; batch normalisation is folded by the exporter."""
    torch.onnx.export(
        net,
        (torch.zeros(1, 1, 8, 8),),
        str(path),
        input_names=["image"],
        output_names=["logits"],
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(path)
    model.doc_string = model.graph.doc_string = ""
    model.graph.name = "digits"
    for node in model.graph.node:
        node.doc_string = ""
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def accuracy(path: Path, x: NDArray[np.uint8], y: NDArray[np.uint8]) -> float:
    """Share of samples that the exported model gets right, in ONNX Runtime."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    answers = [session.run(None, {"image": sample[None] * PIXEL_SCALE})[0].argmax() for sample in x]
    return float(np.mean(np.asarray(answers) == y))


def calibration_choice(y: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Indices of CALIBRATION_SAMPLES training samples, the same number of each digit, spread over all."""
    each = CALIBRATION_SAMPLES // 10
    spread = [np.linspace(0, np.sum(y == digit) - 1, each).round().astype(np.int64) for digit in range(10)]
    return np.sort(np.concatenate([np.flatnonzero(y == digit)[spread[digit]] for digit in range(10)]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the demo model and write its data.")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for the model and the data")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()

    warnings.filterwarnings("ignore", "You are using the legacy TorchScript-based ONNX export", DeprecationWarning)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    digits = load_digits()
    x = digits.images.astype(np.uint8)[:, None]
    y = digits.target.astype(np.uint8)
    x_train, y_train = x[:-TEST_SAMPLES], y[:-TEST_SAMPLES]
    x_test, y_test = x[-TEST_SAMPLES:], y[-TEST_SAMPLES:]

    net = train(torch.from_numpy(x_train * PIXEL_SCALE), torch.from_numpy(y_train.astype(np.int64)), options.epochs)
    options.out.mkdir(parents=True, exist_ok=True)
    model = options.out / "digits.onnx"
    export(net, model)
    chosen = calibration_choice(y_train)
    for name, images, labels in (("test", x_test, y_test), ("calibration", x_train[chosen], y_train[chosen])):
        np.savez_compressed(
            options.out / f"digits_{name}.npz", x=images, y=labels, scale=PIXEL_SCALE, offset=np.float32(0)
        )
    print(f"{model.name}: {model.stat().st_size:,} bytes")
    print(f"accuracy: {accuracy(model, x_train, y_train):.2%} train, {accuracy(model, x_test, y_test):.2%} test")


if __name__ == "__main__":
    main()
