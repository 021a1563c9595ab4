// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/coefficients.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/base/assert.hpp"
#include "sluice/base/shipped.hpp"
#include "sluice/base/text.hpp"
#include "sluice/hw/library/modules.hpp"

namespace sluice::hw {
namespace {

constexpr std::array<std::string_view, kNumParts> kPartNames{"logic_lut", "lut_ram", "lut_sr",
                                                             "ff"};

// A regression's name in a file, and how many features each of its parts has.
struct Description {
  std::string_view name;
  std::array<std::size_t, kNumParts> features;
};
constexpr std::array<Description, kNumRegressions> kModules{{{"accum", {7, 4, 1, 7}},
                                                             {"activation", {2, 1, 1, 2}},
                                                             {"bias", {1, 1, 1, 3}},
                                                             {"concat", {2, 1, 1, 2}},
                                                             {"eltwise", {2, 1, 1, 2}},
                                                             {"fork", {5, 1, 1, 3}},
                                                             {"globalpool", {5, 1, 1, 5}},
                                                             {"glue", {4, 2, 2, 6}},
                                                             {"pad", {2, 1, 1, 2}},
                                                             {"pool", {6, 2, 1, 4}},
                                                             {"resize", {2, 1, 1, 2}},
                                                             {"slidingwindow", {5, 3, 1, 10}},
                                                             {"slidingwindow3d", {18, 6, 1, 12}},
                                                             {"sparsevectordot", {9, 2, 1, 5}},
                                                             {"squeeze", {8, 1, 1, 6}},
                                                             {"vectordot", {9, 2, 1, 8}}}};

Status check_names(const JsonReader& modules, std::span<const std::string_view> names) {
  for (const auto& entry : modules.value().items()) {
    const std::string_view key = entry.key();
    if (std::ranges::count(names, key) > 0) continue;
    return modules.error(fmt::format("{} is no module with coefficients{}", sluice::quoted(key),
                                     did_you_mean(key, names)));
  }
  return {};
}

Result<std::vector<double>> read_list(const JsonReader& list, std::size_t size) {
  SL_TRY(const auto elements, list.elements());
  if (elements.size() != size) {
    return list.error(fmt::format("has {} coefficients, {} are needed", elements.size(), size));
  }
  std::vector<double> result(size);
  for (std::size_t i = 0; i < size; ++i) {
    SL_TRY(result[i], elements[i].number());
  }
  return result;
}

Result<std::string> read_words(const JsonReader& of, std::string_view key) {
  SL_TRY(const JsonReader reader, of.at(key));
  SL_TRY(std::string words, reader.string());
  if (words.empty()) return reader.error("must not be empty");
  return words;
}

Result<double> read_percent(const JsonReader& of, std::string_view key) {
  SL_TRY(const JsonReader reader, of.at(key));
  SL_TRY(const double percent, reader.number());
  if (percent < 0) return reader.error(fmt::format("must not be negative, is {}", percent));
  return percent;
}

Result<Fit> read_fit(const JsonReader& reader) {
  SL_TRY_STATUS(reader.only_keys(
      {"toolchain", "device", "samples", "lut_error_percent", "ff_error_percent"}));
  Fit fit;
  SL_TRY(fit.toolchain, read_words(reader, "toolchain"));
  SL_TRY(fit.device, read_words(reader, "device"));
  SL_TRY(const JsonReader samples, reader.at("samples"));
  SL_TRY(fit.samples, samples.integer());
  if (fit.samples < 1) return samples.error(fmt::format("must be positive, is {}", fit.samples));
  SL_TRY(fit.lut_error_percent, read_percent(reader, "lut_error_percent"));
  SL_TRY(fit.ff_error_percent, read_percent(reader, "ff_error_percent"));
  return fit;
}

double sum_of(const std::vector<double>& by, std::span<const double> features) {
  SL_ASSERT(features.size() == by.size(), "a coefficient a feature");
  double sum = 0;
  for (std::size_t i = 0; i < by.size(); ++i) sum += features[i] * by[i];
  return std::max(std::round(sum), 0.0);
}

}  // namespace

Result<Coefficients> Coefficients::parse(const Json& document) {
  const JsonReader reader(document);
  SL_TRY_STATUS(reader.only_keys({"format", "provenance", "fit", "modules", "library"}));
  SL_TRY_STATUS(reader.check_format("sluice.coefficients/1"));
  Coefficients result;
  SL_TRY(const JsonReader provenance, reader.at("provenance"));
  SL_TRY(result.provenance_, provenance.string());
  if (reader.has("fit")) {
    SL_TRY(const JsonReader fit, reader.at("fit"));
    SL_TRY(result.fit_, read_fit(fit));
  }
  SL_TRY(const JsonReader modules, reader.at("modules"));
  std::array<std::string_view, kNumRegressions> names;
  for (std::size_t m = 0; m < names.size(); ++m) names[m] = kModules[m].name;
  SL_TRY_STATUS(check_names(modules, names));
  for (std::size_t m = 0; m < kNumRegressions; ++m) {
    SL_TRY(const JsonReader module, modules.at(kModules[m].name));
    SL_TRY_STATUS(module.only_keys({"logic_lut", "lut_ram", "lut_sr", "ff"}));
    for (std::size_t p = 0; p < kNumParts; ++p) {
      SL_TRY(const JsonReader list, module.at(kPartNames[p]));
      SL_TRY(result.modules_[m][p], read_list(list, kModules[m].features[p]));
    }
  }
  if (reader.has("library")) {
    SL_TRY(const JsonReader modules_of_ours, reader.at("library"));
    SL_TRY_STATUS(result.parse_library(modules_of_ours));
  }
  return result;
}

Status Coefficients::parse_library(const JsonReader& modules) {
  SL_TRY_STATUS(check_names(modules, library::kModuleNames));
  library_.resize(library::kNumModules);
  for (std::size_t m = 0; m < library_.size(); ++m) {
    SL_TRY(const JsonReader module, modules.at(library::kModuleNames[m]));
    SL_TRY_STATUS(module.only_keys({"lut", "ff"}));
    const library::Cost cost = library::cost_of(library::module_of_index(m));
    SL_TRY(const JsonReader lut, module.at("lut"));
    SL_TRY(library_[m].lut, read_list(lut, cost.lut.values().size()));
    SL_TRY(const JsonReader ff, module.at("ff"));
    SL_TRY(library_[m].ff, read_list(ff, cost.ff.values().size()));
  }
  return {};
}

Result<Coefficients> Coefficients::read(const std::filesystem::path& path) {
  SL_TRY(const Json document, read_json(path));
  auto result = parse(document);
  if (!result) return std::move(result).error().at(path.string());
  return result;
}

std::int64_t Coefficients::count(Regression module, Part part,
                                 std::span<const double> features) const {
  const auto& by = modules_[static_cast<std::size_t>(module)][static_cast<std::size_t>(part)];
  SL_ASSERT(by.size() == features.size(), "a coefficient a feature");
  double sum = 0;
  for (std::size_t i = 0; i < by.size(); ++i) sum += features[i] * by[i];
  return static_cast<std::int64_t>(sum);
}

double Coefficients::library_lut(std::size_t module, std::span<const double> features) const {
  return sum_of(library_[module].lut, features);
}

double Coefficients::library_ff(std::size_t module, std::span<const double> features) const {
  return sum_of(library_[module].ff, features);
}

Result<Coefficients> default_coefficients() {
  SL_TRY(const std::filesystem::path path, find_shipped("coefficients/xilinx7.json"));
  return Coefficients::read(path);
}

}  // namespace sluice::hw
