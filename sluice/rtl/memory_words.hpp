// SPDX-License-Identifier: Apache-2.0
// Memory words: fields of bits packed as a memory's words, for $readmemh.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::rtl {

// One word a line, ⌈width/4⌉ lower-case hexadecimal digits each. The first field that is added to a
// word is least significant.
class MemoryWords {
 public:
  explicit MemoryWords(std::int64_t width_bits);

  // The lowest `bits` (1 to 64) of the value, in two's complement. A word that is full is followed
  // by the next; a field may not cross its end.
  void add(std::int64_t value, int bits);
  // The text of all words, each of which is full.
  [[nodiscard]] std::string text() &&;

 private:
  void write_word();

  std::int64_t width_bits_;
  std::int64_t filled_bits_ = 0;
  std::vector<std::uint64_t> word_;
  std::string text_;
};

// Of codes in stream order, `lanes` of `bits` bits a word.
[[nodiscard]] std::string words_of_stream(const std::vector<std::int64_t>& codes,
                                          std::int64_t lanes, int bits);

}  // namespace sluice::rtl
