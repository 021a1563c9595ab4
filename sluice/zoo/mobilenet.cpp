// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/mobilenet.hpp"

#include <array>
#include <fmt/format.h>
#include <string>

namespace sluice::zoo {
namespace {

constexpr std::int64_t kMobileStem = 32;
constexpr std::int64_t kMobileTail = 1280;

// A run of blocks; the first of them has the stride.
struct MobileStage {
  std::int64_t expansion = 1, channels = 0, blocks = 1, stride = 1;
};
constexpr std::array<MobileStage, 7> kStages{{{1, 16, 1, 1},
                                              {6, 24, 2, 2},
                                              {6, 32, 3, 2},
                                              {6, 64, 4, 2},
                                              {6, 96, 3, 1},
                                              {6, 160, 3, 2},
                                              {6, 320, 1, 1}}};

// Convolution, normalisation and ReLU6: `name`.0, .1 and .2.
Map conv_relu6(Builder& builder, const std::string& name, const Map& x, const ConvSpec& spec) {
  const Map y = builder.conv(name + ".0", x, spec);
  return builder.relu6(name + ".2", builder.batch_norm(name + ".1", y));
}

Map inverted_residual(Builder& builder, const std::string& block, const Map& x,
                      const MobileStage& stage, std::int64_t stride) {
  const std::string name = block + ".conv";
  const std::int64_t inner = x.channels * stage.expansion;
  int part = 0;
  Map y = x;
  if (stage.expansion != 1) {
    y = conv_relu6(builder, fmt::format("{}.{}", name, part++), y, {.channels = inner});
  }
  y = conv_relu6(builder, fmt::format("{}.{}", name, part++), y,
                 {.channels = inner, .kernel = 3, .stride = stride, .groups = inner});
  y = builder.conv(fmt::format("{}.{}", name, part), y, {.channels = stage.channels});
  y = builder.batch_norm(fmt::format("{}.{}", name, part + 1), y);
  const bool adds = stride == 1 && x.channels == stage.channels;
  return adds ? builder.add(block + ".add", x, y) : y;
}

}  // namespace

Result<Network> build_mobilenet(Builder builder, std::int64_t input_size, std::int64_t classes) {
  Map x = conv_relu6(builder, "features.0", builder.input(3, input_size),
                     {.channels = kMobileStem, .kernel = 3, .stride = 2});
  int index = 1;
  for (const MobileStage& stage : kStages) {
    for (std::int64_t i = 0; i < stage.blocks; ++i) {
      x = inverted_residual(builder, fmt::format("features.{}", index++), x, stage,
                            i == 0 ? stage.stride : 1);
    }
  }
  x = conv_relu6(builder, fmt::format("features.{}", index), x, {.channels = kMobileTail});
  return builder.classify("classifier.1", x, classes, Init::Normal);
}

}  // namespace sluice::zoo
