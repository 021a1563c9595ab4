// SPDX-License-Identifier: Apache-2.0
// The options of verbs that run a network on images, and those that `eval` and `flow` share.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cli/journal_options.hpp"
#include "cli/model_options.hpp"
#include "cli/verb.hpp"

#include "sluice/api/eval.hpp"
#include "sluice/api/image_network.hpp"
#include "sluice/base/result.hpp"

namespace sluice::cli {

// How a network is run and calibrated.
struct NetworkFlags {
  std::string engine = "fast";
  std::string calibration_method = "minmax";
  double percent = 99.99;
  std::string compat = "none";
  std::string arithmetic;
  double memory_limit_gigabytes = 0;
  std::optional<float> weight_threshold, relu_threshold;

  void declare(CLI::App& app);
  // Those of pruning, for verbs that emulate formats.
  void declare_thresholds(CLI::App& app);
  [[nodiscard]] Result<api::NetworkOptions> options() const;
};

// --on-bad-image, and what it says.
void declare_on_bad_image(CLI::App& app, std::string& word);
[[nodiscard]] data::OnBadImage on_bad_image_of(const std::string& word);

// A network and the images it is run on, in which formats: what api::ImageNetworkOptions say.
struct ImageNetworkFlags {
  ModelOptions model;
  NetworkFlags network;
  std::string formats;
  std::string exact;
  std::string on_bad_image = "stop";

  // All of them. `required`: whether MODEL and --data must be given; `own_formats`: those of the
  // verb.
  void declare(CLI::App& app, api::ImageNetworkOptions& options, std::string_view own_formats,
               bool required = true);

  // Some of them, for verbs that do not take all: which images, and how many.
  struct Help {
    std::string data;
    std::string batch = "images run together";
  };
  void declare_images(CLI::App& app, api::ImageNetworkOptions& options, const Help& help,
                      bool required = false);
  void declare_formats(CLI::App& app, const std::string& help);
  static void declare_label_offset(CLI::App& app, api::ImageNetworkOptions& options);
  static void declare_calibration(CLI::App& app, api::ImageNetworkOptions& options,
                                  const std::string& help);

  // What is not in the options yet.
  [[nodiscard]] Status fill(api::ImageNetworkOptions& options, const Common& common) const;
};

struct EvalFlags {
  ImageNetworkFlags images;
  api::EvalOptions eval;
  JournalOptions journal{
      .verb = "eval", .run = "run", .kept = "progress is kept while the run lasts"};
  std::filesystem::path output;

  // `required`: whether MODEL and --data must be given.
  void declare(CLI::App& app, bool required = true);
  [[nodiscard]] Result<api::EvalOptions> options(const Common& common) const;
  // The table or JSON on stdout, notes on stderr, the JSON also into -o.
  [[nodiscard]] Status print(const api::EvalReport& report, const Common& common) const;
};

}  // namespace sluice::cli
