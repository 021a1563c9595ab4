// SPDX-License-Identifier: Apache-2.0
// Which fake quantizer a tensor is trained with, as plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::train {

// In the formulas b is `bits`, n = 2^b − 1, rne rounds to nearest with halves to even, and the
// gradient of rne is 1.
enum class QuantizerKind : std::uint8_t {
  // "tanh": the weights of DiracDeltaNet. With t = tanh(w) and M = max|t|, the code is
  // rne(n·(t/(2M) + 1/2)) − 2^(b−1) and the step 2^(1−b): two's complement on [−1, 1 − 2^(1−b)],
  // which leans by −2^−b. M is learnt through.
  Tanh,
  // "dorefa": weights as DoReFa-Net has them, with the same q = rne(n·(t/(2M) + 1/2)): step 1/n and
  // the odd code 2q − n, which takes b + 1 bits and is never 0; unsigned, its activations
  // rne(n·clip(x, 0, 1))/n.
  Dorefa,
  // "pact": activations clipped at a learnt a, step a/n. The gradient to a is 1 from a on; the L2
  // penalty that was published with it is the caller's to add to the loss.
  Pact,
  // "normalized-pact": the activations of DiracDeltaNet, (R/n)·rne(n·clip(x, 0, a)/a) with a learnt
  // a and a fixed R, so that the step is R/n wherever a goes.
  NormalizedPact,
  // "lsq": the step s itself is learnt; code = clip(rne(x/s)).
  Lsq,
  // "lsq+": and so is an offset β, as a zero point z = rne(−β/s): code = clip(rne(x/s) + z).
  LsqPlus,
};

// What a learnt step, or a clip through its step, starts from.
enum class StepStart : std::uint8_t {
  // "published": for lsq 2·mean|x|/√Qp; for lsq+ without an offset the larger of |μ − 3σ| and
  // |μ + 3σ| over 2^(b−1), with one, or unsigned, least error; for the others `clip`.
  Published,
  Percentile,  // "percentile": all values are covered but the rarest on either side
  LeastError,  // "mse": the range, of 100 sizes of each end, whose mean square error is least
};

// By name. InvalidArgument with the nearest name.
[[nodiscard]] Result<QuantizerKind> quantizer_kind_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(QuantizerKind kind) noexcept;
[[nodiscard]] Result<StepStart> step_start_from_string(std::string_view name);
[[nodiscard]] std::string_view to_string(StepStart start) noexcept;

struct QuantizerOptions {
  QuantizerKind kind = QuantizerKind::Lsq;
  int bits = 8;           // 1 … 8
  bool is_signed = true;  // codes below 0: for weights
  // Of lsq and lsq+, signed: codes ±(2^(b−1) − 1), without the most negative one.
  bool is_symmetric = false;
  // Of pact, lsq and lsq+: the step used is 2^rne(log2 s), whose gradient is 1. (tanh's always is a
  // power of two.)
  bool power_of_two = false;
  // Of lsq and lsq+: gradients to steps and offsets are multiplied by 1/√(N·Qp), N values a step.
  bool scales_gradient = true;
  bool has_offset = true;  // of lsq+: off for weights
  // One step for each slice along it; none: one for the tensor. Of pact, normalized-pact, lsq,
  // lsq+.
  std::optional<std::int64_t> axis = {};
  double clip = 6;   // of pact and normalized-pact: a, where it starts
  double range = 2;  // of normalized-pact: R, the largest value
  StepStart start = StepStart::Published;
  double percent = 99.9;  // of StepStart::Percentile

  friend bool operator==(const QuantizerOptions&, const QuantizerOptions&) = default;
};

// InvalidArgument unless the widths and numbers are in range, the kind has what is asked of it, and
// the axis is one of the shape's.
[[nodiscard]] Status check_quantizer(const QuantizerOptions& options,
                                     std::span<const std::int64_t> shape);

// The least and the greatest code. The options pass check_quantizer, here and below.
[[nodiscard]] numeric::CodeRange codes_of(const QuantizerOptions& options) noexcept;

// Qp of the formulas: the greatest code; where that is 0 (signed, 1 bit) the least one's magnitude.
[[nodiscard]] std::int64_t largest_code(const QuantizerOptions& options) noexcept;

// Whether it learns a step or a clip; and an offset.
[[nodiscard]] bool learns_step(const QuantizerOptions& options) noexcept;
[[nodiscard]] bool learns_offset(const QuantizerOptions& options) noexcept;

}  // namespace sluice::train
