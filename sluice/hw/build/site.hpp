// SPDX-License-Identifier: Apache-2.0
// Site: what a converter sees of an operator's place in the network, and what it answers.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "sluice/hw/build/constants.hpp"
#include "sluice/hw/build/steps.hpp"
#include "sluice/hw/build/streams.hpp"
#include "sluice/hw/build/sums.hpp"
#include "sluice/hw/build/widths.hpp"

namespace sluice::hw {

// A layer is made.
struct Made {
  FeatureMap map;  // of the first input
  Operation operation;
  std::vector<std::size_t> inputs = {0};     // of the operator's, those that are streams, by port
  bool keeps_order = false;                  // the output is seen as the first input is
  std::optional<std::size_t> weights, bias;  // of the operator's inputs
};
// No layer: the output's words are the first input's, seen so; of the first input's shape as it.
struct Dropped {
  std::optional<View> view;
};
// Nothing that hardware has to do, at the network's end.
struct EndsOnHost {};

using Verdict = std::variant<Made, Dropped, EndsOnHost, Refused>;

class Site {
 public:
  Site(const ir::Graph& network, const Step& step, const BuildOptions& options,
       const std::vector<bool>& known, Streams& streams)
      : network_(network), step_(step), options_(options), known_(known), streams_(streams) {}

  [[nodiscard]] const ir::Graph& network() const { return network_; }
  [[nodiscard]] const ir::Node& node() const { return network_[step_.node]; }
  [[nodiscard]] const NodeHints* hints() const { return hints_of(options_, node()); }
  [[nodiscard]] const BuildOptions& options() const { return options_; }

  [[nodiscard]] std::size_t num_inputs() const { return step_.inputs.size(); }
  [[nodiscard]] std::size_t num_outputs() const { return step_.outputs.size(); }
  [[nodiscard]] bool has(std::size_t i) const { return input_of(step_, i) != ir::kNoValue; }
  [[nodiscard]] ir::ValueId input(std::size_t i) const { return input_of(step_, i); }
  [[nodiscard]] const Shape& shape(std::size_t i) const {
    return network_.type(step_.inputs[i]).shape;
  }
  [[nodiscard]] const Shape& out_shape(std::size_t i = 0) const {
    return network_.type(step_.outputs[i]).shape;
  }
  // Whether the input is there and is no constant.
  [[nodiscard]] bool is_stream(std::size_t i) const {
    return has(i) && !known_[static_cast<std::size_t>(step_.inputs[i])];
  }
  // Whether something reads the output, or it leaves the network.
  [[nodiscard]] bool is_used(std::size_t output) const;

  // The input's words in the order of a feature map, for operators that look at rows, columns or
  // channels. None: `return site.refusal()`.
  [[nodiscard]] std::optional<FeatureMap> plain(std::size_t i);
  // The input's words in the order they come, for operators to which it is all one.
  [[nodiscard]] FeatureMap words(std::size_t i) const { return stream(i).map; }
  [[nodiscard]] const View& view(std::size_t i) const { return stream(i).view; }
  [[nodiscard]] Refused refusal() const;

  // With the bits that products of known codes have.
  [[nodiscard]] ProductTypes product_types() const {
    ProductTypes result =
        hw::product_types(network_, node(), step_.inputs[0], step_.inputs[1], options_);
    if (const auto bits = sum_bits_of(network_, node())) {
      result.weight.width_bits = bits->weight_bits;
      if (!node().accumulator) result.acc.width_bits = bits->acc_bits;
    }
    return result;
  }
  // Of the sums of the first input's words.
  [[nodiscard]] FixedPoint acc() const {
    return sum_type(network_, word_type(network_, input(0), node(), options_), node(), options_);
  }

 private:
  [[nodiscard]] const ValueStream& stream(std::size_t i) const {
    return *streams_.find(step_.inputs[i]);
  }

  const ir::Graph& network_;
  const Step& step_;
  const BuildOptions& options_;
  const std::vector<bool>& known_;
  Streams& streams_;
  std::size_t refused_ = 0;  // the input whose order is not plain
};

}  // namespace sluice::hw
