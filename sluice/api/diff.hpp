// SPDX-License-Identifier: Apache-2.0
// diff: two results of one integer network, layer by layer, each difference with its cause; and
// which arithmetic a dump was made with.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sluice/api/inputs.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"
#include "sluice/exact/compare/judge.hpp"

namespace sluice::api {

struct DiffOptions {
  std::filesystem::path a;       // a model, golden data, or a dump
  std::filesystem::path b;       // golden data or a dump
  std::filesystem::path model;   // what both are of, where A is no model; golden data need none
  std::vector<RunInput> inputs;  // in place of the input that the dump has
  NetworkOptions network;
};

struct DiffRow {
  std::string layer;
  std::string op;
  Shape shape;
  int bits = 8;                     // of a code
  exact::compare::Differences all;  // between A and B, without causes
  bool inputs_differ = false;
  // A's layer on B's inputs against B, with causes: where the inputs differ, if it could be
  // computed; else the same as `all`.
  bool is_judged = false;
  exact::compare::Differences own;
  // At the first of `own`, or of `all` where it is not judged.
  std::int64_t first_a = 0;
  std::int64_t first_b = 0;
};

struct DiffReport {
  std::string a;
  std::string b;
  std::vector<DiffRow> rows;
  std::vector<std::string> notes;

  // Layers of which A and B have different results.
  [[nodiscard]] std::int64_t num_different() const;
};

// Compares every quantized value that both have. A model is run on the input of the dump; each of
// its layers is judged on the dump's own values. Two folders of golden data are compared by what
// they hold; with `model`, as if A were the model with A's values. InvalidArgument where they have
// nothing in common or a model is needed.
[[nodiscard]] Result<DiffReport> diff(const DiffOptions& options);

[[nodiscard]] std::string to_text(const DiffReport& report);
// format sluice.diff/1
[[nodiscard]] Json to_json(const DiffReport& report);

// ---- which arithmetic

struct DetectRow {
  std::string layer;
  std::string op;
  std::int64_t elements = 0;
  // Elements that differ under each of numeric's arithmetics, −1 where the layer is not computed in
  // it.
  std::array<std::int64_t, numeric::kNumArithmetics> differences{};
};

struct DetectReport {
  std::string model;
  std::string dump;
  std::vector<DetectRow> rows;  // of layers that round
  std::vector<std::string> notes;

  // Layers that an arithmetic reproduces; layers that none does.
  [[nodiscard]] std::int64_t num_reproduced(numeric::Arithmetic arithmetic) const;
  [[nodiscard]] std::int64_t num_unexplained() const;
};

// Evaluates each layer of the model `a` that rounds on the values of the dump `b`, under every
// arithmetic.
[[nodiscard]] Result<DetectReport> detect(const DiffOptions& options);

[[nodiscard]] std::string to_text(const DetectReport& report);
// format sluice.detect/1
[[nodiscard]] Json to_json(const DetectReport& report);

}  // namespace sluice::api
