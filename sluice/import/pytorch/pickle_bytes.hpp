// SPDX-License-Identifier: Apache-2.0
// A pickle's bytes, taken from the front: whatever is claimed, no more than there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string_view>

#include "sluice/base/bytes.hpp"
#include "sluice/base/result.hpp"

namespace sluice::importer::pytorch {

// Of a pickle that no writer of pickles makes.
inline Error malformed_pickle(std::string_view what) {
  return {ErrorCode::Parse, fmt::format("pickle is malformed: {}", what)};
}

class PickleBytes {
 public:
  explicit PickleBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}

  [[nodiscard]] std::size_t at() const { return at_; }

  Result<std::string_view> take(std::uint64_t count) {
    const std::size_t left = bytes_.size() - at_;
    if (count > left) {
      return malformed_pickle(fmt::format("it ends {} bytes too early", count - left));
    }
    const auto* begin = reinterpret_cast<const char*>(bytes_.data() + at_);
    at_ += count;
    return std::string_view(begin, count);
  }

  // A little-endian number.
  template <class T>
  Result<T> number() {
    SL_TRY(const std::string_view taken, take(sizeof(T)));
    return load_little<T>(reinterpret_cast<const std::byte*>(taken.data()));
  }

  // Up to the end of a line, which is taken too.
  Result<std::string_view> line() {
    const std::string_view rest(reinterpret_cast<const char*>(bytes_.data() + at_),
                                bytes_.size() - at_);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) return malformed_pickle("a line has no end");
    at_ += end + 1;
    return rest.substr(0, end);
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
};

}  // namespace sluice::importer::pytorch
