// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/config/read_layer.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "sluice/hw/config/feasible.hpp"
#include "sluice/hw/config/operation.hpp"
#include "sluice/hw/layers/weights.hpp"

namespace sluice::hw {
namespace {

// No operator has more inputs or outputs.
constexpr std::int64_t kMostPorts = 4096;

// One side of a layer: `in`, `inputs`, `input`.
struct Side {
  std::string_view in, inputs, input;
};
constexpr Side kIn{"in", "inputs", "input"};
constexpr Side kOut{"out", "outputs", "output"};

// A list with a value a port, or one value for all ports.
template <class Value>
Result<std::vector<Value>> for_ports(const Fields& fields, const std::string& key,
                                     Result<std::vector<Value>> list, std::size_t ports) {
  if (!list) return list;
  if (list->size() == ports) return list;
  return fields.error(key, fmt::format("has {} values, the layer has {} port{}", list->size(),
                                       ports, ports == 1 ? "" : "s"));
}

Result<std::vector<double>> rates(const Fields& fields, const Side& side, std::size_t ports,
                                  bool has_lists) {
  const std::string one = fmt::format("mem_bw_{}", side.in);
  const std::string list = one + "_array";
  constexpr double kDefault = 100;
  if (has_lists && fields.has(list)) {
    return for_ports(fields, list, fields.reals(list), ports);
  }
  if (!fields.has(one)) fields.notes().lacks(has_lists ? list : one, "taken as 100");
  SL_TRY(const double rate, fields.real_or(one, kDefault));
  return std::vector<double>(ports, rate);
}

Status check_positive(const Fields& fields, const std::string& key,
                      const std::vector<double>& values) {
  for (const double value : values) {
    if (!(value > 0)) return fields.error(key, fmt::format("must be above 0, found {}", value));
  }
  return {};
}

// The compression of streams. Files from before compression do not have it.
Result<std::vector<double>> ratios(const Fields& fields, const std::string& key,
                                   std::size_t ports) {
  if (!fields.has(key)) {
    fields.notes().lacks(key, "taken as 1");
    return std::vector<double>(ports, 1);
  }
  SL_TRY(const auto values, fields.reals(key));
  SL_TRY_STATUS(check_positive(fields, key, values));
  if (values.size() >= ports) return values;
  return fields.error(key,
                      fmt::format("has {} values, the layer has {} ports", values.size(), ports));
}

Result<std::vector<bool>> off_chip(const Fields& fields, const std::string& key,
                                   std::size_t ports) {
  if (fields.has(key)) return for_ports(fields, key, fields.flags(key), ports);
  fields.notes().lacks(key, "taken as false");
  return std::vector<bool>(ports, false);
}

Result<std::vector<Port>> read_ports(const Fields& fields, const Side& side, bool has_lists) {
  std::int64_t count = 1;
  if (has_lists) {
    const std::string key = fmt::format("ports_{}", side.in);
    SL_TRY(count, fields.whole(key));
    if (count > kMostPorts) return fields.error(key, fmt::format("is more than {}", kMostPorts));
  }
  const auto ports = static_cast<std::size_t>(count);
  SL_TRY(const auto by_rate, rates(fields, side, ports, has_lists));
  SL_TRY_STATUS(check_positive(fields, fmt::format("mem_bw_{}", side.in), by_rate));
  SL_TRY(const auto outside, off_chip(fields, fmt::format("stream_{}", side.inputs), ports));
  SL_TRY(const auto ratio, ratios(fields, fmt::format("{}_compression_ratio", side.input), ports));
  std::vector<Port> result(ports);
  for (std::size_t p = 0; p < ports; ++p) {
    result[p].words_per_cycle = by_rate[p];
    result[p].is_off_chip = outside[p];
    result[p].compression_ratio = ratio[p];
  }
  return result;
}

// Words that can wait before each port: of the streams that come in from layers.
Status read_buffers(const JsonReader& layer, Layer& result) {
  SL_TRY(const JsonReader list, layer.at("streams_in"));
  SL_TRY(const auto streams, list.elements());
  if (streams.size() > result.inputs.size()) {
    return list.error(fmt::format("has {} streams, the layer has {} inputs", streams.size(),
                                  result.inputs.size()));
  }
  for (std::size_t p = 0; p < streams.size(); ++p) {
    if (!streams[p].has("buffer_depth")) continue;  // 2 words
    SL_TRY(const JsonReader depth, streams[p].at("buffer_depth"));
    SL_TRY(result.inputs[p].buffer_depth, depth.integer());
    if (result.inputs[p].buffer_depth < 0) return depth.error("must not be below 0");
  }
  return {};
}

Result<Folding> read_folding(const Fields& fields, const Layer& layer) {
  Folding result;
  SL_TRY(result.coarse_in, fields.whole("coarse_in"));
  SL_TRY(result.coarse_out, fields.whole("coarse_out"));
  if (layer.as<Convolution>() != nullptr) {
    SL_TRY(result.coarse_group, fields.whole("coarse_group"));
    SL_TRY(result.fine, fields.whole("fine"));
  }
  if (!has_coarse(layer.operation)) return result;
  SL_TRY(const std::int64_t coarse, fields.whole_or("coarse", result.coarse_in));
  if (coarse == result.coarse_in) return result;
  return fields.error("coarse", fmt::format("is {}, coarse_in is {}", coarse, result.coarse_in));
}

Status read_weights(const Fields& fields, WeightPlacement& result) {
  if (!fields.has("stream_weights")) fields.notes().lacks("stream_weights", "taken as 0");
  SL_TRY(result.blocks_off_chip, fields.whole_or("stream_weights", 0, 0));
  SL_TRY(result.in_uram, fields.flag_or("use_uram", false));
  const std::string key = "weight_compression_ratio";
  SL_TRY(const auto values, ratios(fields, key, 1));
  if (values.size() > 1) return fields.error(key, "has more than one value");
  result.compression_ratio = values[0];
  return {};
}

Status check_one_out(const Fields& fields, const std::string& key, std::int64_t computed) {
  if (!fields.has(key)) return {};
  SL_TRY(const std::int64_t said, fields.whole(key));
  if (said == computed) return {};
  return fields.error(key,
                      fmt::format("is {}, the layer's other parameters make {}", said, computed));
}

// What a file says of a layer's output must be what follows from its parameters.
Status check_map_out(const Fields& fields, const Layer& layer) {
  const FeatureMap out = map_out(layer);
  SL_TRY_STATUS(check_one_out(fields, "rows_out", out.rows));
  SL_TRY_STATUS(check_one_out(fields, "cols_out", out.cols));
  if (layer.is_3d) SL_TRY_STATUS(check_one_out(fields, "depth_out", out.depth));
  const bool is_chop = layer.as<Chop>() != nullptr;
  if (!is_chop) SL_TRY_STATUS(check_one_out(fields, "channels_out", out.channels));
  return {};
}

Status check_ports(const Fields& fields, const Layer& layer) {
  const auto differs = [&](std::string_view key, std::size_t ports, std::size_t lists) {
    return fields.error(key, fmt::format("is {}, there are channels for {}", ports, lists));
  };
  const auto* concat = layer.as<Concat>();
  if (concat != nullptr && concat->channels.size() != layer.inputs.size()) {
    return differs("ports_in", layer.inputs.size(), concat->channels.size());
  }
  const auto* chop = layer.as<Chop>();
  if (chop != nullptr && chop->channels.size() != layer.outputs.size()) {
    return differs("ports_out", layer.outputs.size(), chop->channels.size());
  }
  return {};
}

Result<FeatureMap> read_map(const Fields& fields, const Layer& layer) {
  if (const auto* concat = layer.as<Concat>()) {
    if (concat->channels.empty()) return fields.error("channels_in_array", "must not be empty");
    return fields.map_in(concat->channels[0]);
  }
  return fields.map_in();
}

// Words: convolutions and inner products have them in input_t, their data_t is empty.
Result<FixedPoint> read_data(const Fields& fields, const Layer& layer) {
  return fields.type(has_weights(layer) ? "input_t" : "data_t");
}

Status check(const Fields& fields, const std::optional<Infeasible>& fault) {
  if (!fault) return {};
  return fields.error(fault->field, fault->message);
}

// What follows from the folding and is in a file nevertheless; other versions computed it
// otherwise.
Status pass_over_derived(const Fields& fields, const Layer& layer) {
  SL_TRY(const std::int64_t said, fields.whole_or("on_chip_addr_range", -1, 0));
  const std::int64_t computed = weight_memory(layer).addresses_on_chip();
  if (said >= 0 && said != computed) {
    fields.notes().passes_over("on_chip_addr_range", "another than follows from the folding");
  }
  return {};
}

// What its program does not read either, or only what was made from it.
void pass_over_unused(const Fields& fields) {
  for (const char* key : {"buffer_depth", "biases_width", "rows_in_array", "cols_in_array",
                          "depth_in_array", "rows_out_array", "cols_out_array", "depth_out_array",
                          "input_quant", "outnput_quant", "weight_quant", "bias_quant", "shift",
                          "scale_t", "shift_t", "weights_ram_style", "skipping_windows"}) {
    if (fields.has(key)) fields.notes().passes_over(key, "hardware does not hang on it");
  }
}

Status read_mapping(const JsonReader& layer, const Fields& fields, Layer& result) {
  const bool has_lists = has_port_lists(result.operation);
  SL_TRY(result.inputs, read_ports(fields, kIn, has_lists));
  SL_TRY(result.outputs, read_ports(fields, kOut, has_lists));
  SL_TRY_STATUS(check_ports(fields, result));
  SL_TRY_STATUS(read_buffers(layer, result));
  SL_TRY(result.folding, read_folding(fields, result));
  SL_TRY_STATUS(check(fields, infeasible_folding(result, Rules::FpgaConvNet)));
  result.weights = {};
  if (!has_weights(result)) return {};
  SL_TRY_STATUS(read_weights(fields, result.weights));
  SL_TRY_STATUS(check(fields, infeasible_weights(result)));
  return pass_over_derived(fields, result);
}

}  // namespace

Result<Layer> read_layer(const JsonReader& layer, const Layer* like, Notes& notes) {
  SL_TRY(const JsonReader parameters, layer.at("parameters"));
  Layer result;
  result.is_3d = parameters.has("depth_in");
  const Fields fields(parameters, result.is_3d, notes);
  SL_TRY(result.operation,
         read_operation(layer, fields, like == nullptr ? nullptr : &like->operation));
  SL_TRY(result.map, read_map(fields, result));
  SL_TRY(result.data, read_data(fields, result));
  SL_TRY_STATUS(check(fields, infeasible_shape(result)));
  SL_TRY_STATUS(read_mapping(layer, fields, result));
  pass_over_unused(fields);
  SL_TRY_STATUS(check_map_out(fields, result));
  return result;
}

std::string shape_text(const Layer& layer) {
  const auto text = [&](std::int64_t rows, std::int64_t cols, std::int64_t depth) {
    return layer.is_3d ? fmt::format("{}x{}x{}", rows, cols, depth)
                       : fmt::format("{}x{}", rows, cols);
  };
  const auto of_map = [&](const FeatureMap& map) {
    return fmt::format("{}x{}", text(map.rows, map.cols, map.depth), map.channels);
  };
  std::string result = fmt::format("{} to {}", of_map(map_in(layer)), of_map(map_out(layer)));
  const auto window = [&](const Extent& kernel, const Extent& step) {
    result += fmt::format(", kernel {}, stride {}", text(kernel.rows, kernel.cols, kernel.depth),
                          text(step.rows, step.cols, step.depth));
  };
  if (const auto* conv = layer.as<Convolution>()) {
    window(conv->kernel, conv->step);
    result += fmt::format(", {} group{}", conv->groups, conv->groups == 1 ? "" : "s");
  } else if (const auto* pool = layer.as<Pooling>()) {
    window(pool->kernel, pool->step);
  }
  return result;
}

}  // namespace sluice::hw
