// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/constants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "sluice/ir/infer.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::hw {
namespace {

// NaN ignored. Side by side: one after another each would wait for the one before.
float largest_of(std::span<const float> numbers) {
  std::array<float, 16> largest{};
  const std::size_t whole = numbers.size() - numbers.size() % largest.size();
  for (std::size_t i = 0; i < whole; i += largest.size()) {
    for (std::size_t k = 0; k < largest.size(); ++k) {
      const float number = std::abs(numbers[i + k]);
      largest[k] = number > largest[k] ? number : largest[k];
    }
  }
  float result = *std::ranges::max_element(largest);
  for (const float number : numbers.subspan(whole)) result = std::max(result, std::abs(number));
  return result;
}

}  // namespace

const Tensor* constant_of(const ir::Graph& network, ir::ValueId id) {
  if (id == ir::kNoValue || !network[id].constant) return nullptr;
  return &*network[id].constant;
}

std::optional<std::vector<std::int64_t>> integers_of(const ir::Graph& network, ir::ValueId id) {
  const Tensor* tensor = constant_of(network, id);
  if (tensor == nullptr) return std::nullopt;
  auto list = ir::integers(*tensor, "list");
  if (!list) return std::nullopt;
  return *std::move(list);
}

std::optional<double> number_of(const ir::Graph& network, ir::ValueId id) {
  const Tensor* tensor = constant_of(network, id);
  if (tensor == nullptr || tensor->num_elements() == 0) return std::nullopt;
  const std::vector<double> numbers = numeric::to_doubles(*tensor);
  const bool are_equal = std::ranges::all_of(numbers, [&](double n) { return n == numbers[0]; });
  return are_equal ? std::optional(numbers[0]) : std::nullopt;
}

double largest_of(const ir::Graph& network, ir::ValueId id) {
  const Tensor* tensor = constant_of(network, id);
  if (tensor == nullptr) return 0;
  // Weights: without a copy of them as doubles.
  if (tensor->dtype() == DType::Float32) return largest_of(tensor->data<float>());
  double largest = 0;
  for (const double number : numeric::to_doubles(*tensor)) {
    largest = std::max(largest, std::abs(number));
  }
  return largest;
}

double largest_normalized(const ir::Graph& network, const ir::Node& conv,
                          const ir::Node& normalization) {
  const Tensor* weights = constant_of(network, conv.inputs[1]);
  const Tensor* scale = constant_of(network, normalization.inputs[1]);
  const Tensor* variance = constant_of(network, normalization.inputs[4]);
  if (weights == nullptr || scale == nullptr || variance == nullptr) return 0;
  const std::vector<double> numbers = numeric::to_doubles(*weights);
  const std::vector<double> scales = numeric::to_doubles(*scale);
  const std::vector<double> variances = numeric::to_doubles(*variance);
  const double epsilon = std::get<ir::BatchNormalization>(normalization.op).epsilon;
  const std::size_t of_filter = scales.empty() ? 0 : numbers.size() / scales.size();
  double largest = 0;
  for (std::size_t i = 0; i < of_filter * scales.size(); ++i) {
    const std::size_t filter = i / of_filter;
    const double factor = scales[filter] / std::sqrt(variances[filter] + epsilon);
    largest = std::max(largest, std::abs(numbers[i] * factor));
  }
  return largest;
}

}  // namespace sluice::hw
