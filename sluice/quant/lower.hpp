// SPDX-License-Identifier: Apache-2.0
// Lowering: from a float32 network and the ranges of its values to a network on codes.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/quantization.hpp"
#include "sluice/numeric/requantize.hpp"
#include "sluice/quant/calibration.hpp"
#include "sluice/quant/integer_format.hpp"

namespace sluice::quant {

struct LayerFormat {
  IntegerFormat weights;
  IntegerFormat activations;  // the node's outputs
  friend bool operator==(const LayerFormat&, const LayerFormat&) = default;
};

struct LoweringOptions {
  IntegerFormat format;
  std::map<std::string, LayerFormat> layers;  // by node: those not in `format`
  // How the nodes round that have a kernel for codes; else as the format does.
  std::optional<numeric::Arithmetic> arithmetic;
};

// Forms that integers have too, before calibration: a Gemm without factors, a normalization as a
// convolution of each channel by itself, a global mean as a mean over dimensions. Values may be
// renumbered. Types must be inferred.
[[nodiscard]] Status prepare_for_integers(ir::Graph& graph);

// The values that become codes, whose ranges `lower` needs: all of float32 but constants and what
// only says how to compute (bounds, sizes).
[[nodiscard]] std::vector<ir::ValueId> values_to_calibrate(const ir::Graph& graph);

// The network on codes, with float32 inputs and outputs of the same names.
//   Values that are moved, compared or rectified share their quantization with what they become: an
//   activation behind a layer is a clamp of its codes, and the layer's own range does not count.
//   One that clamps at the ends of all codes is left out, for the layer saturates there. A
//   convolution that only moves pixels (ir/pixel_shift.hpp) shares it too, and has the weight 1.
//   A bias is an integer in the accumulator's unit; where 32 bits do not hold it and scales are
//   powers of two, in the next coarser unit that does.
//   In affine formats an operator without an integer kernel is computed on real numbers and
//   rounded once, as ONNX does.
// `ranges` as calibration_format(format) shares them. InvalidArgument for a layer that is not in
// the graph, formats of both kinds of scales, or an arithmetic that does not fit them; Unsupported,
// naming the layer, where a bias fits in no 32 bits.
[[nodiscard]] Result<ir::Graph> lower(ir::Graph graph, const Ranges& ranges,
                                      const LoweringOptions& options);

// Quantizations that are known already, as training learns them.
struct KnownQuantizations {
  // Of all of values_to_calibrate; values that share one (ValueGroups) have the same.
  std::map<ir::ValueId, numeric::Quantization> values;
  std::map<ir::NodeId, numeric::Quantization> weights;  // of the layers that have weights
};

// The same with these: weights are rounded to theirs, and nothing is made coarser for a bias.
// Verify where one is missing, or values that share one have two.
[[nodiscard]] Result<ir::Graph> lower(ir::Graph graph, const KnownQuantizations& known,
                                      const LoweringOptions& options);

}  // namespace sluice::quant
