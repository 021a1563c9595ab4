// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <limits>
#include <memory>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/onnx/dtype.hpp"
#include "sluice/import/onnx/proto.hpp"

namespace sluice::importer::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX's raw data is little-endian");

// TensorProto.DataType by number; nothing where no DType stands for it (0, string, complex).
constexpr std::array<std::optional<DType>, 27> kDTypes{
    std::nullopt,          DType::Float32,      DType::UInt8,          DType::Int8,
    DType::UInt16,         DType::Int16,        DType::Int32,          DType::Int64,
    std::nullopt,          DType::Bool,         DType::Float16,        DType::Float64,
    DType::UInt32,         DType::UInt64,       std::nullopt,          std::nullopt,
    DType::BFloat16,       DType::Float8E4M3Fn, DType::Float8E4M3Fnuz, DType::Float8E5M2,
    DType::Float8E5M2Fnuz, DType::UInt4,        DType::Int4,           DType::Float4E2M1,
    DType::Float8E8M0,     DType::UInt2,        DType::Int2,
};

// Bytes the elements take in a file, where narrow ones are packed.
std::uint64_t packed_bytes(DType dtype, std::int64_t num_elements) {
  return (static_cast<std::uint64_t>(num_elements) * static_cast<unsigned>(num_bits(dtype)) + 7) /
         8;
}

bool is_signed_integer(DType dtype) {
  return dtype == DType::Int2 || dtype == DType::Int4 || dtype == DType::Int8 ||
         dtype == DType::Int16 || dtype == DType::Int32 || dtype == DType::Int64;
}

// Elements of fewer than 8 bits, the first in the lowest bits of its byte, one to a byte.
Tensor unpack(DType dtype, Shape shape, std::span<const std::byte> packed) {
  Tensor tensor(dtype, std::move(shape));
  const auto bits = static_cast<unsigned>(num_bits(dtype));
  const unsigned mask = (1U << bits) - 1;
  const unsigned sign = is_signed_integer(dtype) ? 1U << (bits - 1) : 0;
  const std::span<std::byte> elements = tensor.mutable_bytes();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::size_t bit = i * bits;
    const unsigned code = (std::to_integer<unsigned>(packed[bit / 8]) >> (bit % 8)) & mask;
    elements[i] = static_cast<std::byte>((code ^ sign) - sign);
  }
  return tensor;
}

// A tensor of the file's bytes: adopted where a Tensor may look at them as they are.
Tensor tensor_of(DType dtype, Shape shape, std::shared_ptr<const void> owner,
                 std::span<const std::byte> bytes) {
  if (num_bits(dtype) < 8) return unpack(dtype, std::move(shape), bytes);
  const bool is_clean_bool = dtype != DType::Bool || std::ranges::all_of(bytes, [](std::byte b) {
                               return b <= std::byte{1};
                             });
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % storage_bytes(dtype) == 0;
  if (aligned && is_clean_bool) {
    return Tensor::adopt(dtype, std::move(shape), std::move(owner), bytes);
  }
  Tensor tensor(dtype, std::move(shape));
  const std::span<std::byte> copy = tensor.mutable_bytes();
  if (!bytes.empty()) std::memcpy(copy.data(), bytes.data(), bytes.size());
  if (!is_clean_bool) {
    for (std::byte& b : copy) b = std::byte{b != std::byte{0}};
  }
  return tensor;
}

Status check_count(std::uint64_t given, std::uint64_t needed, std::string_view what) {
  if (given == needed) return {};
  return Error{ErrorCode::Parse, fmt::format("has {} {} of content, its type and shape need {}",
                                             given, what, needed)};
}

template <class T, class Values>
Result<Tensor> tensor_of_values(Shape shape, const Values& values) {
  Tensor tensor(kDTypeOf<T>, std::move(shape));
  std::ranges::transform(values, tensor.template mutable_data<T>().begin(),
                         [](auto value) { return static_cast<T>(value); });
  return tensor;
}

// int32_data of types of at most 16 bits: codes, stored in `Storage`.
template <class Storage, class Values>
Result<Tensor> tensor_of_codes(DType dtype, Shape shape, const Values& values) {
  const int bits = num_bits(dtype);
  const std::int32_t least = is_signed_integer(dtype) ? -(1 << (bits - 1)) : 0;
  const std::int32_t most = is_signed_integer(dtype) ? (1 << (bits - 1)) - 1 : (1 << bits) - 1;
  Tensor tensor(dtype, std::move(shape));
  const auto elements = tensor.mutable_data<Storage>();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    const std::int32_t value = values[static_cast<int>(i)];
    if (value < least || value > most) {
      return Error{ErrorCode::Parse, fmt::format("has the value {}, {} goes from {} to {}", value,
                                                 sluice::to_string(dtype), least, most)};
    }
    elements[i] = static_cast<Storage>(value);
  }
  return tensor;
}

template <class Values>
Result<Tensor> tensor_of_int32_data(DType dtype, Shape shape, const Values& values) {
  if (num_bits(dtype) < 8) {
    std::vector<std::byte> packed;
    packed.reserve(static_cast<std::size_t>(values.size()));
    for (const std::int32_t value : values) packed.push_back(static_cast<std::byte>(value));
    return unpack(dtype, std::move(shape), packed);
  }
  if (dtype == DType::Int32) return tensor_of_values<std::int32_t>(std::move(shape), values);
  if (dtype == DType::Bool) {
    Tensor tensor(dtype, std::move(shape));
    std::ranges::transform(values, tensor.mutable_data<bool>().begin(),
                           [](std::int32_t value) { return value != 0; });
    return tensor;
  }
  if (storage_bytes(dtype) == 1) {
    return tensor_of_codes<std::uint8_t>(dtype, std::move(shape), values);
  }
  return tensor_of_codes<std::uint16_t>(dtype, std::move(shape), values);
}

// Content in the field of its type.
Result<Tensor> take_typed(const ::onnx::TensorProto& message, DType dtype, Shape shape) {
  const auto elements = static_cast<std::uint64_t>(num_elements(shape));
  const auto count = [](const auto& values) { return static_cast<std::uint64_t>(values.size()); };
  switch (dtype) {
    case DType::Float32:
      SL_TRY_STATUS(check_count(count(message.float_data()), elements, "values"));
      return tensor_of_values<float>(std::move(shape), message.float_data());
    case DType::Float64:
      SL_TRY_STATUS(check_count(count(message.double_data()), elements, "values"));
      return tensor_of_values<double>(std::move(shape), message.double_data());
    case DType::Int64:
      SL_TRY_STATUS(check_count(count(message.int64_data()), elements, "values"));
      return tensor_of_values<std::int64_t>(std::move(shape), message.int64_data());
    case DType::UInt64:
      SL_TRY_STATUS(check_count(count(message.uint64_data()), elements, "values"));
      return tensor_of_values<std::uint64_t>(std::move(shape), message.uint64_data());
    case DType::UInt32:
      SL_TRY_STATUS(check_count(count(message.uint64_data()), elements, "values"));
      return tensor_of_values<std::uint32_t>(std::move(shape), message.uint64_data());
    default:
      break;
  }
  const bool is_packed = num_bits(dtype) < 8;
  const std::uint64_t needed = is_packed ? packed_bytes(dtype, num_elements(shape)) : elements;
  SL_TRY_STATUS(check_count(count(message.int32_data()), needed, "values"));
  return tensor_of_int32_data(dtype, std::move(shape), message.int32_data());
}

Result<std::uint64_t> number(const std::string& key, const std::string& text) {
  if (const auto value = parse_whole<std::uint64_t>(text)) return *value;
  return Error{ErrorCode::Parse,
               fmt::format("external data has the {} {}, a number of bytes is expected", key,
                           sluice::quoted(text))};
}

Result<ExternalPlace> external_place(const ::onnx::TensorProto& message) {
  ExternalPlace place;
  for (const auto& entry : message.external_data()) {
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() == "offset") {
      SL_TRY(place.offset_bytes, number(entry.key(), entry.value()));
    }
    if (entry.key() == "length") {
      SL_TRY(place.length_bytes, number(entry.key(), entry.value()));
    }
  }
  return place;
}

}  // namespace

Result<DType> dtype_of(std::int64_t data_type) {
  if (data_type > 0 && static_cast<std::size_t>(data_type) < kDTypes.size()) {
    const auto& dtype = kDTypes[static_cast<std::size_t>(data_type)];
    if (dtype) return *dtype;
    return Error{ErrorCode::Unsupported,
                 fmt::format("{} elements are not supported; only numbers and booleans are",
                             data_type == ::onnx::TensorProto::STRING ? "string" : "complex")};
  }
  return Error{ErrorCode::Parse, fmt::format("has the unknown element type {}", data_type)};
}

Result<Tensor> take_tensor(::onnx::TensorProto& message, ExternalFiles& files) {
  if (message.has_segment()) {
    return Error{ErrorCode::Unsupported, "a tensor in segments is not supported; store it whole"};
  }
  SL_TRY(const DType dtype, dtype_of(message.data_type()));
  Shape shape(message.dims().begin(), message.dims().end());
  if (auto status = check_shape(shape); !status) {
    return Error{ErrorCode::Parse, std::move(status).error().message};
  }
  const std::uint64_t size_bytes = packed_bytes(dtype, num_elements(shape));
  if (message.data_location() == ::onnx::TensorProto::EXTERNAL) {
    SL_TRY(const ExternalPlace place, external_place(message));
    SL_TRY(ExternalBytes external, files.bytes(place, size_bytes));
    return tensor_of(dtype, std::move(shape), std::move(external.file), external.bytes);
  }
  if (message.has_raw_data()) {
    SL_TRY_STATUS(check_count(message.raw_data().size(), size_bytes, "bytes"));
    const std::shared_ptr<const std::string> raw(message.release_raw_data());
    return tensor_of(dtype, std::move(shape), raw, std::as_bytes(std::span(*raw)));
  }
  return take_typed(message, dtype, std::move(shape));
}

}  // namespace sluice::importer::onnx
