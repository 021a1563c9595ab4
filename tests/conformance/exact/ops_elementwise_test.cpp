// SPDX-License-Identifier: Apache-2.0
// Quantized functions of one and of two tensors, and reductions, against
// LiteRT, bit for bit.
#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/conformance/exact/op_case.hpp"

namespace sluice::test {
namespace {

// All codes.
const Ints kCodes = {1, 256};

std::string case_name(Builtin code, Type type, std::size_t number) {
  return fmt::format("{}_{}_{}", fb::EnumNameBuiltinOperator(code), name_of(type), number);
}

// ---- functions of one tensor

TEST(ExactOps, ReluFamily) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const Builtin code : {Builtin::RELU, Builtin::RELU6, Builtin::RELU_N1_TO_1}) {
      for (const double ratio : kRatios) {
        OpModel m(type, cases.size());
        const Grid x = m.grid();
        const Grid y = ratio == 1 ? x : m.grid(static_cast<double>(x.scale) / ratio);
        m.op(code, {m.x(kCodes, x)}, {m.y(2, y)});
        cases.push_back({case_name(code, type, cases.size()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, LeakyRelu) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const float alpha : {0.1F, 0.01F, 0.5F, 0.3F}) {
      for (const double ratio : kRatios) {
        OpModel m(type, cases.size());
        const Grid x = m.grid();
        const Grid y = m.grid(static_cast<double>(x.scale) / ratio);
        m.op(Builtin::LEAKY_RELU, {m.x(kCodes, x)}, {m.y(2, y)},
             fb::CreateLeakyReluOptions(m.fbb(), alpha));
        cases.push_back({case_name(Builtin::LEAKY_RELU, type, cases.size()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, HardSwish) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const double ratio : kRatios) {
      // LiteRT refuses 128; 16 bits do not hold what is below 2^-9.
      if (ratio < 0x1p-9 || ratio >= 128) continue;
      for (const double scale : {0.003, 0.02, 0x1p-5, 0.06, 0.3}) {
        OpModel m(type, cases.size());
        m.op(Builtin::HARD_SWISH, {m.x(kCodes, m.grid(scale))}, {m.y(2, m.grid(scale / ratio))});
        cases.push_back({case_name(Builtin::HARD_SWISH, type, cases.size()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, LogisticAndTanh) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (int i = 0; i < 60; ++i) {
      OpModel m(type, cases.size());
      m.op(Builtin::LOGISTIC, {m.x(kCodes, m.grid())}, {m.y(2, {0x1p-8F, m.lowest()})});
      cases.push_back({case_name(Builtin::LOGISTIC, type, cases.size()), m.bytes()});
      OpModel n(type, cases.size());
      n.op(Builtin::TANH, {n.x(kCodes, n.grid())}, {n.y(2, {0x1p-7F, n.lowest() + 128})});
      cases.push_back({case_name(Builtin::TANH, type, cases.size()), n.bytes()});
    }
  }
  expect_equal_to_litert(cases);
}

// ---- functions of two tensors

// How two operands may meet; {256, 1} with {1, 256}: every pair of codes.
struct Meeting {
  Ints a, b;
  bool constant_b = false;
};
const std::vector<Meeting> kMeetings = {
    {{256, 1}, {1, 256}},      {{2, 3, 4, 5}, {2, 3, 4, 5}}, {{2, 3, 4, 5}, {5}},
    {{2, 3, 4, 5}, {}, true},  {{2, 3, 4, 5}, {1, 3, 4, 1}}, {{2, 3, 4, 5}, {1, 1, 1, 5}, true},
    {{2, 3, 4, 5}, {5}, true}, {{2, 3, 4, 5}, {4, 1}, true}, {{2, 3, 1, 5}, {1, 1, 4, 1}},
    {{3, 4}, {4}, true},       {{4, 5}, {2, 3, 4, 5}},
};

struct Grids {
  Grid a, b, y;
};

// Ratios to the output's scale that XNNPACK takes, and smaller ones.
Grids grids_of_sum(OpModel& m, std::size_t number) {
  const double y = std::pow(10, m.rng().real(-2.3, -1));
  const bool in_powers = number % 3 == 0;
  const auto ratio = [&] {
    return in_powers ? std::exp2(m.rng().integer(-16, 7)) : std::exp2(m.rng().real(-16, 7.99));
  };
  return {m.grid(y * ratio()), m.grid(y * ratio()), m.grid(y)};
}

// XNNPACK takes products of 2^−16 to 2^8 of the output's scale; beyond,
// LiteRT's default is yet another kernel.
Grids grids_of_product(OpModel& m, std::size_t number) {
  const double b = number % 3 == 0 ? 0x1p-6 : m.rng().real(0.002, 0.1);
  const double y = std::pow(10, m.rng().real(-2.3, -1));
  const double factor =
      number % 3 == 0 ? std::exp2(m.rng().integer(-14, 2)) : std::exp2(m.rng().real(-15, 3));
  return {m.grid(y * factor / b), m.grid(b), m.grid(y)};
}

template <class CreateOptions>
OpCase pair_case(Builtin code, Type type, const Meeting& meeting, std::size_t number,
                 CreateOptions create_options) {
  OpModel m(type, number);
  const Grids grids = code == Builtin::MUL ? grids_of_product(m, number) : grids_of_sum(m, number);
  const auto a = m.x(meeting.a, grids.a);
  const auto b = meeting.constant_b ? m.codes(meeting.b, grids.b) : m.x(meeting.b, grids.b);
  const auto y = m.y(std::max(meeting.a.size(), meeting.b.size()), grids.y);
  m.op(code, {a, b}, {y}, create_options(m.fbb()));
  return {case_name(code, type, number), m.bytes()};
}

template <class CreateOptions>
std::vector<OpCase> pair_cases(Builtin code, CreateOptions create_options) {
  constexpr int kAllPairs = 40;
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    const auto add = [&](const Meeting& meeting, Act activation) {
      cases.push_back(pair_case(code, type, meeting, cases.size(),
                                [&](auto& fbb) { return create_options(fbb, activation); }));
    };
    for (int i = 0; i < kAllPairs; ++i) add(kMeetings[0], Act::NONE);
    for (const Meeting& meeting : kMeetings) add(meeting, Act::NONE);
    for (const Act activation : kActivations) {
      for (int i = 0; i < 3; ++i) add({{8, 64}, {8, 64}}, activation);
    }
  }
  return cases;
}

TEST(ExactOps, Add) {
  expect_equal_to_litert(pair_cases(Builtin::ADD, [](auto& fbb, Act activation) {
    return fb::CreateAddOptions(fbb, activation);
  }));
}

TEST(ExactOps, Sub) {
  expect_equal_to_litert(pair_cases(Builtin::SUB, [](auto& fbb, Act activation) {
    return fb::CreateSubOptions(fbb, activation);
  }));
}

TEST(ExactOps, Mul) {
  expect_equal_to_litert(pair_cases(Builtin::MUL, [](auto& fbb, Act activation) {
    return fb::CreateMulOptions(fbb, activation);
  }));
}

TEST(ExactOps, MaximumMinimumAndPRelu) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const Builtin code : {Builtin::MAXIMUM, Builtin::MINIMUM}) {
      for (const Meeting& meeting : kMeetings) {
        OpModel m(type, cases.size());
        const Grid grid = m.grid();
        const auto a = m.x(meeting.a, grid);
        const auto b = meeting.constant_b ? m.codes(meeting.b, grid) : m.x(meeting.b, grid);
        m.op(code, {a, b}, {m.y(std::max(meeting.a.size(), meeting.b.size()), grid)});
        cases.push_back({case_name(code, type, cases.size()), m.bytes()});
      }
    }
    for (const double ratio : kRatios) {
      for (const Ints& slope : std::vector<Ints>{{1, 1, 5}, {8, 8, 5}, {1, 8, 1}, {5}}) {
        OpModel m(type, cases.size());
        const Grid y = m.grid(0.03);
        const auto x = m.x({4, 8, 8, 5}, m.grid(0.03 * ratio));
        m.op(Builtin::PRELU, {x, m.codes(slope, m.grid(m.rng().real(0.001, 0.02)))}, {m.y(4, y)});
        cases.push_back({case_name(Builtin::PRELU, type, cases.size()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

// ---- reductions

OpCase reduction_case(Builtin code, Type type, const Ints& axes, bool keep_dims,
                      std::size_t number) {
  constexpr std::size_t kRank = 4;
  OpModel m(type, number);
  const bool keeps_codes = code == Builtin::REDUCE_MAX || code == Builtin::REDUCE_MIN;
  const Grid x = m.grid();
  const double ratio = kRatios.at(number % kRatios.size());
  const Grid y = keeps_codes || ratio == 1 ? x : m.grid(static_cast<double>(x.scale) / ratio);
  const auto in = m.x({2, 8, 6, 20}, x);
  m.op(code, {in, m.list(axes)}, {m.y(keep_dims ? kRank : kRank - axes.size(), y)},
       fb::CreateReducerOptions(m.fbb(), keep_dims));
  // Its reference kernel takes int8 for uint8.
  const bool is_broken = code == Builtin::SUM && type == Type::INT8;
  return {case_name(code, type, number), m.bytes(), is_broken ? With::Default : With::Both};
}

TEST(ExactOps, Reductions) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const Builtin code :
         {Builtin::MEAN, Builtin::SUM, Builtin::REDUCE_MAX, Builtin::REDUCE_MIN}) {
      for (const bool keep_dims : {false, true}) {
        for (const Ints& axes : std::vector<Ints>{
                 {1, 2}, {3}, {1}, {0}, {2, 3}, {0, 1, 2, 3}, {1, 2, 3}, {2, 1}, {-1}, {0, 3}}) {
          cases.push_back(reduction_case(code, type, axes, keep_dims, cases.size()));
        }
      }
    }
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, Softmax) {
  std::vector<OpCase> cases;
  for (const Type type : kCodeTypes) {
    for (const Ints& shape :
         std::vector<Ints>{{5, 1}, {200, 10}, {4, 1001}, {2, 3, 4, 7}, {30, 2}}) {
      // Sums of 512 and more abort LiteRT, which a thousand flat logits come
      // near.
      for (const double scale : {0.02, 0.05, 0x1p-4, 0.1, 0.17, 0.5, 1.0, 8.0}) {
        OpModel m(type, cases.size());
        m.op(Builtin::SOFTMAX, {m.x(shape, m.grid(scale))},
             {m.y(shape.size(), {0x1p-8F, m.lowest()})}, fb::CreateSoftmaxOptions(m.fbb(), 1));
        cases.push_back({case_name(Builtin::SOFTMAX, type, cases.size()), m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

}  // namespace
}  // namespace sluice::test
