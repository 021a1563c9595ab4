// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/tensors.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::rtl {
namespace {

bool keeps_order(const ir::Op& op) {
  return ir::is<ir::Reshape>(op) || ir::is<ir::Flatten>(op) || ir::is<ir::Squeeze>(op) ||
         ir::is<ir::Unsqueeze>(op) || ir::is<ir::Identity>(op);
}

bool is_view(const ir::Op& op) {
  return keeps_order(op) || ir::is<ir::Transpose>(op);
}

std::vector<std::int64_t> transposed(const std::vector<std::int64_t>& places, const Shape& from,
                                     const Shape& to, const std::vector<std::int64_t>& axes) {
  const std::vector<std::int64_t> strides = strides_of(from);
  std::vector<std::int64_t> result(places.size());
  std::vector<std::int64_t> index(to.size(), 0);
  for (std::int64_t& place : result) {
    std::int64_t at = 0;
    for (std::size_t d = 0; d < to.size(); ++d) {
      at += index[d] * strides[static_cast<std::size_t>(axes[d])];
    }
    place = places[static_cast<std::size_t>(at)];
    for (std::size_t d = to.size(); d-- > 0;) {
      if (++index[d] < to[d]) break;
      index[d] = 0;
    }
  }
  return result;
}

}  // namespace

Result<const ir::Node*> Tensors::node(std::string_view name) const {
  const auto found = std::ranges::find(network_.nodes, name, &ir::Node::name);
  if (found != network_.nodes.end()) return &*found;
  return Error{
      ErrorCode::Internal,
      fmt::format("a layer comes from {}, which is not in the network", sluice::quoted(name))};
}

Result<ir::ValueId> Tensors::value(std::string_view name) const {
  const auto found = std::ranges::find(network_.values, name, &ir::Value::name);
  if (found != network_.values.end()) {
    return static_cast<ir::ValueId>(found - network_.values.begin());
  }
  return Error{ErrorCode::Internal,
               fmt::format("reads {}, which is not in the network", sluice::quoted(name))};
}

Result<std::vector<std::int64_t>> Tensors::code_function(
    ir::ValueId from, ir::ValueId to, const std::vector<std::int64_t>& codes) const {
  if (code_function_) return code_function_(network_, from, to, codes);
  return Error{ErrorCode::Internal, "is a function of codes, and none was supplied"};
}

Result<Codes> Tensors::codes(ir::ValueId id) const {
  const ir::Value& value = network_[id];
  if (!value.quantization) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("tensor {} has real numbers; quantize the network first",
                             sluice::quoted(value.name))};
  }
  const numeric::Quantization& by = *value.quantization;
  if (by.is_per_channel()) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("tensor {} has a scale for each channel; quantize activations per "
                             "tensor",
                             sluice::quoted(value.name))};
  }
  const numeric::CodeRange range = numeric::codes_of(by);
  return Codes{by.dtype,
               {by.bits.value_or(num_bits(by.dtype)), range.lowest < 0},
               range,
               by.scales[0],
               by.zero_points[0]};
}

Result<ir::ValueId> Tensors::origin(ir::ValueId id) const {
  while (true) {
    const ir::NodeId made_by = producers_[ir::index(id)];
    if (made_by == ir::kNoNode || !is_view(network_[made_by].op)) return id;
    const ir::ValueId from = network_[made_by].inputs[0];
    if (network_[from].quantization != network_[id].quantization) {
      // The host quantizes what comes in, and makes real numbers of what goes out.
      if (!network_[from].quantization || !network_[id].quantization) return id;
      return Error{ErrorCode::Unsupported,
                   "changes the scale of codes between two layers; quantize the network so that "
                   "both have one",
                   ir::place_of(network_[made_by])};
    }
    id = from;
  }
}

Result<std::vector<std::int64_t>> Tensors::places(ir::ValueId id) const {
  SL_TRY(const ir::ValueId begin, origin(id));
  if (begin == id) return stream_places(network_.type(id).shape);
  const ir::Node& node = network_[producers_[ir::index(id)]];
  const ir::ValueId from = node.inputs[0];
  SL_TRY(std::vector<std::int64_t> result, places(from));
  const auto* transpose = std::get_if<ir::Transpose>(&node.op);
  if (transpose == nullptr) return result;
  const Shape& shape = network_.type(from).shape;
  std::vector<std::int64_t> axes(transpose->permutation.begin(), transpose->permutation.end());
  if (axes.empty()) {
    for (std::size_t d = shape.size(); d-- > 0;) axes.push_back(static_cast<std::int64_t>(d));
  }
  return transposed(result, shape, network_.type(id).shape, axes);
}

std::vector<std::int64_t> stream_places(const Shape& shape) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(num_elements(shape)));
  if (shape.size() < 3) {
    std::iota(result.begin(), result.end(), 0);
    return result;
  }
  const std::int64_t channels = shape[1];
  const auto positions = static_cast<std::int64_t>(result.size()) / channels / shape[0];
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t map = at / (channels * positions);
    const std::int64_t c = at / positions % channels;
    result[i] = (map * positions + at % positions) * channels + c;
  }
  return result;
}

std::vector<std::int64_t> in_stream_order(const Tensor& codes) {
  const std::vector<std::int64_t> values = numeric::to_integers(codes);
  const std::vector<std::int64_t> places = stream_places(codes.shape());
  std::vector<std::int64_t> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    result[static_cast<std::size_t>(places[i])] = values[i];
  }
  return result;
}

}  // namespace sluice::rtl
