// SPDX-License-Identifier: Apache-2.0
// Streams of bits. The first bit of a stream is the most significant bit of its first byte, or of
// its first memory word: a number is written most significant bit first, so that hardware reads a
// code from the top of its word down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::sparse {

struct BitStream {
  std::vector<std::byte> bytes;  // as few as hold the bits; the bits behind the last are 0
  std::uint64_t num_bits = 0;
  friend bool operator==(const BitStream&, const BitStream&) = default;
};

class BitWriter {
 public:
  static constexpr int kMaxBits = 56;  // of one write

  // The low `count` bits of `value`, the highest of them first; 0 ≤ count ≤ kMaxBits, and the
  // higher bits are 0.
  void write(std::uint64_t value, int count) {
    num_pending_ += count;
    pending_ |= count == 0 ? 0 : value << (64 - num_pending_);
    for (; num_pending_ >= 8; num_pending_ -= 8, pending_ <<= 8U) {
      bytes_.push_back(static_cast<std::byte>(pending_ >> 56U));
    }
  }

  [[nodiscard]] BitStream finish() &&;

 private:
  std::vector<std::byte> bytes_;
  std::uint64_t pending_ = 0;  // from the top down
  int num_pending_ = 0;        // fewer than 8 between writes
};

// `stream` must outlive it.
class BitReader {
 public:
  static constexpr int kMaxBits = 56;  // of one look

  explicit BitReader(const BitStream& stream);

  // The next `count` bits without moving on, 0 ≤ count ≤ kMaxBits; behind the end bits are 0.
  [[nodiscard]] std::uint64_t peek(int count) const {
    return count == 0 ? 0 : window() >> (64 - count);
  }
  // Moves on by `count` bits, of which no more than remain.
  void skip(int count) { at_ += static_cast<std::uint64_t>(count); }
  [[nodiscard]] std::uint64_t remaining() const { return end_ - at_; }

 private:
  // The next bits from the top down, kMaxBits of them or more.
  [[nodiscard]] std::uint64_t window() const;

  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
  std::uint64_t end_;
};

// The stream in memory words of `word_bits` bits, the first bit on top of the first word, the last
// word filled up with zero bits; each word with its least significant byte first, in the smallest
// whole number of bytes, as exact/golden's words are. word_bits is positive.
[[nodiscard]] std::vector<std::byte> to_words(const BitStream& stream, int word_bits);
[[nodiscard]] std::uint64_t num_words(std::uint64_t num_bits, int word_bits);
// The stream of `num_bits` bits that words hold. Parse unless there are as many words as it takes,
// and all bits behind it are 0.
[[nodiscard]] Result<BitStream> from_words(std::span<const std::byte> words, int word_bits,
                                           std::uint64_t num_bits);

}  // namespace sluice::sparse
