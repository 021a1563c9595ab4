// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/conv_windows.hpp"

#include <bit>

#include "sluice/base/shape.hpp"
#include "sluice/ir/ops/conv.hpp"
#include "sluice/sparse/bit_kernels.hpp"

namespace sluice::sparse {
namespace {

constexpr std::int64_t kMaxPositions = std::int64_t{1} << 31;

Error unsupported(const ir::Node& node, const char* what) {
  return {ErrorCode::Unsupported, what, ir::place_of(node)};
}

// Zero points of a value along its `axis`: one, or one a slice.
std::vector<std::int64_t> zeros_of(const ir::Value& value) {
  return value.quantization ? value.quantization->zero_points : std::vector<std::int64_t>{0};
}

// 1 where a weight is not zero.
std::vector<std::uint8_t> nonzero_weights(const ir::Value& value) {
  const Tensor& weights = *value.constant;
  const auto size = static_cast<std::size_t>(weights.num_elements());
  const std::vector<std::int64_t> zeros = zeros_of(value);
  const std::size_t axis =
      zeros.size() == 1 ? 0 : static_cast<std::size_t>(value.quantization->axis);
  const auto inner =
      static_cast<std::size_t>(num_elements(std::span(weights.shape()).subspan(axis + 1)));
  const std::size_t slice = zeros.size() == 1 ? size : inner;
  std::vector<std::uint8_t> result(size);
  std::vector<std::uint64_t> bits(words_of(slice));
  for (std::size_t at = 0, i = 0; at < size; at += slice, ++i) {
    pack_nonzero(weights.dtype(), weights.bytes().data() + at * storage_bytes(weights.dtype()),
                 slice, zeros[i % zeros.size()], bits.data());
    for (std::size_t k = 0; k < slice; ++k) {
      result[at + k] = static_cast<std::uint8_t>(bits[k / 64] >> (k % 64) & 1U);
    }
  }
  return result;
}

// Whether an image's padded channel is small enough to be written out.
bool is_writable(const ConvWindows& conv) {
  std::int64_t positions = 1;
  for (std::size_t i = 0; i < conv.spatial.size(); ++i) {
    const std::int64_t padded = conv.spatial[i] + conv.window.pad_begin[i] + conv.window.pad_end[i];
    if (padded >= kMaxPositions / positions) return false;
    positions *= padded;
  }
  return true;
}

}  // namespace

std::int64_t ConvWindows::kernel_size() const {
  return num_elements(window.kernel);
}

std::int64_t ConvWindows::windows() const {
  return num_elements(window.output);
}

std::int64_t ConvWindows::filters_a_group() const {
  return filters / groups;
}

std::span<const std::uint8_t> ConvWindows::kernel(std::int64_t channel, std::int64_t filter) const {
  const std::int64_t group_channels = channels / groups;
  const std::int64_t row = channel / group_channels * filters_a_group() + filter;
  const std::int64_t at = (row * group_channels + channel % group_channels) * kernel_size();
  return std::span(weights).subspan(static_cast<std::size_t>(at),
                                    static_cast<std::size_t>(kernel_size()));
}

std::int64_t ConvWindows::input_zero(std::int64_t channel) const {
  return input_zeros[input_zeros.size() == 1 ? 0 : static_cast<std::size_t>(channel)];
}

Result<ConvWindows> conv_windows(const ir::Graph& graph, const ir::Node& node) {
  const auto& op = std::get<ir::Conv>(node.op);
  const ir::Value& x = graph[node.inputs[0]];
  const ir::Value& w = graph[node.inputs[1]];
  if (!w.constant) return unsupported(node, "weights that are not constant have no zeros to count");
  if (!is_packable(x.type->dtype) || !is_packable(w.type->dtype)) {
    return unsupported(node, "zeros are counted of float32 and of integers of at most 32 bits");
  }
  const Shape& input = x.type->shape;
  ConvWindows result;
  result.channels = input[1];
  result.filters = w.type->shape[0];
  result.groups = op.group;
  result.spatial.assign(input.begin() + 2, input.end());
  SL_TRY(result.window, ir::resolve(op, input, w.type->shape));
  if (!is_writable(result)) return unsupported(node, "an image with its padding is too large");
  result.weights = nonzero_weights(w);
  result.input_zeros = zeros_of(x);
  return result;
}

}  // namespace sluice::sparse
