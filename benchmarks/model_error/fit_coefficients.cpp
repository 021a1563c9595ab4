// SPDX-License-Identifier: Apache-2.0
// Fits the LUT and flip-flop coefficients of rtl/'s modules to what synthesis gave
// (scripts/characterize_rtl.py), and says how far off the model is with them:
//
//   fit_coefficients MEASURED.csv BASE.json > coefficients/xilinx7.json
//
// BASE.json gives what is not fitted: the coefficients of fpgaConvNet's modules. Errors go to
// stderr. Coefficients are those, none of them negative, with the least sum of squared relative
// errors; the sums are in a fixed order, so that the same file gives the same bytes.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sluice/base/file.hpp"
#include "sluice/base/json.hpp"
#include "sluice/hw/library/modules.hpp"
#include "sluice/synth/family.hpp"

namespace {

using sluice::Error;
using sluice::ErrorCode;
using sluice::Result;
namespace library = sluice::hw::library;
namespace synth = sluice::synth;

struct Sample {
  std::string parameters;
  library::Cost cost;
  synth::Usage usage;
};

using Samples = std::map<std::string, std::vector<Sample>>;  // by module

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Lists of bits have no number; the model does not look at them.
std::int64_t number(const std::string& text) {
  std::int64_t result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

Result<Samples> read_samples(const std::string& path, std::string& toolchain) {
  SL_TRY(const sluice::MappedFile file, sluice::MappedFile::open(path));
  Samples samples;
  for (const std::string& line : split(file.text(), '\n')) {
    if (line.starts_with("# ")) toolchain = line.substr(2);
    if (line.empty() || line.starts_with('#') || line.starts_with("module,")) continue;
    const std::vector<std::string> parts = split(line, ',');
    if (parts.size() != 3) return Error{ErrorCode::Parse, "a line without three parts", path};
    std::map<std::string, std::int64_t> parameters;
    for (const std::string& each : split(parts[1], ' ')) {
      const std::size_t at = each.find('=');
      if (at == std::string::npos) return Error{ErrorCode::Parse, "a parameter without =", path};
      parameters[each.substr(0, at)] = number(each.substr(at + 1));
    }
    synth::Cells cells;
    for (const std::string& each : split(parts[2], ' ')) {
      const std::size_t at = each.find(':');
      if (at == std::string::npos) return Error{ErrorCode::Parse, "a cell without :", path};
      cells[each.substr(0, at)] = number(each.substr(at + 1));
    }
    SL_TRY(const library::Module module, library::module_of(parts[0], parameters));
    SL_TRY(const synth::Usage usage, synth::usage_of(synth::Family::Xilinx7, cells));
    samples[parts[0]].push_back({parts[1], library::cost_of(module), usage});
  }
  return samples;
}

// Counts below are as good as this one: a LUT of three is no error of a third.
constexpr double kSmall = 10;

// min Σ ((A·c − b) / max(b, kSmall))², c ≥ 0, by descending along one coefficient after another.
std::vector<double> fit(const std::vector<std::vector<double>>& features,
                        const std::vector<double>& counts) {
  const std::size_t n = features.front().size();
  std::vector<std::vector<double>> gram(n, std::vector<double>(n));
  std::vector<double> right(n);
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const double weight = 1 / std::pow(std::max(counts[s], kSmall), 2);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) {
        gram[i][j] += weight * features[s][i] * features[s][j];
      }
      right[i] += weight * features[s][i] * counts[s];
    }
  }
  constexpr int kSweeps = 20000;
  std::vector<double> c(n);
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (std::size_t i = 0; i < n; ++i) {
      if (gram[i][i] == 0) continue;
      double rest = right[i];
      for (std::size_t j = 0; j < n; ++j) {
        if (j != i) rest -= gram[i][j] * c[j];
      }
      c[i] = std::max(rest / gram[i][i], 0.0);
    }
  }
  for (double& each : c) each = std::round(each * 1e4) / 1e4;
  return c;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return std::max(std::round(sum), 0.0);
}

double at_share(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

struct Fitted {
  std::vector<double> coefficients, errors;  // percent
};

Fitted fit_part(const std::vector<Sample>& samples, library::Features library::Cost::*part,
                std::int64_t synth::Usage::*count, bool is_verbose) {
  std::vector<std::vector<double>> features;
  std::vector<double> counts;
  for (const Sample& sample : samples) {
    const auto values = (sample.cost.*part).values();
    features.emplace_back(values.begin(), values.end());
    counts.push_back(static_cast<double>(sample.usage.*count));
  }
  Fitted result{fit(features, counts), {}};
  for (std::size_t s = 0; s < samples.size(); ++s) {
    const double model = dot(features[s], result.coefficients);
    result.errors.push_back(100 * std::abs(model - counts[s]) / std::max(counts[s], kSmall));
    if (is_verbose && result.errors.back() > 15) {
      fmt::print(stderr, "      {:6.1f} % {} for {}: {}\n", result.errors.back(), model, counts[s],
                 samples[s].parameters);
    }
  }
  return result;
}

Result<int> run(const std::string& measured, const std::string& base, bool is_verbose) {
  std::string toolchain;
  SL_TRY(const Samples samples, read_samples(measured, toolchain));
  SL_TRY(const sluice::Json document, sluice::read_json(base));
  nlohmann::ordered_json result;
  result["format"] = "sluice.coefficients/1";
  result["provenance"] = "";
  nlohmann::ordered_json modules = document.at("modules");
  nlohmann::ordered_json fitted;
  std::vector<double> lut_errors, ff_errors;
  std::int64_t count = 0, dsp_off = 0, bram_off = 0;
  fmt::print(stderr,
             "module            samples  LUT median  95th   FF median  95th  DSP off  BRAM off\n");
  for (const std::string_view name : library::kModuleNames) {
    const auto found = samples.find(std::string(name));
    if (found == samples.end()) {
      if (is_verbose) continue;
      return Error{ErrorCode::InvalidArgument, fmt::format("has no sample of {}", name), measured};
    }
    const std::vector<Sample>& list = found->second;
    const Fitted lut = fit_part(list, &library::Cost::lut, &synth::Usage::lut, is_verbose);
    const Fitted ff = fit_part(list, &library::Cost::ff, &synth::Usage::ff, is_verbose);
    std::int64_t dsp = 0, bram = 0;
    for (const Sample& sample : list) {
      dsp += sample.cost.dsp != sample.usage.dsp ? 1 : 0;
      bram += sample.cost.bram18 != sample.usage.bram ? 1 : 0;
      if (is_verbose &&
          (sample.cost.dsp != sample.usage.dsp || sample.cost.bram18 != sample.usage.bram)) {
        fmt::print(stderr, "      DSP {} for {}, BRAM {} for {}: {}\n", sample.cost.dsp,
                   sample.usage.dsp, sample.cost.bram18, sample.usage.bram, sample.parameters);
      }
    }
    fmt::print(stderr, "{:16} {:8} {:9.1f} % {:5.1f} {:9.1f} % {:5.1f} {:8} {:9}\n", name,
               list.size(), at_share(lut.errors, 0.5), at_share(lut.errors, 0.95),
               at_share(ff.errors, 0.5), at_share(ff.errors, 0.95), dsp, bram);
    lut_errors.insert(lut_errors.end(), lut.errors.begin(), lut.errors.end());
    ff_errors.insert(ff_errors.end(), ff.errors.begin(), ff.errors.end());
    count += static_cast<std::int64_t>(list.size());
    dsp_off += dsp;
    bram_off += bram;
    fitted[std::string(name)] = {{"lut", lut.coefficients}, {"ff", ff.coefficients}};
  }
  fmt::print(stderr, "{:16} {:8} {:9.1f} % {:5.1f} {:9.1f} % {:5.1f} {:8} {:9}\n", "all", count,
             at_share(lut_errors, 0.5), at_share(lut_errors, 0.95), at_share(ff_errors, 0.5),
             at_share(ff_errors, 0.95), dsp_off, bram_off);
  result["provenance"] =
      "library: fitted to the synthesis of rtl/'s modules over a grid of parameters "
      "(benchmarks/model_error); modules, of fpgaConvNet's kinds: " +
      document.at("provenance").get<std::string>();
  const auto rounded = [](double percent) { return std::round(percent * 10) / 10; };
  result["fit"] = {{"toolchain", toolchain},
                   {"device", "AMD 7 series"},
                   {"samples", count},
                   {"lut_error_percent", rounded(at_share(lut_errors, 0.5))},
                   {"ff_error_percent", rounded(at_share(ff_errors, 0.5))}};
  // A line a module.
  std::string text = result.dump(1);
  text.resize(text.rfind("\n}"));
  const auto add = [&](std::string_view key, const nlohmann::ordered_json& lists) {
    text += fmt::format(",\n \"{}\": {{", key);
    std::string_view separator = "\n";
    for (const auto& [name, each] : lists.items()) {
      text += fmt::format("{}  \"{}\": {}", separator, name, each.dump());
      separator = ",\n";
    }
    text += "\n }";
  };
  add("modules", modules);
  add("library", fitted);
  fmt::print("{}\n}}\n", text);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    fmt::print(stderr, "usage: fit_coefficients MEASURED.csv BASE.json [--verbose]\n");
    return 2;
  }
  const auto status = run(argv[1], argv[2], argc == 4);
  if (status) return 0;
  fmt::print(stderr, "fit_coefficients: {}\n", status.error().message);
  return 3;
}
