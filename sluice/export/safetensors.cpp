// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/safetensors.hpp"

#include <array>
#include <bit>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/text.hpp"

namespace sluice::exporter {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

std::string_view stored_name(DType dtype) {
  switch (dtype) {
    case DType::Float64:
      return "F64";
    case DType::Float32:
      return "F32";
    case DType::Float16:
      return "F16";
    case DType::BFloat16:
      return "BF16";
    case DType::Int64:
      return "I64";
    case DType::Int32:
      return "I32";
    case DType::Int16:
      return "I16";
    case DType::Int8:
      return "I8";
    case DType::UInt64:
      return "U64";
    case DType::UInt32:
      return "U32";
    case DType::UInt16:
      return "U16";
    case DType::UInt8:
      return "U8";
    case DType::Bool:
      return "BOOL";
    default:
      return {};
  }
}

Result<std::string> safetensors_header(std::span<const NamedTensor> tensors,
                                       const SafetensorsMetadata& metadata) {
  Json header = Json::object();
  for (const auto& [key, value] : metadata) header["__metadata__"][key] = value;
  std::uint64_t at = 0;
  for (const NamedTensor& tensor : tensors) {
    const std::string_view type = stored_name(tensor.tensor.dtype());
    if (type.empty()) {
      return Error{ErrorCode::Unsupported,
                   fmt::format("safetensors has no elements of {}; cast them first",
                               to_string(tensor.tensor.dtype())),
                   sluice::quoted(tensor.name)};
    }
    const std::uint64_t end = at + tensor.tensor.bytes().size();
    header[tensor.name] = {
        {"dtype", type}, {"shape", tensor.tensor.shape()}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  // So that the tensors behind it are aligned for all types.
  constexpr std::size_t kAlignment = 8;
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

}  // namespace

Status write_safetensors(std::span<const NamedTensor> tensors, const SafetensorsMetadata& metadata,
                         const std::filesystem::path& path) {
  SL_TRY(const std::string header, safetensors_header(tensors, metadata));
  SL_TRY(FileWriter file, FileWriter::create(path));
  const std::uint64_t size = header.size();
  SL_TRY_STATUS(file.append(std::as_bytes(std::span(&size, 1))));
  SL_TRY_STATUS(file.append(std::as_bytes(std::span(header))));
  for (const NamedTensor& tensor : tensors) SL_TRY_STATUS(file.append(tensor.tensor.bytes()));
  return file.commit();
}

}  // namespace sluice::exporter
