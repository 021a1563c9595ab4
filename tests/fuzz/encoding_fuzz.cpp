// SPDX-License-Identifier: Apache-2.0
// Any bytes as the table of a Huffman code and a stream of its words, and as a stream of tokens:
// what decodes encodes to the same bits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/sparse/huffman.hpp"
#include "sluice/sparse/run_length.hpp"

namespace {

using namespace sluice::sparse;

void require(bool condition) {
  if (!condition) __builtin_trap();
}

BitStream stream_of(std::span<const std::uint8_t> data, unsigned bits_left_out) {
  BitStream stream;
  stream.bytes.reserve(data.size());
  for (const std::uint8_t byte : data) stream.bytes.push_back(static_cast<std::byte>(byte));
  stream.num_bits = data.size() * 8;
  if (data.empty()) return stream;
  stream.num_bits -= bits_left_out % 8;
  stream.bytes.back() &= static_cast<std::byte>(0xFFU << bits_left_out % 8);
  return stream;
}

void decode_words(const std::vector<std::uint8_t>& lengths, const Alphabet& alphabet,
                  const BitStream& stream, std::uint64_t count) {
  const auto code = HuffmanCode::create(lengths);
  if (!code) return;
  const auto codes = code->decode(stream, alphabet, count);
  if (codes) require(code->encode(*codes, alphabet) == stream);
}

void decode_tokens(const Alphabet& alphabet, int length_bits, const BitStream& stream,
                   std::uint64_t count) {
  const auto codes = decode_run_length(stream, alphabet, length_bits, count);
  if (!codes) return;
  // A run may have been cut where it need not be: then the stream is longer than ours.
  const BitStream again = encode_run_length(*codes, alphabet, length_bits);
  require(again.num_bits <= stream.num_bits);
  require(decode_run_length(again, alphabet, length_bits, count).has_value());
}

}  // namespace

// libFuzzer asks for this name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHead = 4;
  if (size < kHead) return 0;
  const Alphabet alphabet{1 + data[0] % 8, data[1] % 2 == 0};
  const unsigned left_out = data[1] / 2U;
  const int length_bits = 1 + data[2] % kMaxLengthBits;
  const std::uint64_t count = data[3];
  const std::span rest = std::span(data, size).subspan(kHead);
  decode_tokens(alphabet, length_bits, stream_of(rest, left_out), count);
  std::vector<std::uint8_t> lengths(alphabet.size());
  const std::size_t known = std::min(lengths.size(), rest.size());
  std::ranges::copy(rest.first(known), lengths.begin());
  decode_words(lengths, alphabet, stream_of(rest.subspan(known), left_out), count);
  return 0;
}
