// SPDX-License-Identifier: Apache-2.0
// A network by our own rules: each step is converted in turn; what the hardware cannot do at the
// beginning or the end is left to the host where it only moves words or ranks results.
#include <algorithm>
#include <fmt/format.h>
#include <unordered_set>

#include "sluice/hw/build/built.hpp"
#include "sluice/hw/build/ops/convert.hpp"
#include "sluice/hw/build/rescales.hpp"

namespace sluice::hw {
namespace {

class Builder {
 public:
  Builder(const ir::Graph& network, const BuildOptions& options)
      : network_(network),
        options_(options),
        known_(known_values(network)),
        steps_(steps_of(network, Rules::Sluice)),
        streams_(network, options),
        on_host_(network.values.size(), false),
        is_supposed_(network.values.size(), false) {
    find_ends();
  }

  Built build() {
    for (const ir::GraphInput& input : network_.inputs) {
      if (!streams_.set_host(input.value)) refuse_input(input.value);
    }
    for (std::size_t s = 0; s < steps_.size(); ++s) take(steps_[s], ends_[s]);
    for (const ir::ValueId id : network_.outputs) leave(id);
    Draft& draft = streams_.draft();
    if (draft.layers.empty() && built_.refused.empty()) {
      built_.refused.push_back({network_.name, "network", "nothing in it is work for hardware",
                                "give a network with layers that compute"});
    }
    if (built_.refused.empty()) built_.graph = assembled(network_, draft);
    return std::move(built_);
  }

 private:
  // What the host can do behind the hardware, or before it.
  static bool only_recodes(const ir::Op& op) {
    return ir::is<ir::Identity>(op) || ir::is<ir::Cast>(op) || ir::is<ir::Dropout>(op) ||
           ir::op_family(op) == "quantize";
  }
  static bool can_end(const ir::Op& op) {
    return ir::is_layout(op) || only_recodes(op) || ir::is<ir::Softmax>(op) ||
           ir::is<ir::ArgMax>(op);
  }
  // What changes how a tensor is seen, of which no one need hear.
  static bool is_view(const ir::Op& op) {
    return ir::is<ir::Reshape>(op) || ir::is<ir::Flatten>(op) || ir::is<ir::Squeeze>(op) ||
           ir::is<ir::Unsqueeze>(op) || ir::is<ir::Transpose>(op) || only_recodes(op);
  }

  // Of each step: whether only such things come behind it as the host can do.
  void find_ends() {
    std::vector<bool> is_end(network_.values.size(), true);
    ends_.resize(steps_.size());
    for (std::size_t s = steps_.size(); s-- > 0;) {
      const Step& step = steps_[s];
      const bool behind = std::ranges::all_of(
          step.outputs, [&](ir::ValueId id) { return id == ir::kNoValue || is_end[index(id)]; });
      ends_[s] = behind && can_end(network_[step.node].op);
      for (const ir::ValueId id : step.inputs) {
        if (id != ir::kNoValue && !ends_[s]) is_end[index(id)] = false;
      }
    }
  }

  void refuse_input(ir::ValueId id) {
    built_.refused.push_back(
        {network_[id].name, "input",
         fmt::format("its shape {} is that of no feature map", to_string(network_.type(id).shape)),
         "give an input of batch 1, with channels and at most three dimensions of space"});
  }

  bool is_stream(ir::ValueId id) const { return id != ir::kNoValue && !known_[index(id)]; }

  void take(const Step& step, bool is_end) {
    std::vector<ir::ValueId> read;
    std::ranges::copy_if(step.inputs, std::back_inserter(read),
                         [&](ir::ValueId id) { return is_stream(id); });
    const auto is_on_host = [&](ir::ValueId id) { return on_host_[index(id)]; };
    if (std::ranges::any_of(read, is_on_host)) return end_on_host(step, read);
    const auto has_words = [&](ir::ValueId id) { return streams_.find(id) != nullptr; };
    if (!std::ranges::all_of(read, has_words)) return go_on(step);  // refused further up
    if (comes_from_host(step, read)) return begin_on_host(step, read);
    const auto is_map = [&](ir::ValueId id) {
      return !streams_.find(id)->maker.is_host() || plain_tensor(network_.type(id).shape);
    };
    if (!std::ranges::all_of(read, is_map)) {
      return refuse(step, {"an input of it has a shape that is no feature map's",
                           "give it channels and at most three dimensions of space"});
    }
    Site site(network_, step, options_, known_, streams_);
    Verdict verdict = converted(step, site);
    if (std::holds_alternative<EndsOnHost>(verdict) && !is_end) {
      verdict = Refused{"it is not at the network's end, and the host does it",
                        "cut the network before it"};
    }
    if (auto* made = std::get_if<Made>(&verdict)) {
      add(step, std::move(*made));
    } else if (auto* dropped = std::get_if<Dropped>(&verdict)) {
      drop(step, *dropped);
    } else if (is_end) {
      end_on_host(step, read);
    } else {
      refuse(step, std::get<Refused>(std::move(verdict)));
    }
  }

  Verdict converted(const Step& step, Site& site) const {
    const ir::Op& op = network_[step.node].op;
    const bool takes_any = ir::op_family(op) == "binary" || ir::is<ir::Concat>(op);
    if (!site.is_stream(0) && !takes_any) {
      return Refused{"its first operand is a constant, but another is not",
                     "compute it before, or cut the network there"};
    }
    return ops::convert(step, site);
  }

  // Whether it does nothing but move words that the host has.
  bool comes_from_host(const Step& step, const std::vector<ir::ValueId>& read) const {
    const ir::Op& op = network_[step.node].op;
    return (ir::is_layout(op) || only_recodes(op)) &&
           std::ranges::all_of(read,
                               [&](ir::ValueId id) { return streams_.find(id)->maker.is_host(); });
  }

  void begin_on_host(const Step& step, const std::vector<ir::ValueId>& read) {
    const bool is_supposed =
        std::ranges::any_of(read, [&](ir::ValueId id) { return is_supposed_[index(id)]; });
    for (const ir::ValueId id : step.outputs) {
      if (id == ir::kNoValue) continue;
      // Of shapes that are no feature map's the next step may make one.
      if (!streams_.set_host(id)) streams_.set(id, {{Maker::kHost, 0, id}, {}, View()});
      is_supposed_[index(id)] = is_supposed;
    }
    if (!is_supposed) tell(step, "it moves words that the host has");
  }

  void end_on_host(const Step& step, const std::vector<ir::ValueId>& read) {
    for (const ir::ValueId id : read) leave(id);
    for (const ir::ValueId id : step.outputs) {
      if (id != ir::kNoValue) on_host_[index(id)] = true;
    }
    tell(step, "it is at the network's end");
  }

  void tell(const Step& step, std::string why) {
    const ir::Node& node = network_[step.node];
    if (is_view(node.op)) return;
    built_.on_host.push_back({node.name, std::string(ir::op_name(node.op)), std::move(why)});
  }

  // The words leave the hardware.
  void leave(ir::ValueId id) {
    if (!is_stream(id) || on_host_[index(id)]) return;
    const ValueStream* stream = streams_.find(id);
    if (stream == nullptr || stream->maker.is_host()) return;
    auto& outputs = streams_.draft().outputs;
    if (std::ranges::count(outputs, stream->maker) == 0) outputs.push_back(stream->maker);
  }

  // Behind a refused step everything is looked at as if the host gave its words.
  void go_on(const Step& step) {
    for (const ir::ValueId id : step.outputs) {
      if (id == ir::kNoValue) continue;
      streams_.set_host(id);
      is_supposed_[index(id)] = true;
    }
  }

  void refuse(const Step& step, Refused refused) {
    built_.refused.push_back(unmappable_node(network_[step.node], std::move(refused)));
    go_on(step);
  }

  void drop(const Step& step, Dropped& dropped) {
    ValueStream stream = *streams_.find(step.inputs[0]);
    const ir::ValueId out = step.outputs[0];
    if (dropped.view) stream.view = *std::move(dropped.view);
    streams_.set(out, std::move(stream));
  }

  void add(const Step& step, Made made) {
    const ir::Node& node = network_[step.node];
    DraftLayer layer;
    layer.node.name = node.name;
    set_source(layer.node.source, step, made);
    Layer& of = layer.node.layer;
    const ir::ValueId first = step.inputs[made.inputs[0]];
    of.map = made.map;
    constexpr std::size_t kVolumeDims = 5;
    of.is_3d = made.map.depth > 1 || network_.type(first).shape.size() == kVolumeDims;
    of.data = word_type(network_, first, node, options_);
    of.operation = std::move(made.operation);
    of.inputs.resize(made.inputs.size());
    of.outputs.resize(of.as<Chop>() != nullptr ? step.outputs.size() : 1);
    set_ratios(of, node);
    std::vector<ir::ValueId> read;
    read.reserve(made.inputs.size());
    for (const std::size_t i : made.inputs) {
      read.push_back(step.inputs[i]);
      layer.inputs.push_back(streams_.find(step.inputs[i])->maker);
    }
    set_rescales(network_, node, read, step.outputs, of);
    std::vector<ValueStream> outputs;
    for (std::size_t p = 0; p < of.outputs.size(); ++p) {
      const Maker maker{streams_.draft().layers.size(), p, ir::kNoValue};
      const FeatureMap map = map_out(of, p);
      if (made.keeps_order) {
        outputs.push_back({maker, map, streams_.find(first)->view});
        continue;
      }
      const auto plain = plain_tensor(network_.type(step.outputs[p]).shape);
      if (!plain || plain->map != map) {
        return refuse(step, {"its output is not that of the hardware for it",
                             "cut the network before it, and tell us of it"});
      }
      outputs.push_back({maker, map, plain->view});
    }
    for (std::size_t p = 0; p < outputs.size(); ++p) {
      streams_.set(step.outputs[p], std::move(outputs[p]));
    }
    streams_.draft().layers.push_back(std::move(layer));
  }

  void set_source(Source& source, const Step& step, const Made& made) const {
    source.node = network_[step.node].name;
    const auto name_of = [&](ir::ValueId id) {
      return id == ir::kNoValue ? std::string() : network_[id].name;
    };
    std::ranges::transform(step.inputs, std::back_inserter(source.inputs), name_of);
    std::ranges::transform(step.outputs, std::back_inserter(source.outputs), name_of);
    if (made.weights) source.weights = name_of(step.inputs[*made.weights]);
    if (made.bias) source.bias = name_of(step.inputs[*made.bias]);
  }

  void set_ratios(Layer& layer, const ir::Node& node) const {
    const NodeHints* hints = hints_of(options_, node);
    if (hints == nullptr) return;
    const auto set = [](std::vector<Port>& ports, const std::vector<double>& ratios) {
      for (std::size_t p = 0; p < std::min(ports.size(), ratios.size()); ++p) {
        ports[p].compression_ratio = ratios[p];
      }
    };
    set(layer.inputs, hints->input_compression);
    set(layer.outputs, hints->output_compression);
    layer.weights.compression_ratio = hints->weight_compression;
  }

  const ir::Graph& network_;
  const BuildOptions& options_;
  std::vector<bool> known_;
  std::vector<Step> steps_;
  std::vector<bool> ends_;  // of each step
  Streams streams_;
  std::vector<bool> on_host_;      // each value: the host makes it, behind the hardware
  std::vector<bool> is_supposed_;  // each value: it is the host's only because its maker is refused
  Built built_;
};

}  // namespace

Built build_own(const ir::Graph& network, const BuildOptions& options) {
  return Builder(network, options).build();
}

}  // namespace sluice::hw
