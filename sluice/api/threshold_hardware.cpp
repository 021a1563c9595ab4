// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_hardware.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sluice/api/hardware.hpp"
#include "sluice/api/threshold_network.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace sluice::api {

Result<ThresholdHardware> ThresholdHardware::open(const ThresholdHardwareOptions& options) {
  ThresholdHardware result;
  std::string name = options.device;
  if (!options.design.empty()) {
    SL_TRY(const Json document, read_json(options.design));
    auto design = hw::parse_design(document);
    if (!design) return std::move(design).error().at(options.design.string());
    if (design->rules != hw::Rules::Sluice) {
      return Error{ErrorCode::InvalidArgument,
                   "is a design by the rules of fpgaConvNet; give one that explore made without "
                   "--compat",
                   options.design.string()};
    }
    if (name.empty()) name = design->device;
    result.design_ = *std::move(design);
  }
  if (name.empty()) {
    return invalid_argument("--device is needed: a name, or a .toml file");
  }
  SL_TRY(result.problem_.device, hw::find_device(name));
  SL_TRY(result.coefficients_, coefficients_from({}));
  SL_TRY(result.energy_, hw::default_energy_coefficients());
  SL_TRY(result.graph_, load_for_hardware(options.model, options.input_shapes, hw::Rules::Sluice));
  SL_TRY(result.build_, build_options(options.model, hw::Rules::Sluice));
  result.problem_.clock_mhz =
      result.design_ ? result.design_->clock_mhz : result.problem_.device.clock_mhz;
  result.problem_.batch_size = options.batch_size;
  result.seed_ = options.seed;
  result.about_.model_name = options.model.filename().string();
  SL_TRY(result.about_.model_sha256, sha256_file(options.model));
  result.about_.device = name;
  result.about_.clock_mhz = result.problem_.clock_mhz;
  result.about_.coefficients = result.coefficients_.provenance();
  return result;
}

Json ThresholdHardware::identity() const {
  Json about = identity_of(problem_.device);
  about["coefficients"] = coefficients_.provenance();
  about["clock_mhz"] = problem_.clock_mhz;
  about["batch_size"] = problem_.batch_size;
  about["seed"] = seed_;
  if (design_) about["design"] = hw::to_json(*design_);
  return about;
}

Result<std::optional<MappedNetwork>> ThresholdHardware::map(
    const Thresholds& thresholds, const ir::HardwareAttributes& zeros) const {
  hw::BuildOptions build = build_;
  for (const auto& [node, attributes] : zeros) {
    build.hints[node].channel_sparsity = attributes.at("channel_sparsity_hist");
  }
  SL_TRY(const dse::Problem problem, problem_of(thresholds, build));
  if (!design_) return search(problem);
  SL_TRY(hw::HardwareNetwork network, hw::apply(*design_, problem.graph));
  network.batch_size = problem.batch_size;
  hw::update(network, hw::Rules::Sluice);
  SL_TRY(MappedNetwork mapped, figures(network));
  return std::optional(std::move(mapped));
}

Result<std::optional<MappedNetwork>> ThresholdHardware::map_dense() const {
  hw::BuildOptions build = build_;
  for (auto& [node, hint] : build.hints) hint.channel_sparsity.clear();
  SL_TRY(const dse::Problem problem, problem_of({}, build));
  return search(problem);
}

Result<dse::Problem> ThresholdHardware::problem_of(const Thresholds& thresholds,
                                                   const hw::BuildOptions& build) const {
  ir::Graph pruned = graph_;
  SL_TRY_STATUS(set_thresholds(pruned, thresholds));
  dse::Problem problem = problem_;
  SL_TRY(problem.graph, hardware_of(pruned, build));
  problem.coefficients = &coefficients_;
  problem.energy = &energy_;
  return problem;
}

Result<std::optional<MappedNetwork>> ThresholdHardware::search(const dse::Problem& problem) const {
  const dse::Exploration found =
      dse::explore(problem, {.seed = seed_, .is_cancelled = interrupted});
  // What was cut short depends on when.
  SL_TRY_STATUS(check_interrupt());
  if (!found.best) return std::optional<MappedNetwork>();
  SL_TRY(MappedNetwork mapped, figures(found.best->network));
  return std::optional(std::move(mapped));
}

Result<MappedNetwork> ThresholdHardware::figures(const hw::HardwareNetwork& network) const {
  SL_TRY(const report::DesignFigures figures,
         figures_of(network, problem_.device, coefficients_, {problem_.clock_mhz}));
  MappedNetwork mapped{.fps = figures.fps, .design = hw::design_of(network, about_)};
  for (const report::PartitionFigures& partition : figures.partitions) {
    for (const report::LayerFigures& layer : partition.layers) {
      mapped.cycles[layer.name] = layer.cycles;
    }
  }
  for (const report::Violation& each : figures.violations) {
    mapped.lacking.push_back(report::to_text(each));
  }
  return mapped;
}

ir::HardwareAttributes attributes_of(const sparse::ZeroStatistics& zeros) {
  ir::HardwareAttributes result;
  for (const sparse::ZeroStatistics::Layer& layer : zeros.layers()) {
    result[layer.name]["channel_sparsity_hist"] = sparse::shares_of(layer.zeros.histogram());
  }
  return result;
}

}  // namespace sluice::api
