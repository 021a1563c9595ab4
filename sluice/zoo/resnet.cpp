// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/resnet.hpp"

#include <fmt/format.h>
#include <string>

namespace sluice::zoo {
namespace {

constexpr std::int64_t kResNetStem = 64;
constexpr std::int64_t kBottleneckExpansion = 4;

Map plain(Builder& builder, const std::string& name, const Map& x, std::int64_t channels,
          std::int64_t stride, Init init) {
  Map y = builder.conv(name + ".conv1", x,
                       {.channels = channels, .kernel = 3, .stride = stride, .init = init});
  y = builder.relu(name + ".relu1", builder.batch_norm(name + ".bn1", y));
  y = builder.conv(name + ".conv2", y, {.channels = channels, .kernel = 3, .init = init});
  return builder.batch_norm(name + ".bn2", y);
}

Map bottleneck(Builder& builder, const std::string& name, const Map& x, std::int64_t channels,
               std::int64_t stride) {
  Map y = builder.conv(name + ".conv1", x, {.channels = channels});
  y = builder.relu(name + ".relu1", builder.batch_norm(name + ".bn1", y));
  y = builder.conv(name + ".conv2", y, {.channels = channels, .kernel = 3, .stride = stride});
  y = builder.relu(name + ".relu2", builder.batch_norm(name + ".bn2", y));
  y = builder.conv(name + ".conv3", y, {.channels = channels * kBottleneckExpansion});
  return builder.batch_norm(name + ".bn3", y);
}

Map residual(Builder& builder, const std::string& name, const Map& x, ResidualBlock block,
             std::int64_t channels, std::int64_t stride) {
  const Map y = block == ResidualBlock::Plain
                    ? plain(builder, name, x, channels, stride, Init::FanOut)
                    : bottleneck(builder, name, x, channels, stride);
  Map shortcut = x;
  if (stride != 1 || x.channels != y.channels) {
    shortcut = builder.conv(name + ".downsample.0", x, {.channels = y.channels, .stride = stride});
    shortcut = builder.batch_norm(name + ".downsample.1", shortcut);
  }
  return builder.relu(name + ".relu", builder.add(name + ".add", y, shortcut));
}

Map cifar_residual(Builder& builder, const std::string& name, const Map& x, std::int64_t channels) {
  const bool halves = x.channels != channels;
  const Map y = plain(builder, name, x, channels, halves ? 2 : 1, Init::FanIn);
  const std::int64_t beside = channels / 4;
  const Map shortcut = halves ? builder.halve_and_pad(name + ".shortcut", x, beside, beside) : x;
  return builder.relu(name + ".relu", builder.add(name + ".add", y, shortcut));
}

}  // namespace

Result<Network> build_resnet(Builder builder, ResidualBlock block, const std::array<int, 4>& blocks,
                             std::int64_t input_size, std::int64_t classes) {
  Map x = builder.conv("conv1", builder.input(3, input_size),
                       {.channels = kResNetStem, .kernel = 7, .stride = 2});
  x = builder.relu("relu", builder.batch_norm("bn1", x));
  x = builder.max_pool("maxpool", x, {.kernel = 3, .stride = 2, .pad = 1});
  for (std::size_t layer = 0; layer < blocks.size(); ++layer) {
    for (int i = 0; i < blocks[layer]; ++i) {
      x = residual(builder, fmt::format("layer{}.{}", layer + 1, i), x, block, kResNetStem << layer,
                   layer > 0 && i == 0 ? 2 : 1);
    }
  }
  return builder.classify("fc", x, classes, Init::Uniform);
}

Result<Network> build_cifar_resnet(Builder builder, int blocks_per_layer, std::int64_t input_size,
                                   std::int64_t classes) {
  constexpr std::int64_t kChannels = 16;
  Map x = builder.conv("conv1", builder.input(3, input_size),
                       {.channels = kChannels, .kernel = 3, .init = Init::FanIn});
  x = builder.relu("relu", builder.batch_norm("bn1", x));
  for (int layer = 0; layer < 3; ++layer) {
    for (int i = 0; i < blocks_per_layer; ++i) {
      x = cifar_residual(builder, fmt::format("layer{}.{}", layer + 1, i), x, kChannels << layer);
    }
  }
  return builder.classify("linear", x, classes, Init::FanIn);
}

}  // namespace sluice::zoo
