// SPDX-License-Identifier: Apache-2.0
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

Result<ir::Graph> pad(const Ints& pads) {
  return read_one_op({1, 4, 5, 6}, [&](TfliteModel& m, int x) {
    m.op(Builtin::PAD, {x, m.ints("pads", pads)}, {m.output("y", {1, 1, 1, 1})});
  });
}

TEST(TflitePad, PadsOfImagesAreReordered) {
  const auto graph = pad({0, 0, 1, 2, 3, 4, 5, 6});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Transpose Pad Transpose");
  EXPECT_EQ(test::int64_input<ir::Pad>(*graph, 1), (List{0, 5, 1, 3, 0, 6, 2, 4}));
}

TEST(TflitePad, NegativePadsAreRefused) {
  EXPECT_EQ(message(pad({0, 0, -1, 0, 0, 0, 0, 0})), "has a pad of -1 positions");
}

TEST(TflitePad, NumberOfPadsMustFit) {
  EXPECT_EQ(message(pad({0, 0})), "has 2 pads for 4 dimensions, two each expected");
}

Result<ir::Graph> mirror(fb::MirrorPadMode mode, const Ints& pads) {
  return read_one_op({3}, [&](TfliteModel& m, int x) {
    m.op(Builtin::MIRROR_PAD, {x, m.ints("pads", pads)}, {m.output("y", {7})},
         fb::CreateMirrorPadOptions(m.fbb(), mode));
  });
}

TEST(TflitePad, MirrorWithoutTheEdgeIsOneNode) {
  const auto graph = mirror(fb::MirrorPadMode::REFLECT, {2, 2});
  ASSERT_TRUE(graph) << graph.error().text();
  EXPECT_EQ(op_names(*graph), "Pad");
  EXPECT_EQ(test::op_of<ir::Pad>(*graph).mode, ir::PadMode::Reflect);
}

TEST(TflitePad, MirrorWithTheEdgeJoinsReversedSlices) {
  EXPECT_EQ(op_names(*mirror(fb::MirrorPadMode::SYMMETRIC, {2, 3})), "Slice Slice Concat");
  EXPECT_EQ(op_names(*mirror(fb::MirrorPadMode::SYMMETRIC, {0, 1})), "Slice Concat");
}

TEST(TflitePad, MirrorOfMoreThanThereIsIsRefused) {
  EXPECT_EQ(message(mirror(fb::MirrorPadMode::SYMMETRIC, {0, 4})),
            "mirrors 0 and 4 positions of 3");
}

TEST(TflitePad, MirrorModeThatDoesNotExistIsRefused) {
  EXPECT_EQ(mirror(static_cast<fb::MirrorPadMode>(5), {1, 1}).error().code, ErrorCode::Parse);
}

}  // namespace
}  // namespace sluice::importer::tflite
