// SPDX-License-Identifier: Apache-2.0
// Alphabet: the integers that a tensor's codes can be.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sluice::sparse {

struct Alphabet {
  int bits = 8;  // of a code, 1 to 32; 31 if unsigned, for codes are held as int32
  bool is_signed = true;

  [[nodiscard]] std::int64_t lowest() const {
    return is_signed ? -(std::int64_t{1} << (bits - 1)) : 0;
  }
  [[nodiscard]] std::int64_t highest() const { return lowest() + (std::int64_t{1} << bits) - 1; }
  [[nodiscard]] bool contains(std::int64_t code) const {
    return code >= lowest() && code <= highest();
  }
  [[nodiscard]] std::uint64_t size() const { return std::uint64_t{1} << bits; }
  // Which of the alphabet's codes it is, counted from the lowest.
  [[nodiscard]] std::size_t index(std::int32_t code) const {
    return static_cast<std::size_t>(code - lowest());
  }
  [[nodiscard]] std::int32_t code(std::size_t at) const {
    return static_cast<std::int32_t>(lowest() + static_cast<std::int64_t>(at));
  }
  friend bool operator==(const Alphabet&, const Alphabet&) = default;
};

}  // namespace sluice::sparse
