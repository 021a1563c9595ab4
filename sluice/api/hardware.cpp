// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/hardware.hpp"

#include <nlohmann/json.hpp>

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/text.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/passes/fold_pad.hpp"
#include "sluice/rtl/scalings.hpp"

namespace sluice::api {

Result<hw::Rules> rules_from_string(std::string_view name) {
  SL_TRY(const quant::Compat compat, compat_from_string(name));
  return compat == quant::Compat::None ? hw::Rules::Sluice : hw::Rules::FpgaConvNet;
}

Result<ir::Graph> load_for_hardware(const std::filesystem::path& model,
                                    const std::vector<ir::ShapeOverride>& input_shapes,
                                    hw::Rules rules) {
  const bool is_compat = rules == hw::Rules::FpgaConvNet;
  SL_TRY(ir::Graph graph, load_model(model, {.batch = 1, .input_shapes = input_shapes}));
  const auto status = [&]() -> Status {
    SL_TRY_STATUS(prepare(graph, is_compat ? quant::Compat::Fpgaconvnet : quant::Compat::None));
    return is_compat ? passes::fold_pad(graph) : Status{};
  }();
  if (!status) return Error(status.error()).at(model.string());
  return graph;
}

Result<hw::BuildOptions> build_options(const std::filesystem::path& model, hw::Rules rules) {
  hw::BuildOptions options{.rules = rules};
  if (model.extension() != ".onnx") return options;
  SL_TRY(const auto attributes, importer::read_onnx_hardware(model));
  for (const auto& [node, numbers] : attributes) {
    auto hints = hw::hints_from(numbers);
    if (!hints) {
      return std::move(hints).error().at(model.string() + ": node " + sluice::quoted(node));
    }
    options.hints[node] = *std::move(hints);
  }
  return options;
}

Result<hw::Graph> hardware_of(const ir::Graph& network, const hw::BuildOptions& options) {
  SL_TRY(hw::Graph graph, hw::build_graph(network, options));
  if (options.rules == hw::Rules::Sluice) rtl::set_scalings(network, graph);
  return graph;
}

Result<hw::Graph> hardware_graph(const std::filesystem::path& model,
                                 const std::vector<ir::ShapeOverride>& input_shapes,
                                 hw::Rules rules) {
  SL_TRY(const ir::Graph network, load_for_hardware(model, input_shapes, rules));
  SL_TRY(const hw::BuildOptions options, build_options(model, rules));
  auto graph = hardware_of(network, options);
  if (!graph) return std::move(graph).error().at(model.string());
  return graph;
}

Json identity_of(const hw::Device& device) {
  Json about{{"device", device.name},
             {"memory_gbps", device.memory_gbps},
             {"reconfiguration_s", device.reconfiguration_s},
             {"port_bits", device.port_bits},
             {"dsp_bits", {device.dsp_a_bits, device.dsp_b_bits}}};
  for (const hw::ResourceKind& kind : hw::kResourceKinds) {
    about["resources"][std::string(kind.name)] = device.resources.*kind.count;
  }
  return about;
}

Result<hw::Coefficients> coefficients_from(const std::filesystem::path& path) {
  return path.empty() ? hw::default_coefficients() : hw::Coefficients::read(path);
}

Result<report::DesignFigures> figures_of(const hw::HardwareNetwork& network,
                                         const hw::Device& device, const hw::Coefficients& by,
                                         const FigureOptions& options) {
  SL_TRY(const hw::EnergyCoefficients energy, hw::default_energy_coefficients());
  report::DesignFigures figures =
      report::figures_of(network, device, by, options.clock_mhz, options.rules);
  report::set_energy(figures, network, by, energy);
  return figures;
}

hw::HardwareNetwork whole_network(std::string name, hw::Graph graph, std::int64_t batch_size,
                                  hw::Rules rules) {
  hw::HardwareNetwork network{std::move(name), graph, {}, batch_size};
  network.partitions.resize(1);
  network.partitions[0].graph = std::move(graph);
  hw::update(network, rules);
  return network;
}

}  // namespace sluice::api
