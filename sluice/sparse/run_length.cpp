// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/run_length.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"

namespace sluice::sparse {
namespace {

void check_length_bits(int length_bits) {
  SL_ASSERT(length_bits >= 1 && length_bits <= kMaxLengthBits, "a token's length has 1 to 32 bits");
}

// The end of the run that begins at `first`.
std::size_t end_of_run(std::span<const std::int32_t> codes, std::size_t first) {
  constexpr std::size_t kAtOnce = 8;  // most values are zeros, in long runs
  const std::int32_t value = codes[first];
  std::size_t end = first + 1;
  const auto is_uniform = [&] {
    std::int32_t difference = 0;
    for (std::size_t i = 0; i < kAtOnce; ++i) difference |= codes[end + i] ^ value;
    return difference == 0;
  };
  while (end + kAtOnce <= codes.size() && is_uniform()) end += kAtOnce;
  while (end < codes.size() && codes[end] == value) ++end;
  return end;
}

// Calls visit(token) for the tokens of codes.
template <class Visit>
void for_each_token(std::span<const std::int32_t> codes, int length_bits, const Visit& visit) {
  const std::uint64_t longest = std::uint64_t{1} << static_cast<unsigned>(length_bits);
  for (std::size_t first = 0; first < codes.size();) {
    const std::size_t end = end_of_run(codes, first);
    for (std::uint64_t left = end - first; left > 0;) {
      const std::uint64_t length = std::min(left, longest);
      visit(Token{codes[first], length});
      left -= length;
    }
    first = end;
  }
}

}  // namespace

std::vector<Token> run_length_tokens(std::span<const std::int32_t> codes, int length_bits) {
  check_length_bits(length_bits);
  std::vector<Token> tokens;
  for_each_token(codes, length_bits, [&](const Token& token) { tokens.push_back(token); });
  return tokens;
}

RunLengthCounter::RunLengthCounter(int length_bits) : length_bits_(length_bits) {
  check_length_bits(length_bits);
}

void RunLengthCounter::add(std::span<const std::int32_t> codes) {
  codes_ += codes.size();
  for (std::size_t first = 0; first < codes.size();) {
    const std::size_t end = end_of_run(codes, first);
    if (run_ == 0 || codes[first] != value_) {
      end_run();
      value_ = codes[first];
    }
    run_ += end - first;
    first = end;
  }
}

void RunLengthCounter::end_run() {
  finished_ += tokens_of_run();
  run_ = 0;
}

std::uint64_t RunLengthCounter::tokens_of_run() const noexcept {
  const auto shift = static_cast<unsigned>(length_bits_);
  return run_ == 0 ? 0 : ((run_ - 1) >> shift) + 1;
}

std::uint64_t RunLengthCounter::tokens() const noexcept {
  return finished_ + tokens_of_run();
}

double RunLengthCounter::ratio(int value_bits) const noexcept {
  if (codes_ == 0) return 1;
  return static_cast<double>(tokens()) * static_cast<double>(value_bits + length_bits_) /
         (static_cast<double>(codes_) * static_cast<double>(value_bits));
}

BitStream encode_run_length(std::span<const std::int32_t> codes, const Alphabet& alphabet,
                            int length_bits) {
  check_length_bits(length_bits);
  BitWriter writer;
  const std::uint64_t mask = alphabet.size() - 1;
  for_each_token(codes, length_bits, [&](const Token& token) {
    SL_DASSERT(alphabet.contains(token.value), "a code of the alphabet");
    writer.write(static_cast<std::uint64_t>(std::int64_t{token.value}) & mask, alphabet.bits);
    writer.write(token.length - 1, length_bits);
  });
  return std::move(writer).finish();
}

Result<std::vector<std::int32_t>> decode_run_length(const BitStream& stream,
                                                    const Alphabet& alphabet, int length_bits,
                                                    std::uint64_t count) {
  check_length_bits(length_bits);
  const int token_bits = alphabet.bits + length_bits;
  if (stream.num_bits % static_cast<unsigned>(token_bits) != 0) {
    return Error{ErrorCode::Parse, fmt::format("holds {} bits, no whole number of tokens of {}",
                                               stream.num_bits, token_bits)};
  }
  std::vector<std::int32_t> codes;
  BitReader reader(stream);
  while (reader.remaining() > 0) {
    // The value from the lowest up: the sign bit turned over makes two's complement an index.
    auto at = reader.peek(alphabet.bits);
    if (alphabet.is_signed) at ^= alphabet.size() / 2;
    reader.skip(alphabet.bits);
    const std::uint64_t length = reader.peek(length_bits) + 1;
    reader.skip(length_bits);
    if (length > count - codes.size()) {
      return Error{ErrorCode::Parse, fmt::format("makes more codes than the {} expected", count)};
    }
    codes.insert(codes.end(), static_cast<std::size_t>(length),
                 alphabet.code(static_cast<std::size_t>(at)));
  }
  if (codes.size() != count) {
    return Error{ErrorCode::Parse,
                 fmt::format("makes {} codes where {} are expected", codes.size(), count)};
  }
  return codes;
}

}  // namespace sluice::sparse
