// SPDX-License-Identifier: Apache-2.0
// Element-wise functions of one tensor: y = f(x), shape and type kept.
#pragma once

#include "sluice/ir/field.hpp"

namespace sluice::ir {

#define SL_UNARY_WITHOUT_ATTRIBUTES(Name)                   \
  struct Name {                                             \
    static constexpr auto fields() { return std::tuple{}; } \
  }

SL_UNARY_WITHOUT_ATTRIBUTES(Abs);
SL_UNARY_WITHOUT_ATTRIBUTES(Erf);
SL_UNARY_WITHOUT_ATTRIBUTES(Exp);
SL_UNARY_WITHOUT_ATTRIBUTES(HardSwish);  // x·max(0, min(1, x/6 + 1/2))
SL_UNARY_WITHOUT_ATTRIBUTES(Log);
SL_UNARY_WITHOUT_ATTRIBUTES(Mish);  // x·tanh(ln(1 + eˣ))
SL_UNARY_WITHOUT_ATTRIBUTES(Neg);
SL_UNARY_WITHOUT_ATTRIBUTES(Relu);
SL_UNARY_WITHOUT_ATTRIBUTES(Round);  // to an integer, halves to even
SL_UNARY_WITHOUT_ATTRIBUTES(Sigmoid);
SL_UNARY_WITHOUT_ATTRIBUTES(Softplus);  // ln(1 + eˣ)
SL_UNARY_WITHOUT_ATTRIBUTES(Sqrt);
SL_UNARY_WITHOUT_ATTRIBUTES(Tanh);

#undef SL_UNARY_WITHOUT_ATTRIBUTES

// inputs: x, min (scalar, optional), max (scalar, optional); y = min(max(x, min), max)
struct Clip {
  static constexpr auto fields() { return std::tuple{}; }
};

// x ≥ 0 ? x : alpha·(eˣ − 1)
struct Elu {
  float alpha = 1;
  static constexpr auto fields() { return std::tuple{field("alpha", &Elu::alpha)}; }
};

// x·Φ(x); with tanh_approximation 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
struct Gelu {
  bool tanh_approximation = false;
  static constexpr auto fields() {
    return std::tuple{field("tanh_approximation", &Gelu::tanh_approximation)};
  }
};

// max(0, min(1, alpha·x + beta))
struct HardSigmoid {
  float alpha = 0.2F;
  float beta = 0.5F;
  static constexpr auto fields() {
    return std::tuple{field("alpha", &HardSigmoid::alpha), field("beta", &HardSigmoid::beta)};
  }
};

// x ≥ 0 ? x : alpha·x
struct LeakyRelu {
  float alpha = 0.01F;
  static constexpr auto fields() { return std::tuple{field("alpha", &LeakyRelu::alpha)}; }
};

// gamma·(x > 0 ? x : alpha·(eˣ − 1))
struct Selu {
  float alpha = 1.67326319217681884765625F;
  float gamma = 1.05070102214813232421875F;
  static constexpr auto fields() {
    return std::tuple{field("alpha", &Selu::alpha), field("gamma", &Selu::gamma)};
  }
};

// x > alpha ? x : 0
struct ThresholdedRelu {
  float alpha = 1;
  static constexpr auto fields() { return std::tuple{field("alpha", &ThresholdedRelu::alpha)}; }
};

}  // namespace sluice::ir
