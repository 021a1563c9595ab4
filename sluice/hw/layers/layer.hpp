// SPDX-License-Identifier: Apache-2.0
// Layer: what one operator of a network becomes in hardware, and how it is mapped: how much of it
// works side by side (folding), and where its weights and waiting words lie.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "sluice/hw/layers/chain.hpp"

namespace sluice::hw {

struct FixedPoint {
  std::int64_t width_bits = 16;
  std::int64_t binary_point = 8;
  friend bool operator==(const FixedPoint&, const FixedPoint&) = default;
};

// ---- what a layer computes

// Zeros among the words that a convolution reads, which its hardware may skip.
struct Sparsity {
  // Windows of a kernel of k words: for each channel, how often (of 1) a window has 0, 1, … k
  // zeros. Point-wise: for each channel, how many of its words (of 1) are zero.
  std::vector<double> values;
  bool is_pointwise = false;
  bool skips_zero_windows = true;
  std::int64_t clusters = 1;  // of streams, point-wise
  friend bool operator==(const Sparsity&, const Sparsity&) = default;
};

// How sums, or codes, become the codes of another scale (docs/reference/rtl.md, Numbers).
enum class Scaling : unsigned char {
  None,        // they are those already
  Shift,       // by a power of two
  Line,        // a product, a sum and a shift
  Thresholds,  // by comparison with a list, a bit of the code a step
  Table,       // looked up
};

struct Rescale {
  Scaling by = Scaling::None;
  bool is_per_channel = false;
  std::int64_t threshold_steps = 0;  // of thresholds
  friend bool operator==(const Rescale&, const Rescale&) = default;
};

struct Convolution {
  std::int64_t filters = 1;
  std::int64_t groups = 1;
  Extent kernel, step;
  Padding padding;
  bool has_bias = false;
  bool block_floating_point = false;
  FixedPoint output, weight, acc{32, 16};
  std::shared_ptr<const Sparsity> sparsity;  // none: dense
  // Words that zeros lie between, before the windows: the step of a transposed convolution.
  Extent spread;
  // From word to word of a window.
  Extent dilation = {};
  friend bool operator==(const Convolution&, const Convolution&) = default;
};

// Every word of the feature map with every filter.
struct InnerProduct {
  std::int64_t filters = 1;
  bool has_bias = false;
  bool block_floating_point = false;
  FixedPoint output, weight, acc{32, 16};
  friend bool operator==(const InnerProduct&, const InnerProduct&) = default;
};

enum class Reduction : unsigned char { Max, Average };

struct Pooling {
  Reduction reduction = Reduction::Max;
  Extent kernel, step;
  Padding padding;
  friend bool operator==(const Pooling&, const Pooling&) = default;
};

struct GlobalPooling {
  Reduction reduction = Reduction::Average;
  FixedPoint acc{32, 16};
  friend bool operator==(const GlobalPooling&, const GlobalPooling&) = default;
};

// Relu and its relatives, word by word.
struct Elementwise {
  Function function = Function::Relu;
  FixedPoint output;
  bool has_threshold = false;
  double threshold = 0;
  friend bool operator==(const Elementwise&, const Elementwise&) = default;
};

// A factor and an offset a channel: BatchNorm, Bias, sums and products with constants.
struct ChannelAffine {
  bool has_scale = true;
  bool has_offset = true;
  friend bool operator==(const ChannelAffine&, const ChannelAffine&) = default;
};

// Sums or products of all inputs.
struct Join {
  Eltwise op = Eltwise::Add;
  bool broadcasts = false;  // the second input is a word a channel
  FixedPoint acc{32, 16};
  friend bool operator==(const Join&, const Join&) = default;
};

// Channels of all inputs behind one another.
struct Concat {
  std::vector<std::int64_t> channels;
  friend bool operator==(const Concat&, const Concat&) = default;
};

// Copies for several readers. (ONNX's Split is Chop here, as in fpgaConvNet's files.)
struct Split {
  friend bool operator==(const Split&, const Split&) = default;
};

// The channels in parts, one an output.
struct Chop {
  std::vector<std::int64_t> channels;
  friend bool operator==(const Chop&, const Chop&) = default;
};

// Every word repeated along rows, cols and depth. `channels` and `other` are what fpgaConvNet's
// reading of ONNX's scales multiplies besides.
struct Repeat {
  Extent scale;
  std::int64_t channels = 1;
  std::int64_t other = 1;
  friend bool operator==(const Repeat&, const Repeat&) = default;
};

// Streams regrouped: coarse_in of them to coarse_out. Derived from the layers on both sides, but
// for fpgaConvNet's Reshape, which is one of its own.
struct Regroup {
  bool is_derived = true;
  friend bool operator==(const Regroup&, const Regroup&) = default;
};

// Words that keep their order: Reshape, Flatten.
struct Passing {
  friend bool operator==(const Passing&, const Passing&) = default;
};

// Zeros around the feature map, on their own: at its edges, and as channels before and after its
// own.
struct Padded {
  Padding padding;
  std::int64_t channels_before = 0, channels_after = 0;
  friend bool operator==(const Padded&, const Padded&) = default;
};

// Channels moved by a pixel up, down, left, right, or not at all (ShuffleNet's shift).
struct PixelShift {
  friend bool operator==(const PixelShift&, const PixelShift&) = default;
};

// Channels in another order.
struct Shuffle {
  std::int64_t groups = 1;
  friend bool operator==(const Shuffle&, const Shuffle&) = default;
};

using Operation =
    std::variant<Convolution, InnerProduct, Pooling, GlobalPooling, Elementwise, ChannelAffine,
                 Join, Concat, Split, Chop, Repeat, Regroup, Passing, Padded, PixelShift, Shuffle>;

// ---- how it is mapped

// Streams side by side: of input channels, of filters, of groups; `fine` products of a window at
// once. Layers that have one number of streams have it in coarse_in and coarse_out.
struct Folding {
  std::int64_t coarse_in = 1;
  std::int64_t coarse_out = 1;
  std::int64_t coarse_group = 1;
  std::int64_t fine = 1;
  friend bool operator==(const Folding&, const Folding&) = default;
};

struct WeightPlacement {
  bool in_uram = false;
  std::int64_t blocks_off_chip = 0;  // memory blocks whose words come from outside the device
  std::int64_t blocks_in_luts = 0;   // block RAMs that LUTs as memory take the place of
  double compression_ratio = 1;      // of these words
  friend bool operator==(const WeightPlacement&, const WeightPlacement&) = default;
};

struct Port {
  bool is_off_chip = false;       // its words wait outside the device
  std::int64_t buffer_depth = 2;  // words a stream that can wait before a join
  double words_per_cycle = 100;   // that memory gives or takes at most
  double compression_ratio = 1;
  // Of the words that go through: of a concatenation's inputs, and of the outputs of all others.
  Rescale rescale;
};

struct Layer {
  FeatureMap map;  // of the first input
  bool is_3d = false;
  FixedPoint data;
  Operation operation;
  Folding folding;
  WeightPlacement weights;
  std::vector<Port> inputs = std::vector<Port>(1);
  std::vector<Port> outputs = std::vector<Port>(1);
  // Words a stream that leave together and wait before a reader that keeps none, 0 for nothing: set
  // by update().
  std::int64_t burst_depth = 0;

  template <class Kind>
  [[nodiscard]] const Kind* as() const {
    return std::get_if<Kind>(&operation);
  }
  template <class Kind>
  Kind* as() {
    return std::get_if<Kind>(&operation);
  }
};

// ---- what it is

// A convolution or an inner product.
[[nodiscard]] bool has_weights(const Layer& layer);
// Made by update(), from the layers on both sides.
[[nodiscard]] bool is_derived(const Layer& layer);
// Whether a layer joins several inputs, or gives words to several outputs.
[[nodiscard]] bool joins(const Layer& layer);
[[nodiscard]] bool splits(const Layer& layer);

// ---- its shape

[[nodiscard]] FeatureMap map_in(const Layer& layer, std::size_t port = 0);
[[nodiscard]] FeatureMap map_out(const Layer& layer, std::size_t port = 0);
[[nodiscard]] std::int64_t streams_in(const Layer& layer);
[[nodiscard]] std::int64_t streams_out(const Layer& layer);
// Words a stream: positions × ⌊channels/streams⌋.
[[nodiscard]] std::int64_t stream_words_in(const Layer& layer, std::size_t port = 0);
[[nodiscard]] std::int64_t stream_words_out(const Layer& layer, std::size_t port = 0);

// Of the words that leave.
[[nodiscard]] FixedPoint output_type(const Layer& layer);
// How they are made: of a port of which nothing is said, sums by a shift, means on a line, and all
// else as the codes that they are.
[[nodiscard]] Rescale output_rescale(const Layer& layer, std::size_t port = 0);

// ---- its model

struct LayerTiming {
  double rate_in = 1, rate_out = 1;  // words a clock and stream
  double latency_cycles = 0;         // for a feature map, once words come and go
  std::int64_t pipeline_depth = 0;   // fpgaConvNet's: cycles or words before the first output
};

[[nodiscard]] Chain chain_of(const Layer& layer, Rules rules = Rules::Sluice);
[[nodiscard]] LayerTiming timing_of(const Layer& layer, Rules rules = Rules::Sluice);
// Only its cycles for a feature map: what a search asks most.
[[nodiscard]] double latency_cycles(const Layer& layer, Rules rules = Rules::Sluice);
[[nodiscard]] Resources resources_of(const Layer& layer, const Coefficients& by,
                                     Rules rules = Rules::Sluice);
// Both, for those who ask for both: half the work.
struct LayerCost {
  double latency_cycles = 0;
  Resources resources;
};
[[nodiscard]] LayerCost cost_of(const Layer& layer, const Coefficients& by,
                                Rules rules = Rules::Sluice);
// Additions and multiplications for a feature map; `sparse`: without those with zeros.
[[nodiscard]] double operations_of(const Layer& layer, Rules rules = Rules::Sluice,
                                   bool sparse = false);
// The words a stream that fpgaConvNet's second metrics wait for.
[[nodiscard]] std::int64_t start_depth(const Layer& layer);
// Words a clock that the streams of all ports take together, at most what memory gives.
struct PortRates {
  double in = 0, out = 0;
};
[[nodiscard]] PortRates port_rates(const Layer& layer, Rules rules = Rules::Sluice);

// ---- its feasible foldings

struct FoldingValues {
  std::vector<std::int64_t> coarse_in, coarse_out, coarse_group, fine;
  bool is_coupled = false;  // coarse_out is coarse_in
};
[[nodiscard]] FoldingValues folding_values(const Layer& layer, Rules rules = Rules::Sluice);
// Factors by which the filters can be divided into passes, with weights loaded in between; {1} for
// layers without weights.
[[nodiscard]] std::vector<std::int64_t> reloading_values(const Layer& layer);

}  // namespace sluice::hw
