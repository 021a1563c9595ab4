// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/shufflenet.hpp"

#include <fmt/format.h>
#include <string>
#include <utility>

namespace sluice::zoo {
namespace {

constexpr std::array<int, 3> kUnits{4, 8, 4};  // of each layer, the first of them halving

// 1×1, depthwise 3×3, 1×1: the half of a unit that computes.
Map computed(Builder& builder, const std::string& unit, const Map& x, std::int64_t channels,
             std::int64_t stride) {
  Map y = builder.conv(unit + ".conv1", x, {.channels = channels});
  y = builder.relu(unit + ".relu1", builder.batch_norm(unit + ".bn1", y));
  y = builder.conv(unit + ".conv2", y,
                   {.channels = channels, .kernel = 3, .stride = stride, .groups = channels});
  y = builder.conv(unit + ".conv3", builder.batch_norm(unit + ".bn2", y), {.channels = channels});
  return builder.relu(unit + ".relu3", builder.batch_norm(unit + ".bn3", y));
}

Map shortcut(Builder& builder, const std::string& unit, const Map& x, std::int64_t channels) {
  const ConvSpec depthwise{.channels = x.channels, .kernel = 3, .stride = 2, .groups = x.channels};
  Map y = builder.conv(unit + ".shortcut.0", x, depthwise);
  y = builder.conv(unit + ".shortcut.2", builder.batch_norm(unit + ".shortcut.1", y),
                   {.channels = channels});
  return builder.relu(unit + ".shortcut.4", builder.batch_norm(unit + ".shortcut.3", y));
}

Map unit_of(Builder& builder, const std::string& name, const Map& x, std::int64_t channels,
            bool halves) {
  const std::int64_t half = channels / 2;
  Map left;
  Map right;
  if (halves) {
    left = shortcut(builder, name, x, half);
    right = computed(builder, name, x, half, 2);
  } else {
    const auto parts = builder.split(name + ".split", x, {half, half});
    left = parts[0];
    right = computed(builder, name, parts[1], half, 1);
  }
  return builder.shuffle(name + ".shuffle", builder.concat(name + ".concat", {left, right}), 2);
}

// Ours and torchvision's beginnings of names within a unit.
constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kUnitNames{{
    {"conv1.", "branch2.0."},
    {"bn1.", "branch2.1."},
    {"conv2.", "branch2.3."},
    {"bn2.", "branch2.4."},
    {"conv3.", "branch2.5."},
    {"bn3.", "branch2.6."},
    {"shortcut.0.", "branch1.0."},
    {"shortcut.1.", "branch1.1."},
    {"shortcut.2.", "branch1.2."},
    {"shortcut.3.", "branch1.3."},
}};
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kTopNames{{
    {"conv1.", "conv1.0."},
    {"bn1.", "conv1.1."},
    {"conv2.", "conv5.0."},
    {"bn2.", "conv5.1."},
    {"linear.", "fc."},
}};

template <std::size_t n>
std::string renamed(std::string_view name,
                    const std::array<std::pair<std::string_view, std::string_view>, n>& table) {
  for (const auto& [ours, theirs] : table) {
    if (name.starts_with(ours)) return std::string(theirs) + std::string(name.substr(ours.size()));
  }
  return std::string(name);
}

// "layer1.0.conv1.weight" is "stage2.0.branch2.0.weight".
std::string torchvision_name(std::string_view name) {
  constexpr std::string_view kLayer = "layer";
  if (!name.starts_with(kLayer)) return renamed(name, kTopNames);
  const std::size_t digit = kLayer.size();
  const std::size_t unit_end = name.find('.', digit + 2) + 1;
  return fmt::format("stage{}{}{}", name[digit] - '0' + 1,
                     name.substr(digit + 1, unit_end - digit - 1),
                     renamed(name.substr(unit_end), kUnitNames));
}

}  // namespace

Result<Network> build_shufflenet(Builder builder, const ShuffleNetChannels& channels,
                                 std::int64_t input_size, std::int64_t classes) {
  Map x = builder.conv("conv1", builder.input(3, input_size),
                       {.channels = channels[0], .kernel = 3, .stride = 2});
  x = builder.relu("relu1", builder.batch_norm("bn1", x));
  x = builder.max_pool("maxpool", x, {.kernel = 3, .stride = 2, .pad = 1});
  for (std::size_t layer = 0; layer < kUnits.size(); ++layer) {
    for (int unit = 0; unit < kUnits[layer]; ++unit) {
      x = unit_of(builder, fmt::format("layer{}.{}", layer + 1, unit), x, channels[layer + 1],
                  unit == 0);
    }
  }
  x = builder.conv("conv2", x, {.channels = channels[4]});
  x = builder.relu("relu2", builder.batch_norm("bn2", x));
  SL_TRY(Network network, builder.classify("linear", x, classes, Init::Uniform));
  NameMap torchvision{"torchvision", {}};
  torchvision.names.reserve(network.parameters.size());
  for (const Parameter& parameter : network.parameters) {
    torchvision.names.emplace_back(torchvision_name(parameter.name), parameter.name);
  }
  network.other_names.push_back(std::move(torchvision));
  return network;
}

}  // namespace sluice::zoo
