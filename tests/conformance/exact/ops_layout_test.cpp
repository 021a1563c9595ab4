// SPDX-License-Identifier: Apache-2.0
// Quantized poolings, resizes, changes of quantization, and operators that move
// codes, against LiteRT, bit for bit.
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <span>

#include "tests/conformance/exact/op_case.hpp"

namespace sluice::test {
namespace {

using Cases = std::vector<OpCase>;

const Ints kImage = {2, 3, 4, 6};

// Adds a case of each type that `build(model, x, grid)` finishes: codes of that
// shape and grid to codes of the same grid.
template <class Build>
void add_moving(Cases& cases, const std::string& name, const Ints& shape, Build build) {
  for (const Type type : kCodeTypes) {
    OpModel m(type, cases.size());
    const Grid grid = m.grid();
    build(m, m.x(shape, grid), grid);
    cases.push_back({fmt::format("{}_{}_{}", name, name_of(type), cases.size()), m.bytes()});
  }
}

// ---- windows

struct PoolCase {
  Builtin code;
  Padding padding;
  std::int32_t stride;
  std::int32_t height, width;
};

std::vector<PoolCase> pool_cases() {
  std::vector<PoolCase> all;
  for (const Builtin code : {Builtin::AVERAGE_POOL_2D, Builtin::MAX_POOL_2D}) {
    for (const Padding padding : {Padding::SAME, Padding::VALID}) {
      for (const std::int32_t stride : {1, 2, 3}) {
        all.insert(all.end(), {{code, padding, stride, 2, 2},
                               {code, padding, stride, 3, 2},
                               {code, padding, stride, 7, 8}});
      }
    }
  }
  return all;
}

TEST(ExactOps, Pools) {
  Cases cases;
  for (const PoolCase& c : pool_cases()) {
    for (const Act activation : kActivations) {
      add_moving(cases, fb::EnumNameBuiltinOperator(c.code), {2, 7, 8, 3},
                 [&](OpModel& m, int x, Grid grid) {
                   m.op(c.code, {x}, {m.y(4, grid)},
                        fb::CreatePool2DOptions(m.fbb(), c.padding, c.stride, c.stride, c.width,
                                                c.height, activation));
                 });
    }
  }
  expect_equal_to_litert(cases);
}

struct Sampling {
  bool align_corners;
  bool half_pixel;
};
constexpr std::array kSamplings{Sampling{false, false}, Sampling{true, false},
                                Sampling{false, true}};
// Height and width before and after.
struct Sizes {
  std::int32_t in_h, in_w, out_h, out_w;
};
constexpr std::array kSizes{Sizes{4, 5, 8, 10},  Sizes{4, 5, 7, 13},   Sizes{8, 9, 4, 3},
                            Sizes{5, 7, 5, 7},   Sizes{3, 3, 1, 1},    Sizes{1, 1, 4, 5},
                            Sizes{6, 2, 17, 29}, Sizes{13, 41, 7, 23}, Sizes{2, 3, 60, 1},
                            Sizes{10, 10, 3, 49}};
// Positions beside whole numbers, each on its own side in float32, in Q16 and
// in float64.
constexpr std::array kHardSizes{Sizes{2, 2, 41, 82}, Sizes{2, 3, 83, 123}, Sizes{22, 25, 82, 61},
                                Sizes{7, 14, 164, 110}};

template <class CreateOptions>
void add_resizes(Cases& cases, Builtin code, std::span<const Sizes> sizes,
                 CreateOptions create_options) {
  for (const Sizes& s : sizes) {
    for (const Sampling& sampling : kSamplings) {
      add_moving(cases, fb::EnumNameBuiltinOperator(code), {2, s.in_h, s.in_w, 3},
                 [&](OpModel& m, int x, Grid grid) {
                   m.op(code, {x, m.list({s.out_h, s.out_w})}, {m.y(4, grid)},
                        create_options(m.fbb(), sampling));
                 });
    }
  }
}

TEST(ExactOps, ResizeBilinear) {
  Cases cases;
  add_resizes(cases, Builtin::RESIZE_BILINEAR, kSizes, [](auto& fbb, const Sampling& s) {
    return fb::CreateResizeBilinearOptions(fbb, s.align_corners, s.half_pixel);
  });
  expect_equal_to_litert(cases);
}

TEST(ExactOps, ResizeNearestNeighbor) {
  Cases cases;
  const auto create_options = [](auto& fbb, const Sampling& s) {
    return fb::CreateResizeNearestNeighborOptions(fbb, s.align_corners, s.half_pixel);
  };
  add_resizes(cases, Builtin::RESIZE_NEAREST_NEIGHBOR, kSizes, create_options);
  add_resizes(cases, Builtin::RESIZE_NEAREST_NEIGHBOR, kHardSizes, create_options);
  expect_equal_to_litert(cases);
}

// ---- changes of quantization

constexpr std::array kTypePairs{
    std::pair{Type::INT8, Type::INT8}, std::pair{Type::UINT8, Type::UINT8},
    std::pair{Type::INT8, Type::UINT8}, std::pair{Type::UINT8, Type::INT8}};

TEST(ExactOps, Requantize) {
  Cases cases;
  for (const auto& [from, to] : kTypePairs) {
    for (const double ratio : kRatios) {
      for (int i = 0; i < 2; ++i) {
        OpModel m(from, cases.size());
        OpModel other(to, cases.size() + 7);
        const Grid in = m.grid();
        const Grid out = other.grid(static_cast<double>(in.scale) / ratio);
        const auto y = m.quantized_output("y", {1, 1}, to, out.scale, out.zero_point);
        m.op(Builtin::QUANTIZE, {m.x({1, 256}, in)}, {y});
        cases.push_back(
            {fmt::format("requantize_{}_{}_{}", name_of(from), name_of(to), cases.size()),
             m.bytes()});
      }
    }
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, QuantizeAndDequantize) {
  Cases cases;
  for (const Type type : kCodeTypes) {
    for (const double scale :
         {0x1p-7, 0x1p-3, 1.0, 0.1, 0.0123, 0.7, 1.0 / 3, 3.1, 0x1.fffffep-2}) {
      for (const With with : {With::Both, With::Default}) {
        OpModel m(type, cases.size());
        m.op(Builtin::QUANTIZE, {m.input("x", {8, 500})}, {m.y(2, m.grid(scale))});
        cases.push_back(
            {fmt::format("quantize_{}_{}", name_of(type), cases.size()), m.bytes(), with});
      }
      OpModel n(type, cases.size());
      n.op(Builtin::DEQUANTIZE, {n.x({1, 256}, n.grid(scale))}, {n.output("y", {1, 1})});
      cases.push_back({fmt::format("dequantize_{}_{}", name_of(type), cases.size()), n.bytes()});
    }
  }
  expect_equal_to_litert(cases);
}

// ---- moving codes

TEST(ExactOps, Pads) {
  Cases cases;
  const auto pads = [](OpModel& m, const Ints& entries) {
    return m.ints(m.next_name("pads"), {static_cast<std::int32_t>(entries.size()) / 2, 2}, entries);
  };
  for (const Ints& entries :
       std::vector<Ints>{{0, 0, 1, 2, 3, 0, 0, 0}, {1, 0, 0, 1, 2, 2, 1, 3}}) {
    add_moving(cases, "pad", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::PAD, {x, pads(m, entries)}, {m.y(4, grid)});
    });
    add_moving(cases, "padv2", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::PADV2, {x, pads(m, entries), m.codes({1}, grid)}, {m.y(4, grid)});
    });
  }
  add_moving(cases, "pad_2d", {5, 7}, [&](OpModel& m, int x, Grid grid) {
    m.op(Builtin::PAD, {x, pads(m, {1, 2, 3, 0})}, {m.y(2, grid)});
  });
  expect_equal_to_litert(cases);
}

TEST(ExactOps, ConcatenationAndPack) {
  Cases cases;
  for (const std::int32_t axis : {0, 1, 2, 3, -1}) {
    add_moving(cases, "concat", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::CONCATENATION, {x, m.codes(kImage, grid), m.x(kImage, grid)}, {m.y(4, grid)},
           fb::CreateConcatenationOptions(m.fbb(), axis));
    });
  }
  for (const std::int32_t axis : {0, 1, -1}) {
    add_moving(cases, "pack", {2, 3, 4}, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::PACK, {x, m.x({2, 3, 4}, grid)}, {m.y(4, grid)},
           fb::CreatePackOptions(m.fbb(), 2, axis));
    });
  }
  expect_equal_to_litert(cases);
}

TEST(ExactOps, Shapes) {
  Cases cases;
  for (const Ints& shape : std::vector<Ints>{{2, 72}, {6, 4, 6}, {2, 4, 3, 6}, {144}}) {
    add_moving(cases, "reshape", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::RESHAPE, {x, m.list(shape)}, {m.y(shape.size(), grid)});
    });
  }
  for (const Ints& order :
       std::vector<Ints>{{0, 3, 1, 2}, {0, 2, 3, 1}, {3, 2, 1, 0}, {1, 2, 3, 0}}) {
    add_moving(cases, "transpose", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::TRANSPOSE, {x, m.list(order)}, {m.y(4, grid)});
    });
  }
  const Ints dims = {1, 2};
  add_moving(cases, "squeeze", {2, 1, 1, 6}, [&](OpModel& m, int x, Grid grid) {
    m.op(Builtin::SQUEEZE, {x}, {m.y(2, grid)}, fb::CreateSqueezeOptionsDirect(m.fbb(), &dims));
  });
  add_moving(cases, "expand_dims", {2, 3, 4}, [&](OpModel& m, int x, Grid grid) {
    m.op(Builtin::EXPAND_DIMS, {x, m.scalar(1)}, {m.y(4, grid)});
  });
  add_moving(cases, "tile", {2, 3, 4}, [&](OpModel& m, int x, Grid grid) {
    m.op(Builtin::TILE, {x, m.list({1, 3, 2})}, {m.y(3, grid)});
  });
  expect_equal_to_litert(cases);
}

TEST(ExactOps, Slices) {
  Cases cases;
  add_moving(cases, "slice", kImage, [](OpModel& m, int x, Grid grid) {
    m.op(Builtin::SLICE, {x, m.list({0, 1, 0, 2}), m.list({2, 2, 3, 4})},
         {m.y(Ints{2, 2, 3, 4}, grid)});
  });
  add_moving(cases, "strided_slice", kImage, [](OpModel& m, int x, Grid grid) {
    m.op(Builtin::STRIDED_SLICE,
         {x, m.list({0, -1, 0, 1}), m.list({2, -4, 4, 6}), m.list({1, -1, 2, 3})}, {m.y(4, grid)},
         fb::CreateStridedSliceOptions(m.fbb()));
  });
  add_moving(cases, "gather", kImage, [](OpModel& m, int x, Grid grid) {
    m.op(Builtin::GATHER, {x, m.list({5, 0, 2, 2})}, {m.y(4, grid)},
         fb::CreateGatherOptions(m.fbb(), 3));
  });
  const auto outputs = [](OpModel& m, std::size_t count, std::size_t rank, Grid grid) {
    Ints all;
    all.reserve(count);
    for (std::size_t i = 0; i < count; ++i) all.push_back(m.y(rank, grid));
    return all;
  };
  for (const std::int32_t axis : {1, 3}) {
    add_moving(cases, "split", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::SPLIT, {m.scalar(axis), x}, outputs(m, 3, 4, grid),
           fb::CreateSplitOptions(m.fbb(), 3));
    });
  }
  add_moving(cases, "split_v", kImage, [&](OpModel& m, int x, Grid grid) {
    m.op(Builtin::SPLIT_V, {x, m.list({1, 3, 2}), m.scalar(3)}, outputs(m, 3, 4, grid),
         fb::CreateSplitVOptions(m.fbb(), 3));
  });
  for (const std::int32_t axis : {0, 2}) {
    const auto count = kImage[static_cast<std::size_t>(axis)];
    add_moving(cases, "unpack", kImage, [&](OpModel& m, int x, Grid grid) {
      m.op(Builtin::UNPACK, {x}, outputs(m, static_cast<std::size_t>(count), 3, grid),
           fb::CreateUnpackOptions(m.fbb(), count, axis));
    });
  }
  expect_equal_to_litert(cases);
}

}  // namespace
}  // namespace sluice::test
