// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/hints.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "sluice/base/text.hpp"

namespace sluice::hw {
namespace {

constexpr double kWidestHint = 128;

using Numbers = std::vector<double>;

Error cannot_be(std::string_view what) {
  return {ErrorCode::InvalidArgument, std::string(what)};
}

Status set_bits(std::optional<std::int64_t>& bits, const Numbers& numbers) {
  if (numbers.size() != 1 || numbers[0] != std::floor(numbers[0]) || numbers[0] < 1 ||
      numbers[0] > kWidestHint) {
    return cannot_be("must be a whole number of bits, from 1 to 128");
  }
  bits = static_cast<std::int64_t>(numbers[0]);
  return {};
}

Status set_ratios(Numbers& ratios, const Numbers& numbers) {
  if (!std::ranges::all_of(numbers, [](double n) { return n > 0 && std::isfinite(n); })) {
    return cannot_be("must be positive numbers");
  }
  ratios = numbers;
  return {};
}

Status set_shares(Numbers& shares, const Numbers& numbers) {
  if (!std::ranges::all_of(numbers, [](double n) { return n >= 0 && n <= 1; })) {
    return cannot_be("must be numbers from 0 to 1");
  }
  shares = numbers;
  return {};
}

Status set(NodeHints& hints, const std::string& name, const Numbers& numbers) {
  if (name == "data_width") return set_bits(hints.data_bits, numbers);
  if (name == "weight_width") return set_bits(hints.weight_bits, numbers);
  if (name == "acc_width") return set_bits(hints.acc_bits, numbers);
  if (name == "input_compression_ratio") return set_ratios(hints.input_compression, numbers);
  if (name == "output_compression_ratio") return set_ratios(hints.output_compression, numbers);
  if (name == "channel_sparsity_hist") return set_shares(hints.channel_sparsity, numbers);
  if (name == "block_floating_point") {
    hints.block_floating_point = !numbers.empty() && numbers[0] != 0;
    return {};
  }
  if (name == "weight_compression_ratio") {
    Numbers ratios;
    SL_TRY_STATUS(set_ratios(ratios, numbers));
    if (!ratios.empty()) hints.weight_compression = ratios[0];
    return {};
  }
  return cannot_be("is not known; remove it");
}

}  // namespace

Result<NodeHints> hints_from(const ir::NodeHardware& attributes) {
  NodeHints hints;
  for (const auto& [name, numbers] : attributes) {
    if (auto status = set(hints, name, numbers); !status) {
      return std::move(status).error().at(fmt::format("attribute {}", sluice::quoted(name)));
    }
  }
  return hints;
}

}  // namespace sluice::hw
