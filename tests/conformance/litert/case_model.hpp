// SPDX-License-Identifier: Apache-2.0
// Short ways to say what cases against LiteRT consist of.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/tflite_model.hpp"

#include "sluice/base/rng.hpp"

namespace sluice::test {

using Ints = TfliteModel::Ints;
using Act = fb::ActivationFunctionType;
using fb::Padding;

class CaseModel : public TfliteModel {
 public:
  // A float32 input.
  std::int32_t x(const Ints& shape) { return input(next_name("x"), shape); }
  // A constant of random numbers in [low, high).
  std::int32_t weights(const Ints& shape, double low = -1, double high = 1) {
    std::int64_t count = 1;
    for (const std::int32_t size : shape) count *= size;
    std::vector<float> content(static_cast<std::size_t>(count));
    for (float& value : content) value = static_cast<float>(rng_.real(low, high));
    return floats(next_name("w"), shape, content);
  }
  std::int32_t list(const Ints& entries) { return ints(next_name("list"), entries); }
  std::int32_t scalar(std::int32_t entry) { return ints(next_name("scalar"), {}, {entry}); }
  // An output of that many dimensions; LiteRT finds out their sizes itself.
  std::int32_t y(std::size_t rank, fb::TensorType type = fb::TensorType::FLOAT32) {
    return output(next_name("y"), Ints(rank, 1), type);
  }
  // A value between two operators.
  std::int32_t between(const Ints& shape, fb::TensorType type = fb::TensorType::FLOAT32) {
    return tensor(next_name("t"), shape, type);
  }

 private:
  std::string next_name(const char* prefix) { return prefix + std::to_string(count_++); }

  int count_ = 0;
  Rng rng_{1};
};

}  // namespace sluice::test
