// SPDX-License-Identifier: Apache-2.0
// The vector kernels under fake_quantize_gradients: one table of functions an instruction set.
#pragma once

#include <cstddef>

namespace sluice::train {

// As many values at a time as a vector has on any machine.
inline constexpr std::size_t kFakeQuantizeLanes = 16;

// Of n values, a multiple of kFakeQuantizeLanes, the gradients and their summands in the others.
struct GradientParts {
  float* of_x;
  float* of_learnt;
  float* of_offset;  // by_step alone writes them
};

struct StepNumbers {
  float step, zero_point;
  float lowest, highest;  // codes
};

struct FakeQuantizeKernels {
  void (*by_step)(const StepNumbers& numbers, const float* x, const float* upstream,
                  const GradientParts& parts, std::size_t n);
  void (*by_clip)(float clip, const float* x, const float* upstream, const GradientParts& parts,
                  std::size_t n);
  void (*normalized)(float clip, float range, const float* x, const float* upstream,
                     const GradientParts& parts, std::size_t n);
};

// The kernels of the best instruction set this machine has.
[[nodiscard]] const FakeQuantizeKernels& fake_quantize_kernels();

}  // namespace sluice::train
