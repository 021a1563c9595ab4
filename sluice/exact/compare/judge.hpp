// SPDX-License-Identifier: Apache-2.0
// Two results of one layer compared element by element, each difference with its cause.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sluice/base/shape.hpp"
#include "sluice/exact/compare/cause.hpp"
#include "sluice/exact/golden/manifest.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::exact::compare {

// What a layer's codes were requantized from.
struct Sums {
  std::vector<std::int64_t> accumulators;          // one an element
  std::vector<numeric::Requantizer> requantizers;  // one, or one an index of dimension `axis`
  std::size_t axis = 1;
};

// The whole result under another arithmetic.
struct Alternative {
  numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble;
  Tensor codes;
};

// What there is to explain differences with; each may be missing.
struct Evidence {
  std::optional<Sums> sums;
  std::vector<Alternative> alternatives;
  std::optional<numeric::CodeRange> codes;  // that there are; nothing: all of the type
  std::vector<bool> border;  // by element: whether the window reaches over the input's border
};

struct Differences {
  std::int64_t count = 0;
  std::size_t first = 0;  // index of the first one, if there is one
  std::array<std::int64_t, kNumCauses> causes{};

  [[nodiscard]] std::int64_t of(Cause cause) const {
    return causes[static_cast<std::size_t>(cause)];
  }
};

// Integer tensors of one shape. Where all differences lie on the border, and there is more than a
// border, those that nothing else explains are Padding.
[[nodiscard]] Differences judge(const Tensor& ours, const Tensor& theirs, const Evidence& evidence);

// How many elements differ, without causes.
[[nodiscard]] Differences count_differences(const Tensor& a, const Tensor& b);

// The elements of an output [batch, channels, spatial…] whose window reaches over the border of an
// input of these spatial sizes.
[[nodiscard]] std::vector<bool> border_of(const golden::LayerWindow& window, const Shape& input,
                                          const Shape& output);

}  // namespace sluice::exact::compare
