// SPDX-License-Identifier: Apache-2.0
// simulate: an integer network as hardware runs it, bit by bit, and how wide its accumulators must
// be.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sluice/api/inputs.hpp"
#include "sluice/api/network.hpp"
#include "sluice/api/run.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/accumulator_range.hpp"

namespace sluice::api {

struct SimulateOptions {
  std::filesystem::path model;
  std::vector<RunInput> inputs;  // one run; or else `data`
  std::filesystem::path data;    // images, as eval takes them
  std::string preprocess;
  std::int64_t limit = 10;    // images: accumulators are observed by plain loops
  int accumulator_bits = 32;  // what the hardware has
  NetworkOptions network;
  bool quiet = true;
};

// One layer with accumulators.
struct AccumulatorRow {
  std::string layer;
  std::string op;
  // What every partial sum lies in whatever the input; nothing where weights are not constants.
  std::optional<exact::SumRange> proven;
  exact::SumRange observed;    // of whole sums
  std::int64_t sums = 0;       // observed
  std::int64_t overflows = 0;  // of them, beyond `used_bits`
  int used_bits = 32;

  [[nodiscard]] int observed_bits() const { return exact::bits_of(observed); }
  [[nodiscard]] std::optional<int> proven_bits() const;
  // used − proven; negative where what is used is not proven to be enough.
  [[nodiscard]] std::optional<int> spare_bits() const;
};

struct AccumulatorReport {
  std::string model;
  std::string model_sha256;
  std::int64_t runs = 0;  // inputs observed
  std::vector<AccumulatorRow> rows;

  [[nodiscard]] std::int64_t num_overflows() const;
};

// One forward pass in integers, as `run`. InvalidArgument for a network that is not quantized.
[[nodiscard]] Result<std::vector<NamedTensor>> simulate(const SimulateOptions& options);

// The accumulators of every Conv, ConvTranspose, Gemm and MatMul on codes, on the inputs or the
// first images.
[[nodiscard]] Result<AccumulatorReport> simulate_accumulators(const SimulateOptions& options);

[[nodiscard]] std::string to_text(const AccumulatorReport& report);
// format sluice.accumulators/1
[[nodiscard]] Json to_json(const AccumulatorReport& report);

}  // namespace sluice::api
