// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/onnx/tensor.hpp"

#include <bit>

namespace sluice::exporter::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX's raw data is little-endian");

}  // namespace

std::int32_t data_type_of(DType dtype) {
  switch (dtype) {
    case DType::Float32:
      return 1;
    case DType::UInt8:
      return 2;
    case DType::Int8:
      return 3;
    case DType::UInt16:
      return 4;
    case DType::Int16:
      return 5;
    case DType::Int32:
      return 6;
    case DType::Int64:
      return 7;
    case DType::Bool:
      return 9;
    case DType::Float16:
      return 10;
    case DType::Float64:
      return 11;
    case DType::UInt32:
      return 12;
    case DType::UInt64:
      return 13;
    case DType::BFloat16:
      return 16;
    case DType::Float8E4M3Fn:
      return 17;
    case DType::Float8E4M3Fnuz:
      return 18;
    case DType::Float8E5M2:
      return 19;
    case DType::Float8E5M2Fnuz:
      return 20;
    case DType::UInt4:
      return 21;
    case DType::Int4:
      return 22;
    case DType::Float4E2M1:
      return 23;
    case DType::Float8E8M0:
      return 24;
    case DType::UInt2:
      return 25;
    case DType::Int2:
      return 26;
  }
  SL_ASSERT(false, "an element type without a number");
  return 0;
}

std::string raw_data(const Tensor& tensor) {
  const std::span<const std::byte> held = tensor.bytes();
  const auto bits = static_cast<std::size_t>(num_bits(tensor.dtype()));
  if (bits >= 8) return {reinterpret_cast<const char*>(held.data()), held.size()};
  const unsigned mask = (1U << bits) - 1;
  std::string packed((held.size() * bits + 7) / 8, '\0');
  for (std::size_t i = 0; i < held.size(); ++i) {
    const unsigned code = std::to_integer<unsigned>(held[i]) & mask;
    char& byte = packed[i * bits / 8];
    byte = static_cast<char>(static_cast<unsigned char>(byte) | code << i * bits % 8);
  }
  return packed;
}

void set_head(const std::string& name, const Tensor& tensor, ::onnx::TensorProto& message) {
  message.set_name(name);
  message.set_data_type(data_type_of(tensor.dtype()));
  message.mutable_dims()->Assign(tensor.shape().begin(), tensor.shape().end());
}

}  // namespace sluice::exporter::onnx
