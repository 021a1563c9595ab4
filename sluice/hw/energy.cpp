// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/energy.hpp"

#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/assert.hpp"
#include "sluice/base/shipped.hpp"
#include "sluice/base/text.hpp"
#include "sluice/hw/layers/sparsity.hpp"

namespace sluice::hw {
namespace {

constexpr double kMicroOfPico = 1e-6;

struct Field {
  std::string_view key;
  double EnergyCoefficients::*value;
};
constexpr std::array<Field, 5> kFields{
    {{"multiply_pj_per_square_bit", &EnergyCoefficients::multiply_pj_per_square_bit},
     {"add_pj_per_bit", &EnergyCoefficients::add_pj_per_bit},
     {"on_chip_pj_per_bit", &EnergyCoefficients::on_chip_pj_per_bit},
     {"off_chip_pj_per_bit", &EnergyCoefficients::off_chip_pj_per_bit},
     {"static_uw_per_lut", &EnergyCoefficients::static_uw_per_lut}}};

// ---- products

struct Products {
  double count = 0;
  std::int64_t a_bits = 0, b_bits = 0;
  std::int64_t acc_bits = 0;     // of the sum that each is added to; 0: of none
  std::int64_t weight_bits = 0;  // that memory gives for each
};

Products products_of(const Layer& layer, const Convolution& conv, Rules rules) {
  const double window = real(layer.map.channels / conv.groups * conv.kernel.size());
  const double share = conv.sparsity == nullptr ? 1 : sparse_share(conv, rules);
  return {real(map_out(layer).words()) * window * share, layer.data.width_bits,
          conv.weight.width_bits, conv.acc.width_bits, conv.weight.width_bits};
}

Products products_of(const Layer& layer, Rules rules) {
  const std::int64_t bits = layer.data.width_bits;
  const auto words = real(layer.map.words());
  if (const auto* conv = layer.as<Convolution>()) return products_of(layer, *conv, rules);
  if (const auto* product = layer.as<InnerProduct>()) {
    const std::int64_t weight_bits = product->weight.width_bits;
    return {words * real(product->filters), bits, weight_bits, product->acc.width_bits,
            weight_bits};
  }
  if (const auto* affine = layer.as<ChannelAffine>()) {
    return {affine->has_scale ? words : 0, bits, bits, affine->has_offset ? bits : 0, bits};
  }
  const auto* join = layer.as<Join>();
  if (join == nullptr || join->op != Eltwise::Mul) return {};
  return {words * (real(static_cast<std::int64_t>(layer.inputs.size())) - 1), bits, bits, 0, 0};
}

// ---- words that wait in memories, each written and read once

constexpr double kWrittenAndRead = 2;

// By the modules of a layer: the FIFOs that make windows, and sums that are not yet whole.
double waiting_bits(const Layer& layer, const ChainModule& of) {
  const auto bits = [&](const auto& module, std::int64_t words) {
    return real(words * module.stream.streams) * of.copies;
  };
  if (const auto* windows = std::get_if<SlidingWindow>(&of.module)) {
    // A word goes through all of the FIFOs; of a layer whose lines wait outside, not through those.
    const bool is_off_chip = layer.as<Convolution>() != nullptr && layer.inputs[0].is_off_chip;
    const Extent& kernel = windows->kernel;
    const std::int64_t fifos = kernel.size() - 1 - (is_off_chip ? kernel.rows - 1 : 0);
    return bits(*windows, windows->stream.map.words() * fifos) * real(windows->stream.data_bits);
  }
  if (const auto* sums = std::get_if<Accum>(&of.module)) {
    return bits(*sums, sums->timing().in.words()) * real(sums->stream.data_bits);
  }
  if (const auto* sums = std::get_if<GlobalPool>(&of.module)) {
    return bits(*sums, sums->stream.map.words()) * real(sums->acc_bits);
  }
  return 0;
}

// The words of a join's inputs wait for one another.
double joining_bits(const Layer& layer) {
  if (!joins(layer)) return 0;
  double words = 0;
  for (std::size_t p = 0; p < layer.inputs.size(); ++p) {
    if (!layer.inputs[p].is_off_chip) words += real(map_in(layer, p).words());
  }
  return words * real(layer.data.width_bits);
}

}  // namespace

Result<EnergyCoefficients> EnergyCoefficients::parse(const Json& document) {
  const JsonReader reader(document);
  SL_TRY_STATUS(reader.only_keys({"format", "provenance", kFields[0].key, kFields[1].key,
                                  kFields[2].key, kFields[3].key, kFields[4].key}));
  SL_TRY_STATUS(reader.check_format("sluice.energy/1"));
  EnergyCoefficients result;
  SL_TRY(const JsonReader provenance, reader.at("provenance"));
  SL_TRY(result.provenance, provenance.string());
  for (const Field& field : kFields) {
    SL_TRY(const JsonReader number, reader.at(field.key));
    SL_TRY(result.*field.value, number.number());
    if (result.*field.value < 0) {
      return number.error(fmt::format("must not be negative, is {}", result.*field.value));
    }
  }
  return result;
}

Result<EnergyCoefficients> EnergyCoefficients::read(const std::filesystem::path& path) {
  SL_TRY(const Json document, read_json(path));
  auto result = parse(document);
  if (!result) return std::move(result).error().at(path.string());
  return result;
}

Result<EnergyCoefficients> default_energy_coefficients() {
  SL_TRY(const std::filesystem::path path, find_shipped("coefficients/energy.json"));
  return EnergyCoefficients::read(path);
}

LayerWork work_of(const Layer& layer, const EnergyCoefficients& by, Rules rules) {
  const Products products = products_of(layer, rules);
  LayerWork result{.products = products.count};
  result.product_pj =
      products.count * (by.multiply_pj_per_square_bit * real(products.a_bits * products.b_bits) +
                        by.add_pj_per_bit * real(products.acc_bits));
  double waiting = joining_bits(layer);
  const Chain chain = chain_of(layer, rules);
  for (const ChainModule& module : chain.modules()) waiting += waiting_bits(layer, module);
  result.on_chip_bits = products.count * real(products.weight_bits) + waiting * kWrittenAndRead;
  return result;
}

double used_share(const Resources& used, const Device& device) {
  double sum = 0;
  double kinds = 0;
  for (const ResourceKind& kind : kResourceKinds) {
    if (device.resources.*kind.count <= 0) continue;
    sum += used.*kind.count / device.resources.*kind.count;
    kinds += 1;
  }
  return kinds > 0 ? sum / kinds : 0;
}

EnergyProxy energy_proxy(const Partition& partition, const PartitionEstimate& estimate,
                         const EnergyTerms& terms) {
  const EnergyCoefficients& by = terms.by;
  LayerWork work;
  for (const Node& node : partition.graph.nodes()) {
    const LayerWork each = work_of(node.layer, by, terms.rules);
    work.product_pj += each.product_pj;
    work.on_chip_bits += each.on_chip_bits;
  }
  const double passes = real(partition.reloading_factor);
  EnergyProxy result;
  result.products_uj = work.product_pj * passes * kMicroOfPico;
  result.on_chip_uj = work.on_chip_bits * passes * by.on_chip_pj_per_bit * kMicroOfPico;
  result.off_chip_uj =
      memory_bits(partition, estimate, terms.rules) * by.off_chip_pj_per_bit * kMicroOfPico;
  // µW · s = µJ
  const double seconds = estimate.cycles / (terms.clock_mhz * 1e6) / real(partition.batch_size);
  result.static_uj = by.static_uw_per_lut * terms.device.resources.lut *
                     used_share(estimate.resources, terms.device) * seconds;
  return result;
}

EnergyProxy energy_proxy(const HardwareNetwork& network, const NetworkEstimate& estimate,
                         const EnergyTerms& terms) {
  SL_ASSERT(network.partitions.size() == estimate.partitions.size(), "an estimate a partition");
  EnergyProxy sum;
  for (std::size_t i = 0; i < network.partitions.size(); ++i) {
    sum += energy_proxy(network.partitions[i], estimate.partitions[i], terms);
  }
  return sum;
}

}  // namespace sluice::hw
