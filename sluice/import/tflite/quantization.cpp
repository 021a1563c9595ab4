// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/dequantize.hpp"

#include <cmath>
#include <fmt/format.h>

namespace sluice::importer::tflite {
namespace {

struct Grid {
  float scale;
  std::int64_t zero_point;
};

Result<std::vector<Grid>> grids(const fb::QuantizationParameters& parameters) {
  std::vector<Grid> result;
  const auto* zero_points = parameters.zero_point();
  const std::uint32_t count = parameters.scale()->size();
  if (zero_points != nullptr && zero_points->size() > 0 && zero_points->size() != count) {
    return Error{ErrorCode::Verify,
                 fmt::format("has {} scales and {} zero points", count, zero_points->size())};
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const float scale = parameters.scale()->Get(i);
    const bool has_zero_point = zero_points != nullptr && zero_points->size() > 0;
    const std::int64_t zero_point = has_zero_point ? zero_points->Get(i) : 0;
    if (!std::isfinite(scale) || scale <= 0 || zero_point < -128 || zero_point > 127) {
      return Error{ErrorCode::Verify,
                   fmt::format("has scale {} and zero point {}, which are no grid for int8", scale,
                               zero_point)};
    }
    result.push_back({scale, zero_point});
  }
  return result;
}

}  // namespace

Result<Tensor> dequantized(const Tensor& codes, const fb::QuantizationParameters& parameters) {
  SL_TRY(const std::vector<Grid> all, grids(parameters));
  const auto strides = strides_of(codes.shape());
  std::size_t stride = 1;  // elements that share a scale before the next one's begin
  if (all.size() > 1) {
    SL_TRY(const std::int64_t axis, normalize_axis(parameters.quantized_dimension(), codes.rank()));
    const auto dim = static_cast<std::size_t>(axis);
    if (codes.shape()[dim] != static_cast<std::int64_t>(all.size())) {
      return Error{ErrorCode::Verify,
                   fmt::format("has {} scales for {} channels", all.size(), codes.shape()[dim])};
    }
    stride = static_cast<std::size_t>(strides[dim]);
  }
  Tensor numbers(DType::Float32, codes.shape());
  const auto from = codes.data<std::int8_t>();
  const auto to = numbers.mutable_data<float>();
  for (std::size_t i = 0; i < from.size(); ++i) {
    const Grid& grid = all[i / stride % all.size()];
    to[i] = static_cast<float>(from[i] - grid.zero_point) * grid.scale;
  }
  return numbers;
}

}  // namespace sluice::importer::tflite
