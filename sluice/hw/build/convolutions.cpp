// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/convolutions.hpp"

#include <fmt/format.h>

namespace sluice::hw {
namespace {

// Zeros below this share are not worth hardware of their own.
constexpr double kLeastSparsity = 0.1;

// From the shares of windows with 0, 1, … k zeros, channel by channel.
std::shared_ptr<const Sparsity> sparsity_from(const std::vector<double>& shares, std::size_t words,
                                              std::size_t channels) {
  Sparsity result;
  std::vector<double> zeros(channels);  // of each channel's words
  double mean = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    for (std::size_t k = 0; k <= words; ++k) {
      zeros[c] += shares[c * (words + 1) + k] * static_cast<double>(k);
    }
    zeros[c] /= static_cast<double>(words);
    mean += zeros[c] / static_cast<double>(channels);
  }
  if (mean < kLeastSparsity) return nullptr;
  result.is_pointwise = words == 1;
  result.skips_zero_windows = !result.is_pointwise;
  result.values = result.is_pointwise ? zeros : shares;
  return std::make_shared<Sparsity>(std::move(result));
}

}  // namespace

Extent extent_of(const ir::Dims& dims) {
  Extent result;
  const std::size_t n = dims.size();
  result.cols = dims[n - 1];
  if (n > 1) result.rows = dims[n - 2];
  if (n > 2) result.depth = dims[n - 3];
  return result;
}

Padding padding_of(const ir::Dims& begin, const ir::Dims& end) {
  Padding result;
  const std::size_t n = begin.size();
  result.left = begin[n - 1];
  result.right = end[n - 1];
  if (n > 1) {
    result.top = begin[n - 2];
    result.bottom = end[n - 2];
  }
  if (n > 2) {
    result.front = begin[n - 3];
    result.back = end[n - 3];
  }
  return result;
}

std::variant<Convolution, Refused> convolution_of(const ir::Graph& network, const ir::Node& node,
                                                  const NodeHints* hints) {
  const auto& op = std::get<ir::Conv>(node.op);
  const Shape& x = network.type(node.inputs[0]).shape;
  const Shape& w = network.type(node.inputs[1]).shape;
  const auto window = ir::resolve(op, x, w);
  constexpr std::size_t kMostDims = 3;
  if (!window || window->kernel.size() > kMostDims) {
    return Refused{"its window is not of one, two or three dimensions",
                   "use a convolution of at most three dimensions"};
  }
  Convolution result;
  result.filters = w[0];
  result.groups = op.group;
  result.kernel = extent_of(window->kernel);
  result.step = extent_of(window->strides);
  result.dilation = extent_of(window->dilations);
  result.padding = padding_of(window->pad_begin, window->pad_end);
  result.has_bias = node.inputs.size() > 2 && node.inputs[2] != ir::kNoValue;
  if (hints == nullptr) return result;
  result.block_floating_point = hints->block_floating_point;
  if (hints->channel_sparsity.empty()) return result;
  const auto words = static_cast<std::size_t>(result.kernel.size());
  const auto channels = static_cast<std::size_t>(x[1]);
  if (hints->channel_sparsity.size() != channels * (words + 1)) {
    return Refused{
        fmt::format("its channel_sparsity_hist has {} shares, {} channels of {} words need {}",
                    hints->channel_sparsity.size(), channels, words, channels * (words + 1)),
        "give a share for each count of zeros of each channel, or remove the attribute"};
  }
  result.sparsity = sparsity_from(hints->channel_sparsity, words, channels);
  return result;
}

}  // namespace sluice::hw
