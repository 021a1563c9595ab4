// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "sluice/base/text.hpp"
#include "sluice/hw/config/feasible.hpp"
#include "sluice/hw/config/fpgaconvnet.hpp"
#include "sluice/hw/config/proto.hpp"
#include "sluice/hw/config/read_layer.hpp"

namespace sluice::hw {
namespace {

Result<std::vector<std::string>> texts_at(const JsonReader& object, std::string_view key) {
  std::vector<std::string> result;
  if (!object.has(key)) return result;
  SL_TRY(const JsonReader list, object.at(key));
  SL_TRY(const auto elements, list.elements());
  for (const JsonReader& element : elements) {
    SL_TRY(std::string text, element.string());
    result.push_back(std::move(text));
  }
  return result;
}

Result<std::int64_t> count_at(const JsonReader& object, std::string_view key,
                              std::int64_t otherwise) {
  if (!object.has(key)) return otherwise;
  SL_TRY(const JsonReader field, object.at(key));
  SL_TRY(const std::int64_t value, field.integer());
  if (value >= 1) return value;
  return field.error(fmt::format("must be at least 1, found {}", value));
}

// Finds layers in the hardware graph of the whole network.
class Model {
 public:
  explicit Model(const Graph& graph) : graph_(&graph) {
    for (NodeId id = 0; id < graph.size(); ++id) by_source_[graph[id].source.node].push_back(id);
  }

  // The node that a layer stands for: that of its name, else the first from the same node of the
  // network; for regroupings, which the model has none of, that is the one they were put behind.
  [[nodiscard]] Result<const Node*> find(const JsonReader& layer, const std::string& name) const {
    SL_TRY(const JsonReader field, layer.at("onnx_node"));
    SL_TRY(const std::string onnx_node, field.string());
    const auto found = by_source_.find(onnx_node);
    if (found != by_source_.end()) {
      const auto same = [&](NodeId id) { return (*graph_)[id].name == name; };
      const auto it = std::ranges::find_if(found->second, same);
      return &(*graph_)[it == found->second.end() ? found->second.front() : *it];
    }
    std::vector<std::string_view> names;
    names.reserve(by_source_.size());
    for (const auto& [each, ids] : by_source_) names.push_back(each);
    return field.error(fmt::format("the model has no node {}{}", sluice::quoted(onnx_node),
                                   did_you_mean(onnx_node, names)));
  }

 private:
  const Graph* graph_;
  std::unordered_map<std::string, std::vector<NodeId>> by_source_;
};

// A file's layer must be the model's.
Status check_against(const JsonReader& layer, const Node& read, const Node& model) {
  if (read.layer.operation.index() != model.layer.operation.index()) {
    return layer.error(fmt::format("layer {} is of another type than the model's {}",
                                   sluice::quoted(read.name), sluice::quoted(model.name)));
  }
  const std::string here = shape_text(read.layer);
  const std::string there = shape_text(model.layer);
  if (here == there) return {};
  return layer.error(fmt::format("layer {} is {}, the model's {} is {}", sluice::quoted(read.name),
                                 here, sluice::quoted(model.name), there));
}

// Reshape is written as the regrouping that it is to fpgaConvNet, under its own name.
bool is_reshape(const Node& node) {
  const Folding& by = node.layer.folding;
  return node.layer.as<Regroup>() != nullptr && node.name == node.source.node &&
         by.coarse_in == by.coarse_out;
}

class PartitionReader {
 public:
  PartitionReader(const JsonReader& reader, const Model* model, Notes& notes)
      : reader_(&reader), model_(model), notes_(&notes) {}

  Result<Partition> read() {
    SL_TRY(partition_.batch_size, count_at(*reader_, "batch_size", 1));
    SL_TRY(const JsonReader list, reader_->at("layers"));
    SL_TRY(layers_, list.elements());
    for (const JsonReader& layer : layers_) SL_TRY_STATUS(read_layer_of(layer));
    for (NodeId id = 0; id < layers_.size(); ++id) SL_TRY_STATUS(read_edges(id));
    SL_TRY_STATUS(check_no_cycle(list));
    for (NodeId id = 0; id < layers_.size(); ++id) SL_TRY_STATUS(check_streams(id));
    SL_TRY_STATUS(read_reloading());
    SL_TRY_STATUS(read_tensors());
    read_boundary();
    pass_over_constants();
    return std::move(partition_);
  }

 private:
  Graph& graph() { return partition_.graph; }

  Status read_layer_of(const JsonReader& layer) {
    Node node;
    SL_TRY(node.name, layer.string_at("name"));
    if (node.name.empty() || !ids_.emplace(node.name, graph().size()).second) {
      SL_TRY(const JsonReader field, layer.at("name"));
      return field.error(
          fmt::format("{} is not a name of its own in the partition", sluice::quoted(node.name)));
    }
    const Node* like = nullptr;
    if (model_ != nullptr) {
      SL_TRY(like, model_->find(layer, node.name));
      node.source = like->source;
      // Regroupings that were inserted are only in the file.
      SL_TRY(const std::string type, layer.string_at("type"));
      if (type == "SQUEEZE" && node.name != like->name) like = nullptr;
    }
    SL_TRY(node.source.node, layer.string_at("onnx_node"));
    SL_TRY(node.layer, read_layer(layer, like == nullptr ? nullptr : &like->layer, *notes_));
    if (like != nullptr) SL_TRY_STATUS(check_against(layer, node, *like));
    if (model_ == nullptr && is_reshape(node)) node.layer.operation = Passing{};
    SL_TRY_STATUS(read_source(layer, node));
    SL_TRY_STATUS(check_batch(layer));
    graph().add(std::move(node));
    return {};
  }

  // The file's names of weights are those that it was made with.
  static Status read_source(const JsonReader& layer, Node& node) {
    if (layer.has("weights_path")) {
      SL_TRY(node.source.weights, layer.string_at("weights_path"));
    }
    if (layer.has("bias_path")) {
      SL_TRY(node.source.bias, layer.string_at("bias_path"));
    }
    const auto inputs = node.layer.inputs.size();
    SL_TRY(node.source.more_input_ratios, ratios_after(layer, "input_compression_ratio", inputs));
    const auto outputs = node.layer.outputs.size();
    SL_TRY(node.source.more_output_ratios,
           ratios_after(layer, "output_compression_ratio", outputs));
    return {};
  }

  // The ratios beyond those of a layer's ports.
  static Result<std::optional<std::vector<double>>> ratios_after(const JsonReader& layer,
                                                                 std::string_view key,
                                                                 std::size_t ports) {
    SL_TRY(const JsonReader parameters, layer.at("parameters"));
    std::optional<std::vector<double>> more;
    if (!parameters.has(key)) return more;
    SL_TRY(const JsonReader list, parameters.at(key));
    SL_TRY(const auto elements, list.elements());
    more.emplace();
    for (std::size_t i = ports; i < elements.size(); ++i) {
      SL_TRY(const double ratio, elements[i].number());
      more->push_back(ratio);
    }
    return more;
  }

  Status check_batch(const JsonReader& layer) const {
    SL_TRY(const JsonReader parameters, layer.at("parameters"));
    SL_TRY(const std::int64_t batch, count_at(parameters, "batch_size", partition_.batch_size));
    if (batch == partition_.batch_size) return {};
    SL_TRY(const JsonReader field, parameters.at("batch_size"));
    return field.error(fmt::format("is {}, the partition's is {}", batch, partition_.batch_size));
  }

  // The layer at the other end of a stream; the layer itself is the partition's edge.
  Result<NodeId> other_end(const JsonReader& stream) const {
    SL_TRY(const JsonReader field, stream.at("node"));
    SL_TRY(const std::string name, field.string());
    if (const auto it = ids_.find(name); it != ids_.end()) return it->second;
    std::vector<std::string_view> names;
    names.reserve(ids_.size());
    for (const auto& [each, id] : ids_) names.push_back(each);
    return field.error(fmt::format("the partition has no layer {}{}", sluice::quoted(name),
                                   did_you_mean(name, names)));
  }

  Status read_edges(NodeId id) {
    SL_TRY(const JsonReader list, layers_[id].at("streams_in"));
    SL_TRY(const auto streams, list.elements());
    for (const JsonReader& stream : streams) {
      SL_TRY(const NodeId from, other_end(stream));
      if (from == id) {
        if (streams.size() == 1) continue;
        return stream.error("a layer of several streams reads itself");
      }
      if (std::ranges::count(graph()[id].predecessors, from) > 0) {
        return stream.error(
            fmt::format("a second stream from {}", sluice::quoted(graph()[from].name)));
      }
      graph().connect(from, id);
    }
    return {};
  }

  // streams_out say again what streams_in say.
  Status check_streams(NodeId id) {
    const Node& node = graph()[id];
    SL_TRY(const JsonReader in, layers_[id].at("streams_in"));
    SL_TRY_STATUS(check_coarse(in, streams_in(node.layer)));
    SL_TRY(const JsonReader out, layers_[id].at("streams_out"));
    SL_TRY_STATUS(check_coarse(out, streams_out(node.layer)));
    SL_TRY(const auto streams, out.elements());
    std::vector<NodeId> readers;
    for (const JsonReader& stream : streams) {
      SL_TRY(const NodeId to, other_end(stream));
      if (to != id) readers.push_back(to);
    }
    std::vector<NodeId> successors = node.successors;
    std::ranges::sort(readers);
    std::ranges::sort(successors);
    if (readers != successors) return out.error("are not the streams_in of the layers they name");
    const std::size_t ports = node.layer.outputs.size();
    if (readers.size() <= ports) return {};
    return out.error(fmt::format("has {} streams, the layer has {} output{}", readers.size(), ports,
                                 ports == 1 ? "" : "s"));
  }

  static Status check_coarse(const JsonReader& list, std::int64_t coarse) {
    SL_TRY(const auto streams, list.elements());
    for (const JsonReader& stream : streams) {
      SL_TRY(const std::int64_t said, count_at(stream, "coarse", coarse));
      if (said == coarse) continue;
      SL_TRY(const JsonReader field, stream.at("coarse"));
      return field.error(fmt::format("is {}, the layer has {}", said, coarse));
    }
    return {};
  }

  Status check_no_cycle(const JsonReader& list) {
    std::vector<std::size_t> waiting;
    std::vector<NodeId> ready;
    for (NodeId id = 0; id < graph().size(); ++id) {
      waiting.push_back(graph()[id].predecessors.size());
      if (waiting.back() == 0) ready.push_back(id);
    }
    for (std::size_t next = 0; next < ready.size(); ++next) {
      for (const NodeId to : graph()[ready[next]].successors) {
        if (--waiting[to] == 0) ready.push_back(to);
      }
    }
    if (ready.size() == graph().size()) return {};
    const auto first = std::ranges::find_if(waiting, [](std::size_t n) { return n > 0; });
    const auto id = static_cast<NodeId>(first - waiting.begin());
    return list.error(
        fmt::format("streams go in a circle, to layer {}", sluice::quoted(graph()[id].name)));
  }

  Status read_reloading() {
    SL_TRY(partition_.reloading_factor, count_at(*reader_, "weights_reloading_factor", 1));
    if (!reader_->has("weights_reloading_layer")) return check_no_factor();
    SL_TRY(const JsonReader field, reader_->at("weights_reloading_layer"));
    SL_TRY(const std::string name, field.string());
    if (name == "None" || name.empty()) return check_no_factor();
    const auto found = ids_.find(name);
    if (found == ids_.end()) {
      return field.error(fmt::format("the partition has no layer {}", sluice::quoted(name)));
    }
    const Layer& layer = graph()[found->second].layer;
    if (layer.as<Convolution>() == nullptr && layer.as<InnerProduct>() == nullptr) {
      return field.error(fmt::format("layer {} has no weights", sluice::quoted(name)));
    }
    if (const auto fault = infeasible_reloading(layer, partition_.reloading_factor)) {
      SL_TRY(const JsonReader factor, reader_->at("weights_reloading_factor"));
      return factor.error(fault->message);
    }
    partition_.reloading_layer = name;
    return {};
  }

  Status check_no_factor() const {
    if (partition_.reloading_factor == 1) return {};
    SL_TRY(const JsonReader factor, reader_->at("weights_reloading_factor"));
    return factor.error("must be 1 without a weights_reloading_layer");
  }

  // Without a model only the partition's outer tensors have names, those of the file.
  Status read_tensors() {
    const auto name = [&](std::string_view key, const std::vector<NodeId>& ids,
                          std::vector<std::string> Source::*tensors) -> Status {
      SL_TRY(const auto names, texts_at(*reader_, key));
      if (names.size() != ids.size()) {
        SL_TRY(const JsonReader field, reader_->at(key));
        return field.error(
            fmt::format("has {} names, the partition has {}", names.size(), ids.size()));
      }
      for (std::size_t i = 0; i < ids.size(); ++i) {
        auto& of = graph()[ids[i]].source.*tensors;
        if (of.empty()) of.push_back(names[i]);
        if (of.front() == names[i]) continue;
        notes_->add(fmt::format("{} {} is {} in the model", key, sluice::quoted(names[i]),
                                sluice::quoted(of.front())));
      }
      return {};
    };
    SL_TRY_STATUS(name("input_nodes", graph().input_nodes(), &Source::inputs));
    return name("output_nodes", graph().output_nodes(), &Source::outputs);
  }

  // The streams at the partition's edge are those of a regrouping there, else one, as they are to
  // fpgaConvNet's program; it then regroups where the layer has more.
  void read_boundary() {
    const auto streams = [&](const std::vector<NodeId>& ids, auto of) {
      std::vector<std::int64_t> result;
      for (const NodeId id : ids) {
        const Layer& layer = graph()[id].layer;
        result.push_back(layer.as<Regroup>() != nullptr ? of(layer) : 1);
      }
      return result;
    };
    partition_.streams_in = streams(graph().input_nodes(), streams_in);
    partition_.streams_out = streams(graph().output_nodes(), streams_out);
  }

  void pass_over_constants() {
    const auto pass_over = [&](std::string_view key, std::int64_t written) {
      const auto value = reader_->at(key);
      if (!value) return;
      const auto number = value->integer();
      if (!number || *number == written) return;
      notes_->add(fmt::format("{}: {} means nothing here; written as {}", value->pointer(), *number,
                              written));
    };
    pass_over("ports", 1);
    pass_over("gen_last_width", 16);
  }

  const JsonReader* reader_;
  const Model* model_;
  Notes* notes_;
  Partition partition_;
  std::vector<JsonReader> layers_;
  std::unordered_map<std::string, NodeId> ids_;
};

Status check_id(const JsonReader& partition, std::size_t index) {
  if (!partition.has("id")) return {};
  SL_TRY(const JsonReader field, partition.at("id"));
  SL_TRY(const std::int64_t id, field.integer());
  if (id == static_cast<std::int64_t>(index)) return {};
  return field.error(fmt::format("is {}, partitions are numbered in their order: {}", id, index));
}

}  // namespace

Result<ReadConfig> read_fpgaconvnet(const Json& document, const Graph* model) {
  SL_TRY(const Json file, canonical(document, kPartitions));
  const JsonReader reader(file);
  SL_TRY(const JsonReader list, reader.at("partition"));
  SL_TRY(const auto partitions, list.elements());
  std::optional<Model> of;
  if (model != nullptr) of.emplace(*model);
  ReadConfig result;
  Notes notes;
  for (const JsonReader& partition : partitions) {
    auto& read = result.network.partitions;
    SL_TRY_STATUS(check_id(partition, read.size()));
    SL_TRY(Partition one, PartitionReader(partition, of ? &*of : nullptr, notes).read());
    if (!read.empty() && one.batch_size != read.front().batch_size) {
      notes.add(
          fmt::format("{}: its batch_size is not the first partition's", partition.pointer()));
    }
    read.push_back(std::move(one));
  }
  result.network.batch_size = result.network.partitions.front().batch_size;
  if (model != nullptr) result.network.graph = *model;
  result.notes = notes.lines();
  return result;
}

}  // namespace sluice::hw
