// SPDX-License-Identifier: Apache-2.0
// One small graph for each operator of the IR, its attributes other than the default, in the text
// form: for writers and readers of files.
#pragma once

#include <array>
#include <gtest/gtest.h>
#include <string>
#include <string_view>

#include "sluice/ir/infer.hpp"
#include "sluice/ir/text.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::test {

struct OpGraph {
  std::string_view op;
  std::string_view lines;  // of the graph; its outputs are those of the nodes
  bool is_in_onnx = true;  // opset 13 or newer has it
};

inline constexpr std::array kEveryOp{
    OpGraph{"Conv", R"(
      input %x: float32[1x4x9x8]
      const %w: float32[2x2x3x2] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
                                    19, 20, 21, 22, 23, 24]
      const %b: float32[2] = [0.5, -1.25]
      %y = Conv(%x, %w, %b) {window={kernel=[3, 2], strides=[2, 1], dilations=[1, 2],
        pads=[1, 0, 2, 1]}, group=2} "conv")"},
    OpGraph{"Conv", R"(
      input %x: float32[1x1x9x8]
      const %w: float32[1x1x2x2] = [1, 2, 3, 4]
      %y = Conv(%x, %w) {window={strides=[2, 2], auto_pad=SameLower}} "conv")"},
    OpGraph{"ConvTranspose", R"(
      input %x: float32[1x2x3x3]
      const %w: float32[2x1x2x2] = [1, 2, 3, 4, 5, 6, 7, 8]
      %y = ConvTranspose(%x, %w) {window={strides=[2, 2], auto_pad=SameUpper}, group=2} "a"
      %w2 = ConvTranspose(%x, %w) {window={strides=[2, 2]}, group=2, output_padding=[1, 0]} "c"
      %z = ConvTranspose(%x, %w) {window={strides=[2, 2]}, group=2, output_shape=[7, 6]} "b")"},
    OpGraph{"Gemm", R"(
      input %a: float32[3x2]
      input %b: float32[4x3]
      input %c: float32[4]
      %y = Gemm(%a, %b, %c) {alpha=0.5, beta=2, trans_a=true, trans_b=true} "gemm")"},
    OpGraph{"MatMul", R"(
      input %a: float32[2x3x4]
      input %b: float32[4]
      %y = MatMul(%a, %b) "matmul")"},
    OpGraph{"AveragePool", R"(
      input %x: float32[1x2x8x8]
      %y = AveragePool(%x) {window={kernel=[3, 2], strides=[2, 2], pads=[1, 0, 1, 0]},
        ceil_mode=true, count_include_pad=true} "a"
      %z = AveragePool(%x) {window={kernel=[3, 2], dilations=[2, 1]}} "b")"},
    OpGraph{"GlobalAveragePool", R"(
      input %x: float32[1x2x8x8]
      %y = GlobalAveragePool(%x) "gap")"},
    OpGraph{"GlobalMaxPool", R"(
      input %x: float32[1x2x8x8]
      %y = GlobalMaxPool(%x) "gmp")"},
    OpGraph{"LpPool", R"(
      input %x: float32[1x2x8x8]
      %y = LpPool(%x) {window={kernel=[3, 3], auto_pad=Valid}, p=1} "a"
      %z = LpPool(%x) {window={kernel=[3, 3], strides=[2, 2]}, ceil_mode=true, p=3} "b")"},
    OpGraph{"MaxPool", R"(
      input %x: float32[1x2x8x8]
      %y, %i = MaxPool(%x) {window={kernel=[3, 3], strides=[2, 2], dilations=[2, 2]},
        ceil_mode=true, column_major_indices=true} "max")"},
    OpGraph{"BatchNormalization", R"(
      input %x: float32[2x2x3x3]
      const %s: float32[2] = [1, 2]
      const %v: float32[2] = [3, 4]
      %y = BatchNormalization(%x, %s, %v, %v, %v) {epsilon=0.5} "inference"
      %z, %m, %n = BatchNormalization(%x, %s, %v, %v, %v) {momentum=0.25, training_mode=true} "t")"},
    OpGraph{"GroupNormalization", R"(
      input %x: float32[2x4x3x3]
      const %s: float32[4] = [1, 2, 3, 4]
      %y = GroupNormalization(%x, %s, %s) {epsilon=0.5, num_groups=2} "channels")"},
    OpGraph{"GroupNormalization", R"(
      input %x: float32[2x4x3x3]
      const %s: float32[2] = [1, 2]
      %y = GroupNormalization(%x, %s, %s) {num_groups=2, scale_per_group=true} "groups")",
            false},
    OpGraph{"InstanceNormalization", R"(
      input %x: float32[2x2x3x3]
      const %s: float32[2] = [1, 2]
      %y = InstanceNormalization(%x, %s, %s) {epsilon=0.5} "instances")"},
    OpGraph{"Abs", "input %x: int8[3]\n %y = Abs(%x) \"n\""},
    OpGraph{"Clip", R"(
      input %x: float32[3]
      const %high: float32[] = [6]
      %y = Clip(%x, _, %high) "n")"},
    OpGraph{"Elu", "input %x: float32[3]\n %y = Elu(%x) {alpha=0.5} \"n\""},
    OpGraph{"Erf", "input %x: float32[3]\n %y = Erf(%x) \"n\""},
    OpGraph{"Exp", "input %x: float32[3]\n %y = Exp(%x) \"n\""},
    OpGraph{"Gelu", "input %x: float32[3]\n %y = Gelu(%x) {tanh_approximation=true} \"n\""},
    OpGraph{"HardSigmoid",
            "input %x: float32[3]\n %y = HardSigmoid(%x) {alpha=0.5, beta=0.25} \"n\""},
    OpGraph{"HardSwish", "input %x: float32[3]\n %y = HardSwish(%x) \"n\""},
    OpGraph{"LeakyRelu", "input %x: float32[3]\n %y = LeakyRelu(%x) {alpha=0.1} \"n\""},
    OpGraph{"Log", "input %x: float32[3]\n %y = Log(%x) \"n\""},
    OpGraph{"Mish", "input %x: float32[3]\n %y = Mish(%x) \"n\""},
    OpGraph{"Neg", "input %x: int32[3]\n %y = Neg(%x) \"n\""},
    OpGraph{"Relu", "input %x: int8[3]\n %y = Relu(%x) \"n\""},
    OpGraph{"Round", "input %x: float32[3]\n %y = Round(%x) \"n\""},
    OpGraph{"Selu", "input %x: float32[3]\n %y = Selu(%x) {alpha=1.5, gamma=0.5} \"n\""},
    OpGraph{"Sigmoid", "input %x: float32[3]\n %y = Sigmoid(%x) \"n\""},
    OpGraph{"Softplus", "input %x: float32[3]\n %y = Softplus(%x) \"n\""},
    OpGraph{"Sqrt", "input %x: float64[3]\n %y = Sqrt(%x) \"n\""},
    OpGraph{"Tanh", "input %x: float32[3]\n %y = Tanh(%x) \"n\""},
    OpGraph{"ThresholdedRelu", "input %x: float32[3]\n %y = ThresholdedRelu(%x) {alpha=2} \"n\""},
    OpGraph{"Add", "input %a: int8[3]\n input %b: int8[]\n %y = Add(%a, %b) \"n\""},
    OpGraph{"Div", "input %a: float32[3]\n input %b: float32[2x1]\n %y = Div(%a, %b) \"n\""},
    OpGraph{"Equal", "input %a: int64[3]\n input %b: int64[3]\n %y = Equal(%a, %b) \"n\""},
    OpGraph{"Max", "input %a: float32[3]\n input %b: float32[3]\n %y = Max(%a, %b, %a) \"n\""},
    OpGraph{"Min", "input %a: float32[3]\n input %b: float32[3]\n %y = Min(%a, %b, %a) \"n\""},
    OpGraph{"Mul", "input %a: uint8[3]\n input %b: uint8[3]\n %y = Mul(%a, %b) \"n\""},
    OpGraph{"PRelu", "input %a: float32[2x3]\n input %b: float32[3]\n %y = PRelu(%a, %b) \"n\""},
    OpGraph{"Pow", "input %a: float32[3]\n input %b: int32[3]\n %y = Pow(%a, %b) \"n\""},
    OpGraph{"Sub", "input %a: int32[3]\n input %b: int32[3]\n %y = Sub(%a, %b) \"n\""},
    OpGraph{"Where", R"(
      input %c: bool[3]
      input %a: float32[3]
      %y = Where(%c, %a, %a) "n")"},
    OpGraph{"ArgMax", R"(
      input %x: float32[2x3]
      %y = ArgMax(%x) {axis=1, keep_dims=false, select_last_index=true} "n")"},
    OpGraph{"ReduceMax", R"(
      input %x: float32[2x3]
      const %axes: int64[1] = [-1]
      %y = ReduceMax(%x, %axes) {keep_dims=false} "n")"},
    OpGraph{"ReduceMean", "input %x: float32[2x3]\n %y = ReduceMean(%x) {keep_dims=false} \"n\""},
    OpGraph{"ReduceMin", R"(
      input %x: float32[2x3]
      %y = ReduceMin(%x) {noop_with_empty_axes=true} "n")"},
    OpGraph{"ReduceSum", R"(
      input %x: float32[2x3]
      const %axes: int64[1] = [0]
      %y = ReduceSum(%x, %axes) "n")"},
    OpGraph{"Softmax", "input %x: float32[2x3]\n %y = Softmax(%x) {axis=0} \"n\""},
    OpGraph{"Concat", R"(
      input %a: int16[2x3]
      input %b: int16[2x1]
      %y = Concat(%a, %b) {axis=1} "n"
      %z = Concat(%a, %a) "default")"},
    OpGraph{"DepthToSpace", R"(
      input %x: float32[1x8x2x2]
      %y = DepthToSpace(%x) {block_size=2, column_row_depth=true} "a"
      %z = DepthToSpace(%x) {block_size=2} "b")"},
    OpGraph{"Expand", R"(
      input %x: float32[3]
      const %shape: int64[2] = [2, 3]
      %y = Expand(%x, %shape) "n")"},
    OpGraph{"Flatten", "input %x: float32[2x3x4]\n %y = Flatten(%x) {axis=-1} \"n\""},
    OpGraph{"Gather", R"(
      input %x: float32[2x3]
      const %i: int64[2] = [-1, 0]
      %y = Gather(%x, %i) {axis=1} "n")"},
    OpGraph{"Pad", R"(
      input %x: float32[2x3]
      const %pads: int64[2] = [1, 2]
      const %value: float32[] = [7]
      const %axes: int64[1] = [1]
      %y = Pad(%x, %pads, %value, %axes) "a"
      %z = Pad(%x, %pads, _, %axes) {mode=Reflect} "b"
      %w = Pad(%x, %pads, _, %axes) {mode=Wrap} "c")"},
    OpGraph{"Reshape", R"(
      input %x: float32[2x3]
      const %shape: int64[2] = [3, -1]
      %y = Reshape(%x, %shape) {allow_zero=true} "n")"},
    OpGraph{"Slice", R"(
      input %x: float32[9]
      const %starts: int64[1] = [8]
      const %ends: int64[1] = [1]
      const %steps: int64[1] = [-2]
      %y = Slice(%x, %starts, %ends, _, %steps) "n")"},
    OpGraph{"SpaceToDepth",
            "input %x: uint8[1x2x4x4]\n %y = SpaceToDepth(%x) {block_size=2} \"n\""},
    OpGraph{"Split", R"(
      input %x: float32[2x7]
      const %sizes: int64[2] = [3, 4]
      %a, %b = Split(%x, %sizes) {axis=1} "sizes"
      %c, %d = Split(%x) "equal"
      %e, %f = Split(%x) {axis=-1} "not_equal")"},
    OpGraph{"Squeeze", R"(
      input %x: float32[1x3x1]
      const %axes: int64[1] = [0]
      %y = Squeeze(%x, %axes) "some"
      %z = Squeeze(%x) "all")"},
    OpGraph{"Tile", R"(
      input %x: float32[2]
      const %repeats: int64[1] = [3]
      %y = Tile(%x, %repeats) "n")"},
    OpGraph{"Transpose", R"(
      input %x: float32[2x3x4]
      %y = Transpose(%x) {permutation=[1, 2, 0]} "a"
      %z = Transpose(%x) "reversed")"},
    OpGraph{"Unsqueeze", R"(
      input %x: float32[3]
      const %axes: int64[2] = [0, -1]
      %y = Unsqueeze(%x, %axes) "n")"},
    OpGraph{"Resize", R"(
      input %x: float32[1x1x4x4]
      const %scales: float32[4] = [1, 1, 2, 2.5]
      const %sizes: int64[2] = [3, 5]
      %a = Resize(%x, _, %scales) {mode=Linear, coordinate_mode=AlignCorners} "a"
      %b = Resize(%x, _, %scales) {nearest_mode=Ceil, coordinate_mode=Asymmetric} "b"
      %c = Resize(%x, _, %scales) {mode=Cubic, coordinate_mode=PytorchHalfPixel,
        cubic_coeff_a=-0.5, exclude_outside=true} "c"
      %d = Resize(%x, _, _, %sizes) {mode=Linear, coordinate_mode=HalfPixelSymmetric,
        aspect_ratio_policy=NotSmaller, antialias=true, axes=[2, 3]} "d")"},
    OpGraph{"Resize", R"(
      input %x: float32[1x1x4x4]
      const %roi: float32[8] = [0, 0, 0.25, 0.5, 1, 1, 1.5, 1]
      const %sizes: int64[4] = [1, 1, 3, 5]
      %y = Resize(%x, %roi, _, %sizes) {mode=Linear, coordinate_mode=TfCropAndResize,
        extrapolation_value=3} "crop")"},
    OpGraph{"Cast", R"(
      input %x: float32[3]
      %y = Cast(%x) {to=int8} "a"
      %z = Cast(%x) {to=float8e4m3fn, saturate=false} "b"
      %w = Cast(%x) {to=float8e8m0, power_rounding=Nearest} "c"
      %v = Cast(%x) "default")"},
    OpGraph{"ConstantOfShape", R"(
      const %shape: int64[2] = [2, 3]
      %y = ConstantOfShape(%shape) {value=int32[1] = [7]} "n"
      %z = ConstantOfShape(%shape) "default")"},
    OpGraph{"Dropout", R"(
      input %x: float32[3]
      const %ratio: float32[] = [0.25]
      %y, %mask = Dropout(%x, %ratio) {seed=5} "n")"},
    OpGraph{"Identity", "input %x: bool[3]\n %y = Identity(%x) \"n\""},
    OpGraph{"Shape", R"(
      input %x: float32[2x3x4]
      %y = Shape(%x) {start=1, end=-1} "n")"},
    OpGraph{"DequantizeLinear", R"(
      input %x: int8[4x3]
      const %s: float32[3] = [0.5, 1, 2]
      const %z: int8[3] = [0, 1, 2]
      const %t: float32[2x3] = [1, 2, 3, 4, 5, 6]
      %y = DequantizeLinear(%x, %s, %z) "axis"
      %w = DequantizeLinear(%x, %t) {axis=0, block_size=2, output_dtype=float16} "blocks")"},
    OpGraph{"QuantizeLinear", R"(
      input %x: float32[4x3]
      const %s: float32[4] = [0.5, 1, 2, 4]
      const %z: uint16[4] = [0, 1, 2, 3]
      const %t: float32[] = [0.5]
      const %e: float8e5m2[] = [0]
      const %b: float32[2x3] = [1, 2, 3, 4, 5, 6]
      %y = QuantizeLinear(%x, %s, %z) {axis=-2} "axis"
      %w = QuantizeLinear(%x, %b) {axis=0, block_size=2, output_dtype=int4} "blocks"
      %v = QuantizeLinear(%x, %t, %e) {precision=float16, saturate=false} "float")"},
    OpGraph{"Snap", R"(
      input %x: float32[3]
      %y = Snap(%x) {grid=fixed {bits=4}} "n")",
            false},
};

// The graph with its types.
inline ir::Graph typed_graph(const OpGraph& source) {
  auto graph = ir::parse("graph \"one\" {" + std::string(source.lines) + "\n}");
  EXPECT_TRUE(graph) << source.op << ": " << graph.error().text();
  if (!graph) return {};
  for (const ir::Node& node : graph->nodes) {
    graph->outputs.insert(graph->outputs.end(), node.outputs.begin(), node.outputs.end());
  }
  const auto shapes = ir::input_shapes(*graph, 0);
  const auto status = ir::infer_types(*graph, *shapes, runtime::reference::evaluate);
  EXPECT_TRUE(status) << source.op << ": " << status.error().text();
  return *std::move(graph);
}

}  // namespace sluice::test
