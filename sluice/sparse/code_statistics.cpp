// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/code_statistics.hpp"

#include "sluice/base/assert.hpp"
#include "sluice/sparse/huffman.hpp"

namespace sluice::sparse {

CodeStatistics::CodeStatistics(Alphabet alphabet, std::vector<Encoding> encodings, Rules rules)
    : alphabet_(alphabet), encodings_(std::move(encodings)), rules_(rules) {
  if (alphabet_.bits <= kMaxSymbolBits) counts_.resize(alphabet_.size());
  runs_.resize(encodings_.size());
}

void CodeStatistics::add(std::span<const std::int32_t> codes, std::int64_t images) {
  if (!counts_.empty()) count_codes(codes, alphabet_, counts_);
  for (std::size_t i = 0; i < encodings_.size(); ++i) {
    if (encodings_[i].kind != Encoding::Kind::RunLength) continue;
    RunLengthCounter counter(encodings_[i].bits);
    counter.add(codes);
    runs_[i].tokens += counter.tokens();
    runs_[i].weighted_ratio += counter.ratio(alphabet_.bits) * static_cast<double>(images);
  }
  codes_ += codes.size();
  images_ += images;
}

Compression CodeStatistics::run_length(std::size_t i) const {
  if (rules_ == Rules::Published) {
    return {runs_[i].weighted_ratio / static_cast<double>(images_), 0};
  }
  const auto token_bits = static_cast<double>(alphabet_.bits + encodings_[i].bits);
  return {static_cast<double>(runs_[i].tokens) * token_bits /
              (static_cast<double>(codes_) * alphabet_.bits),
          0};
}

Result<Compression> CodeStatistics::huffman(int max_length) const {
  const double bits = static_cast<double>(codes_) * alphabet_.bits;
  if (rules_ == Rules::Published) {
    const PublishedLengths lengths = published_word_lengths(counts_);
    return Compression{static_cast<double>(encoded_bits(counts_, lengths.symbols)) / bits, 0};
  }
  SL_TRY(auto lengths, word_lengths(counts_, max_length == 0 ? kMaxWordBits : max_length));
  SL_TRY(const HuffmanCode code, HuffmanCode::create(std::move(lengths)));
  return Compression{static_cast<double>(encoded_bits(counts_, code.lengths())) / bits,
                     code.table_bits()};
}

Result<std::optional<Compression>> CodeStatistics::compression(std::size_t i) const {
  if (codes_ == 0) return std::optional<Compression>();
  if (encodings_[i].kind == Encoding::Kind::RunLength) return std::optional(run_length(i));
  if (counts_.empty()) return std::optional<Compression>();
  SL_TRY(const Compression found, huffman(encodings_[i].bits));
  return std::optional(found);
}

std::optional<double> CodeStatistics::entropy_ratio() const {
  if (codes_ == 0 || counts_.empty()) return std::nullopt;
  return entropy_bits(counts_) / alphabet_.bits;
}

}  // namespace sluice::sparse
