// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/archive.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string>

#include "sluice/base/bytes.hpp"
#include "sluice/base/text.hpp"
#include "sluice/base/zip.hpp"
#include "sluice/import/pytorch/state.hpp"

namespace sluice::importer::pytorch {
namespace {

Error big_endian() {
  return {ErrorCode::Unsupported, "was saved on a big-endian machine; save it again on another"};
}

// All inflated records together: weights hardly shrink, so more is a bomb.
std::uint64_t max_inflated_bytes(std::uint64_t file_bytes) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 26;
  return kAlways + 64 * file_bytes;
}

// The records of an archive under its one folder.
class Records {
 public:
  Records(const OwnedBytes& file, ZipArchive archive)
      : file_(file),
        archive_(std::move(archive)),
        packed_left_(file.bytes.size()),
        inflated_left_(max_inflated_bytes(file.bytes.size())) {}

  // Finds the folder: whatever stands before "data.pkl".
  Status open() {
    constexpr std::string_view kPickle = "data.pkl";
    for (const ZipMember& member : archive_.members()) members_.emplace(member.name, &member);
    for (const ZipMember& member : archive_.members()) {
      const std::string_view name = member.name;
      const bool is_pickle =
          name == kPickle || (name.ends_with(kPickle) && name.find('/') != name.npos &&
                              name.substr(name.find('/') + 1) == kPickle);
      if (!is_pickle) continue;
      folder_ = name.substr(0, name.size() - kPickle.size());
      if (!has("constants.pkl")) return {};
      return Error{ErrorCode::Unsupported,
                   "is a TorchScript program; save its state_dict() instead"};
    }
    return Error{ErrorCode::Parse, "is a ZIP archive without a data.pkl; torch.save writes one"};
  }

  [[nodiscard]] bool has(const std::string& name) const {
    return members_.contains(folder_ + name);
  }

  // Read at most once: storages are shared.
  Result<OwnedBytes> read(const std::string& name) {
    const auto known = read_.find(name);
    if (known != read_.end()) return known->second;
    const auto found = members_.find(folder_ + name);
    if (found == members_.end()) {
      return Error{ErrorCode::Parse,
                   fmt::format("the archive has no record {}", sluice::quoted(name))};
    }
    const ZipMember* member = found->second;
    if (member->packed_bytes > packed_left_) {
      return Error{ErrorCode::Parse, "its records lie over each other", sluice::quoted(name)};
    }
    packed_left_ -= member->packed_bytes;
    if (member->method != 0) {
      if (member->unpacked_bytes > inflated_left_) {
        return Error{ErrorCode::Unsupported, "its records inflate to far more than the file's size",
                     sluice::quoted(name)};
      }
      inflated_left_ -= member->unpacked_bytes;
    }
    auto content = archive_.read(*member);
    if (!content) return std::move(content).error().at(sluice::quoted(name));
    OwnedBytes record{file_.owner, content->bytes};
    if (!content->inflated.empty()) {
      record.owner = std::make_shared<std::vector<std::byte>>(std::move(content->inflated));
    }
    read_.emplace(name, record);
    return record;
  }

  // Of all records as they are inside, or as the file is, if that is more.
  [[nodiscard]] std::uint64_t num_bytes() const {
    std::uint64_t inflated = 0;
    for (const ZipMember& member : archive_.members()) {
      if (member.method != 0) inflated += std::min(member.unpacked_bytes, inflated_left_);
    }
    return file_.bytes.size() + std::min(inflated, max_inflated_bytes(file_.bytes.size()));
  }

 private:
  const OwnedBytes& file_;
  ZipArchive archive_;
  std::map<std::string, const ZipMember*, std::less<>> members_;
  std::uint64_t packed_left_;  // records that share bytes would be read again and again
  std::uint64_t inflated_left_;
  std::string folder_;
  std::map<std::string, OwnedBytes> read_;
};

Status check_byte_order(Records& records) {
  if (!records.has("byteorder")) return {};
  SL_TRY(const OwnedBytes order, records.read("byteorder"));
  const std::string_view text(reinterpret_cast<const char*>(order.bytes.data()),
                              order.bytes.size());
  return text == "big" ? big_endian() : Status();
}

// ---- the form without an archive

// The pickles at the beginning, one after the other.
class Pickles {
 public:
  explicit Pickles(std::span<const std::byte> bytes) : bytes_(bytes) {}
  Result<Pickle> next() {
    SL_TRY(Pickle pickle, unpickle(bytes_.subspan(at_), at_));
    at_ += pickle.size_bytes;
    return pickle;
  }
  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

// What torch.save begins with.
bool is_magic(const Pickle& pickle) {
  constexpr std::string_view kMagic{"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10};
  const auto* const number = pickle.as<LongInteger>(pickle.root);
  return number != nullptr && number->bytes == kMagic;
}

Status check_version(const Pickle& pickle) {
  constexpr std::int64_t kVersion = 1001;
  const auto* const version = pickle.as<std::int64_t>(pickle.root);
  if (version != nullptr && *version == kVersion) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("is of a version of PyTorch's format other than {}", kVersion)};
}

Status check_machine(const Pickle& pickle) {
  const auto* const machine = pickle.as<Dictionary>(pickle.root);
  if (machine == nullptr) return Error{ErrorCode::Parse, "does not say what machine it is of"};
  for (const auto& [key, value] : machine->items) {
    const auto* const name = pickle.as<std::string_view>(key);
    const auto* const flag = pickle.as<bool>(value);
    if (name != nullptr && *name == "little_endian" && flag != nullptr && !*flag) {
      return big_endian();
    }
  }
  return {};
}

// The storages by key. How long an element is only the references of the object say.
class LegacyStorages {
 public:
  explicit LegacyStorages(const Pickle& object) {
    for (const Value& value : object.values) {
      if (const auto* const ref = std::get_if<StorageRef>(&value)) refs_.emplace(ref->key, ref);
    }
  }

  Status read(const Pickle& keys, const OwnedBytes& file, std::size_t at) {
    const auto* const list = keys.as<List>(keys.root);
    if (list == nullptr) return Error{ErrorCode::Parse, "has no list of storages"};
    for (const ValueId id : list->items) {
      const auto* const key = keys.as<std::string_view>(id);
      const auto ref = key == nullptr ? refs_.end() : refs_.find(*key);
      if (ref == refs_.end()) {
        return Error{ErrorCode::Parse, "lists a storage that no tensor is in"};
      }
      SL_TRY(const std::size_t size, read_one(*ref->second, file, at));
      at += size;
    }
    return {};
  }

  Result<OwnedBytes> find(std::string_view key) const {
    const auto found = bytes_.find(key);
    if (found != bytes_.end()) return found->second;
    return Error{ErrorCode::Parse, fmt::format("has no storage {}", sluice::quoted(key))};
  }

 private:
  // How many bytes it takes of the file.
  Result<std::size_t> read_one(const StorageRef& ref, const OwnedBytes& file, std::size_t at) {
    constexpr std::size_t kCountSize = sizeof(std::int64_t);
    const std::size_t element = storage_bytes(ref.dtype);
    const std::size_t left = file.bytes.size() - at;
    const auto elements = static_cast<std::uint64_t>(ref.num_elements);
    if (left < kCountSize || elements > (left - kCountSize) / element) {
      return Error{ErrorCode::Parse, fmt::format("ends inside the storage {}; copy it again",
                                                 sluice::quoted(ref.key))};
    }
    if (load_little<std::uint64_t>(file.bytes.data() + at) != elements) {
      return Error{ErrorCode::Parse,
                   fmt::format("says two sizes of the storage {}", sluice::quoted(ref.key))};
    }
    const std::size_t size = elements * element;
    bytes_.insert_or_assign(ref.key,
                            OwnedBytes{file.owner, file.bytes.subspan(at + kCountSize, size)});
    return kCountSize + size;
  }

  std::map<std::string_view, const StorageRef*> refs_;
  std::map<std::string_view, OwnedBytes> bytes_;
};

}  // namespace

Result<Checkpoint> read_archive(const OwnedBytes& file) {
  SL_TRY(ZipArchive archive, ZipArchive::open(file.bytes));
  Records records(file, std::move(archive));
  SL_TRY_STATUS(records.open());
  SL_TRY_STATUS(check_byte_order(records));
  SL_TRY(const OwnedBytes program, records.read("data.pkl"));
  const auto pickle = unpickle(program.bytes);
  if (!pickle) return Error(pickle.error()).at("data.pkl");
  const TensorSource source = [&](const TensorRef& ref) -> Result<Tensor> {
    SL_TRY(const OwnedBytes storage, records.read(fmt::format("data/{}", ref.storage.key)));
    return tensor_of(ref, storage);
  };
  return flatten(*pickle, source, max_tensor_bytes(records.num_bytes()));
}

bool starts_as_pickle(std::span<const std::byte> file) {
  constexpr std::string_view kFirstOpcodes = "\x80(c]}";
  return !file.empty() &&
         kFirstOpcodes.find(static_cast<char>(file.front())) != std::string_view::npos;
}

Result<Checkpoint> read_legacy(const OwnedBytes& file) {
  Pickles pickles(file.bytes);
  SL_TRY(const Pickle magic, pickles.next());
  if (!is_magic(magic)) {
    return Error{ErrorCode::Parse, "is a pickle, but none that torch.save wrote"};
  }
  SL_TRY(const Pickle version, pickles.next());
  SL_TRY_STATUS(check_version(version));
  SL_TRY(const Pickle machine, pickles.next());
  SL_TRY_STATUS(check_machine(machine));
  SL_TRY(const Pickle object, pickles.next());
  SL_TRY(const Pickle keys, pickles.next());
  LegacyStorages storages(object);
  SL_TRY_STATUS(storages.read(keys, file, pickles.at()));
  const TensorSource source = [&](const TensorRef& ref) -> Result<Tensor> {
    SL_TRY(const OwnedBytes storage, storages.find(ref.storage.key));
    return tensor_of(ref, storage);
  };
  return flatten(object, source, max_tensor_bytes(file.bytes.size()));
}

}  // namespace sluice::importer::pytorch
