// SPDX-License-Identifier: Apache-2.0
// One channel of an image with its padding, written out as a string of bits, row after row: then
// each element of a window lies at a fixed distance from the window's begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sluice/numeric/tensor.hpp"
#include "sluice/sparse/bit_kernels.hpp"
#include "sluice/sparse/conv_windows.hpp"

namespace sluice::sparse {

class ChannelBits {
 public:
  explicit ChannelBits(const ConvWindows& conv);

  // Where a window's elements lie from its begin on, in the order of the kernel's.
  [[nodiscard]] const std::vector<std::size_t>& taps() const { return taps_; }
  // A bit set where a window begins; spare words of zeros behind it.
  [[nodiscard]] std::span<const std::uint64_t> starts() const {
    return std::span(starts_).first(num_words_);
  }
  // Words that `write` needs, those included that kernels read behind the end.
  [[nodiscard]] std::size_t size() const { return num_words_ + taps_.back() / 64 + kSpareWords; }

  // Whether the string of a channel is its image as it is: no padding.
  [[nodiscard]] bool is_plain() const { return is_plain_; }
  // The string of a channel whose elements are nonzero where `nonzero`, packed without padding, is
  // set; `string` has size() words.
  void write(const std::uint64_t* nonzero, std::uint64_t* string) const;

 private:
  // Bits that are copied as they are: a row, or rows without padding between them.
  struct Run {
    std::size_t from, to, length;
  };
  void add_run(const Run& run);

  std::vector<std::size_t> taps_;
  std::vector<std::uint64_t> starts_;
  std::size_t num_words_ = 0;  // of `starts`
  std::vector<Run> runs_;
  bool is_plain_ = false;
};

// The strings of channels, one after another, in memory of its own: one a thread.
class ChannelString {
 public:
  // Both must outlive it.
  ChannelString(const ConvWindows& conv, const ChannelBits& layout);

  // Of a channel of one of the images [n, C, spatial…]. How many of its elements are not zero.
  std::size_t read(const Tensor& images, std::int64_t image, std::int64_t channel);
  [[nodiscard]] const std::uint64_t* bits() const { return string_.data(); }

 private:
  const ConvWindows& conv_;
  const ChannelBits& layout_;
  std::size_t elements_;  // of a channel
  std::vector<std::uint64_t> nonzero_;
  std::vector<std::uint64_t> string_;
};

}  // namespace sluice::sparse
