// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "sluice/base/bytes.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/text.hpp"

namespace sluice::importer {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

constexpr std::size_t kSizeBytes = sizeof(std::uint64_t);
// The format's own limit.
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr std::string_view kMetadata = "__metadata__";

struct StoredType {
  std::string_view name;
  DType dtype;
};
constexpr std::array kStoredTypes{
    StoredType{"F64", DType::Float64}, StoredType{"F32", DType::Float32},
    StoredType{"F16", DType::Float16}, StoredType{"BF16", DType::BFloat16},
    StoredType{"I64", DType::Int64},   StoredType{"I32", DType::Int32},
    StoredType{"I16", DType::Int16},   StoredType{"I8", DType::Int8},
    StoredType{"U64", DType::UInt64},  StoredType{"U32", DType::UInt32},
    StoredType{"U16", DType::UInt16},  StoredType{"U8", DType::UInt8},
    StoredType{"BOOL", DType::Bool},
};

struct StoredTensor {
  std::string name;
  DType dtype = DType::Float32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;  // in the bytes behind the header
};

Result<DType> stored_type(const JsonReader& reader) {
  SL_TRY(const std::string name, reader.string());
  const auto* const type = std::ranges::find(kStoredTypes, name, &StoredType::name);
  if (type != kStoredTypes.end()) return type->dtype;
  Error error =
      reader.error(fmt::format("element type {} is none that is read", sluice::quoted(name)));
  error.code = ErrorCode::Unsupported;
  return error;
}

Result<std::vector<std::int64_t>> naturals(const JsonReader& reader) {
  SL_TRY(const auto elements, reader.elements());
  std::vector<std::int64_t> values;
  values.reserve(elements.size());
  for (const JsonReader& element : elements) {
    SL_TRY(const std::int64_t value, element.integer());
    if (value < 0) return element.error(fmt::format("must not be negative, is {}", value));
    values.push_back(value);
  }
  return values;
}

Result<StoredTensor> stored_tensor(const std::string& name, const JsonReader& entry) {
  SL_TRY_STATUS(entry.only_keys({"dtype", "shape", "data_offsets"}));
  StoredTensor tensor{.name = name};
  SL_TRY(const JsonReader dtype, entry.at("dtype"));
  SL_TRY(tensor.dtype, stored_type(dtype));
  SL_TRY(const JsonReader shape, entry.at("shape"));
  SL_TRY(tensor.shape, naturals(shape));
  if (const Status status = check_shape(tensor.shape); !status) {
    return shape.error(status.error().message);
  }
  SL_TRY(const JsonReader offsets, entry.at("data_offsets"));
  SL_TRY(const auto ends, naturals(offsets));
  if (ends.size() != 2 || ends[0] > ends[1]) {
    return offsets.error("must be where the tensor begins and where it ends");
  }
  tensor.begin = static_cast<std::uint64_t>(ends[0]);
  tensor.end = static_cast<std::uint64_t>(ends[1]);
  const std::uint64_t size =
      static_cast<std::uint64_t>(num_elements(tensor.shape)) * storage_bytes(tensor.dtype);
  if (tensor.end - tensor.begin != size) {
    return offsets.error(
        fmt::format("hold {} bytes, the shape needs {}", tensor.end - tensor.begin, size));
  }
  return tensor;
}

Result<std::vector<CheckpointScalar>> metadata_of(const JsonReader& entry) {
  std::vector<CheckpointScalar> scalars;
  if (!entry.value().is_object()) return entry.error("must be an object of texts");
  scalars.reserve(entry.value().size());
  for (const auto& [key, value] : entry.value().items()) {
    SL_TRY(const JsonReader member, entry.at(key));
    SL_TRY(std::string text, member.string());
    scalars.push_back({key, std::move(text)});
  }
  return scalars;
}

struct Header {
  std::vector<StoredTensor> tensors;
  std::vector<CheckpointScalar> scalars;
};

Result<Header> read_header(const Json& json) {
  const JsonReader reader(json);
  if (!json.is_object()) return reader.error("must be an object");
  Header header;
  header.tensors.reserve(json.size());
  for (const auto& [key, value] : json.items()) {
    SL_TRY(const JsonReader entry, reader.at(key));
    if (key == kMetadata) {
      SL_TRY(header.scalars, metadata_of(entry));
    } else {
      SL_TRY(StoredTensor tensor, stored_tensor(key, entry));
      header.tensors.push_back(std::move(tensor));
    }
  }
  std::ranges::stable_sort(header.tensors, {}, [](const StoredTensor& tensor) {
    return std::pair(tensor.begin, tensor.end);
  });
  return header;
}

// Tensors lie one behind the other, from the header to the end of the file.
Status check_layout(const Header& header, std::uint64_t num_bytes) {
  std::uint64_t at = 0;
  for (const StoredTensor& tensor : header.tensors) {
    if (tensor.begin != at) {
      return Error{ErrorCode::Parse,
                   tensor.begin < at ? "lies over the tensor before it"
                                     : "leaves a hole between it and the tensor before it",
                   sluice::quoted(tensor.name)};
    }
    at = tensor.end;
  }
  if (at == num_bytes) return {};
  return Error{ErrorCode::Parse,
               fmt::format("its tensors take {} bytes, the file has {} for them", at, num_bytes)};
}

Tensor stored_content(const StoredTensor& tensor, const OwnedBytes& data) {
  const auto bytes = data.bytes.subspan(tensor.begin, tensor.end - tensor.begin);
  const std::size_t size = storage_bytes(tensor.dtype);
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % size == 0;
  if (aligned && tensor.dtype != DType::Bool) {
    return Tensor::adopt(tensor.dtype, tensor.shape, data.owner, bytes);
  }
  Tensor copy(tensor.dtype, tensor.shape);
  const auto to_bool = [](std::byte b) { return b == std::byte{0} ? b : std::byte{1}; };
  if (tensor.dtype == DType::Bool) {
    std::ranges::transform(bytes, copy.mutable_bytes().begin(), to_bool);
  } else {
    std::ranges::copy(bytes, copy.mutable_bytes().begin());
  }
  return copy;
}

}  // namespace

bool starts_as_safetensors(std::span<const std::byte> file) {
  if (file.size() <= kSizeBytes) return false;
  const auto header_bytes = load_little<std::uint64_t>(file.data());
  return header_bytes <= file.size() - kSizeBytes && file[kSizeBytes] == std::byte{'{'};
}

Result<Checkpoint> read_safetensors(const OwnedBytes& file) {
  const auto header_bytes = load_little<std::uint64_t>(file.bytes.data());
  if (header_bytes > kMaxHeaderBytes) {
    return Error{ErrorCode::Unsupported, fmt::format("has a header of {} bytes, allowed are {}",
                                                     header_bytes, kMaxHeaderBytes)};
  }
  const auto text = file.bytes.subspan(kSizeBytes, header_bytes);
  SL_TRY(const Json json, parse_json({reinterpret_cast<const char*>(text.data()), text.size()}));
  SL_TRY(Header header, read_header(json));
  const OwnedBytes data{file.owner, file.bytes.subspan(kSizeBytes + header_bytes)};
  SL_TRY_STATUS(check_layout(header, data.bytes.size()));
  Checkpoint checkpoint;
  checkpoint.scalars = std::move(header.scalars);
  checkpoint.tensors.reserve(header.tensors.size());
  for (StoredTensor& tensor : header.tensors) {
    Tensor content = stored_content(tensor, data);
    checkpoint.tensors.push_back({std::move(tensor.name), std::move(content)});
  }
  return checkpoint;
}

}  // namespace sluice::importer
