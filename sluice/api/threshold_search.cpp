// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_search.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "sluice/api/annotate.hpp"
#include "sluice/api/model.hpp"
#include "sluice/api/threshold_hardware.hpp"
#include "sluice/api/threshold_journal.hpp"
#include "sluice/api/threshold_network.hpp"
#include "sluice/api/threshold_trials.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/folder.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"

namespace sluice::api {
namespace {

constexpr std::string_view kSearchManifest = "search.json";
constexpr const char* kBestNetwork = "network.onnx";
constexpr const char* kBestDesign = "design.json";
constexpr const char* kFront = "front.svg";

Result<std::set<std::string>> files_of_search(const std::filesystem::path& /*folder*/) {
  return std::set<std::string>{kBestNetwork, std::string(kBestNetwork) + ".data", kBestDesign,
                               kFront};
}

Status check_search(const ThresholdSearchOptions& options) {
  constexpr double kAll = 100;
  if (!(options.tolerance_points >= 0 && options.tolerance_points <= kAll)) {
    return invalid_argument(fmt::format("--tolerance is in points of accuracy, 0 to 100, not {}",
                                        options.tolerance_points));
  }
  if (options.network.prunes()) {
    return invalid_argument(
        "--weight-threshold and --relu-threshold are what is searched for; leave them out");
  }
  if (options.network.calibration.compat != quant::Compat::None) {
    return invalid_argument("thresholds are searched for by Sluice's own rules, without --compat");
  }
  if (options.resume && options.journal.empty()) {
    return invalid_argument("--resume needs the journal of the search: give --journal, or -o");
  }
  if (options.output.empty()) return {};
  return check_replaceable(options.output,
                           {"a search's results", kSearchManifest, files_of_search});
}

// Those that no other betters, the fastest first; of equal ones the earliest.
std::vector<std::size_t> front_of(const std::vector<Trial>& trials) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].end == TrialEnd::Complete && trials[i].fps > 0) order.push_back(i);
  }
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (trials[a].fps != trials[b].fps) return trials[a].fps > trials[b].fps;
    return trials[a].right > trials[b].right;
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    if (front.empty() || trials[i].right > trials[front.back()].right) front.push_back(i);
  }
  return front;
}

std::size_t best_of(const std::vector<Trial>& trials, double tolerance_points) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < trials.size(); ++i) {
    if (trials[i].is_within(tolerance_points) && trials[i].fps > trials[best].fps) best = i;
  }
  return best;
}

class ThresholdSearch {
 public:
  explicit ThresholdSearch(const ThresholdSearchOptions& options) : options_(options) {}

  Result<ThresholdSearchReport> run() {
    SL_TRY(network_, ThresholdNetwork::open(options_));
    SL_TRY(const ThresholdHardware hardware,
           ThresholdHardware::open({.model = options_.model,
                                    .input_shapes = options_.input_shapes,
                                    .device = options_.device,
                                    .design = options_.design,
                                    .batch_size = options_.batch_size,
                                    .seed = options_.seed}));
    SL_TRY_STATUS(describe(hardware));
    SL_TRY_STATUS(map_dense(hardware));
    SL_TRY(ThresholdJournal journal,
           ThresholdJournal::open(options_.journal, identity(hardware), options_.resume));
    StatusLine line(options_.quiet);
    ThresholdTrials trials(*network_, hardware, journal,
                           {.tolerance_points = options_.tolerance_points,
                            .most_trials = options_.most_trials,
                            .report = [&](const std::string& what) {
                              line.update([&](int width) { return status(what, line, width); });
                            }});
    trials_ = &trials;
    Status searched = search_thresholds(options_.policy, trials, options_.seed);
    SL_TRY_STATUS(conclude(std::move(searched)));
    if (report_.is_complete && hardware.is_fixed()) SL_TRY_STATUS(note_lacking(hardware));
    if (!options_.output.empty() && report_.is_complete) {
      SL_TRY_STATUS(write_folder(hardware));
    }
    report_.notes = network_->images().notes();
    return std::move(report_);
  }

 private:
  Status describe(const ThresholdHardware& hardware) {
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.model = options_.model.filename().string();
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    report_.calibration = network_->images().calibration();
    report_.engine = to_string(options_.network.engine);
    report_.number_format = network_->format();
    report_.device = hardware.device();
    report_.batch_size = options_.batch_size;
    report_.has_fixed_design = hardware.is_fixed();
    report_.policy = options_.policy;
    report_.tolerance_points = options_.tolerance_points;
    report_.seed = options_.seed;
    return {};
  }

  Status map_dense(const ThresholdHardware& hardware) {
    SL_TRY(const auto dense, hardware.map_dense());
    if (!dense) {
      return Error{ErrorCode::Infeasible,
                   "no mapping fits; \"sluice explore\" says what is lacking", report_.device};
    }
    report_.dense_fps = dense->fps;
    return {};
  }

  // Of all that decides what a trial measures and which come one after another. How many there may
  // be is left out, so that a search can be gone on with.
  [[nodiscard]] std::string identity(const ThresholdHardware& hardware) const {
    const ImageNetwork& images = network_->images();
    const quant::CalibrationOptions& calibration = options_.network.calibration;
    Json about{{"model", report_.model_sha256},
               {"data", std::filesystem::absolute(options_.data).string()},
               {"data_images", images.data().size()},
               {"images", images.num_images()},
               {"preprocess", options_.preprocess},
               {"label_offset", images.label_offset()},
               {"batch", images.batch()},
               {"calibration", images.calibration()},
               {"calibration_images", images.calibration_images()},
               {"calibration_method", quant::to_string(calibration.method)},
               {"percent", calibration.percent},
               {"engine", report_.engine},
               {"arithmetic", images.arithmetic()},
               {"number_format", report_.number_format},
               {"hardware", hardware.identity()},
               {"policy", to_string(options_.policy)},
               {"tolerance_points", options_.tolerance_points},
               {"seed", options_.seed}};
    const std::string text = about.dump(-1, ' ', false, Json::error_handler_t::replace);
    return sha256(std::as_bytes(std::span(text)));
  }

  [[nodiscard]] std::string status(const std::string& what, const StatusLine& line,
                                   int width) const {
    std::string text = fmt::format("search {:.0f} s  {}", line.seconds(), what);
    const auto& trials = trials_->trials();
    if (!trials.empty()) {
      const Trial& best = trials[best_of(trials, options_.tolerance_points)];
      text += fmt::format("  best {:.4g} fps ({:.2f}x, {:.2f} points lost)", best.fps,
                          report_.speedup(best), best.lost_points);
    }
    return text.substr(0, static_cast<std::size_t>(std::max(width, 0)));
  }

  Status conclude(Status searched) {
    report_.trials = trials_->trials();
    if (!searched) {
      if (searched.error().code != ErrorCode::Interrupted || report_.trials.empty())
        return searched;
      report_.is_complete = false;
      const auto count = report_.trials.size();
      network_->images().note(
          options_.journal.empty()
              ? fmt::format("stopped after {} trials", count)
              : fmt::format("stopped after {} trials; the same command with --resume goes on",
                            count));
    }
    report_.best = best_of(report_.trials, options_.tolerance_points);
    report_.front = front_of(report_.trials);
    if (report_.trials[report_.best].design) return {};
    return Error{ErrorCode::Infeasible,
                 "no mapping that skips zeros was found, though one that does not fits",
                 report_.device};
  }

  // Engines that skip zeros take more than those that do not: a design of the latter may not fit.
  Status note_lacking(const ThresholdHardware& hardware) {
    const Thresholds& best = report_.trials[report_.best].thresholds;
    SL_TRY(const ir::HardwareAttributes zeros, trials_->zeros_of(best));
    SL_TRY(const auto mapped, hardware.map(best, zeros));
    for (const std::string& each : mapped->lacking) {
      network_->images().note("the design does not fit the device where zeros are skipped: " +
                              each);
    }
    return {};
  }

  Status write_folder(const ThresholdHardware& hardware) {
    const Trial& best = report_.trials[report_.best];
    SL_TRY(NewFolder folder, NewFolder::beside(options_.output));
    SL_TRY(const ir::HardwareAttributes zeros, trials_->zeros_of(best.thresholds));
    SL_TRY_STATUS(write_network(best.thresholds, zeros, folder.path() / kBestNetwork));
    SL_TRY(const auto mapped, hardware.map(best.thresholds, zeros));
    SL_ASSERT(mapped && mapped->fps == best.fps, "what was measured is measured again");
    hw::Design design = mapped->design;
    design.model_name = kBestNetwork;
    SL_TRY(design.model_sha256, sha256_file(folder.path() / kBestNetwork));
    SL_TRY_STATUS(write_file(folder.path() / kBestDesign, dump_json(hw::to_json(design))));
    SL_TRY_STATUS(write_file(folder.path() / kFront, front_svg(report_)));
    report_.notes = network_->images().notes();
    SL_TRY_STATUS(write_file(folder.path() / kSearchManifest, dump_json(to_json(report_))));
    return folder.keep();
  }

  Status write_network(const Thresholds& thresholds, const ir::HardwareAttributes& zeros,
                       const std::filesystem::path& path) const {
    SL_TRY(ir::Graph graph, load_model(options_.model, {0, options_.input_shapes}));
    SL_TRY_STATUS(prepare(graph, quant::Compat::None));
    SL_TRY_STATUS(set_thresholds(graph, thresholds));
    return write_annotated(graph, options_.model, zeros, quant::Compat::None, path);
  }

  const ThresholdSearchOptions& options_;
  std::unique_ptr<ThresholdNetwork> network_;
  ThresholdTrials* trials_ = nullptr;
  ThresholdSearchReport report_;
};

}  // namespace

Result<ThresholdSearchReport> threshold_search(const ThresholdSearchOptions& options) {
  SL_TRY_STATUS(check_search(options));
  return ThresholdSearch(options).run();
}

}  // namespace sluice::api
