// SPDX-License-Identifier: Apache-2.0
// Fake quantization: values made multiples of a step, with the gradients that were published for
// it. A level is a code less the zero point, so that each value is step·level, one product in
// float32. Rounding is to nearest, halves to even; its gradient is 1. NaN stays NaN.
#pragma once

#include <cstdint>
#include <torch/types.h>

#include "sluice/numeric/rounding.hpp"

namespace sluice::train {

struct StepRule {
  numeric::CodeRange codes;
  std::int64_t axis = -1;  // along which there are several steps; −1: one for all values
  bool power_of_two = false;
  double gradient_scale = 1;  // of steps and offsets
};

// The numbers that are learnt are [1], or [c] along the rule's axis; so are the ones used.

// max(|t|, 2^−40), or the power of two nearest to it in the logarithm: never 0, never negative. In
// gradients |t| counts, the bound and the rounding do not.
[[nodiscard]] at::Tensor used_step(const at::Tensor& learnt, bool power_of_two);
// rne(−β/s), clamped to the codes, so that 0 always has one. float32.
[[nodiscard]] at::Tensor used_zero_point(const at::Tensor& offset, const at::Tensor& step,
                                         const numeric::CodeRange& codes);

// LSQ (Esser et al., 2020). With v = x/s and Qn, Qp the bounds of the codes: the level is
// clip(rne(v), Qn, Qp); dx = 1 strictly between the bounds, else 0; ds = rne(v) − v between them,
// Qn or Qp at them and beyond. LSQ+ (Bhalgat et al., 2020) with an offset β, undefined for none: v
// and the levels are less the zero point, and dβ = 1 where dx = 0.
[[nodiscard]] at::Tensor levels_by_step(const at::Tensor& x, const at::Tensor& learnt,
                                        const at::Tensor& offset, const StepRule& rule);
[[nodiscard]] at::Tensor snap_by_step(const at::Tensor& x, const at::Tensor& learnt,
                                      const at::Tensor& offset, const StepRule& rule);

// PACT (Choi et al., 2018). s = |a|/Qp, levels 0 … Qp; dx = 1 on [0, a), else 0; da = 1 from a on,
// where a is Qp·s if that is a power of two.
[[nodiscard]] at::Tensor step_of_clip(const at::Tensor& clip, const StepRule& rule);
[[nodiscard]] at::Tensor levels_by_clip(const at::Tensor& x, const at::Tensor& clip,
                                        const StepRule& rule);
[[nodiscard]] at::Tensor snap_by_clip(const at::Tensor& x, const at::Tensor& clip,
                                      const StepRule& rule);

// DiracDeltaNet's activations. With a = |clip| and n the greatest code: the level is
// rne(n·clip(x/a, 0, 1)); with R = n·step, dx = R/a on (0, a), half of it at 0 and a, else 0;
// da = −dx·x/a. The step, [1], is given.
[[nodiscard]] at::Tensor levels_normalized(const at::Tensor& x, const at::Tensor& clip,
                                           const StepRule& rule);
[[nodiscard]] at::Tensor snap_normalized(const at::Tensor& x, const at::Tensor& clip,
                                         const at::Tensor& step, const StepRule& rule);

// DoReFa's weights (Zhou et al., 2016): rne(n·(t/(2M) + 1/2)) with t = tanh(w) and M = max|t|, in
// 0 … n. M is learnt through; among equals its gradient is shared out.
[[nodiscard]] at::Tensor levels_by_tanh(const at::Tensor& weights, std::int64_t highest);

}  // namespace sluice::train
