// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/memory_words.hpp"

#include <algorithm>
#include <string_view>

#include "sluice/base/assert.hpp"

namespace sluice::rtl {
namespace {

constexpr int kBitsOfPart = 64;

}  // namespace

MemoryWords::MemoryWords(std::int64_t width_bits)
    : width_bits_(width_bits),
      word_(static_cast<std::size_t>((width_bits + kBitsOfPart - 1) / kBitsOfPart), 0) {
  SL_ASSERT(width_bits > 0, "a word has bits");
}

void MemoryWords::add(std::int64_t value, int bits) {
  SL_ASSERT(bits >= 1 && bits <= kBitsOfPart && filled_bits_ + bits <= width_bits_,
            "a field fits in its word");
  auto field = static_cast<std::uint64_t>(value);
  if (bits < kBitsOfPart) field &= (std::uint64_t{1} << bits) - 1;
  const auto part = static_cast<std::size_t>(filled_bits_ / kBitsOfPart);
  const auto shift = static_cast<int>(filled_bits_ % kBitsOfPart);
  word_[part] |= field << shift;
  if (shift + bits > kBitsOfPart) word_[part + 1] |= field >> (kBitsOfPart - shift);
  filled_bits_ += bits;
  if (filled_bits_ == width_bits_) write_word();
}

void MemoryWords::write_word() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (std::int64_t digit = (width_bits_ + 3) / 4 - 1; digit >= 0; --digit) {
    const std::uint64_t part = word_[static_cast<std::size_t>(digit / 16)];
    text_ += kDigits[(part >> (digit % 16 * 4)) & 15];
  }
  text_ += '\n';
  std::ranges::fill(word_, 0);
  filled_bits_ = 0;
}

std::string MemoryWords::text() && {
  SL_ASSERT(filled_bits_ == 0, "the last word is full");
  return std::move(text_);
}

std::string words_of_stream(const std::vector<std::int64_t>& codes, std::int64_t lanes, int bits) {
  MemoryWords words(lanes * bits);
  for (const std::int64_t code : codes) words.add(code, bits);
  return std::move(words).text();
}

}  // namespace sluice::rtl
