// SPDX-License-Identifier: Apache-2.0
// The files torch.save writes: since 1.6 zip archives, before that pickles followed by storages.
#pragma once

#include <cstddef>
#include <span>

#include "sluice/base/result.hpp"
#include "sluice/import/checkpoint.hpp"
#include "sluice/import/pytorch/storage.hpp"

namespace sluice::importer::pytorch {

// A zip archive with data.pkl and one record data/KEY a storage.
[[nodiscard]] Result<Checkpoint> read_archive(const OwnedBytes& file);

// Whether bytes may begin a pickle.
[[nodiscard]] bool starts_as_pickle(std::span<const std::byte> file);

// Pickles of a magic number, a version, the machine, the object and the list of storages, and then
// the storages, each after its number of elements.
[[nodiscard]] Result<Checkpoint> read_legacy(const OwnedBytes& file);

}  // namespace sluice::importer::pytorch
