// SPDX-License-Identifier: Apache-2.0
#include "sluice/export/safetensors.hpp"

#include <array>
#include <bit>
#include <cstdint>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string_view>

#include "sluice/base/assert.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/text.hpp"

namespace sluice::exporter {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors are little-endian");

struct StoredName {
  DType dtype;
  std::string_view name;
};
constexpr std::array<StoredName, 10> kStoredNames{{{DType::Float64, "F64"},
                                                   {DType::Float32, "F32"},
                                                   {DType::Float16, "F16"},
                                                   {DType::BFloat16, "BF16"},
                                                   {DType::Int64, "I64"},
                                                   {DType::Int32, "I32"},
                                                   {DType::Int16, "I16"},
                                                   {DType::Int8, "I8"},
                                                   {DType::UInt8, "U8"},
                                                   {DType::Bool, "BOOL"}}};

Result<std::string_view> stored_name(const NamedTensor& tensor) {
  for (const StoredName& each : kStoredNames) {
    if (each.dtype == tensor.tensor.dtype()) return each.name;
  }
  return Error{ErrorCode::Unsupported,
               fmt::format("safetensors have no {}", to_string(tensor.tensor.dtype())),
               "tensor " + sluice::quoted(tensor.name)};
}

}  // namespace

Status write_safetensors(std::span<const NamedTensor> tensors,
                         const std::map<std::string, std::string>& metadata,
                         const std::filesystem::path& path) {
  // Insertion order: the header lists the tensors as their bytes lie.
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t at = 0;
  for (const NamedTensor& each : tensors) {
    SL_TRY(const std::string_view name, stored_name(each));
    const std::uint64_t end = at + each.tensor.bytes().size();
    SL_ASSERT(!header.contains(each.name), "names are unique");
    header[each.name] = {
        {"dtype", name}, {"shape", each.tensor.shape()}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  // Tensors begin at a multiple of eight bytes, so that a mapped file can be read in place.
  constexpr std::size_t kAlignment = 8;
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  const std::array<std::uint64_t, 1> size{text.size()};
  SL_TRY(FileWriter file, FileWriter::create(path));
  SL_TRY_STATUS(file.append(std::as_bytes(std::span(size))));
  SL_TRY_STATUS(file.append(std::as_bytes(std::span(text))));
  for (const NamedTensor& each : tensors) SL_TRY_STATUS(file.append(each.tensor.bytes()));
  return file.commit();
}

}  // namespace sluice::exporter
