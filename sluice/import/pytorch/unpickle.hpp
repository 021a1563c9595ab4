// SPDX-License-Identifier: Apache-2.0
// unpickle: Python's pickles, protocols 0 to 5, as far as checkpoints need them. A pickle is a
// program for a stack machine that may call any Python function; this machine has no functions. It
// makes numbers, texts, lists, tuples, dictionaries and descriptions of tensors; names of Python
// are looked up in globals.hpp's list, and a name that is not there ends the reading.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/import/pytorch/globals.hpp"

namespace sluice::importer::pytorch {

// Index of a value in Pickle::values. Values refer to each other by it, so that one that contains
// itself is no leak, and one that is used a million times is there once.
enum class ValueId : std::uint32_t {};

struct None {};
// An integer of more than 64 bits: the little-endian bytes of two's complement.
struct LongInteger {
  std::string_view bytes;
};
// Bytes that are no text.
struct Binary {
  std::string_view bytes;
};
struct List {
  std::vector<ValueId> items;
};
struct Tuple {
  std::vector<ValueId> items;
};
struct Dictionary {
  std::vector<std::pair<ValueId, ValueId>> items;
};
// A run of elements of a storage: all of it, or a view of it.
struct StorageRef {
  DType dtype = DType::Float32;
  std::string_view key;
  std::int64_t num_elements = 0;  // of the whole storage
  std::int64_t view_offset = 0;
  std::int64_t view_elements = 0;
};
// As the file says it: nothing of it is checked against the storage yet.
struct TensorRef {
  StorageRef storage;
  std::int64_t offset = 0;
  Shape sizes;
  std::vector<std::int64_t> strides;
};
// A module, its attributes kept as a dictionary (or None while there are none).
struct Module {
  ValueId attributes{};
};
struct Inert {};

using Value =
    std::variant<None, bool, std::int64_t, double, std::string_view, LongInteger, Binary, List,
                 Tuple, Dictionary, const AllowedGlobal*, StorageRef, TensorRef, Module, Inert>;

struct Pickle {
  std::vector<Value> values;
  ValueId root{};
  std::size_t size_bytes = 0;  // what it takes of the bytes given; others may follow

  const Value& operator[](ValueId id) const { return values[static_cast<std::size_t>(id)]; }
  // The value if it is a T, else null.
  template <class T>
  [[nodiscard]] const T* as(ValueId id) const {
    return std::get_if<T>(&(*this)[id]);
  }
};

// A pickle may make, keep on its stack and remember this many values each.
inline constexpr std::size_t kMaxPickleValues = std::size_t{1} << 22;

// The pickle at the beginning of `bytes`, which it views and which must outlive it. Memory grows
// with the bytes read, never with what they claim. Errors: Parse where it is cut short or
// malformed, Unsupported for an opcode or a name that is refused; the place is the byte of the
// opcode, counted from `first_byte`.
[[nodiscard]] Result<Pickle> unpickle(std::span<const std::byte> bytes, std::size_t first_byte = 0);

}  // namespace sluice::importer::pytorch
