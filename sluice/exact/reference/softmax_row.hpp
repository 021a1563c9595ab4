// SPDX-License-Identifier: Apache-2.0
// Softmax of codes. All it knows of a code is its distance from the largest one, at most 255, so
// the exponentials are a table.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "sluice/exact/reference/node.hpp"

namespace sluice::exact::reference {

class SoftmaxRow {
 public:
  // Unsupported unless the output has the scale 1/256 and its least code as zero point.
  static Result<SoftmaxRow> make(const NodeView& node);

  // The codes of one run, in place. TFLite: exponentials in Q0.31, their sum in Q12.19, one
  // reciprocal. XNNPACK's users fall back to TFLite's optimised kernel: float32, in the order of
  // the codes.
  void apply(std::vector<std::int64_t>& codes) const;

 private:
  void fill_in_integers(float scale);
  void fill_in_float(float scale);
  void apply_in_integers(std::vector<std::int64_t>& codes, std::int64_t largest) const;
  void apply_in_float(std::vector<std::int64_t>& codes, std::int64_t largest) const;

  static constexpr std::size_t kDistances = 256;

  bool in_float_ = false;
  numeric::CodeRange codes_{};
  std::array<std::int32_t, kDistances> exponentials_{};  // by distance; 0: too far to count
  std::array<float, kDistances> float_exponentials_{};
};

}  // namespace sluice::exact::reference
