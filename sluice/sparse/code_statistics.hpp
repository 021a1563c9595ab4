// SPDX-License-Identifier: Apache-2.0
// What one tensor would take in several codes, over all images that it is seen on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/sparse/alphabet.hpp"
#include "sluice/sparse/encoding.hpp"
#include "sluice/sparse/run_length.hpp"

namespace sluice::sparse {

// Whose ratios are wanted.
enum class Rules : unsigned char {
  Exact,      // all bits of all images over all bits they were
  Published,  // the published system's: its Huffman code, run-length ratios averaged over batches
};

// encoded bits / original bits, below 1 is good.
struct Compression {
  double ratio = 1;
  std::uint64_t table_bits = 0;  // of a Huffman code, and not in the ratio
};

class CodeStatistics {
 public:
  CodeStatistics(Alphabet alphabet, std::vector<Encoding> encodings, Rules rules);

  // The codes of one image in their order; with Rules::Published those of a batch of `images`.
  // No run goes on to the next call. The codes are of the alphabet.
  void add(std::span<const std::int32_t> codes, std::int64_t images = 1);

  [[nodiscard]] const Alphabet& alphabet() const noexcept { return alphabet_; }
  [[nodiscard]] std::uint64_t codes() const noexcept { return codes_; }
  [[nodiscard]] std::int64_t images() const noexcept { return images_; }

  // In encodings[i]; nothing where a Huffman code would be of more than kMaxSymbolBits bits, or
  // where nothing was added. InvalidArgument where there are more codes than words.
  [[nodiscard]] Result<std::optional<Compression>> compression(std::size_t i) const;
  // The least ratio of any code of single values: entropy / bits. Nothing as above.
  [[nodiscard]] std::optional<double> entropy_ratio() const;
  // How often each code of the alphabet came; empty above kMaxSymbolBits bits.
  [[nodiscard]] std::span<const std::uint64_t> counts() const noexcept { return counts_; }

 private:
  struct Runs {
    std::uint64_t tokens = 0;
    double weighted_ratio = 0;  // Σ ratio of a batch · its images
  };
  [[nodiscard]] Compression run_length(std::size_t i) const;
  [[nodiscard]] Result<Compression> huffman(int max_length) const;

  Alphabet alphabet_;
  std::vector<Encoding> encodings_;
  Rules rules_;
  std::vector<std::uint64_t> counts_;
  std::vector<Runs> runs_;  // by encoding
  std::uint64_t codes_ = 0;
  std::int64_t images_ = 0;
};

}  // namespace sluice::sparse
