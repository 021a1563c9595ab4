// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/quantization.hpp"

#include <cstring>
#include <fmt/format.h>
#include <vector>

#include "sluice/base/text.hpp"

namespace sluice::importer::tflite {
namespace {

// Integers of 8 bytes, which in a hostile file may lie at any multiple of 4.
std::vector<std::int64_t> copied(const flatbuffers::Vector<std::int64_t>& list) {
  std::vector<std::int64_t> result(list.size());
  std::memcpy(result.data(), list.Data(), result.size() * sizeof(std::int64_t));
  for (std::int64_t& entry : result) entry = flatbuffers::EndianScalar(entry);
  return result;
}

Result<numeric::Quantization> read(const TensorInfo& info) {
  const fb::QuantizationParameters& parameters = *info.quantization;
  const auto* scales = parameters.scale();
  const auto* zero_points = parameters.zero_point();
  const bool is_constant = !info.content.empty();
  if (scales->size() > 1 && !is_constant) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("has {} scales; only constants may have more than one: convert the "
                             "model again",
                             scales->size())};
  }
  numeric::Quantization result{.dtype = info.dtype};
  result.scales.assign(scales->begin(), scales->end());
  if (zero_points != nullptr && zero_points->size() > 0) {
    result.zero_points = copied(*zero_points);
  } else {
    result.zero_points.assign(scales->size(), 0);
  }
  if (result.is_per_channel()) {
    // Old converters give a bias the dimension of its weights.
    const std::int32_t axis = info.rank() == 1 ? 0 : parameters.quantized_dimension();
    SL_TRY(result.axis, normalize_axis(axis, info.rank()));
  }
  SL_TRY_STATUS(numeric::check_quantization(result, info.shape));
  return result;
}

}  // namespace

bool is_quantized(const TensorInfo& info) {
  return info.quantization != nullptr &&
         (info.dtype == DType::Int8 || info.dtype == DType::UInt8 || info.dtype == DType::Int16);
}

Result<numeric::Quantization> quantization_of(const TensorInfo& info) {
  auto result = read(info);
  if (result) return result;
  Error error = std::move(result).error().at(fmt::format("tensor {}", sluice::quoted(info.name)));
  if (error.code == ErrorCode::InvalidArgument) error.code = ErrorCode::Verify;
  return error;
}

}  // namespace sluice::importer::tflite
