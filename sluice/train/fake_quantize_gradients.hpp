// SPDX-License-Identifier: Apache-2.0
// What flows back through fake quantization, by the formulas of fake_quantize.hpp. Those of
// activations twice: `reference_…` in LibTorch's operators, on any device; and in one pass over the
// values where they lie in a CPU's memory, with sums in float64 whose order is the same on any
// number of threads.
#pragma once

#include <cstdint>
#include <torch/types.h>

#include "sluice/numeric/rounding.hpp"

namespace sluice::train {

// Values, and the gradients that come from behind, of the same shape.
struct Backward {
  const at::Tensor& x;
  const at::Tensor& upstream;
  std::int64_t axis = -1;  // along which what is learnt differs; −1: one for all values
};

struct SnapGradients {
  at::Tensor of_x;
  at::Tensor of_learnt, of_offset;  // [1], or [c] along the axis; the offset's of LSQ+ alone
};

// Numbers [1] or [c] as something that x can be combined with.
[[nodiscard]] at::Tensor along_axis(const at::Tensor& numbers, const at::Tensor& x,
                                    std::int64_t axis);

// LSQ and LSQ+ (without an offset the zero point is 0): to step and offset.
[[nodiscard]] SnapGradients gradients_by_step(const Backward& call, const at::Tensor& step,
                                              const at::Tensor& zero_point,
                                              const numeric::CodeRange& codes);
[[nodiscard]] SnapGradients reference_gradients_by_step(const Backward& call,
                                                        const at::Tensor& step,
                                                        const at::Tensor& zero_point,
                                                        const numeric::CodeRange& codes);

// PACT, to the clip.
[[nodiscard]] SnapGradients gradients_by_clip(const Backward& call, const at::Tensor& clip);
[[nodiscard]] SnapGradients reference_gradients_by_clip(const Backward& call,
                                                        const at::Tensor& clip);

// DiracDeltaNet's activations, to the clip; range is the largest value, [1].
[[nodiscard]] SnapGradients gradients_normalized(const Backward& call, const at::Tensor& clip,
                                                 const at::Tensor& range);
[[nodiscard]] SnapGradients reference_gradients_normalized(const Backward& call,
                                                           const at::Tensor& clip,
                                                           const at::Tensor& range);

// Of the levels of DoReFa's weights to the weights, t their tanh.
[[nodiscard]] at::Tensor gradients_by_tanh(const at::Tensor& t, const at::Tensor& upstream,
                                           std::int64_t highest);

}  // namespace sluice::train
