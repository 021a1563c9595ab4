// SPDX-License-Identifier: Apache-2.0
// Requantization: how the accumulator of an integer layer becomes the code of its output,
// clamp(round(accumulator·factor) + zero_point) with factor = s_in·s_w/s_out. Runtimes agree on the
// formula but not on the rounding; each way has a name, and the code is right only under that name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/numeric/rounding.hpp"

namespace sluice::numeric {

// ---- integer multipliers, as TFLite defines them

// A factor as mantissa·2^(exponent − 31), mantissa 0 or in [2^30, 2^31).
struct FixedMultiplier {
  std::int32_t mantissa = 0;
  int exponent = 0;
  friend bool operator==(const FixedMultiplier&, const FixedMultiplier&) = default;
};

// The nearest multiplier, ties away from zero; a factor below 2^−32 becomes 0. The factor must be
// finite and not negative, and below 2^31.
[[nodiscard]] FixedMultiplier fixed_multiplier(double factor) noexcept;

// (a·b·2 / 2^32) to nearest, ties up; the one product that does not fit, of twice −2^31, saturates.
[[nodiscard]] std::int32_t saturating_rounding_doubling_high_mul(std::int32_t a,
                                                                 std::int32_t b) noexcept;

// high_mul(x·2^max(e, 0), mantissa)·2^min(e, 0), the last to nearest with ties away from zero: two
// roundings. x·2^e saturates to 32 bits.
[[nodiscard]] std::int32_t multiply_rounding_twice(std::int32_t x,
                                                   FixedMultiplier multiplier) noexcept;

// floor(x·mantissa·2^−t + 1/2) with t = 31 − exponent: one rounding, ties up. exponent ≤ 30; the
// result saturates to 32 bits.
[[nodiscard]] std::int32_t multiply_rounding_once(std::int32_t x,
                                                  FixedMultiplier multiplier) noexcept;

// The same for accumulators of 64 bits (16-bit activations): the mantissa is rounded to 15 bits
// first, (mantissa + 2^15) >> 16, at most 0x7FFF. |x| < 2^47; exponent in [−31, 15).
[[nodiscard]] std::int32_t multiply_reduced(std::int64_t x, FixedMultiplier multiplier) noexcept;

// ---- the arithmetics

enum class Arithmetic : unsigned char {
  TfliteDouble,  // "tflite-double": multiply_rounding_twice, then + zero_point, clamp
  TfliteSingle,  // "tflite-single": multiply_rounding_once, then + zero_point, clamp
  // "tflite-float64": acc·factor in float64, ties away from zero, + zero_point, clamp; LiteRT's
  // fully connected layers
  TfliteFloat64,
  Xnnpack,      // "xnnpack": float(acc)·factor in float32, ties to even, + zero_point, clamp
  OnnxRuntime,  // "onnxruntime": the same
  Onnx,  // "onnx": acc·factor + zero_point in float64, clamp, ties to even; ONNX's reference
  // Scales are powers of two: the accumulator, of 64 bits, shifted and rounded once, + zero_point,
  // clamp.
  ShiftHalfEven,  // "shift-half-even": ties to even
  ShiftHalfUp,    // "shift-half-up": ties to +∞
  ShiftFloor,     // "shift-floor": what is shifted out is cut off
};
inline constexpr std::size_t kNumArithmetics = 9;
[[nodiscard]] std::string_view to_string(Arithmetic arithmetic) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<Arithmetic> arithmetic_from_string(std::string_view name);
// The first three.
[[nodiscard]] bool is_tflite(Arithmetic arithmetic) noexcept;
// The last three.
[[nodiscard]] bool is_shift(Arithmetic arithmetic) noexcept;
// ONNX's and those that shift: all but layers is computed on real numbers, then quantized.
[[nodiscard]] bool is_on_reals(Arithmetic arithmetic) noexcept;
// How one of these rounds. Floor for the others, which have no such rounding.
[[nodiscard]] Rounding shift_rounding(Arithmetic arithmetic) noexcept;

// The e of a scale that is 2^e; nothing if it is no power of two.
[[nodiscard]] std::optional<int> exact_log2(float scale) noexcept;

// x·multiplier as a TFLite arithmetic rounds it: once in TfliteSingle, twice in the others.
[[nodiscard]] std::int32_t multiply(Arithmetic arithmetic, std::int32_t x,
                                    FixedMultiplier multiplier) noexcept;

// The scales of a layer: real value = scale·(code − zero_point).
struct LayerScales {
  float input = 1;
  float weight = 1;
  float output = 1;
};

// What a layer's output, or one of its channels, needs to be requantized.
struct Requantizer {
  Arithmetic arithmetic = Arithmetic::TfliteDouble;
  double exact_factor = 0;     // input·weight/output in float64: of the TFLite arithmetics
  FixedMultiplier multiplier;  // of that
  float factor = 0;            // of the others: input·weight/output, each step in float32
  int shift = 0;               // of the shift arithmetics: the factor is 2^−shift
  std::int64_t zero_point = 0;
  CodeRange codes{-128, 127};  // a fused activation narrows it
};

// InvalidArgument unless the scales are finite and positive, the factor is below 2^30, and the
// codes fit in 32 bits and are in order. In the shift arithmetics the scales must be powers of two,
// the factor may be any, and codes and zero point may be those of uint32.
[[nodiscard]] Result<Requantizer> make_requantizer(Arithmetic arithmetic, const LayerScales& scales,
                                                   std::int64_t zero_point, CodeRange codes);

// The code of an accumulator. Monotonic: a larger accumulator never has a smaller code. The codes
// fit in 32 bits.
[[nodiscard]] std::int32_t requantize(std::int32_t accumulator, const Requantizer& by) noexcept;

// The same of an accumulator of 64 bits, in a shift arithmetic:
// clamp(round(accumulator·2^−shift) + zero_point).
[[nodiscard]] std::int64_t requantize_wide(std::int64_t accumulator,
                                           const Requantizer& by) noexcept;

// ---- thresholds: the same as a list of comparisons, as hardware may have it

// thresholds[i] is the smallest accumulator of 32 bits whose code exceeds codes.lowest + i; what no
// accumulator reaches is INT32_MAX + 1. Ascending, codes.highest − codes.lowest of them. The codes
// must span at most 2^16.
[[nodiscard]] std::vector<std::int64_t> thresholds_of(const Requantizer& requantizer);

// lowest + the number of thresholds that are ≤ accumulator.
[[nodiscard]] std::int64_t count_thresholds(std::int64_t accumulator,
                                            std::span<const std::int64_t> thresholds,
                                            std::int64_t lowest) noexcept;

}  // namespace sluice::numeric
