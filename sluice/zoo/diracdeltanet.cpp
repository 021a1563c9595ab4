// SPDX-License-Identifier: Apache-2.0
#include "sluice/zoo/diracdeltanet.hpp"

#include <fmt/format.h>
#include <string>

namespace sluice::zoo {
namespace {

constexpr std::int64_t kDiracFirst = 32;
constexpr std::int64_t kDiracStem = 64;
constexpr std::int64_t kDiracTail = 1024;
// Where activations are cut off at first, and what they become: one range for all tensors that
// meet in a concatenation.
constexpr float kInnerClip = 2;
constexpr float kFirstClip = 6;
constexpr float kTailClip = 10;
constexpr PoolSpec kHalving{.kernel = 2, .stride = 2, .pad = 0};

struct BlockSpec {
  std::int64_t channels = 0;  // that come out
  std::int64_t inner = 0;     // between the two convolutions
  bool first = false;         // of its layer: both sides are computed
  bool splits = false;        // each side sees half of the channels
  bool halves = false;        // rows and columns
};

class DiracDelta {
 public:
  DiracDelta(Builder& builder, const DiracDeltaSpec& spec) : builder_(builder), spec_(spec) {}

  Map stem(const Map& input) {
    Map x = stem_part(1, input, kDiracFirst, kFirstClip);
    x = stem_part(2, x, kDiracStem, kInnerClip);
    return x;
  }

  Map layer(std::size_t index, Map x) {
    const std::int64_t channels = spec_.base_channels << index;
    const std::int64_t inner = inner_channels(channels, spec_.expansion);
    for (std::int64_t i = 0; i < spec_.blocks[index]; ++i) {
      const bool first = i == 0;
      x = block(fmt::format("layer{}.{}", index + 1, i), x,
                {.channels = channels,
                 .inner = inner,
                 .first = first,
                 .splits = !first || index == 0,
                 .halves = first && (index > 0 || spec_.sizing != Sizing::Full)});
    }
    return x;
  }

  Map tail(const Map& x) {
    Map y = builder_.conv("conv3", x, {.channels = kDiracTail});
    y = builder_.batch_norm("bn3", y);
    return clipped("quant_act3", y, builder_.clip_parameter("quant_act3", kTailClip, kTailClip));
  }

 private:
  Map clipped(const std::string& name, const Map& x, std::size_t clip) {
    return builder_.scaled_clip(name, x, clip);
  }

  Map stem_part(int index, const Map& x, std::int64_t channels, float clip) {
    Map y = builder_.conv(fmt::format("conv{}", index), x, {.channels = channels});
    y = builder_.batch_norm(fmt::format("bn{}", index), y);
    const std::string act = fmt::format("quant_act{}", index);
    y = clipped(act, y, builder_.clip_parameter(act, clip, clip));
    if (spec_.sizing != Sizing::Full) {
      PoolSpec pool = kHalving;
      pool.pad = spec_.sizing == Sizing::Upstream ? 1 : 0;
      y = builder_.max_pool(fmt::format("maxpool{}", index), y, pool);
    }
    return builder_.shift(fmt::format("shift{}", index), y);
  }

  Map right_side(const std::string& name, const Map& x, const BlockSpec& block, std::size_t clip) {
    Map y = builder_.conv(name + ".conv1", x, {.channels = block.inner});
    y = builder_.batch_norm(name + ".bn1", y);
    const std::string act = name + ".quant_act1";
    y = clipped(act, y, builder_.clip_parameter(act, kInnerClip, kInnerClip));
    if (block.halves) y = builder_.max_pool(name + ".maxpool", y, kHalving);
    y = builder_.shift(name + ".shift2", y);
    y = builder_.conv(name + ".conv3", y, {.channels = block.channels / 2});
    return clipped(name + ".quant_act2", builder_.batch_norm(name + ".bn3", y), clip);
  }

  Map left_side(const std::string& name, Map x, const BlockSpec& block, std::size_t clip) {
    if (block.halves) x = builder_.max_pool(name + ".shortcut.maxpool", x, kHalving);
    const Map y = builder_.conv(name + ".shortcut.0", x, {.channels = block.channels / 2});
    return clipped(name + ".shortcut.quant_act2", builder_.batch_norm(name + ".shortcut.1", y),
                   clip);
  }

  Map block(const std::string& name, const Map& x, const BlockSpec& block) {
    Map left = x;
    Map right = x;
    if (block.splits) {
      const std::int64_t half = x.channels / 2;
      const auto parts = builder_.split(name + ".split", x, {half, half});
      left = parts[0];
      right = parts[1];
    }
    // Both sides are cut off at the same place, so that their codes mean the same.
    const std::size_t clip = builder_.clip_parameter(name + ".quant_act2", kInnerClip, kInnerClip);
    right = right_side(name, right, block, clip);
    if (block.first) left = left_side(name, left, block, clip);
    const Map both = builder_.concat(name + ".concat", {left, right});
    return builder_.rotate(name + ".rotate", both, block.channels / 4);
  }

  Builder& builder_;
  const DiracDeltaSpec& spec_;
};

}  // namespace

Result<Network> build_diracdeltanet(Builder builder, const DiracDeltaSpec& spec,
                                    std::int64_t input_size, std::int64_t classes) {
  DiracDelta parts(builder, spec);
  Map x = parts.stem(builder.input(3, input_size));
  for (std::size_t layer = 0; layer < spec.blocks.size(); ++layer) x = parts.layer(layer, x);
  // Upstream draws it by its outputs, 1000 of them, as many as there are inputs; by 10 outputs the
  // first scores would be ten times as large, and nothing was learnt from them.
  return builder.classify("linear", parts.tail(x), classes, Init::FanIn);
}

}  // namespace sluice::zoo
