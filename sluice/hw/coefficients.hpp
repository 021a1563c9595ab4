// SPDX-License-Identifier: Apache-2.0
// Coefficients: how many LUTs and flip-flops a module takes, as sums of features of its parameters.
// They are data, with their provenance: fitted to what synthesis gave for some toolchain and
// family.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
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
  Bias,
  Fork,
  GlobalPool,
  Glue,
  Pool,
  SlidingWindow,
  SlidingWindow3d,
  SparseVectorDot,
  Squeeze,
  VectorDot,
};
inline constexpr std::size_t kNumRegressions = 11;

// What is counted of a module.
enum class Part : unsigned char { LogicLut, LutRam, LutSr, Ff };
inline constexpr std::size_t kNumParts = 4;

class Coefficients {
 public:
  // A document of format "sluice.coefficients/1": "provenance" (a text) and, under "modules", for
  // each of them by name and for each part ("logic_lut", "lut_ram", "lut_sr", "ff") a coefficient a
  // feature. Parse, with the place, if one is missing, unknown, or has another number of
  // coefficients than the module has features.
  static Result<Coefficients> parse(const Json& document);
  static Result<Coefficients> read(const std::filesystem::path& path);

  [[nodiscard]] const std::string& provenance() const { return provenance_; }

  // Σ features·coefficients in doubles, from the first to the last, cut to an integer.
  [[nodiscard]] std::int64_t count(Regression module, Part part,
                                   std::span<const double> features) const;

 private:
  using Parts = std::array<std::vector<double>, kNumParts>;

  std::string provenance_;
  std::array<Parts, kNumRegressions> modules_;
};

}  // namespace sluice::hw
