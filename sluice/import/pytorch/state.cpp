// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/state.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <unordered_set>

#include "sluice/base/text.hpp"

namespace sluice::importer::pytorch {
namespace {

// In the order they are looked for.
constexpr std::array<std::string_view, 8> kWrapperKeys{
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "ema", "module"};
constexpr int kMaxWrappers = 8;
constexpr int kMaxDepth = 64;
// Entries of dictionaries looked at: shared ones nested in each other come to exponentially many.
constexpr std::int64_t kMaxVisits = 1'000'000;
constexpr std::size_t kMaxNameLength = 4096;
// What a tensor takes beside its elements and its name.
constexpr std::uint64_t kEntryBytes = 256;

// A dictionary, or a module's dictionary of attributes.
const Dictionary* dictionary_of(const Pickle& pickle, ValueId id) {
  if (const auto* const module = pickle.as<Module>(id)) id = module->attributes;
  return pickle.as<Dictionary>(id);
}

const ValueId* find_key(const Pickle& pickle, const Dictionary& dictionary, std::string_view key) {
  for (const auto& [key_id, value] : dictionary.items) {
    const auto* const text = pickle.as<std::string_view>(key_id);
    if (text != nullptr && *text == key) return &value;
  }
  return nullptr;
}

class Flattener {
 public:
  Flattener(const Pickle& pickle, const TensorSource& source, std::uint64_t max_bytes)
      : pickle_(pickle), source_(source), bytes_left_(max_bytes) {}

  Result<Checkpoint> run() {
    SL_TRY(const ValueId state, unwrap(pickle_.root));
    SL_TRY_STATUS(add(state, "", 0));
    if (checkpoint_.tensors.empty()) {
      return Error{ErrorCode::Parse, "holds no tensors under names; save a state dict"};
    }
    drop_parallel_prefix();
    return std::move(checkpoint_);
  }

 private:
  // The dictionary or module whose tensors are meant.
  Result<ValueId> unwrap(ValueId id) {
    for (int i = 0; i < kMaxWrappers; ++i) {
      const auto* const dictionary = pickle_.as<Dictionary>(id);
      const ValueId* inner = dictionary == nullptr ? nullptr : wrapped(*dictionary);
      if (inner == nullptr) return id;
      SL_TRY_STATUS(add_scalars(*dictionary));
      id = *inner;
    }
    return Error{ErrorCode::Unsupported, "wraps its state dict in too many dictionaries"};
  }

  const ValueId* wrapped(const Dictionary& dictionary) const {
    for (const auto& [key, value] : dictionary.items) {
      if (pickle_.as<TensorRef>(value) != nullptr) return nullptr;
    }
    for (const std::string_view key : kWrapperKeys) {
      const ValueId* value = find_key(pickle_, dictionary, key);
      if (value != nullptr && dictionary_of(pickle_, *value) != nullptr) return value;
    }
    return nullptr;
  }

  Status add_scalars(const Dictionary& dictionary) {
    for (const auto& [key, value] : dictionary.items) {
      SL_TRY_STATUS(count_visit());
      const auto* const name = pickle_.as<std::string_view>(key);
      if (name == nullptr) continue;
      if (const auto* const integer = pickle_.as<std::int64_t>(value)) {
        checkpoint_.scalars.push_back({std::string(*name), *integer});
      } else if (const auto* const real = pickle_.as<double>(value)) {
        checkpoint_.scalars.push_back({std::string(*name), *real});
      } else if (const auto* const text = pickle_.as<std::string_view>(value)) {
        SL_TRY_STATUS(take_bytes(text->size(), *name));
        checkpoint_.scalars.push_back({std::string(*name), std::string(*text)});
      }
    }
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion): kMaxDepth bounds it.
  Status add(ValueId id, const std::string& prefix, int depth) {
    if (depth > kMaxDepth) {
      return Error{
          ErrorCode::Unsupported,
          fmt::format("nests dictionaries more than {} deep, or in themselves", kMaxDepth)};
    }
    if (const auto* const module = pickle_.as<Module>(id)) {
      return add_module(*module, prefix, depth);
    }
    const auto* const dictionary = pickle_.as<Dictionary>(id);
    return dictionary == nullptr ? Status() : add_entries(*dictionary, prefix, depth);
  }

  // In the order of torch.nn.Module.state_dict: own parameters, own buffers, then submodules.
  // NOLINTNEXTLINE(misc-no-recursion)
  Status add_module(const Module& module, const std::string& prefix, int depth) {
    const auto* const attributes = pickle_.as<Dictionary>(module.attributes);
    if (attributes == nullptr) return {};
    // They are searched, and many modules may have the same.
    SL_TRY_STATUS(count_visits(static_cast<std::int64_t>(attributes->items.size())));
    for (const std::string_view kind : {"_parameters", "_buffers", "_modules"}) {
      const ValueId* entries = find_key(pickle_, *attributes, kind);
      const auto* const dictionary =
          entries == nullptr ? nullptr : pickle_.as<Dictionary>(*entries);
      if (dictionary != nullptr) SL_TRY_STATUS(add_entries(*dictionary, prefix, depth));
    }
    return {};
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  Status add_entries(const Dictionary& dictionary, const std::string& prefix, int depth) {
    for (const auto& [key, value] : dictionary.items) {
      SL_TRY_STATUS(count_visit());
      const auto* const tensor = pickle_.as<TensorRef>(value);
      if (tensor == nullptr && !is_inner(value)) continue;
      SL_TRY(std::string name, name_of(key, prefix));
      if (tensor != nullptr) {
        SL_TRY_STATUS(add_tensor(*tensor, std::move(name)));
      } else {
        SL_TRY_STATUS(add(value, name + ".", depth + 1));
      }
    }
    return {};
  }

  [[nodiscard]] bool is_inner(ValueId id) const {
    return pickle_.as<Dictionary>(id) != nullptr || pickle_.as<Module>(id) != nullptr;
  }

  Result<std::string> name_of(ValueId key, const std::string& prefix) const {
    std::string name = prefix;
    if (const auto* const text = pickle_.as<std::string_view>(key)) {
      name += *text;
    } else if (const auto* const integer = pickle_.as<std::int64_t>(key)) {
      name += std::to_string(*integer);
    } else {
      return Error{ErrorCode::Unsupported,
                   "has a tensor whose key is neither text nor integer; save a state dict"};
    }
    if (name.size() > kMaxNameLength) {
      return Error{ErrorCode::Unsupported, fmt::format("has a name of more than {} characters: {}",
                                                       kMaxNameLength, sluice::quoted(name))};
    }
    return name;
  }

  Status add_tensor(const TensorRef& ref, std::string name) {
    if (!names_.insert(name).second) {
      return Error{ErrorCode::Parse, fmt::format("has two tensors {}", sluice::quoted(name))};
    }
    if (Status status = check_shape(ref.sizes); !status) {
      return Error{ErrorCode::Parse, std::move(status).error().message, sluice::quoted(name)};
    }
    SL_TRY_STATUS(take_bytes(
        static_cast<std::uint64_t>(num_elements(ref.sizes)) * storage_bytes(ref.storage.dtype) +
            kEntryBytes + 2 * name.size(),
        name));
    auto tensor = source_(ref);
    if (!tensor) return std::move(tensor).error().at(sluice::quoted(name));
    checkpoint_.tensors.push_back({std::move(name), *std::move(tensor)});
    return {};
  }

  void drop_parallel_prefix() {
    constexpr std::string_view kPrefix = "module.";
    const auto has_prefix = [&](const NamedTensor& t) { return t.name.starts_with(kPrefix); };
    if (!std::ranges::all_of(checkpoint_.tensors, has_prefix)) return;
    for (NamedTensor& tensor : checkpoint_.tensors) tensor.name.erase(0, kPrefix.size());
  }

  // Of what all tensors, names and texts together may take.
  Status take_bytes(std::uint64_t count, std::string_view name) {
    if (count > bytes_left_) {
      return Error{ErrorCode::Unsupported,
                   "its tensors take far more memory than the file has bytes",
                   sluice::quoted(name)};
    }
    bytes_left_ -= count;
    return {};
  }

  Status count_visit() { return count_visits(1); }

  Status count_visits(std::int64_t count) {
    visits_ += count;
    if (visits_ <= kMaxVisits) return {};
    return Error{ErrorCode::Unsupported,
                 fmt::format("has more than {} entries in its dictionaries", kMaxVisits)};
  }

  const Pickle& pickle_;
  const TensorSource& source_;
  std::uint64_t bytes_left_;
  std::int64_t visits_ = 0;
  std::unordered_set<std::string> names_;
  Checkpoint checkpoint_;
};

}  // namespace

std::uint64_t max_tensor_bytes(std::uint64_t file_bytes) {
  constexpr std::uint64_t kAlways = std::uint64_t{1} << 26;
  return kAlways + 4 * file_bytes;
}

Result<Checkpoint> flatten(const Pickle& pickle, const TensorSource& source,
                           std::uint64_t max_bytes) {
  return Flattener(pickle, source, max_bytes).run();
}

}  // namespace sluice::importer::pytorch
