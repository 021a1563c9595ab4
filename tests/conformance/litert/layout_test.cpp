// SPDX-License-Identifier: Apache-2.0
// Operators that move elements, each option against LiteRT. Every case runs on a tensor as it comes
// in; images also after a pooling, where they are held channels-first already.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/conformance/litert/case_model.hpp"
#include "tests/conformance/litert/litert.hpp"

namespace sluice::test {
namespace {

using Cases = std::vector<LitertCase>;

// Adds a case that `build(model, x)` finishes, x being a tensor of that shape.
template <class Build>
void add(Cases& cases, const std::string& name, const Ints& shape, Build build) {
  CaseModel m;
  build(m, m.x(shape));
  cases.push_back({name, m.bytes()});
  if (shape.size() != 4) return;
  CaseModel pooled;
  const auto x = pooled.x(shape);
  const auto t = pooled.between(shape);
  pooled.op(Builtin::MAX_POOL_2D, {x}, {t},
            fb::CreatePool2DOptions(pooled.fbb(), Padding::SAME, 1, 1, 1, 1));
  build(pooled, t);
  cases.push_back({name + "_pooled", pooled.bytes()});
}

const Ints kImage = {2, 3, 4, 6};

TEST(LitertLayout, ReshapeSqueezeAndExpandDims) {
  Cases cases;
  for (const Ints& shape : std::vector<Ints>{{2, 72}, {-1, 24}, {6, 4, 6}, {2, 4, 3, 6}, {144}}) {
    add(cases, fmt::format("reshape_input_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::RESHAPE, {x, m.list(shape)}, {m.y(shape.size())});
    });
    add(cases, fmt::format("reshape_option_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::RESHAPE, {x}, {m.y(shape.size())},
           fb::CreateReshapeOptionsDirect(m.fbb(), &shape));
    });
  }
  const Ints one_by_one = {2, 1, 1, 6};
  for (const Ints& dims : std::vector<Ints>{{}, {1, 2}, {1}, {-2}}) {
    add(cases, fmt::format("squeeze_{}", cases.size()), one_by_one, [&](CaseModel& m, int x) {
      m.op(Builtin::SQUEEZE, {x}, {m.y(dims.empty() ? 2 : 4 - dims.size())},
           fb::CreateSqueezeOptionsDirect(m.fbb(), &dims));
    });
  }
  for (const std::int32_t axis : {0, 1, 3, -1}) {
    add(cases, fmt::format("expand_{}", axis), {2, 3, 4}, [&](CaseModel& m, int x) {
      m.op(Builtin::EXPAND_DIMS, {x, m.scalar(axis)}, {m.y(4)});
    });
  }
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, Transpose) {
  Cases cases;
  for (const Ints& order : std::vector<Ints>{
           {0, 1, 2, 3}, {0, 3, 1, 2}, {0, 2, 3, 1}, {3, 2, 1, 0}, {0, 2, 1, 3}, {1, 0, 2, 3}}) {
    add(cases, fmt::format("transpose_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::TRANSPOSE, {x, m.list(order)}, {m.y(4)});
    });
  }
  add(cases, "transpose_3d", {2, 3, 4}, [](CaseModel& m, int x) {
    m.op(Builtin::TRANSPOSE, {x, m.list({2, 0, 1})}, {m.y(3)});
  });
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, ConcatenationAndPack) {
  Cases cases;
  for (const std::int32_t axis : {0, 1, 2, 3, -1}) {
    add(cases, fmt::format("concat_{}", axis), kImage, [&](CaseModel& m, int x) {
      const auto other = m.weights(kImage);
      const auto third = m.x(kImage);
      m.op(Builtin::CONCATENATION, {x, other, third}, {m.y(4)},
           fb::CreateConcatenationOptions(m.fbb(), axis));
    });
  }
  add(cases, "concat_2d", {2, 3}, [](CaseModel& m, int x) {
    m.op(Builtin::CONCATENATION, {x, m.x({2, 5})}, {m.y(2)},
         fb::CreateConcatenationOptions(m.fbb(), 1));
  });
  for (const std::int32_t axis : {0, 1, -1}) {
    add(cases, fmt::format("pack_{}", axis), {2, 3, 4}, [&](CaseModel& m, int x) {
      m.op(Builtin::PACK, {x, m.x({2, 3, 4})}, {m.y(4)}, fb::CreatePackOptions(m.fbb(), 2, axis));
    });
  }
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, Splits) {
  Cases cases;
  for (const std::int32_t axis : {1, 2, 3, -1}) {
    const std::int32_t parts = axis == 2 ? 2 : 3;
    add(cases, fmt::format("split_{}", axis), kImage, [&](CaseModel& m, int x) {
      Ints outputs;
      for (int i = 0; i < parts; ++i) outputs.push_back(m.y(4));
      m.op(Builtin::SPLIT, {m.scalar(axis), x}, outputs, fb::CreateSplitOptions(m.fbb(), parts));
    });
  }
  for (const Ints& sizes : std::vector<Ints>{{1, 3, 2}, {2, -1}, {6}}) {
    add(cases, fmt::format("split_v_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
      Ints outputs;
      for (std::size_t i = 0; i < sizes.size(); ++i) outputs.push_back(m.y(4));
      m.op(Builtin::SPLIT_V, {x, m.list(sizes), m.scalar(3)}, outputs,
           fb::CreateSplitVOptions(m.fbb(), static_cast<std::int32_t>(sizes.size())));
    });
  }
  expect_equal_to_litert(cases);
}

struct Stride {
  Ints begins, ends, steps;
  std::int32_t begin_mask = 0, end_mask = 0, ellipsis_mask = 0, new_axis_mask = 0;
  std::int32_t shrink_axis_mask = 0;
  std::size_t rank = 4;
};

TEST(LitertLayout, Slices) {
  Cases cases;
  add(cases, "slice", kImage, [](CaseModel& m, int x) {
    m.op(Builtin::SLICE, {x, m.list({0, 1, 0, 2}), m.list({2, -1, 3, 4})},
         {m.output("y", {2, 2, 3, 4})});
  });
  add(cases, "slice_2d", {4, 5}, [](CaseModel& m, int x) {
    m.op(Builtin::SLICE, {x, m.list({1, 0}), m.list({2, -1})}, {m.output("y", {2, 5})});
  });
  const std::vector<Stride> list = {
      {{0, 1, 0, 2}, {2, 3, 4, 6}, {1, 1, 2, 3}},
      {{0, 0, 0, 0}, {0, 2, 0, 0}, {1, 1, 2, 1}, 0b0001, 0b1101},
      {{0, -1, -1, 5}, {2, -4, 0, 0}, {1, -1, -2, -1}, 0, 0b1000},
      {{0, 0, 0, 0}, {0, 0, 0, 0}, {1, -1, -1, 1}, 0b1111, 0b1111},
      {{0, 1}, {2, 2}, {1, 1}, 0, 0, 0, 0, 0b10, 3},
      {{1}, {2}, {1}, 0, 0, 0, 0, 0b1, 3},
      {{-1, 0, 0, -1}, {0, 0, 0, 0}, {1, 1, 1, 1}, 0b0110, 0b0110, 0, 0, 0b1001, 2},
      {{0, 2}, {0, 4}, {1, 1}, 0, 0, 0b01},
      {{1, 0, 2}, {2, 0, 4}, {1, 1, 1}, 0, 0, 0b010},
      {{0, 0, 1}, {0, 0, 3}, {1, 1, 1}, 0b11, 0b11, 0, 0b1, 0, 5},
      {{0, 0, 0}, {0, 0, 0}, {1, 1, 1}, 0b111, 0b111, 0, 0b10, 0b1, 4},
      {{0, 0, 5}, {0, 0, 6}, {1, 1, 1}, 0, 0, 0b001, 0b010, 0b100, 4},
  };
  for (const Stride& s : list) {
    add(cases, fmt::format("strided_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::STRIDED_SLICE, {x, m.list(s.begins), m.list(s.ends), m.list(s.steps)},
           {m.y(s.rank)},
           fb::CreateStridedSliceOptions(m.fbb(), s.begin_mask, s.end_mask, s.ellipsis_mask,
                                         s.new_axis_mask, s.shrink_axis_mask));
    });
  }
  add(cases, "strided_offset", {7}, [](CaseModel& m, int x) {
    m.op(Builtin::STRIDED_SLICE, {x, m.list({2}), m.list({3}), m.list({1})}, {m.y(1)},
         fb::CreateStridedSliceOptions(m.fbb(), 0, 0, 0, 0, 0, true));
  });
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, Pads) {
  Cases cases;
  const Ints pads = {0, 0, 1, 2, 2, 1, 0, 3};
  add(cases, "pad", kImage, [&](CaseModel& m, int x) {
    m.op(Builtin::PAD, {x, m.ints("pads", {4, 2}, pads)}, {m.y(4)});
  });
  add(cases, "pad_v2", kImage, [&](CaseModel& m, int x) {
    m.op(Builtin::PADV2, {x, m.ints("pads", {4, 2}, pads), m.floats("v", {}, {-2.5F})}, {m.y(4)});
  });
  add(cases, "pad_2d", {3, 4}, [](CaseModel& m, int x) {
    m.op(Builtin::PAD, {x, m.ints("pads", {2, 2}, {1, 0, 2, 3})}, {m.y(2)});
  });
  for (const auto mode : {fb::MirrorPadMode::REFLECT, fb::MirrorPadMode::SYMMETRIC}) {
    for (const Ints& mirror :
         std::vector<Ints>{{0, 0, 1, 2, 2, 1, 0, 0}, {1, 0, 0, 1, 3, 0, 2, 4}}) {
      add(cases, fmt::format("mirror_{}", cases.size()), kImage, [&](CaseModel& m, int x) {
        m.op(Builtin::MIRROR_PAD, {x, m.ints("pads", {4, 2}, mirror)}, {m.y(4)},
             fb::CreateMirrorPadOptions(m.fbb(), mode));
      });
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, Repetitions) {
  Cases cases;
  add(cases, "tile", kImage, [](CaseModel& m, int x) {
    m.op(Builtin::TILE, {x, m.list({1, 2, 1, 3})}, {m.y(4)});
  });
  add(cases, "broadcast_to", {2, 1, 4, 1}, [](CaseModel& m, int x) {
    m.op(Builtin::BROADCAST_TO, {x, m.list({2, 3, 4, 5})}, {m.y(4)});
  });
  add(cases, "broadcast_to_more_dims", {4, 1}, [](CaseModel& m, int x) {
    m.op(Builtin::BROADCAST_TO, {x, m.list({2, 4, 3})}, {m.y(3)});
  });
  for (const std::int32_t axis : {0, 1, 3, -1}) {
    add(cases, fmt::format("gather_{}", axis), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::GATHER, {x, m.list({1, 0, 1})}, {m.y(4)},
           fb::CreateGatherOptions(m.fbb(), axis));
    });
  }
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, SpaceAndDepth) {
  Cases cases;
  add(cases, "space_to_depth", {2, 4, 6, 3}, [](CaseModel& m, int x) {
    m.op(Builtin::SPACE_TO_DEPTH, {x}, {m.y(4)}, fb::CreateSpaceToDepthOptions(m.fbb(), 2));
  });
  add(cases, "depth_to_space", {2, 3, 2, 12}, [](CaseModel& m, int x) {
    m.op(Builtin::DEPTH_TO_SPACE, {x}, {m.y(4)}, fb::CreateDepthToSpaceOptions(m.fbb(), 2));
  });
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, Resizes) {
  Cases cases;
  const std::vector<Ints> sizes = {{3, 4}, {6, 8}, {5, 9}, {1, 1}, {2, 3}, {12, 7}, {30, 1}};
  for (const Ints& size : sizes) {
    for (const auto& corners :
         std::vector<std::pair<bool, bool>>{{false, false}, {true, false}, {false, true}}) {
      const bool align = corners.first;
      const bool half = corners.second;
      const auto name =
          fmt::format("{}x{}_{}{}", size[0], size[1], align ? "align" : "", half ? "half" : "");
      add(cases, "bilinear_" + name, kImage, [&](CaseModel& m, int x) {
        m.op(Builtin::RESIZE_BILINEAR, {x, m.list(size)}, {m.y(4)},
             fb::CreateResizeBilinearOptions(m.fbb(), align, half));
      });
      add(cases, "nearest_" + name, kImage, [&](CaseModel& m, int x) {
        m.op(Builtin::RESIZE_NEAREST_NEIGHBOR, {x, m.list(size)}, {m.y(4)},
             fb::CreateResizeNearestNeighborOptions(m.fbb(), align, half));
      });
    }
  }
  expect_equal_to_litert(cases);
}

TEST(LitertLayout, ShapesAndCasts) {
  Cases cases;
  for (const auto type : {fb::TensorType::INT32, fb::TensorType::INT64}) {
    add(cases, fmt::format("shape_{}", static_cast<int>(type)), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::SHAPE, {x}, {m.y(1, type)}, fb::CreateShapeOptions(m.fbb(), type));
    });
    add(cases, fmt::format("cast_{}", static_cast<int>(type)), kImage, [&](CaseModel& m, int x) {
      m.op(Builtin::CAST, {x}, {m.y(4, type)},
           fb::CreateCastOptions(m.fbb(), fb::TensorType::FLOAT32, type));
    });
  }
  // What Keras makes of Reshape((-1, C)): the batch is read from the shape.
  add(cases, "computed_reshape", kImage, [](CaseModel& m, int x) {
    const auto shape = m.between({4}, fb::TensorType::INT32);
    const auto batch = m.between({}, fb::TensorType::INT32);
    const auto target = m.between({2}, fb::TensorType::INT32);
    m.op(Builtin::SHAPE, {x}, {shape}, fb::CreateShapeOptions(m.fbb(), fb::TensorType::INT32));
    m.op(Builtin::STRIDED_SLICE, {shape, m.list({0}), m.list({1}), m.list({1})}, {batch},
         fb::CreateStridedSliceOptions(m.fbb(), 0, 0, 0, 0, 1));
    m.op(Builtin::PACK, {batch, m.scalar(72)}, {target}, fb::CreatePackOptions(m.fbb(), 2, 0));
    m.op(Builtin::RESHAPE, {x, target}, {m.y(2)});
  });
  // float16 weights: 1, -2, 0.5, the largest finite, the smallest subnormal, -0.
  add(cases, "float16_weights", {2, 6}, [](CaseModel& m, int x) {
    const std::vector<std::uint16_t> codes = {0x3c00, 0xc000, 0x3800, 0x7bff, 0x0001, 0x8000};
    const auto half = m.constant("half", {6}, codes, fb::TensorType::FLOAT16);
    const auto wide = m.between({6});
    m.op(Builtin::DEQUANTIZE, {half}, {wide});
    m.op(Builtin::MUL, {x, wide}, {m.y(2)});
  });
  add(cases, "int8_weights", {2, 3}, [](CaseModel& m, int x) {
    const auto codes =
        m.quantized_constant("codes", {3}, std::vector<std::int8_t>{-128, 5, 127}, 0.0173F);
    const auto wide = m.between({3});
    m.op(Builtin::DEQUANTIZE, {codes}, {wide});
    m.op(Builtin::MUL, {x, wide}, {m.y(2)});
  });
  expect_equal_to_litert(cases);
}

}  // namespace
}  // namespace sluice::test
