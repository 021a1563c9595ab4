// SPDX-License-Identifier: Apache-2.0
// How many of a window's products are zero, because the input or the weight is: what an engine that
// skips zeros saves.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "sluice/numeric/tensor.hpp"
#include "sluice/sparse/conv_windows.hpp"

namespace sluice::sparse {

// For each channel of the input, how many meetings of a window with a filter's kernel had 0, 1, …
// kernel_size zeros among their products. The padding is zero.
struct ZeroHistogram {
  std::int64_t channels = 0;
  std::int64_t kernel_size = 0;
  std::vector<std::uint64_t> counts;  // [channels][kernel_size + 1]

  [[nodiscard]] std::span<const std::uint64_t> channel(std::int64_t c) const;
  [[nodiscard]] std::span<std::uint64_t> channel(std::int64_t c);
};

// Numbers, and those of them that are zero.
struct ZeroShare {
  std::uint64_t numbers = 0;
  std::uint64_t zeros = 0;
};

// The definition: every product of images [n, C, spatial…] is looked at. A product of numbers that
// are not zero is not zero: an underflow of float32 is none of the hardware's.
[[nodiscard]] ZeroHistogram count_zeros_plainly(const ConvWindows& conv, const Tensor& images);

// The same from bits, one an input, and without looking at any filter twice: kernels that have
// their zeros at the same places are counted as one, or, where there are many, windows are counted
// by the places of their zeros and meet the kernels at the end.
class ZeroCounter {
 public:
  explicit ZeroCounter(ConvWindows conv);
  ZeroCounter(ZeroCounter&&) noexcept;
  ZeroCounter& operator=(ZeroCounter&&) noexcept;
  ~ZeroCounter();

  // Images [n, C, spatial…] of the input's type. Order does not matter.
  void add(const Tensor& images);
  [[nodiscard]] const ConvWindows& conv() const;
  // Of all images so far.
  [[nodiscard]] ZeroHistogram histogram() const;
  // The numbers of the inputs themselves, padding left out.
  [[nodiscard]] ZeroShare inputs() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sluice::sparse
