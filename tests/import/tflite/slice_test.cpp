// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tests/support/tflite_one_op.hpp"

namespace sluice::importer::tflite {
namespace {

using test::Builtin;
using test::message;
using test::op_names;
using test::read_one_op;
using test::TfliteModel;
using Ints = TfliteModel::Ints;
using List = std::vector<std::int64_t>;

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

Result<ir::Graph> slice(const Ints& begins, const Ints& sizes) {
  return read_one_op({1, 4, 5, 6}, [&](TfliteModel& m, int x) {
    m.op(Builtin::SLICE, {x, m.ints("begins", begins), m.ints("sizes", sizes)},
         {m.output("y", {1, 1, 1, 1})});
  });
}

TEST(TfliteSlice, SizesBecomeEnds) {
  const auto graph = slice({0, 1, 2, 3}, {1, 2, -1, 3});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 1), (List{0, 1, 2, 3}));
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 2), (List{1, 3, kMax, 6}));
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 3), (List{0, 2, 3, 1}));  // of an image
}

TEST(TfliteSlice, ListsOfAnotherLengthAreRefused) {
  EXPECT_EQ(message(slice({0, 1, 2}, {1, 1, 1, 1})), "has 3 begins, 4 expected");
  EXPECT_EQ(message(slice({0, 1, 2, 3}, {1})), "has 1 sizes, 4 expected");
}

TEST(TfliteSlice, NegativeBeginsAreRefused) {
  EXPECT_EQ(message(slice({0, -1, 0, 0}, {1, 1, 1, 1})), "takes 1 from -1 on in dimension 1");
}

struct Masks {
  std::int32_t begin = 0, end = 0, ellipsis = 0, new_axis = 0, shrink = 0;
};

Result<ir::Graph> strided(const Ints& begins, const Ints& ends, const Ints& steps, Masks masks) {
  return read_one_op({4, 5, 6}, [&](TfliteModel& m, int x) {
    m.op(Builtin::STRIDED_SLICE,
         {x, m.ints("begins", begins), m.ints("ends", ends), m.ints("steps", steps)},
         {m.output("y", {1, 1, 1})},
         fb::CreateStridedSliceOptions(m.fbb(), masks.begin, masks.end, masks.ellipsis,
                                       masks.new_axis, masks.shrink));
  });
}

TEST(TfliteSlice, MasksOpenTheRange) {
  const auto graph = strided({1, 1}, {2, 2}, {1, -1}, {.begin = 0b11, .end = 0b11});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 1), (List{0, kMax}));
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 2), (List{kMax, kMin}));
}

TEST(TfliteSlice, EllipsisStandsForTheDimensionsNotNamed) {
  const auto graph = strided({0, 2}, {0, 3}, {1, 1}, {.ellipsis = 0b1});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 3), (List{2}));
}

TEST(TfliteSlice, ShrunkDimensionsAreTakenAtOnePosition) {
  const auto graph = strided({-1, 1}, {0, 9}, {1, 1}, {.shrink = 0b11});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Slice Squeeze");
  EXPECT_EQ(test::int64_input<ir::Slice>(*graph, 2), (List{kMax, 2}));
  EXPECT_EQ(test::int64_input<ir::Squeeze>(*graph, 1), (List{0, 1}));
}

TEST(TfliteSlice, NewDimensionsAreAddedAfterTheShrunkAreGone) {
  const auto graph = strided({0, 0, 0}, {1, 1, 3}, {1, 1, 1}, {.new_axis = 0b10, .shrink = 0b1});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Slice Squeeze Unsqueeze");
  EXPECT_EQ(test::int64_input<ir::Unsqueeze>(*graph, 1), (List{0}));
}

TEST(TfliteSlice, StepOfZeroIsRefused) {
  EXPECT_EQ(message(strided({0}, {1}, {0}, {})), "has a step of 0");
}

TEST(TfliteSlice, TooManyDimensionsAreRefused) {
  EXPECT_EQ(message(strided({0, 0, 0, 0}, {1, 1, 1, 1}, {1, 1, 1, 1}, {})),
            "slices 4 dimensions of 3 with 0 ellipses");
  EXPECT_EQ(message(strided({0, 0}, {1, 1}, {1, 1}, {.ellipsis = 0b11})),
            "slices 0 dimensions of 3 with 2 ellipses");
}

TEST(TfliteSlice, ExtremeLimitsDoNotOverflow) {
  TfliteModel m;
  const auto x = m.input("x", {4});
  const auto limits = [&](const char* name, std::int64_t value) {
    return m.constant<std::int64_t>(name, {1}, {value}, fb::TensorType::INT64);
  };
  m.op(Builtin::STRIDED_SLICE,
       {x, limits("begin", kMax), limits("end", kMax), limits("step", kMin)}, {m.output("y", {1})},
       fb::CreateStridedSliceOptions(m.fbb(), 0, 0, 0, 0, 0, true));
  EXPECT_TRUE(m.read());
}

}  // namespace
}  // namespace sluice::importer::tflite
