// SPDX-License-Identifier: Apache-2.0
// Coefficients: how many LUTs and flip-flops a module takes, as sums of features of its parameters.
// They are data, with their provenance: fitted to what synthesis gave for some toolchain and
// family, or reckoned. docs/reference/coefficients.md has the form and the features.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::hw {

// Modules whose resources are regressions.
enum class Regression : unsigned char {
  Accum,
  Activation,
  Bias,
  Concat,
  Eltwise,
  Fork,
  GlobalPool,
  Glue,
  Pad,
  Pool,
  Resize,
  SlidingWindow,
  SlidingWindow3d,
  SparseVectorDot,
  Squeeze,
  VectorDot,
};
inline constexpr std::size_t kNumRegressions = 16;

// What is counted of a module.
enum class Part : unsigned char { LogicLut, LutRam, LutSr, Ff };
inline constexpr std::size_t kNumParts = 4;

// What coefficients were fitted to, and how far off the modules they were fitted to are. Reports
// print "analytic, no measured error" of coefficients without.
struct Fit {
  std::string toolchain;  // yosys 0.52 synth_xilinx
  std::string device;
  std::int64_t samples = 0;  // modules synthesized
  double lut_error_percent = 0;
  double ff_error_percent = 0;
  friend bool operator==(const Fit&, const Fit&) = default;
};

class Coefficients {
 public:
  // A document of format "sluice.coefficients/1": "provenance" (a text), perhaps "fit", with the
  // keys of Fit, and, under "modules", for each of them by name and for each part ("logic_lut",
  // "lut_ram", "lut_sr", "ff") a coefficient a feature. Perhaps the same under "library", for the
  // modules of rtl/ (hw/library/modules.hpp) and the parts "lut" and "ff". Parse, with the place,
  // if one is missing, unknown, or has another number of coefficients than the module has features.
  static Result<Coefficients> parse(const Json& document);
  static Result<Coefficients> read(const std::filesystem::path& path);

  [[nodiscard]] const std::string& provenance() const { return provenance_; }
  // None if nobody has compared them with synthesis.
  [[nodiscard]] const std::optional<Fit>& fit() const { return fit_; }

  // Σ features·coefficients in doubles, from the first to the last, cut to an integer.
  [[nodiscard]] std::int64_t count(Regression module, Part part,
                                   std::span<const double> features) const;

  // Whether there are those of our own modules. Without them layers are counted as fpgaConvNet's
  // modules.
  [[nodiscard]] bool has_library() const { return !library_.empty(); }
  // The LUTs, or flip-flops, of a module by its place in library::kModuleNames: never negative.
  [[nodiscard]] double library_lut(std::size_t module, std::span<const double> features) const;
  [[nodiscard]] double library_ff(std::size_t module, std::span<const double> features) const;

 private:
  using Parts = std::array<std::vector<double>, kNumParts>;
  struct LibraryParts {
    std::vector<double> lut, ff;
  };
  Status parse_library(const JsonReader& modules);

  std::string provenance_;
  std::optional<Fit> fit_;
  std::array<Parts, kNumRegressions> modules_;
  std::vector<LibraryParts> library_;
};

// Those that come with the program. Io, naming the places, if they are not found.
[[nodiscard]] Result<Coefficients> default_coefficients();

}  // namespace sluice::hw
