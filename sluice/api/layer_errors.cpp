// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/layer_errors.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "sluice/base/text.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/report/table.hpp"
#include "sluice/runtime/observe.hpp"

namespace sluice::api {
namespace {

// A value both networks have.
struct Pair {
  ir::ValueId original = ir::kNoValue;
  ir::ValueId quantized = ir::kNoValue;
  const ir::Node* node = nullptr;  // of the quantized network, which makes it
  double signal = 0;               // Σf²
  double noise = 0;                // Σ(f − q)²
  double product = 0;              // Σf·q
  double quantized_signal = 0;     // Σq²
  LayerError error;
};

std::vector<Pair> find_pairs(const ir::Graph& original, const ir::Graph& quantized) {
  std::unordered_map<std::string_view, ir::ValueId> by_name;
  for (std::size_t v = 0; v < original.values.size(); ++v) {
    by_name.emplace(original.values[v].name, ir::ValueId{static_cast<std::int32_t>(v)});
  }
  const auto consumers = ir::consumers(quantized);
  std::vector<Pair> pairs;
  for (const ir::Node& node : quantized.nodes) {
    for (const ir::ValueId id : node.outputs) {
      const auto same = by_name.find(quantized[id].name);
      const auto& readers = consumers[static_cast<std::size_t>(id)];
      const bool is_clamped =
          !readers.empty() && std::ranges::all_of(readers, [&](ir::NodeId reader) {
            return ir::is_rectifier(quantized[reader].op);
          });
      if (same == by_name.end() || original[same->second].constant || is_clamped ||
          original.type(same->second).dtype != DType::Float32) {
        continue;
      }
      Pair pair{.original = same->second, .quantized = id, .node = &node};
      pair.error.layer = node.name;
      pair.error.op = ir::op_name(node.op);
      pairs.push_back(std::move(pair));
    }
  }
  return pairs;
}

void add(Pair& pair, const Tensor& original, const Tensor& quantized) {
  const auto f = original.data<float>();
  const std::vector<double> q = numeric::to_doubles(quantized);
  for (std::size_t i = 0; i < f.size(); ++i) {
    const double difference = f[i] - q[i];
    pair.signal += double{f[i]} * f[i];
    pair.noise += difference * difference;
    pair.product += f[i] * q[i];
    pair.quantized_signal += q[i] * q[i];
    pair.error.largest_error = std::max(pair.error.largest_error, std::abs(difference));
  }
  pair.error.elements += static_cast<std::int64_t>(f.size());
}

LayerError finish(Pair pair) {
  const double infinity = std::numeric_limits<double>::infinity();
  pair.error.sqnr_db = pair.noise == 0 ? infinity : 10 * std::log10(pair.signal / pair.noise);
  const double norm = std::sqrt(pair.signal * pair.quantized_signal);
  pair.error.cosine = norm == 0 ? 1 : pair.product / norm;
  return pair.error;
}

}  // namespace

Result<std::vector<LayerError>> layer_errors(const ir::Graph& original, const ir::Graph& quantized,
                                             const quant::BatchSource& batches,
                                             const NetworkOptions& options) {
  std::vector<Pair> pairs = find_pairs(original, quantized);
  std::vector<ir::ValueId> reals;
  std::vector<ir::ValueId> codes;
  for (const Pair& pair : pairs) {
    reals.push_back(pair.original);
    codes.push_back(pair.quantized);
  }
  SL_TRY(auto float_executor, make_executor(original, numeric::Format(), {}, options));
  SL_TRY(auto exact_executor, make_executor(quantized, numeric::Format(), {}, options));
  while (true) {
    SL_TRY(const std::vector<Tensor> batch, batches());
    if (batch.empty()) break;
    SL_TRY(const auto expected, runtime::observe(*float_executor, original, batch, reals));
    SL_TRY(const auto actual, runtime::observe(*exact_executor, quantized, batch, codes));
    for (Pair& pair : pairs) {
      const auto& quantization = quantized[pair.quantized].quantization;
      const Tensor& held = actual.at(pair.quantized);
      add(pair, expected.at(pair.original),
          quantization ? numeric::dequantized_to_float64(held, *quantization) : held);
    }
  }
  std::vector<LayerError> errors;
  errors.reserve(pairs.size());
  for (Pair& pair : pairs) errors.push_back(finish(std::move(pair)));
  return errors;
}

std::string to_text(const std::vector<LayerError>& errors) {
  report::Table table({{"layer", report::Align::Left},
                       {"operator", report::Align::Left},
                       {"SQNR dB"},
                       {"cosine"},
                       {"largest error"}});
  for (const LayerError& error : errors) {
    table.add_row({printable(error.layer), error.op, fmt::format("{:.2f}", error.sqnr_db),
                   fmt::format("{:.6f}", error.cosine),
                   fmt::format("{:.4g}", error.largest_error)});
  }
  return table.text();
}

Json to_json(const std::vector<LayerError>& errors) {
  Json list = Json::array();
  for (const LayerError& error : errors) {
    Json entry{{"layer", error.layer}, {"operator", error.op}, {"elements", error.elements}};
    // JSON has no infinity: equal values have no SQNR.
    entry["sqnr_db"] = std::isfinite(error.sqnr_db) ? Json(error.sqnr_db) : Json();
    entry["cosine"] = error.cosine;
    entry["largest_error"] = error.largest_error;
    list.push_back(std::move(entry));
  }
  return list;
}

}  // namespace sluice::api
