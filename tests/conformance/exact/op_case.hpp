// SPDX-License-Identifier: Apache-2.0
// Networks of one quantized operator, and what LiteRT makes of them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/tflite_model.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::test {

using Ints = TfliteModel::Ints;
using Act = fb::ActivationFunctionType;
using Type = fb::TensorType;
using fb::Padding;

// What codes stand for: scale·(code − zero_point).
struct Grid {
  float scale = 1;
  std::int64_t zero_point = 0;
};

inline constexpr std::array kCodeTypes{Type::INT8, Type::UINT8};
inline constexpr std::array kActivations{Act::NONE, Act::RELU, Act::RELU6, Act::RELU_N1_TO_1};

// An input's scale over an output's: equal, powers of two, where codes tie, their neighbours, any;
// and around 2^−8 and 2^7, beyond which XNNPACK leaves it to other kernels.
inline constexpr std::array kRatios{
    1.0,     0.5,   0.375,      0.125,  2.0,      16.0,   0x1p-7, 0x1.000002p-1, 0x1.fffffep-4,
    1.0 / 3, 0.73,  0x1.2345p0, 6.1,    0.02,     100.0,  127.9,  128.0,         128.3,
    200.0,   300.0, 0x1.8p-8,   0x1p-8, 0x1.fp-9, 0x1p-9, 0x1p-12};

// A model whose inputs, outputs and weights are codes of one type.
class OpModel : public TfliteModel {
 public:
  OpModel(Type type, std::uint64_t seed) : type_(type), rng_(seed) {}

  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] bool is_signed() const { return type_ == Type::INT8; }
  [[nodiscard]] std::int64_t lowest() const { return is_signed() ? -128 : 0; }
  [[nodiscard]] std::int64_t highest() const { return lowest() + 255; }

  // That scale; the zero point any code, and one time in four the lowest or the highest.
  Grid grid(double scale);
  // A scale between 0.001 and 1.
  Grid grid();

  std::int32_t x(const Ints& shape, Grid grid);
  // An output of that many dimensions; LiteRT finds out their sizes itself.
  std::int32_t y(std::size_t rank, Grid grid) { return y(Ints(rank, 1), grid); }
  std::int32_t y(const Ints& shape, Grid grid);
  // A constant of random codes.
  std::int32_t codes(const Ints& shape, Grid grid);
  // Weights: int8 ones are in [−127, 127] around 0, with as many scales as there are.
  std::int32_t weights(const Ints& shape, const std::vector<float>& scales, std::int32_t dimension);
  // A bias of numbers up to `most` either way; scales as LiteRT asks: the input's times the
  // weights'.
  std::int32_t bias(std::int32_t count, float input_scale, const std::vector<float>& weight_scales,
                    std::int64_t most);
  std::int32_t list(const Ints& entries) { return ints(next_name("list"), entries); }
  std::int32_t scalar(std::int32_t entry) { return ints(next_name("scalar"), {}, {entry}); }
  std::string next_name(const char* prefix) { return prefix + std::to_string(count_++); }

 private:
  template <class Code>
  std::vector<Code> random_codes(const Ints& shape, std::int64_t lowest);

  Type type_;
  int count_ = 0;
  Rng rng_;
};

// Which of LiteRT's kernels a case is compared with.
enum class With : unsigned char { Both, Reference, Default };

struct OpCase {
  std::string name;  // a file's stem
  std::vector<std::byte> model;
  With with = With::Both;
};

// Runs every case on random inputs (all codes) with exact's reference executor and with LiteRT,
// and expects equal outputs: as recorded against its reference kernels, as XNNPACK against its
// default ones. Skips the test where build/venv has no LiteRT.
void expect_equal_to_litert(const std::vector<OpCase>& cases);

// "int8" or "uint8".
[[nodiscard]] const char* name_of(Type type);

}  // namespace sluice::test
