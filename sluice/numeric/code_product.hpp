// SPDX-License-Identifier: Apache-2.0
// The product of two codes: what Mul means on quantized values, in every arithmetic.
#pragma once

#include "sluice/numeric/quantization.hpp"

namespace sluice::numeric {

class CodeProduct {
 public:
  // Of quantizations with one scale for the tensor. With the factor s_a·s_b/s_y in float32, step by
  // step, and real values r = scale·(code − zero_point):
  //   TFLite's and Xnnpack: requantize((a − z_a)·(b − z_b)) with the factor;
  //   OnnxRuntime, of three tensors of 8-bit codes: float((a − z_a)·(b − z_b))·factor + z_y in
  //     float32, halves to even;
  //   Onnx and what else ONNX Runtime has: quantize(r_a·r_b), in float32;
  //   shifts: quantize_by_shift(r_a·r_b), in float64: rounded once.
  // InvalidArgument where the factor has no room.
  static Result<CodeProduct> make(Arithmetic arithmetic, const Quantization& a,
                                  const Quantization& b, const Quantization& y);

  // The code of the product.
  [[nodiscard]] std::int64_t code(std::int64_t a, std::int64_t b) const;

  // Whether it follows from (a − z_a)·(b − z_b) alone: in all but the way of ONNX's that rounds
  // each real value to float32.
  [[nodiscard]] bool is_of_product() const;
  // The code of such a product (at most 2^62 in magnitude); in that one way, of one whose real
  // values float32 holds.
  [[nodiscard]] std::int64_t code_of_product(std::int64_t product) const;

 private:
  Arithmetic arithmetic_ = Arithmetic::TfliteDouble;
  bool is_fused_ = false;
  float scale_a_ = 1;
  float scale_b_ = 1;
  float scale_y_ = 1;
  std::int64_t zero_point_a_ = 0;
  std::int64_t zero_point_b_ = 0;
  std::int64_t zero_point_y_ = 0;
  CodeRange codes_{};
  Requantizer by_;  // to steps of the output, before its zero point
};

}  // namespace sluice::numeric
