// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/catalog.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/zoo/diracdeltanet.hpp"
#include "sluice/zoo/mobilenet.hpp"
#include "sluice/zoo/resnet.hpp"
#include "sluice/zoo/shufflenet.hpp"

namespace sluice::zoo {
namespace {

constexpr std::int64_t kImageNetClasses = 1000, kImageNetSize = 224;
constexpr std::int64_t kCifarClasses = 10, kCifarSize = 32;

// What options come to: every default filled in.
struct Resolved {
  std::string_view name;
  std::int64_t classes, input_size;
  const Options& options;

  [[nodiscard]] Builder builder() const {
    return Builder(std::string(name), {options.seed, options.random_weights});
  }
};

template <std::int64_t stem, std::int64_t first, std::int64_t second, std::int64_t third,
          std::int64_t tail>
Result<Network> shufflenet(const Resolved& given) {
  return build_shufflenet(given.builder(), {stem, first, second, third, tail}, given.input_size,
                          given.classes);
}

template <ResidualBlock block, int... blocks>
Result<Network> resnet(const Resolved& given) {
  return build_resnet(given.builder(), block, {blocks...}, given.input_size, given.classes);
}

template <int blocks_per_layer>
Result<Network> cifar_resnet(const Resolved& given) {
  return build_cifar_resnet(given.builder(), blocks_per_layer, given.input_size, given.classes);
}

Result<Network> mobilenet(const Resolved& given) {
  return build_mobilenet(given.builder(), given.input_size, given.classes);
}

Status check_spec(const DiracDeltaSpec& spec) {
  constexpr std::int64_t kMostChannels = 2048, kMostBlocks = 64;
  constexpr double kMostExpansion = 16;
  if (spec.base_channels < 4 || spec.base_channels > kMostChannels || spec.base_channels % 4 != 0) {
    return invalid_argument(fmt::format("base channels must be a multiple of 4 up to {}, are {}",
                                        kMostChannels, spec.base_channels));
  }
  for (const std::int64_t blocks : spec.blocks) {
    if (blocks < 1 || blocks > kMostBlocks) {
      return invalid_argument(
          fmt::format("a layer has 1 to {} blocks, not {}", kMostBlocks, blocks));
    }
  }
  // Written so that NaN is refused as well, and before anything is converted to an integer.
  const bool bounded = spec.expansion > 0 && spec.expansion <= kMostExpansion;
  if (!bounded || inner_channels(spec.base_channels, spec.expansion) < 1) {
    return invalid_argument(fmt::format("expansion must leave a channel and be at most {}, is {}",
                                        kMostExpansion, spec.expansion));
  }
  return {};
}

template <std::int64_t base, int first, int second, int third, Sizing sizing>
Result<Network> diracdeltanet(const Resolved& given) {
  DiracDeltaSpec spec{base, 2, {first, second, third}, sizing};
  spec.base_channels = given.options.base_channels.value_or(spec.base_channels);
  spec.expansion = given.options.expansion.value_or(spec.expansion);
  spec.blocks = given.options.blocks.value_or(spec.blocks);
  spec.sizing = given.options.sizing.value_or(spec.sizing);
  SL_TRY_STATUS(check_spec(spec));
  return build_diracdeltanet(given.builder(), spec, given.input_size, given.classes);
}

struct Item {
  Architecture architecture;
  Result<Network> (*build)(const Resolved& given);
  bool is_dirac = false;
};

constexpr std::array kItems{
    Item{{"shufflenetv2_x0_5", "ShuffleNetV2 of half width", kImageNetClasses, kImageNetSize},
         shufflenet<24, 48, 96, 192, 1024>},
    Item{{"shufflenetv2_x1_0", "ShuffleNetV2", kImageNetClasses, kImageNetSize},
         shufflenet<24, 116, 232, 464, 1024>},
    Item{{"shufflenetv2_x1_5", "ShuffleNetV2 of 1.5 times the width", kImageNetClasses,
          kImageNetSize},
         shufflenet<24, 176, 352, 704, 1024>},
    Item{{"shufflenetv2_x2_0", "ShuffleNetV2 of twice the width", kImageNetClasses, kImageNetSize},
         shufflenet<24, 244, 488, 976, 2048>},
    Item{{"diracdeltanet", "shifts and 1x1 convolutions, as the published code has it",
          kImageNetClasses, kImageNetSize},
         diracdeltanet<116, 4, 8, 4, Sizing::Upstream>,
         true},
    Item{{"diracdeltanet_128", "the same with 128 base channels, the paper's size",
          kImageNetClasses, kImageNetSize},
         diracdeltanet<128, 4, 8, 4, Sizing::Upstream>,
         true},
    Item{{"diracdeltanet_cifar", "the same for small images: the stem keeps their size",
          kCifarClasses, kCifarSize},
         diracdeltanet<116, 4, 8, 4, Sizing::Full>,
         true},
    Item{{"diracdeltanet_tiny", "a small one of these, for trials", kCifarClasses, kCifarSize},
         diracdeltanet<32, 1, 2, 1, Sizing::Full>,
         true},
    Item{{"resnet18", "residual network of plain blocks", kImageNetClasses, kImageNetSize},
         resnet<ResidualBlock::Plain, 2, 2, 2, 2>},
    Item{{"resnet50", "residual network of bottlenecks", kImageNetClasses, kImageNetSize},
         resnet<ResidualBlock::Bottleneck, 3, 4, 6, 3>},
    Item{{"resnet20", "residual network for small images", kCifarClasses, kCifarSize},
         cifar_resnet<3>},
    Item{{"resnet56", "a deeper one", kCifarClasses, kCifarSize}, cifar_resnet<9>},
    Item{{"mobilenet_v2", "MobileNetV2", kImageNetClasses, kImageNetSize}, mobilenet},
};

constexpr auto kArchitectures = [] {
  std::array<Architecture, kItems.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = kItems[i].architecture;
  return all;
}();

Result<const Item*> find_item(std::string_view name) {
  std::vector<std::string_view> names;
  names.reserve(kItems.size());
  for (const Item& item : kItems) {
    if (item.architecture.name == name) return &item;
    names.push_back(item.architecture.name);
  }
  return invalid_argument(fmt::format("no network {} in the zoo{}; \"sluice zoo list\" lists them",
                                      sluice::quoted(name), did_you_mean(name, names)));
}

Status check_options(const Item& item, const Options& options) {
  const bool for_dirac =
      options.base_channels || options.expansion || options.blocks || options.sizing;
  if (for_dirac && !item.is_dirac) {
    return invalid_argument(
        fmt::format("base channels, expansion, blocks and sizing are options of diracdeltanet; {} "
                    "has none of them",
                    item.architecture.name));
  }
  constexpr std::int64_t kMostClasses = 100'000, kMostPixels = 4096;
  const std::int64_t classes = options.classes.value_or(1);
  if (classes < 1 || classes > kMostClasses) {
    return invalid_argument(fmt::format("classes must be 1 to {}, are {}", kMostClasses, classes));
  }
  const std::int64_t pixels = options.input_size.value_or(1);
  if (pixels < 1 || pixels > kMostPixels) {
    return invalid_argument(
        fmt::format("the input size must be 1 to {} pixels, is {}", kMostPixels, pixels));
  }
  return {};
}

}  // namespace

std::span<const Architecture> architectures() {
  return kArchitectures;
}

Result<Network> build(std::string_view name, const Options& options) {
  SL_TRY(const Item* item, find_item(name));
  SL_TRY_STATUS(check_options(*item, options));
  const Architecture& of = item->architecture;
  return item->build({of.name, options.classes.value_or(of.classes),
                      options.input_size.value_or(of.input_size), options});
}

Count count(const Network& network) {
  Count total{network.graph.name, 0, 0};
  for (const Count& group : count_groups(network)) {
    total.parameters += group.parameters;
    total.macs += group.macs;
  }
  return total;
}

std::vector<Count> count_groups(const Network& network) {
  std::vector<Count> groups;
  for (const Parameter& parameter : network.parameters) {
    if (parameter.kind == ParameterKind::Frozen) continue;
    const std::string name = parameter.name.substr(0, parameter.name.find('.'));
    auto group = std::ranges::find(groups, name, &Count::name);
    if (group == groups.end()) group = groups.insert(groups.end(), Count{name, 0, 0});
    group->macs += parameter.macs;
    if (is_trainable(parameter.kind)) {
      group->parameters += network.graph[parameter.value].constant->num_elements();
    }
  }
  return groups;
}

}  // namespace sluice::zoo
