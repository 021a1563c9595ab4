# SPDX-License-Identifier: Apache-2.0
"""ShuffleNetV2 and DiracDeltaNet as PyTorch users write them, by the names of our checkpoints.

Both in their quickest usual form: ReLU and clipping by one call, the shift a depthwise convolution.
"""
import torch
from torch import nn
from torch.nn import functional

STEM, TAIL = 24, 1024  # channels of ShuffleNetV2


def pointwise(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 1, bias=False)


def depthwise(channels, stride):
    return nn.Conv2d(channels, channels, 3, stride, 1, groups=channels, bias=False)


def shuffled(x, groups=2):
    batch, channels, height, width = x.shape
    apart = x.view(batch, groups, channels // groups, height, width)
    return apart.transpose(1, 2).reshape(batch, channels, height, width)


class ShuffleUnit(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        half = outputs // 2
        self.conv1 = pointwise(inputs if stride == 2 else half, half)
        self.bn1 = nn.BatchNorm2d(half)
        self.conv2 = depthwise(half, stride)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv3 = pointwise(half, half)
        self.bn3 = nn.BatchNorm2d(half)
        self.shortcut = nn.Sequential() if stride == 1 else nn.Sequential(
            depthwise(inputs, 2), nn.BatchNorm2d(inputs), pointwise(inputs, half),
            nn.BatchNorm2d(half), nn.ReLU(inplace=True))

    def forward(self, x):
        left, right = (x, x) if len(self.shortcut) else x.chunk(2, 1)
        right = functional.relu(self.bn1(self.conv1(right)), inplace=True)
        right = self.bn2(self.conv2(right))
        right = functional.relu(self.bn3(self.conv3(right)), inplace=True)
        return shuffled(torch.cat([self.shortcut(left), right], 1))


class ShuffleNetV2(nn.Module):
    def __init__(self, classes, widths=(116, 232, 464), units=(4, 8, 4)):
        super().__init__()
        self.conv1 = nn.Conv2d(3, STEM, 3, 2, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(STEM)
        inputs = STEM
        for index, (width, count) in enumerate(zip(widths, units)):
            layer = [ShuffleUnit(inputs, width, 2)]
            layer += [ShuffleUnit(width, width, 1) for _ in range(count - 1)]
            setattr(self, f"layer{index + 1}", nn.Sequential(*layer))
            inputs = width
        self.conv2 = pointwise(inputs, TAIL)
        self.bn2 = nn.BatchNorm2d(TAIL)
        self.linear = nn.Linear(TAIL, classes)

    def forward(self, x):
        x = functional.relu(self.bn1(self.conv1(x)), inplace=True)
        x = functional.max_pool2d(x, 3, 2, 1)
        x = self.layer3(self.layer2(self.layer1(x)))
        x = functional.relu(self.bn2(self.conv2(x)), inplace=True)
        return self.linear(x.mean([2, 3]))


class Clip(nn.Module):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale
        # In the checkpoint, and not trained here, as our float32 training does not.
        self.register_buffer("scale_coef", torch.tensor(float(scale)))

    def forward(self, x):
        return functional.hardtanh(x, 0.0, self.scale)


class Shift(nn.Module):
    TAPS = ((0, 1), (1, 0), (1, 1), (1, 2), (2, 1))  # down, right, stays, left, up

    def __init__(self, channels):
        super().__init__()
        kernel = torch.zeros(channels, 1, 3, 3)
        for channel in range(channels):
            row, column = self.TAPS[channel % 5]
            kernel[channel, 0, row, column] = 1
        self.register_buffer("kernel", kernel)

    def forward(self, x):
        return functional.conv2d(x, self.kernel, padding=1, groups=x.shape[1])


class DiracBlock(nn.Module):
    def __init__(self, inputs, outputs, first, splits, halves):
        super().__init__()
        half, inner = outputs // 2, outputs
        side = inputs // 2 if splits else inputs
        self.splits, self.halves, self.turn = splits, halves, outputs // 4
        self.conv1 = pointwise(side, inner)
        self.bn1 = nn.BatchNorm2d(inner)
        self.quant_act1 = Clip(2)
        self.shift2 = Shift(inner)
        self.conv3 = pointwise(inner, half)
        self.bn3 = nn.BatchNorm2d(half)
        self.quant_act2 = Clip(2)
        self.shortcut = (nn.Sequential(pointwise(side, half), nn.BatchNorm2d(half)) if first
                         else nn.Sequential())

    def pooled(self, x):
        return functional.max_pool2d(x, 2) if self.halves else x

    def forward(self, x):
        left, right = x.chunk(2, 1) if self.splits else (x, x)
        right = self.shift2(self.pooled(self.quant_act1(self.bn1(self.conv1(right)))))
        right = self.quant_act2(self.bn3(self.conv3(right)))
        if len(self.shortcut):
            left = self.quant_act2(self.shortcut(self.pooled(left)))
        return torch.cat([left, right], 1).roll(self.turn, 1)


class DiracDeltaNet(nn.Module):
    """stem: "upstream" halves twice with padded pools, "full" keeps the size of small images."""

    def __init__(self, classes, base=116, blocks=(4, 8, 4), stem="upstream"):
        super().__init__()
        self.is_full = stem == "full"
        self.conv1 = pointwise(3, 32)
        self.bn1 = nn.BatchNorm2d(32)
        self.quant_act1 = Clip(6)
        self.shift1 = Shift(32)
        self.conv2 = pointwise(32, 64)
        self.bn2 = nn.BatchNorm2d(64)
        self.quant_act2 = Clip(2)
        self.shift2 = Shift(64)
        inputs = 64
        for index, count in enumerate(blocks):
            outputs = base << index
            layer = [DiracBlock(inputs, outputs, True, index == 0, index > 0 or not self.is_full)]
            layer += [DiracBlock(outputs, outputs, False, True, False) for _ in range(count - 1)]
            setattr(self, f"layer{index + 1}", nn.Sequential(*layer))
            inputs = outputs
        self.conv3 = pointwise(inputs, TAIL)
        self.bn3 = nn.BatchNorm2d(TAIL)
        self.quant_act3 = Clip(10)
        self.linear = nn.Linear(TAIL, classes)

    def pooled(self, x):
        return x if self.is_full else functional.max_pool2d(x, 2, 2, 1)

    def forward(self, x):
        x = self.shift1(self.pooled(self.quant_act1(self.bn1(self.conv1(x)))))
        x = self.shift2(self.pooled(self.quant_act2(self.bn2(self.conv2(x)))))
        x = self.layer3(self.layer2(self.layer1(x)))
        x = self.quant_act3(self.bn3(self.conv3(x)))
        return self.linear(x.mean([2, 3]))
