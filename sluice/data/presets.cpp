// SPDX-License-Identifier: Apache-2.0
#include "sluice/data/presets.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sluice/base/text.hpp"

namespace sluice::data {
namespace {

constexpr std::array<float, 3> kImageNetMean = {0.485F, 0.456F, 0.406F};
constexpr std::array<float, 3> kImageNetStd = {0.229F, 0.224F, 0.225F};
constexpr std::array<float, 3> kHalfRange = {127.5F, 127.5F, 127.5F};

constexpr std::array kPresets = {
    Preset{.name = "imagenet",
           .summary = "short side 256 bilinear, centre 224, /255, ImageNet mean and deviation",
           .source = "torchvision and timm (ResNet, MobileNet, RepVGG)",
           .preprocess = {.fit = Fit::ShortSide,
                          .height = 224,
                          .width = 224,
                          .short_side = 256,
                          .mean = kImageNetMean,
                          .std = kImageNetStd}},
    Preset{.name = "imagenet-tflite-bicubic",
           .summary = "short side 256 bicubic, centre 224, to [-1, 1], NHWC, background class 0",
           .source = "TensorFlow Lite's float MobileNets",
           .preprocess = {.fit = Fit::ShortSide,
                          .height = 224,
                          .width = 224,
                          .short_side = 256,
                          .filter = Filter::Bicubic,
                          .divisor = 1,
                          .mean = kHalfRange,
                          .std = kHalfRange,
                          .layout = Layout::Nhwc},
           .label_offset = 1},
    Preset{.name = "imagenet-tflite-raw",
           .summary = "short side 256 bicubic, centre 224, 0..255, NHWC, background class 0",
           .source = "TensorFlow Lite's uint8 MobileNets",
           .preprocess = {.fit = Fit::ShortSide,
                          .height = 224,
                          .width = 224,
                          .short_side = 256,
                          .filter = Filter::Bicubic,
                          .divisor = 1,
                          .layout = Layout::Nhwc},
           .label_offset = 1},
    Preset{.name = "cifar10",
           .summary = "32x32, /255, CIFAR-10 mean and deviation",
           .source = "chenyaofo/pytorch-cifar-models, as fpgaconvnet-torch loads them",
           .preprocess = {.height = 32,
                          .width = 32,
                          .mean = {0.4914F, 0.4822F, 0.4465F},
                          .std = {0.2023F, 0.1994F, 0.2010F}}},
    Preset{.name = "cifar10-imagenet-stats",
           .summary = "32x32, /255, ImageNet mean and deviation",
           .source = "akamaster/pytorch_resnet_cifar10 (ResNet-20 … ResNet-1202)",
           .preprocess = {.height = 32, .width = 32, .mean = kImageNetMean, .std = kImageNetStd}},
    Preset{.name = "cifar10-raw",
           .summary = "32x32, 0..255, NHWC",
           .source = "MLPerf Tiny's image classification",
           .preprocess = {.height = 32, .width = 32, .divisor = 1, .layout = Layout::Nhwc}},
    Preset{.name = "cifar100",
           .summary = "32x32, /255, CIFAR-100 mean and deviation",
           .source = "chenyaofo/pytorch-cifar-models, as fpgaconvnet-torch loads them",
           .preprocess = {.height = 32,
                          .width = 32,
                          .mean = {0.5070F, 0.4865F, 0.4409F},
                          .std = {0.2673F, 0.2564F, 0.2761F}}},
    Preset{.name = "mnist",
           .summary = "28x28 grey, /255",
           .source = "fpgaConvNet's LeNet",
           .preprocess = {.height = 28, .width = 28, .channels = 1}},
    Preset{.name = "mnist-raw",
           .summary = "28x28 grey, 0..255",
           .source = "the ONNX model zoo's mnist",
           .preprocess = {.height = 28, .width = 28, .channels = 1, .divisor = 1}},
    Preset{.name = "camvid",
           .summary = "scaled to 368x480 bilinear, /255, CamVid mean and deviation",
           .source = "NNCF's U-Net, as fpgaconvnet-torch loads it",
           .preprocess = {.fit = Fit::Exact,
                          .height = 368,
                          .width = 480,
                          .mean = {0.39068785F, 0.40521392F, 0.41434407F},
                          .std = {0.29652068F, 0.30514979F, 0.30080369F}}},
    Preset{.name = "cityscapes",
           .summary = "scaled to 512x1024 bilinear, ImageNet mean and deviation in 0..255",
           .source = "mmsegmentation's FCN-UNet-S5-D16",
           .preprocess = {.fit = Fit::Exact,
                          .height = 512,
                          .width = 1024,
                          .divisor = 1,
                          .mean = {123.675F, 116.28F, 103.53F},
                          .std = {58.395F, 57.12F, 57.375F}}},
    Preset{.name = "lgg",
           .summary = "scaled to 256x256 bilinear, /255",
           .source = "brain-segmentation U-Nets on single slices",
           .preprocess = {.fit = Fit::Exact, .height = 256, .width = 256}},
    Preset{.name = "yolox",
           .summary = "letterboxed to 416x416 at the top left, BGR, 0..255",
           .source = "Megvii's YOLOX",
           .preprocess = {.fit = Fit::LetterboxTopLeft,
                          .height = 416,
                          .width = 416,
                          .divisor = 1,
                          .order = ChannelOrder::Bgr}},
    Preset{.name = "yolov8",
           .summary = "letterboxed to 640x640 in the centre, /255",
           .source = "Ultralytics' YOLOv5 and later",
           .preprocess = {.fit = Fit::LetterboxCenter, .height = 640, .width = 640}},
};

}  // namespace

std::span<const Preset> presets() noexcept {
  return kPresets;
}

Result<Preset> find_preset(std::string_view name) {
  const auto* const found = std::ranges::find(kPresets, name, &Preset::name);
  if (found != kPresets.end()) return *found;
  std::vector<std::string_view> names;
  names.reserve(kPresets.size());
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no preprocessing is called {}{}; known are {}", sluice::quoted(name),
                           did_you_mean(name, names), fmt::join(names, ", "))};
}

}  // namespace sluice::data
