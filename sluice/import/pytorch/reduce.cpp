// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/reduce.hpp"

#include <fmt/format.h>

#include "sluice/base/text.hpp"

namespace sluice::importer::pytorch {
namespace {

using Arguments = std::span<const ValueId>;

Error wrong_arguments(std::string_view of, std::string_view what) {
  return {ErrorCode::Parse, fmt::format("{} {}", of, what)};
}

Result<std::vector<std::int64_t>> integers_of(const Pickle& pickle, ValueId id) {
  const auto* const tuple = pickle.as<Tuple>(id);
  if (tuple == nullptr) return wrong_arguments("a tensor's sizes", "are no tuple");
  // Checked here because a tuple is shared by any number of tensors, and copied to each.
  if (tuple->items.size() > kMaxRank) return wrong_arguments("a tensor's sizes", "are too many");
  std::vector<std::int64_t> integers;
  integers.reserve(tuple->items.size());
  for (const ValueId item : tuple->items) {
    const auto* const value = pickle.as<std::int64_t>(item);
    if (value == nullptr) return wrong_arguments("a tensor's sizes", "are no integers");
    integers.push_back(*value);
  }
  return integers;
}

// (storage, offset, sizes, strides, …); what follows is about gradients.
Result<Reduced> rebuild_tensor(const Pickle& pickle, Arguments arguments) {
  constexpr std::size_t kNeeded = 4;
  if (arguments.size() < kNeeded) return wrong_arguments("a tensor", "is given too little");
  const auto* const storage = pickle.as<StorageRef>(arguments[0]);
  const auto* const offset = pickle.as<std::int64_t>(arguments[1]);
  if (storage == nullptr || offset == nullptr) {
    return wrong_arguments("a tensor", "has no storage and place in it");
  }
  SL_TRY(auto sizes, integers_of(pickle, arguments[2]));
  SL_TRY(auto strides, integers_of(pickle, arguments[3]));
  return Reduced(Value(TensorRef{*storage, *offset, std::move(sizes), std::move(strides)}));
}

// OrderedDict(), or of a list of pairs as Python 2 has it.
Result<Reduced> ordered_dictionary(const Pickle& pickle, Arguments arguments) {
  Dictionary dictionary;
  if (arguments.empty()) return Reduced(Value(std::move(dictionary)));
  const auto* const pairs = pickle.as<List>(arguments[0]);
  if (pairs == nullptr) return wrong_arguments("OrderedDict", "takes a list of pairs");
  dictionary.items.reserve(pairs->items.size());
  for (const ValueId id : pairs->items) {
    const auto* const list = pickle.as<List>(id);
    const auto* const tuple = pickle.as<Tuple>(id);
    const Arguments pair = list != nullptr    ? Arguments(list->items)
                           : tuple != nullptr ? Arguments(tuple->items)
                                              : Arguments();
    if (pair.size() != 2) return wrong_arguments("OrderedDict", "takes a list of pairs");
    dictionary.items.emplace_back(pair[0], pair[1]);
  }
  return Reduced(Value(std::move(dictionary)));
}

// The one argument, or an empty collection.
template <class T>
Result<Reduced> same_or_empty(Arguments arguments) {
  if (arguments.empty()) return Reduced(Value(T{}));
  return Reduced(arguments[0]);
}

Result<const AllowedGlobal*> global_of(const Pickle& pickle, ValueId callee) {
  const auto* const global = pickle.as<const AllowedGlobal*>(callee);
  if (global != nullptr) return *global;
  return Error{ErrorCode::Unsupported, "calls what is no function of a checkpoint"};
}

Result<Arguments> arguments_of(const Pickle& pickle, ValueId arguments) {
  const auto* const tuple = pickle.as<Tuple>(arguments);
  if (tuple == nullptr) return wrong_arguments("a call's", "arguments are no tuple");
  return Arguments(tuple->items);
}

// ('storage', type, key, device, number of elements, None or (key, offset, number of elements));
// the last only in the form without a zip archive.
Result<Reduced> storage_of(const Pickle& pickle, Arguments id) {
  constexpr std::size_t kNeeded = 5;
  if (id.size() < kNeeded) return wrong_arguments("a storage", "is given too little");
  const auto* const type = pickle.as<const AllowedGlobal*>(id[1]);
  const auto* const key = pickle.as<std::string_view>(id[2]);
  const auto* const num_elements = pickle.as<std::int64_t>(id[4]);
  if (type == nullptr || (*type)->kind != GlobalKind::Storage || key == nullptr ||
      num_elements == nullptr || *num_elements < 0) {
    return wrong_arguments("a storage", "has no type, key and size");
  }
  StorageRef storage{(*type)->dtype, *key, *num_elements, 0, *num_elements};
  if (id.size() > kNeeded && pickle.as<None>(id[kNeeded]) == nullptr) {
    const auto* const view = pickle.as<Tuple>(id[kNeeded]);
    if (view == nullptr || view->items.size() != 3) {
      return wrong_arguments("a storage", "is a view without a place");
    }
    const auto* const offset = pickle.as<std::int64_t>(view->items[1]);
    const auto* const size = pickle.as<std::int64_t>(view->items[2]);
    if (offset == nullptr || size == nullptr || *offset < 0 || *size < 0 ||
        *offset > *num_elements || *size > *num_elements - *offset) {
      return wrong_arguments("a storage", "is a view beyond what it views");
    }
    storage.view_offset = *offset;
    storage.view_elements = *size;
  }
  return Reduced(Value(storage));
}

}  // namespace

Result<Reduced> reduce(const Pickle& pickle, ValueId callee, ValueId arguments) {
  SL_TRY(const AllowedGlobal* global, global_of(pickle, callee));
  SL_TRY(const Arguments given, arguments_of(pickle, arguments));
  switch (global->kind) {
    case GlobalKind::Dictionary:
      return ordered_dictionary(pickle, given);
    case GlobalKind::Set:
      return same_or_empty<List>(given);
    case GlobalKind::Size:
      return same_or_empty<Tuple>(given);
    case GlobalKind::RebuildTensor:
      return rebuild_tensor(pickle, given);
    case GlobalKind::RebuildParameter:
      if (given.empty() || pickle.as<TensorRef>(given[0]) == nullptr) {
        return wrong_arguments("a parameter", "is made of no tensor");
      }
      return Reduced(given[0]);
    case GlobalKind::Inert:
      return Reduced(Value(Inert{}));
    case GlobalKind::Storage:
    case GlobalKind::Module:
      break;
  }
  return Error{ErrorCode::Unsupported,
               fmt::format("calls {}, which no checkpoint of weights does",
                           sluice::quoted(fmt::format("{}.{}", global->module, global->name)))};
}

Result<Value> make_object(const Pickle& pickle, ValueId callee, ValueId arguments) {
  SL_TRY(const AllowedGlobal* global, global_of(pickle, callee));
  SL_TRY([[maybe_unused]] const Arguments given, arguments_of(pickle, arguments));
  if (global->kind == GlobalKind::Module) return Value(Module{arguments});
  if (global->kind == GlobalKind::Inert) return Value(Inert{});
  return Error{ErrorCode::Unsupported,
               fmt::format("makes an object of {}, which is no class of modules",
                           sluice::quoted(fmt::format("{}.{}", global->module, global->name)))};
}

Status set_state(Pickle& pickle, ValueId target, ValueId state) {
  Value& value = pickle.values[static_cast<std::size_t>(target)];
  if (auto* const object = std::get_if<Module>(&value)) {
    if (pickle.as<Dictionary>(state) == nullptr) {
      return wrong_arguments("a module", "has attributes that are no dictionary");
    }
    object->attributes = state;
    return {};
  }
  const bool keeps_more = std::holds_alternative<Dictionary>(value) ||
                          std::holds_alternative<Inert>(value) ||
                          std::holds_alternative<TensorRef>(value);
  if (keeps_more) return {};
  return Error{ErrorCode::Unsupported, "sets the state of what has none"};
}

Result<Reduced> resolve_persistent(const Pickle& pickle, ValueId id) {
  SL_TRY(const Arguments parts, arguments_of(pickle, id));
  const auto* const kind = parts.empty() ? nullptr : pickle.as<std::string_view>(parts[0]);
  if (kind == nullptr) return wrong_arguments("what stands outside", "has no kind");
  if (*kind == "storage") return storage_of(pickle, parts);
  if (*kind == "module" && parts.size() > 1 &&
      pickle.as<const AllowedGlobal*>(parts[1]) != nullptr) {
    return Reduced(parts[1]);
  }
  return Error{ErrorCode::Unsupported,
               fmt::format("refers to {}, known are storages and modules", sluice::quoted(*kind))};
}

}  // namespace sluice::importer::pytorch
