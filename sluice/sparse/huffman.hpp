// SPDX-License-Identifier: Apache-2.0
// Huffman codes: from how often symbols occur to words, and streams of these. A symbol is a number
// from 0 on: where a tensor's code stands in its alphabet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/sparse/alphabet.hpp"
#include "sluice/sparse/bit_stream.hpp"

namespace sluice::sparse {

// Words as long as this fit one look at a stream. Huffman's own are longer only for counts of 10^11
// and more; then, too, no word is.
inline constexpr int kMaxWordBits = BitReader::kMaxBits;
// Alphabets of more bits have no table that hardware would hold.
inline constexpr int kMaxSymbolBits = 16;

// The length of each symbol's word in an optimal prefix code without words longer than `max_length`
// (1 … kMaxWordBits); 0 for symbols that do not occur. A symbol that occurs alone has a word of one
// bit, so that every symbol takes one and a decoder knows no exception. Of equally good codes the
// one with the shortest longest word that Huffman's construction finds. InvalidArgument where there
// are more symbols than words of that length.
[[nodiscard]] Result<std::vector<std::uint8_t>> word_lengths(std::span<const std::uint64_t> counts,
                                                             int max_length = kMaxWordBits);

// The lengths in the code that the published system builds: all symbols have a word, whether they
// occur or not, and so has an end-of-stream mark that occurs once. The two trees joined next are
// the least by count, then by the first symbol of the tree, the mark before all; a joined tree
// keeps the first symbol of the tree taken first. Words of symbols that do not occur grow as long
// as there are such symbols.
struct PublishedLengths {
  std::vector<std::uint32_t> symbols;
  std::uint32_t end = 0;  // of the mark
};
[[nodiscard]] PublishedLengths published_word_lengths(std::span<const std::uint64_t> counts);

// Bits of all symbols in words of these lengths; the stream has no header and no end mark.
[[nodiscard]] std::uint64_t encoded_bits(std::span<const std::uint64_t> counts,
                                         std::span<const std::uint8_t> lengths);
[[nodiscard]] std::uint64_t encoded_bits(std::span<const std::uint64_t> counts,
                                         std::span<const std::uint32_t> lengths);

// The least bits a symbol that any code for symbols one by one can reach on average: the entropy of
// the counts, Σ p·log2(1/p). 0 without counts.
[[nodiscard]] double entropy_bits(std::span<const std::uint64_t> counts);

// The canonical code of some lengths: words of one length are consecutive numbers in the order of
// their symbols, shorter words before longer ones; so the lengths are the whole table.
class HuffmanCode {
 public:
  // Verify unless the lengths are those of a code: each at most kMaxWordBits; the words fill all
  // the room there is, or one symbol has one bit, or there are none.
  static Result<HuffmanCode> create(std::vector<std::uint8_t> lengths);

  // By symbol; 0: it has no word.
  [[nodiscard]] std::span<const std::uint8_t> lengths() const noexcept { return lengths_; }
  [[nodiscard]] std::span<const std::uint64_t> words() const noexcept { return words_; }
  // The symbols that have a word, by length, then by symbol: with how many words there are of each
  // length that is what a decoder holds.
  [[nodiscard]] std::span<const std::uint32_t> symbols() const noexcept { return symbols_; }
  [[nodiscard]] int longest() const noexcept { return longest_; }
  // What it takes to hand the code over: for each symbol of the alphabet, whether it occurs or not,
  // its length in as many bits as the longest needs.
  [[nodiscard]] std::uint64_t table_bits() const noexcept;

  // The codes' words one after another; each code occurs in the table, which is the alphabet's.
  [[nodiscard]] BitStream encode(std::span<const std::int32_t> codes,
                                 const Alphabet& alphabet) const;
  // The `count` codes of such a stream. Parse where it ends too early or has bits left over, or
  // where no word begins with what it holds.
  [[nodiscard]] Result<std::vector<std::int32_t>> decode(const BitStream& stream,
                                                         const Alphabet& alphabet,
                                                         std::uint64_t count) const;

 private:
  struct Entry {  // of the table by a word's first bits; length 0: the word is longer, or is none
    std::uint32_t symbol = 0;
    std::uint8_t length = 0;
  };

  HuffmanCode() = default;
  void number_words();
  void fill_table();
  // The entry of the word, longer than the table looks, that begins with these kMaxWordBits bits.
  [[nodiscard]] Entry find(std::uint64_t bits) const;

  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint64_t> words_;
  std::vector<std::uint32_t> symbols_;
  // By length: the first word, how many there are, and the place in symbols_ of the first one.
  std::vector<std::uint64_t> first_, count_, offset_;
  std::vector<Entry> table_;
  int longest_ = 0;
};

// How often each code of the alphabet, of at most kMaxSymbolBits bits, occurs.
void count_codes(std::span<const std::int32_t> codes, const Alphabet& alphabet,
                 std::span<std::uint64_t> counts);

}  // namespace sluice::sparse
