// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/checkpoint.hpp"

#include <algorithm>
#include <memory>

#include "sluice/base/file.hpp"
#include "sluice/base/zip.hpp"
#include "sluice/import/pytorch/archive.hpp"
#include "sluice/import/safetensors.hpp"

namespace sluice::importer {
namespace {

Result<Checkpoint> read_owned(const OwnedBytes& file) {
  if (starts_as_zip(file.bytes)) return pytorch::read_archive(file);
  if (starts_as_safetensors(file.bytes)) return read_safetensors(file);
  if (pytorch::starts_as_pickle(file.bytes)) return pytorch::read_legacy(file);
  return Error{
      ErrorCode::Parse,
      "is no checkpoint: neither torch.save's (a zip archive or a pickle) nor safetensors"};
}

}  // namespace

const Tensor* Checkpoint::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(tensors, name, &NamedTensor::name);
  return found == tensors.end() ? nullptr : &found->tensor;
}

Result<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  SL_TRY(MappedFile mapped, MappedFile::open(path));
  const auto file = std::make_shared<const MappedFile>(std::move(mapped));
  auto checkpoint = read_owned({file, file->bytes()});
  if (!checkpoint) return std::move(checkpoint).error().at(path.string());
  return checkpoint;
}

Result<Checkpoint> read_checkpoint(std::span<const std::byte> bytes) {
  const auto copy = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
  return read_owned({copy, *copy});
}

}  // namespace sluice::importer
