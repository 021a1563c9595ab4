// SPDX-License-Identifier: Apache-2.0
// Run-length coding of all values, not zeros alone: a run of equal codes becomes a token (value,
// length). A token takes value bits and l length bits; a run longer than 2^l is cut.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/sparse/alphabet.hpp"
#include "sluice/sparse/bit_stream.hpp"

namespace sluice::sparse {

inline constexpr int kMaxLengthBits = 32;

struct Token {
  std::int32_t value = 0;
  std::uint64_t length = 1;  // 1 … 2^l
  friend bool operator==(const Token&, const Token&) = default;
};

// The tokens of codes, each as long as it can be. 1 ≤ length_bits ≤ kMaxLengthBits.
[[nodiscard]] std::vector<Token> run_length_tokens(std::span<const std::int32_t> codes,
                                                   int length_bits);

// Counts tokens without keeping them; runs go on from one piece to the next.
class RunLengthCounter {
 public:
  explicit RunLengthCounter(int length_bits);

  void add(std::span<const std::int32_t> codes);
  // What comes next begins a run of its own.
  void end_run();

  [[nodiscard]] std::uint64_t tokens() const noexcept;
  [[nodiscard]] std::uint64_t codes() const noexcept { return codes_; }
  // tokens·(value_bits + l) / (codes·value_bits): below 1 is good; 1 without codes.
  [[nodiscard]] double ratio(int value_bits) const noexcept;

 private:
  [[nodiscard]] std::uint64_t tokens_of_run() const noexcept;

  int length_bits_;
  std::int32_t value_ = 0;
  std::uint64_t run_ = 0;  // the run at hand, 0: none
  std::uint64_t finished_ = 0;
  std::uint64_t codes_ = 0;
};

// Tokens one after another: the value in the alphabet's bits (two's complement if it is signed),
// then length − 1 in l bits. The codes are of the alphabet.
[[nodiscard]] BitStream encode_run_length(std::span<const std::int32_t> codes,
                                          const Alphabet& alphabet, int length_bits);
// The `count` codes of such a stream. Parse where its tokens do not make up just as many.
[[nodiscard]] Result<std::vector<std::int32_t>> decode_run_length(const BitStream& stream,
                                                                  const Alphabet& alphabet,
                                                                  int length_bits,
                                                                  std::uint64_t count);

}  // namespace sluice::sparse
