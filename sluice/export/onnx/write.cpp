// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <onnx/onnx.pb.h>
#include <optional>
#include <span>
#include <utility>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/text.hpp"
#include "sluice/export/onnx.hpp"
#include "sluice/export/onnx/attributes.hpp"
#include "sluice/export/onnx/opset.hpp"
#include "sluice/export/onnx/qdq_form.hpp"
#include "sluice/export/onnx/tensor.hpp"
#include "sluice/ir/names.hpp"

namespace sluice::exporter {
namespace {

using onnx::data_type_of;

// The file beside a model with the weights it does not hold itself.
class DataFile {
 public:
  static Result<DataFile> create(const std::filesystem::path& path) {
    SL_TRY(FileWriter writer, FileWriter::create(path));
    return DataFile(std::move(writer), path.filename().string());
  }

  // Writes the content and says in the message where it is.
  Status add(const std::string& content, ::onnx::TensorProto& message) {
    static constexpr std::array<std::byte, kAlignmentBytes> kZeros{};
    const std::uint64_t gap = (kAlignmentBytes - size_bytes_ % kAlignmentBytes) % kAlignmentBytes;
    SL_TRY_STATUS(writer_.append(std::span(kZeros).first(gap)));
    SL_TRY_STATUS(writer_.append(std::as_bytes(std::span(content))));
    message.set_data_location(::onnx::TensorProto::EXTERNAL);
    const std::uint64_t offset = size_bytes_ + gap;
    for (const auto& [key, value] : {std::pair<const char*, std::string>{"location", name_},
                                     {"offset", std::to_string(offset)},
                                     {"length", std::to_string(content.size())}}) {
      auto& entry = *message.add_external_data();
      entry.set_key(key);
      entry.set_value(value);
    }
    size_bytes_ = offset + content.size();
    return {};
  }

  Status commit() { return writer_.commit(); }

 private:
  // Pages, so that readers can map each tensor.
  static constexpr std::uint64_t kAlignmentBytes = 4096;

  DataFile(FileWriter writer, std::string name)
      : writer_(std::move(writer)), name_(std::move(name)) {}
  FileWriter writer_;
  std::string name_;
  std::uint64_t size_bytes_ = 0;
};

class ModelWriter {
 public:
  // Weights go to `data`, if there is one.
  ModelWriter(const ir::Graph& graph, std::int64_t opset, DataFile* data,
              const OnnxOptions& options)
      : graph_(graph),
        opset_(opset),
        data_(data),
        options_(options),
        names_(ir::Names::of(graph.values)) {}

  Result<std::string> write(std::span<const ir::Node> recorded) {
    message_.set_ir_version(onnx::ir_version_of(opset_));
    message_.set_producer_name("sluice");
    message_.add_opset_import()->set_version(opset_);
    graph_message().set_name(graph_.name.empty() ? "network" : graph_.name);  // ONNX wants one
    for (const ir::Value& value : graph_.values) {
      if (value.constant) SL_TRY_STATUS(add_initializer(value.name, *value.constant));
    }
    for (const ir::Node& node : graph_.nodes) SL_TRY_STATUS(add_node(node));
    for (const ir::GraphInput& input : graph_.inputs) {
      set_type(graph_[input.value].name, input.dtype, input.declared_shape,
               *graph_message().add_input());
    }
    for (const ir::ValueId id : graph_.outputs) add_output(id);
    add_arithmetics(recorded);
    add_hardware();
    std::string bytes;
    if (message_.SerializeToString(&bytes)) return bytes;
    return Error{ErrorCode::Unsupported,
                 "has more than 2 GiB besides its weights, which no ONNX file can hold; write the "
                 "network as .sluice instead"};
  }

 private:
  static constexpr std::size_t kMinExternalBytes = 1024;

  ::onnx::GraphProto& graph_message() { return *message_.mutable_graph(); }

  Status add_initializer(const std::string& name, const Tensor& content) {
    ::onnx::TensorProto& message = *graph_message().add_initializer();
    onnx::set_head(name, content, message);
    std::string raw = onnx::raw_data(content);
    if (data_ != nullptr && raw.size() >= kMinExternalBytes) return data_->add(raw, message);
    message.set_raw_data(std::move(raw));
    return {};
  }

  static void set_type(const std::string& name, DType dtype, const sluice::Shape& shape,
                       ::onnx::ValueInfoProto& message) {
    message.set_name(name);
    auto& type = *message.mutable_type()->mutable_tensor_type();
    type.set_elem_type(data_type_of(dtype));
    type.mutable_shape();
    for (const std::int64_t size : shape) {
      auto& dim = *type.mutable_shape()->add_dim();
      if (size != ir::kOpenDim) dim.set_dim_value(size);
    }
  }

  // Where an input is open, so may be every dimension of an output.
  void add_output(ir::ValueId id) {
    const bool is_open = std::ranges::any_of(graph_.inputs, [](const ir::GraphInput& input) {
      return std::ranges::count(input.declared_shape, ir::kOpenDim) > 0;
    });
    sluice::Shape shape = graph_.type(id).shape;
    if (is_open) std::ranges::fill(shape, ir::kOpenDim);
    set_type(graph_[id].name, graph_.type(id).dtype, shape, *graph_message().add_output());
  }

  Status add_node(const ir::Node& node) {
    ::onnx::NodeProto& message = *graph_message().add_node();
    message.set_name(node.name);
    message.set_op_type(std::string(ir::op_name(node.op)));
    std::size_t num_inputs = node.inputs.size();
    while (num_inputs > 0 && node.inputs[num_inputs - 1] == ir::kNoValue) --num_inputs;
    for (const ir::ValueId id : std::span(node.inputs).first(num_inputs)) {
      message.add_input(id == ir::kNoValue ? "" : graph_[id].name);
    }
    for (const ir::ValueId id : node.outputs) message.add_output(graph_[id].name);
    onnx::set_attributes(node.op, message);
    if (ir::is<ir::Split>(node.op) && num_inputs == 1 && opset_ >= 18) {
      auto& attribute = *message.add_attribute();
      attribute.set_name("num_outputs");
      attribute.set_type(::onnx::AttributeProto::INT);
      attribute.set_i(static_cast<std::int64_t>(node.outputs.size()));
    }
    const auto* dropout = std::get_if<ir::Dropout>(&node.op);
    if (dropout != nullptr && dropout->ratio != ir::Dropout{}.ratio) {
      return set_ratio(dropout->ratio, message);
    }
    return {};
  }

  // Dropout's ratio is an input since opset 12; one that is there goes before the field.
  Status set_ratio(float ratio, ::onnx::NodeProto& message) {
    if (message.input_size() > 1 && !message.input(1).empty()) return {};
    const std::string name = names_.take(message.name() + "/ratio");
    if (message.input_size() == 1) message.add_input();
    message.set_input(1, name);
    return add_initializer(name, Tensor::scalar(ratio));
  }

  void add_metadata(std::string key, std::string value) {
    auto& entry = *message_.add_metadata_props();
    entry.set_key(std::move(key));
    entry.set_value(std::move(value));
  }
  void add_metadata(std::string key, numeric::Arithmetic arithmetic) {
    add_metadata(std::move(key), std::string(numeric::to_string(arithmetic)));
  }

  void add_hardware() {
    for (::onnx::NodeProto& node : *graph_message().mutable_node()) {
      const auto found = options_.hardware.find(node.name());
      if (found == options_.hardware.end()) continue;
      if (options_.hardware_form == HardwareForm::Metadata) {
        add_metadata("sluice.hardware/" + node.name(), Json(found->second).dump());
      } else {
        for (const auto& [name, numbers] : found->second) {
          onnx::set_hardware_attribute(name, numbers, node);
        }
      }
    }
  }

  void add_arithmetics(std::span<const ir::Node> nodes) {
    std::optional<numeric::Arithmetic> first;
    bool are_equal = true;
    for (const ir::Node& node : nodes) {
      if (!node.arithmetic) continue;
      are_equal = are_equal && node.arithmetic == first.value_or(*node.arithmetic);
      first = first.value_or(*node.arithmetic);
    }
    if (!first) return;
    if (are_equal) return add_metadata("sluice.arithmetic", *first);
    for (const ir::Node& node : nodes) {
      if (node.arithmetic) add_metadata("sluice.arithmetic/" + node.name, *node.arithmetic);
    }
  }

  const ir::Graph& graph_;
  std::int64_t opset_;
  DataFile* data_;
  const OnnxOptions& options_;
  ir::Names names_;
  ::onnx::ModelProto message_;
};

std::uint64_t weight_bytes(const ir::Graph& graph) {
  std::uint64_t bytes = 0;
  for (const ir::Value& value : graph.values) {
    if (value.constant) bytes += value.constant->bytes().size();
  }
  return bytes;
}

Result<std::string> model_bytes(const ir::Graph& graph, DataFile* data,
                                const OnnxOptions& options) {
  SL_TRY(ir::Graph on_reals, onnx::qdq_form(graph));
  onnx::to_newest_forms(on_reals);
  SL_TRY(const std::int64_t opset, onnx::lowest_opset(on_reals));
  return ModelWriter(on_reals, opset, data, options).write(graph.nodes);
}

Status write_model(const ir::Graph& graph, const std::filesystem::path& path,
                   const OnnxOptions& options) {
  if (weight_bytes(graph) <= options.max_inline_bytes) {
    SL_TRY(const std::string bytes, model_bytes(graph, nullptr, options));
    return write_file(path, bytes);
  }
  SL_TRY(DataFile data, DataFile::create(path.string() + ".data"));
  SL_TRY(const std::string bytes, model_bytes(graph, &data, options));
  SL_TRY_STATUS(data.commit());
  return write_file(path, bytes);
}

}  // namespace

Status write_onnx(const ir::Graph& graph, const std::filesystem::path& path,
                  const OnnxOptions& options) {
  auto status = write_model(graph, path, options);
  if (status || status.error().code == ErrorCode::Io) return status;
  return std::move(status).error().at(path.string());
}

Result<std::string> onnx_bytes(const ir::Graph& graph, const OnnxOptions& options) {
  if (weight_bytes(graph) > options.max_inline_bytes) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("has {} bytes of weights, one ONNX file holds {}; write it to a file, "
                             "which keeps them beside it",
                             weight_bytes(graph), options.max_inline_bytes)};
  }
  return model_bytes(graph, nullptr, options);
}

}  // namespace sluice::exporter
