// SPDX-License-Identifier: Apache-2.0
// Operators that move, repeat or pick elements and compute nothing. Inputs that say where (axes,
// shapes, starts, pads, …) are int64 tensors and must be known before running, except Gather's.
#pragma once

#include <cstdint>
#include <vector>

#include "sluice/ir/field.hpp"

namespace sluice::ir {

// inputs: one or more, alike but along axis
struct Concat {
  std::int64_t axis = 0;
  static constexpr auto fields() { return std::tuple{field("axis", &Concat::axis)}; }
};

// [N, C, H, W] → [N, C/b², H·b, W·b]; column_row_depth: ONNX's CRD order, else DCR
struct DepthToSpace {
  std::int64_t block_size = 1;
  bool column_row_depth = false;
  static constexpr auto fields() {
    return std::tuple{field("block_size", &DepthToSpace::block_size),
                      field("column_row_depth", &DepthToSpace::column_row_depth)};
  }
};

// inputs: x, shape; broadcast both ways
struct Expand {
  static constexpr auto fields() { return std::tuple{}; }
};

// [d0…] → [Π d<axis, Π d≥axis]
struct Flatten {
  std::int64_t axis = 1;
  static constexpr auto fields() { return std::tuple{field("axis", &Flatten::axis)}; }
};

// inputs: x, indices (negative ones count from the end)
struct Gather {
  std::int64_t axis = 0;
  static constexpr auto fields() { return std::tuple{field("axis", &Gather::axis)}; }
};

enum class PadMode : unsigned char { Constant, Reflect, Edge, Wrap };

// inputs: x, pads (begins then ends; may be negative), value (scalar, optional), axes (optional)
struct Pad {
  PadMode mode = PadMode::Constant;
  static constexpr auto fields() { return std::tuple{field("mode", &Pad::mode)}; }
};

// inputs: x, shape (−1: inferred; 0: copied from x, or zero with allow_zero)
struct Reshape {
  bool allow_zero = false;
  static constexpr auto fields() { return std::tuple{field("allow_zero", &Reshape::allow_zero)}; }
};

// inputs: x, starts, ends, axes (optional), steps (optional)
struct Slice {
  static constexpr auto fields() { return std::tuple{}; }
};

// [N, C, H, W] → [N, C·b², H/b, W/b]
struct SpaceToDepth {
  std::int64_t block_size = 1;
  static constexpr auto fields() {
    return std::tuple{field("block_size", &SpaceToDepth::block_size)};
  }
};

// inputs: x, sizes (optional: else equal parts, the last one smaller)
struct Split {
  std::int64_t axis = 0;
  static constexpr auto fields() { return std::tuple{field("axis", &Split::axis)}; }
};

// inputs: x, axes (optional: all dimensions of 1)
struct Squeeze {
  static constexpr auto fields() { return std::tuple{}; }
};

// inputs: x, repeats
struct Tile {
  static constexpr auto fields() { return std::tuple{}; }
};

// output dimension i is input dimension permutation[i]; empty: reversed
struct Transpose {
  std::vector<std::int64_t> permutation;
  static constexpr auto fields() {
    return std::tuple{field("permutation", &Transpose::permutation)};
  }
};

// inputs: x, axes
struct Unsqueeze {
  static constexpr auto fields() { return std::tuple{}; }
};

}  // namespace sluice::ir
