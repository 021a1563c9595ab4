// SPDX-License-Identifier: Apache-2.0
// Element-wise operators, reductions and Softmax, each option against LiteRT.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "tests/conformance/litert/case_model.hpp"
#include "tests/conformance/litert/litert.hpp"

namespace sluice::test {
namespace {

// Shapes that are images, and shapes that are not.
const std::vector<Ints> kShapes = {{2, 3, 4, 5}, {1, 3, 1, 2}, {6}, {2, 5}, {2, 3, 4}};

std::string text(const Ints& shape) {
  return fmt::format("{}", fmt::join(shape, "x"));
}

struct Unary {
  Builtin code;
  double low = -4;
  double high = 4;
};

TEST(LitertElementwise, FunctionsOfOneTensor) {
  std::vector<LitertCase> cases;
  for (const Unary& f :
       {Unary{Builtin::ABS}, Unary{Builtin::ELU}, Unary{Builtin::EXP}, Unary{Builtin::HARD_SWISH},
        Unary{Builtin::LOG, 0.01}, Unary{Builtin::LOGISTIC, -20, 20}, Unary{Builtin::NEG},
        Unary{Builtin::RELU}, Unary{Builtin::RELU6, -10, 10}, Unary{Builtin::RELU_0_TO_1},
        Unary{Builtin::RELU_N1_TO_1}, Unary{Builtin::RSQRT, 0.01}, Unary{Builtin::SQRT, 0},
        Unary{Builtin::SQUARE}, Unary{Builtin::TANH}}) {
    for (const Ints& shape : kShapes) {
      CaseModel m;
      m.op(f.code, {m.x(shape)}, {m.y(shape.size())});
      cases.push_back({fmt::format("{}_{}", fb::EnumNameBuiltinOperator(f.code), text(shape)),
                       m.bytes(), f.low, f.high});
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertElementwise, FunctionsWithOptions) {
  std::vector<LitertCase> cases;
  for (const float alpha : {0.1F, 0.0F, 1.5F}) {
    CaseModel m;
    m.op(Builtin::LEAKY_RELU, {m.x({2, 3, 4, 5})}, {m.y(4)},
         fb::CreateLeakyReluOptions(m.fbb(), alpha));
    cases.push_back({fmt::format("leaky_relu_{}", alpha), m.bytes()});
  }
  for (const bool approximate : {false, true}) {
    CaseModel m;
    m.op(Builtin::GELU, {m.x({2, 3, 4, 5})}, {m.y(4)}, fb::CreateGeluOptions(m.fbb(), approximate));
    cases.push_back({fmt::format("gelu_{}", approximate), m.bytes()});
  }
  expect_equal_to_litert(cases);
}

// How two operands may meet.
struct Meeting {
  Ints a, b;
  bool constant_b = false;
};
const std::vector<Meeting> kMeetings = {
    {{2, 3, 4, 5}, {2, 3, 4, 5}}, {{2, 3, 4, 5}, {5}},
    {{2, 3, 4, 5}, {5}, true},    {{2, 3, 4, 5}, {}, true},
    {{2, 3, 4, 5}, {1}, true},    {{2, 3, 4, 5}, {1, 1, 1, 5}, true},
    {{2, 3, 4, 5}, {1, 3, 4, 1}}, {{2, 3, 4, 5}, {3, 4, 5}, true},
    {{2, 3, 4, 5}, {4, 5}},       {{2, 3, 1, 5}, {1, 1, 4, 1}},
    {{2, 3, 4, 5}, {2, 1, 1, 5}}, {{3, 4}, {4}, true},
    {{2, 3, 4}, {3, 1}},          {{7}, {7}},
    {{4, 5}, {2, 3, 4, 5}},       {{1, 2, 3, 4}, {2, 3, 4}, true},
};

TEST(LitertElementwise, FunctionsOfTwoTensors) {
  std::vector<LitertCase> cases;
  for (const Builtin code : {Builtin::ADD, Builtin::SUB, Builtin::MUL, Builtin::DIV,
                             Builtin::MAXIMUM, Builtin::MINIMUM, Builtin::SQUARED_DIFFERENCE}) {
    for (const Meeting& meeting : kMeetings) {
      CaseModel m;
      const auto a = m.x(meeting.a);
      const auto b = meeting.constant_b ? m.weights(meeting.b, 0.5, 2) : m.x(meeting.b);
      m.op(code, {a, b}, {m.y(std::max(meeting.a.size(), meeting.b.size()))});
      cases.push_back({fmt::format("{}_{}", fb::EnumNameBuiltinOperator(code), cases.size()),
                       m.bytes(), 0.25, 4});
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertElementwise, PowAndPRelu) {
  std::vector<LitertCase> cases;
  for (const Meeting& meeting : kMeetings) {
    CaseModel m;
    const auto a = m.x(meeting.a);
    const auto b = meeting.constant_b ? m.weights(meeting.b) : m.x(meeting.b);
    m.op(Builtin::POW, {a, b}, {m.y(std::max(meeting.a.size(), meeting.b.size()))});
    cases.push_back({fmt::format("pow_{}", cases.size()), m.bytes(), 0.25, 2});
  }
  for (const Ints& slope : std::vector<Ints>{{1, 1, 5}, {3, 4, 5}, {1, 4, 1}}) {
    CaseModel m;
    const auto a = m.x({2, 3, 4, 5});
    m.op(Builtin::PRELU, {a, m.weights(slope)}, {m.y(4)});
    cases.push_back({fmt::format("prelu_{}", text(slope)), m.bytes()});
  }
  expect_equal_to_litert(cases);
}

template <class Create>
LitertCase fused_case(Builtin code, Act activation, Create create) {
  CaseModel m;
  const auto a = m.x({2, 3, 4, 5});
  const auto b = m.x({2, 3, 4, 5});
  m.op(code, {a, b}, {m.y(4)}, create(m.fbb(), activation));
  return {
      fmt::format("{}_fused_{}", fb::EnumNameBuiltinOperator(code), static_cast<int>(activation)),
      m.bytes(), -4, 4};
}

TEST(LitertElementwise, FusedActivations) {
  std::vector<LitertCase> cases;
  for (const Act act : {Act::RELU, Act::RELU6, Act::RELU_N1_TO_1}) {
    cases.push_back(
        fused_case(Builtin::ADD, act, [](auto& f, Act a) { return fb::CreateAddOptions(f, a); }));
    cases.push_back(
        fused_case(Builtin::SUB, act, [](auto& f, Act a) { return fb::CreateSubOptions(f, a); }));
    cases.push_back(
        fused_case(Builtin::MUL, act, [](auto& f, Act a) { return fb::CreateMulOptions(f, a); }));
    cases.push_back(
        fused_case(Builtin::DIV, act, [](auto& f, Act a) { return fb::CreateDivOptions(f, a); }));
  }
  expect_equal_to_litert(cases);
}

LitertCase reduction(Builtin code, const Ints& shape, const Ints& axes, bool keep_dims) {
  CaseModel m;
  const auto x = m.x(shape);
  std::size_t rank = shape.size();
  if (!keep_dims) {
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const auto axis = static_cast<std::int32_t>(i);
      const auto from_end = axis - static_cast<std::int32_t>(shape.size());
      if (std::ranges::count(axes, axis) + std::ranges::count(axes, from_end) > 0) --rank;
    }
  }
  m.op(code, {x, m.list(axes)}, {m.y(rank)}, fb::CreateReducerOptions(m.fbb(), keep_dims));
  return {fmt::format("{}_{}_axes{}_{}", fb::EnumNameBuiltinOperator(code), text(shape),
                      fmt::join(axes, ","), keep_dims),
          m.bytes()};
}

TEST(LitertElementwise, Reductions) {
  std::vector<LitertCase> cases;
  for (const Builtin code :
       {Builtin::MEAN, Builtin::SUM, Builtin::REDUCE_MAX, Builtin::REDUCE_MIN}) {
    for (const bool keep_dims : {false, true}) {
      for (const Ints& axes : std::vector<Ints>{{1, 2},
                                                {2, 1},
                                                {3},
                                                {-1},
                                                {1},
                                                {2},
                                                {0},
                                                {1, 3},
                                                {2, 3},
                                                {0, 1, 2, 3},
                                                {1, 2, 3},
                                                {0, 3},
                                                {1, 1}}) {
        cases.push_back(reduction(code, {2, 3, 4, 5}, axes, keep_dims));
      }
      cases.push_back(reduction(code, {3, 4}, {1}, keep_dims));
      cases.push_back(reduction(code, {3, 4, 2}, {0, -1}, keep_dims));
      cases.push_back(reduction(code, {5}, {0}, keep_dims));
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertElementwise, ArgMax) {
  std::vector<LitertCase> cases;
  for (const auto type : {fb::TensorType::INT32, fb::TensorType::INT64}) {
    for (const std::int32_t axis : {0, 1, 2, 3, -1}) {
      CaseModel m;
      const auto x = m.x({2, 3, 4, 5});
      m.op(Builtin::ARG_MAX, {x, m.scalar(axis)}, {m.y(3, type)},
           fb::CreateArgMaxOptions(m.fbb(), type));
      cases.push_back({fmt::format("arg_max_{}_{}", axis, static_cast<int>(type)), m.bytes()});
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertElementwise, Softmax) {
  std::vector<LitertCase> cases;
  for (const float beta : {1.0F, 0.5F, 3.0F}) {
    for (const Ints& shape : kShapes) {
      CaseModel m;
      const auto x = m.x(shape);
      m.op(Builtin::SOFTMAX, {x}, {m.y(shape.size())}, fb::CreateSoftmaxOptions(m.fbb(), beta));
      cases.push_back({fmt::format("softmax_{}_{}", beta, text(shape)), m.bytes()});
    }
  }
  expect_equal_to_litert(cases);
}

}  // namespace
}  // namespace sluice::test
