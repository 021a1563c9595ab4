// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/quantize.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <optional>

#include "sluice/api/image_batches.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/data/subset.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/report/table.hpp"

namespace sluice::api {
namespace {

// "conv1": "q16", or "conv1": {"weights": "q4", "activations": "q8"}.
Result<quant::LayerFormat> read_layer_format(const JsonReader& entry) {
  const auto parse = [](const JsonReader& name) -> Result<quant::IntegerFormat> {
    SL_TRY(const std::string text, name.string());
    auto format = quant::parse_integer_format(text);
    if (!format) return name.error(format.error().text());
    return format;
  };
  if (entry.value().is_string()) {
    SL_TRY(const quant::IntegerFormat both, parse(entry));
    return quant::LayerFormat{both, both};
  }
  SL_TRY_STATUS(entry.only_keys({"weights", "activations"}));
  SL_TRY(const JsonReader weights, entry.at("weights"));
  SL_TRY(const JsonReader activations, entry.at("activations"));
  quant::LayerFormat result;
  SL_TRY(result.weights, parse(weights));
  SL_TRY(result.activations, parse(activations));
  return result;
}

std::int64_t parameter_bytes(const ir::Graph& graph) {
  std::int64_t sum = 0;
  for (const ir::Value& value : graph.values) {
    if (value.constant) sum += static_cast<std::int64_t>(value.constant->bytes().size());
  }
  return sum;
}

std::string describe_codes(const numeric::Quantization& quantization, bool is_weight) {
  const std::string type = quantization.bits ? fmt::format("{}-bit {}", *quantization.bits,
                                                           to_string(quantization.dtype))
                                             : std::string(to_string(quantization.dtype));
  if (quantization.is_per_channel()) {
    return fmt::format("{}, {} scales", type, quantization.scales.size());
  }
  if (is_weight) return fmt::format("{} × {:.6g}", type, quantization.scales[0]);
  return fmt::format("{} × {:.6g}, zero {}", type, quantization.scales[0],
                     quantization.zero_points[0]);
}

std::vector<QuantizedLayer> layers_of(const ir::Graph& graph) {
  std::vector<QuantizedLayer> layers;
  for (const ir::Node& node : graph.nodes) {
    QuantizedLayer layer{.name = node.name, .op = std::string(ir::op_name(node.op))};
    const auto& output = graph[node.outputs[0]].quantization;
    if (output) layer.output = describe_codes(*output, false);
    if (node.inputs.size() > 1 && node.inputs[1] != ir::kNoValue) {
      const ir::Value& second = graph[node.inputs[1]];
      if (second.constant && second.quantization) {
        layer.weights = describe_codes(*second.quantization, true);
      }
    }
    if (node.arithmetic) layer.arithmetic = numeric::to_string(*node.arithmetic);
    layers.push_back(std::move(layer));
  }
  return layers;
}

// Operators that were left on real numbers: hardware needs a table or a unit of its own for them.
std::string note_on_reals(const ir::Graph& graph) {
  std::map<std::string_view, int> counts;
  for (const ir::Node& node : graph.nodes) {
    const bool is_onnx = node.arithmetic == numeric::Arithmetic::Onnx;
    if (is_onnx && !ir::is<ir::Identity>(node.op)) ++counts[ir::op_name(node.op)];
  }
  if (counts.empty()) return {};
  std::string list;
  for (const auto& [op, count] : counts) {
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", count, op);
  }
  return fmt::format("computed on real numbers and rounded once, having no integer kernel: {}",
                     list);
}

class Quantization {
 public:
  explicit Quantization(const QuantizeOptions& options) : options_(options) {}

  Result<QuantizeReport> run() {
    SL_TRY_STATUS(check_model_name(options_.output));
    quant::LoweringOptions lowering{.format = options_.format,
                                    .arithmetic = options_.network.arithmetic};
    if (!options_.layers.empty()) {
      SL_TRY(lowering.layers, read_layer_formats(options_.layers));
    }
    SL_TRY(ir::Graph graph, load_model(options_.model, {.input_shapes = options_.input_shapes}));
    SL_TRY_STATUS(prepare(graph, quant::Compat::None));
    if (ir::is_quantized(graph)) {
      return Error{ErrorCode::InvalidArgument, "is quantized already; give the float32 network",
                   options_.model.string()};
    }
    if (graph.inputs.size() != 1 || graph.inputs[0].dtype != DType::Float32) {
      return Error{ErrorCode::Unsupported, "a network to quantize has one input, of float32",
                   options_.model.string()};
    }
    report_.parameter_bytes_before = parameter_bytes(graph);
    SL_TRY(ir::Graph quantized, calibrated(std::move(graph), lowering));
    SL_TRY_STATUS(write_model(quantized, options_.output));
    describe(quantized);
    return std::move(report_);
  }

 private:
  Result<ir::Graph> calibrated(ir::Graph graph, const quant::LoweringOptions& lowering) {
    const Shape shape = graph.type(graph.inputs[0].value).shape;
    if (options_.data.empty()) return calibrated_on_tensors(std::move(graph), lowering, shape);
    SL_TRY(const data::Preset preset, data::find_preset(options_.preprocess));
    SL_TRY(const data::Preprocess preprocess, data::for_input(preset.preprocess, shape));
    SL_TRY(const data::Dataset dataset,
           data::open_dataset(options_.data, {.split = data::Split::Train}));
    auto indices = data::calibration_images(dataset, options_.images, options_.seed);
    report_.calibration = options_.data.string();
    report_.calibration_images = static_cast<std::int64_t>(indices.size());
    ImageBatches batches(dataset, preprocess,
                         {.batch_size = shape[0],
                          .indices = std::move(indices),
                          .on_bad_image = options_.on_bad_image},
                         shape, "calibrating", options_.quiet);
    SL_TRY(ir::Graph quantized,
           quantize_network(
               std::move(graph), lowering, [&] { return batches.next(); }, options_.network));
    for (const data::SkippedImage& skipped : batches.skipped()) {
      report_.notes.push_back("skipped " + skipped.reason.text());
    }
    return quantized;
  }

  Result<ir::Graph> calibrated_on_tensors(ir::Graph graph, const quant::LoweringOptions& lowering,
                                          const Shape& shape) {
    if (options_.inputs.empty()) {
      return Error{ErrorCode::InvalidArgument,
                   "needs sample data for the ranges of its values: give --data or --input"};
    }
    report_.calibration = options_.inputs[0].string();
    report_.calibration_images = static_cast<std::int64_t>(options_.inputs.size());
    std::size_t next = 0;
    const quant::BatchSource source = [&]() -> Result<std::vector<Tensor>> {
      if (next == options_.inputs.size()) return std::vector<Tensor>{};
      const std::filesystem::path& file = options_.inputs[next++];
      SL_TRY(Tensor tensor, numeric::read_npy(file));
      if (tensor.dtype() == DType::Float32 && tensor.shape() == shape) {
        return std::vector<Tensor>{std::move(tensor)};
      }
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("holds {} {}, the network wants float32 {}",
                               sluice::to_string(tensor.dtype()), sluice::to_string(tensor.shape()),
                               sluice::to_string(shape)),
                   file.string()};
    };
    return quantize_network(std::move(graph), lowering, source, options_.network);
  }

  void describe(const ir::Graph& quantized) {
    report_.model = options_.model.filename().string();
    report_.format = quant::to_string(options_.format);
    report_.seed = options_.seed;
    report_.parameter_bytes = parameter_bytes(quantized);
    report_.layers = layers_of(quantized);
    if (std::string note = note_on_reals(quantized); !note.empty()) {
      report_.notes.push_back(std::move(note));
    }
  }

  const QuantizeOptions& options_;
  QuantizeReport report_;
};

}  // namespace

Result<ir::Graph> quantize_network(ir::Graph graph, const quant::LoweringOptions& options,
                                   const quant::BatchSource& calibration,
                                   const NetworkOptions& network) {
  if (network.prunes()) {
    return invalid_argument(
        "thresholds are for emulated formats; give the network thresholds with \"sluice prune\", "
        "then quantize that");
  }
  SL_TRY_STATUS(quant::prepare_for_integers(graph));
  SL_TRY(auto calibrator,
         quant::Calibrator::create(graph, quant::values_to_calibrate(graph),
                                   quant::calibration_format(options.format), network.calibration));
  NetworkOptions in_float32 = network;
  in_float32.arithmetic.reset();
  SL_TRY(auto executor, make_executor(graph, numeric::Format(), {}, in_float32));
  SL_TRY(const quant::Ranges ranges, quant::calibrate(calibrator, *executor, calibration));
  return quant::lower(std::move(graph), ranges, options);
}

Result<std::map<std::string, quant::LayerFormat>> read_layer_formats(
    const std::filesystem::path& path) {
  SL_TRY(const Json document, read_json(path));
  const auto read = [&]() -> Result<std::map<std::string, quant::LayerFormat>> {
    const JsonReader reader(document);
    SL_TRY_STATUS(reader.only_keys({"layers"}));
    SL_TRY(const JsonReader layers, reader.at("layers"));
    if (!layers.value().is_object()) return layers.error("is no object of layers by name");
    std::map<std::string, quant::LayerFormat> result;
    for (const auto& entry : layers.value().items()) {
      SL_TRY(const JsonReader layer, layers.at(entry.key()));
      SL_TRY(result[entry.key()], read_layer_format(layer));
    }
    return result;
  };
  auto formats = read();
  if (!formats) return std::move(formats).error().at(path.string());
  return formats;
}

Result<QuantizeReport> quantize(const QuantizeOptions& options) {
  return Quantization(options).run();
}

std::string to_text(const QuantizeReport& report) {
  report::Table table({{"layer", report::Align::Left},
                       {"operator", report::Align::Left},
                       {"weights", report::Align::Left},
                       {"output", report::Align::Left},
                       {"arithmetic", report::Align::Left}});
  for (const QuantizedLayer& layer : report.layers) {
    table.add_row({printable(layer.name), layer.op, layer.weights, layer.output, layer.arithmetic});
  }
  return fmt::format("{}{}: {} B of parameters, {} B in float32\n", table.text(), report.format,
                     report::with_commas(report.parameter_bytes),
                     report::with_commas(report.parameter_bytes_before));
}

Json to_json(const QuantizeReport& report) {
  Json layers = Json::array();
  for (const QuantizedLayer& layer : report.layers) {
    layers.push_back({{"name", layer.name},
                      {"operator", layer.op},
                      {"weights", layer.weights},
                      {"output", layer.output},
                      {"arithmetic", layer.arithmetic}});
  }
  return {{"format", "sluice.quantize/1"},
          {"model", report.model},
          {"number_format", report.format},
          {"calibration", report.calibration},
          {"calibration_images", report.calibration_images},
          {"seed", report.seed},
          {"parameter_bytes_before", report.parameter_bytes_before},
          {"parameter_bytes", report.parameter_bytes},
          {"layers", std::move(layers)},
          {"notes", report.notes}};
}

}  // namespace sluice::api
