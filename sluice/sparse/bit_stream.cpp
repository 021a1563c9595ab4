// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/bit_stream.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/base/bytes.hpp"

namespace sluice::sparse {
namespace {

std::uint64_t bytes_for(std::uint64_t num_bits) {
  return num_bits / 8 + (num_bits % 8 == 0 ? 0 : 1);
}

// Calls visit(byte in the words, lowest bit there, count) for runs of bits from the top of each
// word down that lie in one byte.
template <class Visit>
void for_each_run(std::uint64_t words, int word_bits, const Visit& visit) {
  const auto word_bytes = static_cast<std::size_t>(bytes_for(static_cast<unsigned>(word_bits)));
  for (std::uint64_t word = 0; word < words; ++word) {
    const std::size_t first = static_cast<std::size_t>(word) * word_bytes;
    const int top = (word_bits - 1) % 8 + 1;  // bits in the most significant byte
    for (std::size_t i = word_bytes; i-- > 0;) {
      visit(first + i, i + 1 == word_bytes ? top : 8);
    }
  }
}

}  // namespace

BitStream BitWriter::finish() && {
  BitStream stream{std::move(bytes_), 0};
  stream.num_bits = stream.bytes.size() * 8 + static_cast<std::uint64_t>(num_pending_);
  if (num_pending_ > 0) stream.bytes.push_back(static_cast<std::byte>(pending_ >> 56U));
  return stream;
}

BitReader::BitReader(const BitStream& stream) : bytes_(stream.bytes), end_(stream.num_bits) {
  SL_ASSERT(bytes_for(end_) == bytes_.size(), "a stream of as many bytes as its bits take");
}

std::uint64_t BitReader::window() const {
  constexpr std::size_t kWindowBytes = 8;
  const auto byte = static_cast<std::size_t>(at_ / 8);
  const auto shift = static_cast<unsigned>(at_ % 8);
  if (byte + kWindowBytes <= bytes_.size()) {
    return load_big<std::uint64_t>(bytes_.data() + byte) << shift;
  }
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < kWindowBytes; ++i) {
    const std::size_t at = byte + i;
    bits = bits << 8U | (at < bytes_.size() ? std::to_integer<std::uint64_t>(bytes_[at]) : 0);
  }
  return bits << shift;
}

std::uint64_t num_words(std::uint64_t num_bits, int word_bits) {
  const auto size = static_cast<std::uint64_t>(word_bits);
  return num_bits / size + (num_bits % size == 0 ? 0 : 1);
}

std::vector<std::byte> to_words(const BitStream& stream, int word_bits) {
  SL_ASSERT(word_bits > 0, "words of bits");
  const std::uint64_t words = num_words(stream.num_bits, word_bits);
  std::vector<std::byte> out(
      static_cast<std::size_t>(words * bytes_for(static_cast<unsigned>(word_bits))));
  BitReader reader(stream);
  for_each_run(words, word_bits, [&](std::size_t byte, int count) {
    out[byte] = static_cast<std::byte>(reader.peek(count));
    reader.skip(static_cast<int>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(count), reader.remaining())));
  });
  return out;
}

Result<BitStream> from_words(std::span<const std::byte> words, int word_bits,
                             std::uint64_t num_bits) {
  SL_ASSERT(word_bits > 0, "words of bits");
  const auto word_bytes = static_cast<std::size_t>(bytes_for(static_cast<unsigned>(word_bits)));
  const std::uint64_t count = words.size() / word_bytes;
  if (words.size() % word_bytes != 0 || count != num_words(num_bits, word_bits)) {
    return Error{ErrorCode::Parse,
                 fmt::format("holds {} bytes where {} bits in words of {} are expected",
                             words.size(), num_bits, word_bits)};
  }
  BitWriter writer;
  bool is_filled = false;  // beyond a word's bits
  for_each_run(count, word_bits, [&](std::size_t byte, int bits) {
    const auto value = std::to_integer<std::uint64_t>(words[byte]);
    is_filled = is_filled || value >> static_cast<unsigned>(bits) != 0;
    writer.write(value & ((std::uint64_t{1} << static_cast<unsigned>(bits)) - 1), bits);
  });
  BitStream stream = std::move(writer).finish();
  stream.bytes.resize(std::max<std::size_t>(stream.bytes.size(), 1));
  const auto used = static_cast<std::size_t>(bytes_for(num_bits));
  const auto beyond = std::span(stream.bytes).subspan(num_bits / 8);
  for (std::size_t i = 0; i < beyond.size(); ++i) {
    const auto kept = i == 0 ? static_cast<unsigned>(num_bits % 8) : 0U;
    is_filled = is_filled || (std::to_integer<unsigned>(beyond[i]) & 0xFFU >> kept) != 0;
  }
  if (is_filled) return Error{ErrorCode::Parse, "has bits behind the end of its stream"};
  stream.bytes.resize(used);
  stream.num_bits = num_bits;
  return stream;
}

}  // namespace sluice::sparse
