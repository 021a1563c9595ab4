// SPDX-License-Identifier: Apache-2.0
// Memory words: codes in stream order, packed as hardware reads them. The bytes of the words are
// the content of a .bin file; .mem and .coe are the same words in hexadecimal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::exact::golden {

// How a stream of codes is cut into words. A word has `fold` codes of `bits` bits, the first in the
// least significant bits, in two's complement if they are signed. Words never mix pixels: the last
// word of each pixel is filled up with zero bits.
struct WordFormat {
  int bits = 8;  // of a code, 1 to 64
  bool is_signed = true;
  std::int64_t fold = 1;        // codes a word
  std::int64_t pixel_size = 1;  // codes a pixel: the size of the innermost dimension

  [[nodiscard]] std::int64_t word_bits() const { return bits * fold; }
  // A word takes the smallest whole number of bytes; what is left of the last one is zero.
  [[nodiscard]] std::int64_t word_bytes() const { return (word_bits() + 7) / 8; }
  [[nodiscard]] std::int64_t words_per_pixel() const { return (pixel_size + fold - 1) / fold; }
  // Of `num_codes` codes, a multiple of pixel_size.
  [[nodiscard]] std::int64_t num_words(std::int64_t num_codes) const {
    return pixel_size == 0 ? 0 : num_codes / pixel_size * words_per_pixel();
  }
};

// The words one after another, each with its least significant byte first. Each code must fit in
// the format's bits.
[[nodiscard]] std::vector<std::byte> pack(std::span<const std::int64_t> codes,
                                          const WordFormat& format);
// The `num_codes` codes of packed words. Parse, naming the word, unless there are as many bytes as
// they take and all filling bits are zero.
[[nodiscard]] Result<std::vector<std::int64_t>> unpack(std::span<const std::byte> bytes,
                                                       const WordFormat& format,
                                                       std::int64_t num_codes);

// For Verilog's $readmemh: one word a line, ⌈word_bits/4⌉ lower-case hexadecimal digits each.
[[nodiscard]] std::string to_mem(std::span<const std::byte> words, const WordFormat& format);
// The words' bytes. Parse, with the line as the place, unless the text is as to_mem writes it;
// capital digits and blank lines are taken too.
[[nodiscard]] Result<std::vector<std::byte>> parse_mem(std::string_view text,
                                                       const WordFormat& format);

// For Xilinx's memory generators: the radix, 16, then the same digits as a comma-separated list.
[[nodiscard]] std::string to_coe(std::span<const std::byte> words, const WordFormat& format);
[[nodiscard]] Result<std::vector<std::byte>> parse_coe(std::string_view text,
                                                       const WordFormat& format);

}  // namespace sluice::exact::golden
