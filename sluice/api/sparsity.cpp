// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/sparsity.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>

#include "sluice/api/annotate.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/folder.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/sparse/zero_statistics.hpp"

namespace sluice::api {
namespace {

LayerSparsity layer_sparsity_of(const sparse::ZeroStatistics::Layer& layer) {
  const sparse::ConvWindows& conv = layer.zeros.conv();
  LayerSparsity result{.layer = layer.name,
                       .kernel = conv.window.kernel,
                       .filters = conv.filters,
                       .groups = conv.groups,
                       .histogram = layer.zeros.histogram()};
  result.products = sparse::totals_of(result.histogram);
  result.inputs = layer.zeros.inputs();
  if (layer.joint) result.joint = layer.joint->moments();
  result.weights.numbers = conv.weights.size();
  result.weights.zeros = static_cast<std::uint64_t>(std::ranges::count(conv.weights, 0));
  return result;
}

class SparsityRun {
 public:
  explicit SparsityRun(const SparsityOptions& options) : options_(options) {}

  Result<SparsityReport> run() {
    SL_TRY(network_, ImageNetwork::open(options_, {numeric::Format()}));
    SL_TRY_STATUS(describe_run());
    for (const RunFormat& format : network_->rows()) {
      SL_TRY(SparsityRow row, count(format));
      report_.rows.push_back(std::move(row));
      if (!report_.is_complete) break;
    }
    report_.notes = network_->notes();
    return std::move(report_);
  }

 private:
  Status describe_run() {
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.model = options_.model.filename().string();
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    report_.calibration = network_->calibration();
    report_.engine = to_string(options_.network.engine);
    report_.arithmetic = network_->arithmetic();
    report_.weight_threshold = options_.network.weight_threshold;
    report_.relu_threshold = options_.network.relu_threshold;
    report_.seed = options_.seed;
    report_.streams = options_.streams;
    report_.is_published = options_.network.calibration.compat == quant::Compat::Fpgaconvnet;
    return {};
  }

  Result<SparsityRow> count(const RunFormat& format) {
    SL_TRY(const RunnableNetwork runnable, network_->make(format));
    const auto statistics =
        sparse::ZeroStatistics::create(runnable.graph, options_.averaged_windows);
    SL_TRY_STATUS(check_watched(statistics));
    SparsityRow row{.format = format.name};
    data::Loader loader = network_->loader();
    Progress bar({.what = format.name, .total = network_->num_images()}, options_.quiet);
    while (true) {
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      SL_TRY_STATUS(add(*batch, statistics.observer(), *runnable.executor, row.accuracy));
      bar.update(batch->end);
      if (interrupted()) {
        report_.is_complete = false;
        network_->note(fmt::format("stopped after {} of {} images in {}", batch->end,
                                   network_->num_images(), format.name));
        break;
      }
    }
    network_->note_skipped(loader.skipped());
    row.layers.reserve(statistics.layers().size());
    for (const auto& layer : statistics.layers()) {
      row.layers.push_back(layer_sparsity_of(layer));
      if (options_.streams) add_streams(row.layers.back());
    }
    return row;
  }

  void add_streams(LayerSparsity& layer) {
    auto streams = sparse::streams_of(layer.histogram, *options_.streams);
    if (streams) {
      layer.streams = *std::move(streams);
    } else {
      network_->note(fmt::format("{} has no histograms of streams: {}", printable(layer.layer),
                                 streams.error().message));
    }
  }

  Status check_watched(const sparse::ZeroStatistics& statistics) {
    for (const auto& layer : statistics.unwatched()) {
      network_->note(fmt::format("{} is left out: {}", printable(layer.name), layer.reason));
    }
    if (!statistics.layers().empty()) return {};
    return Error{ErrorCode::Unsupported, "has no convolution whose zeros can be counted",
                 options_.model.string()};
  }

  // A batch that is not full is filled by its own images again: these are run by themselves, so
  // that each is counted once.
  Status add(const data::Batch& batch, const runtime::Observer& observer,
             runtime::Executor& executor, data::Accuracy& accuracy) {
    const runtime::Observer whole =
        of_first(observer, static_cast<std::int64_t>(batch.labels.size()));
    const std::vector<Tensor> inputs{network_->input_of(batch)};
    SL_TRY(const auto outputs, executor.run(inputs, &whole));
    SL_TRY(const data::Accuracy scored, network_->accuracy_of(batch, outputs[0]));
    accuracy += scored;
    return {};
  }

  const SparsityOptions& options_;
  std::unique_ptr<ImageNetwork> network_;
  SparsityReport report_;
};

// ---- arrays

constexpr std::string_view kSparsityManifest = "sparsity.json";

Tensor array_of(const sparse::ZeroHistogram& histogram) {
  const std::vector<std::int64_t> counts(histogram.counts.begin(), histogram.counts.end());
  return Tensor::from<std::int64_t>({histogram.channels, histogram.kernel_size + 1}, counts);
}

Tensor array_of(const std::vector<double>& values) {
  return Tensor::from<double>({static_cast<std::int64_t>(values.size())}, values);
}

Tensor square_of(const std::vector<double>& values, std::int64_t channels) {
  return Tensor::from<double>({channels, channels}, values);
}

Result<std::set<std::string>> files_of_sparsity(const std::filesystem::path& folder) {
  SL_TRY(const Json manifest, read_json(folder / kSparsityManifest));
  std::set<std::string> files;
  const Json& listed = manifest.value("files", Json::array());
  for (const Json& name : listed) {
    if (name.is_string()) files.insert(name.get<std::string>());
  }
  return files;
}

// The report, and for each row and layer FORMAT_NUMBER_LAYER_{histogram,mean,variance}.npy.
Status write_arrays(const SparsityReport& report, const std::filesystem::path& path) {
  SL_TRY(NewFolder folder, NewFolder::beside(path));
  Json files = Json::array();
  const auto write = [&](const std::string& name, const Tensor& array) {
    files.push_back(name);
    return numeric::write_npy(folder.path() / name, array);
  };
  for (const SparsityRow& row : report.rows) {
    for (std::size_t i = 0; i < row.layers.size(); ++i) {
      const LayerSparsity& layer = row.layers[i];
      const std::string stem = fmt::format("{}_{:03}_{}", exact::golden::safe_name(row.format), i,
                                           exact::golden::safe_name(layer.layer));
      const sparse::ZeroMoments moments = sparse::moments_of(layer.histogram);
      SL_TRY_STATUS(write(stem + "_histogram.npy", array_of(layer.histogram)));
      SL_TRY_STATUS(write(stem + "_mean.npy", array_of(moments.mean)));
      SL_TRY_STATUS(write(stem + "_variance.npy", array_of(moments.variance)));
      if (!layer.joint) continue;
      const std::int64_t channels = layer.histogram.channels;
      SL_TRY_STATUS(write(stem + "_inputs_mean.npy", array_of(layer.joint->mean)));
      SL_TRY_STATUS(write(stem + "_inputs_variance.npy", array_of(layer.joint->variance)));
      SL_TRY_STATUS(
          write(stem + "_inputs_covariance.npy", square_of(layer.joint->covariance, channels)));
      SL_TRY_STATUS(
          write(stem + "_inputs_correlation.npy", square_of(layer.joint->correlation, channels)));
    }
  }
  Json manifest = to_json(report);
  manifest["files"] = std::move(files);
  SL_TRY_STATUS(write_file(folder.path() / kSparsityManifest, dump_json(manifest)));
  return folder.keep();
}

// ---- the annotated model

Status check_annotated(const SparsityOptions& options) {
  if (options.annotated.empty()) return {};
  SL_TRY_STATUS(check_annotated_name(options.annotated));
  if (options.formats.size() + options.exact_formats.size() <= 1) return {};
  return invalid_argument("a model is annotated with the zeros of one format; give one");
}

Status check_streams(const SparsityOptions& options) {
  if (!options.streams || *options.streams >= 1) return {};
  return invalid_argument(fmt::format("--streams is 1 or more, not {}", *options.streams));
}

Status check_drawing(const SparsityOptions& options) {
  if (options.drawing.empty() || options.drawing.extension() == ".html") return {};
  return Error{ErrorCode::InvalidArgument, "is no name of a page: end it in .html",
               options.drawing.string()};
}

Status check_averaged(const SparsityOptions& options) {
  if (!options.averaged_windows) return {};
  const std::int64_t windows = *options.averaged_windows;
  if (windows < 1 || windows > sparse::kMostAveragedWindows) {
    return invalid_argument(fmt::format("--moving-average is over 1 to {} windows, not {}",
                                        sparse::kMostAveragedWindows, windows));
  }
  if (!options.output.empty()) return {};
  return invalid_argument("--moving-average makes arrays; give a folder for them with -o");
}

ir::HardwareAttributes attributes_of(const SparsityRow& row) {
  ir::HardwareAttributes result;
  for (const LayerSparsity& layer : row.layers) {
    result[layer.layer]["channel_sparsity_hist"] = sparse::shares_of(layer.histogram);
  }
  return result;
}

}  // namespace

sparse::ZeroTotals SparsityRow::products() const {
  sparse::ZeroTotals totals;
  for (const LayerSparsity& layer : layers) totals += layer.products;
  return totals;
}

double SparsityReport::sparsity(const sparse::ZeroTotals& totals) const {
  return is_published ? totals.published_sparsity() : totals.sparsity();
}

Result<SparsityReport> sparsity(const SparsityOptions& options) {
  SL_TRY_STATUS(check_annotated(options));
  SL_TRY_STATUS(check_averaged(options));
  SL_TRY_STATUS(check_streams(options));
  SL_TRY_STATUS(check_drawing(options));
  if (!options.output.empty()) {
    SL_TRY_STATUS(
        check_replaceable(options.output, {"sparsity", kSparsityManifest, files_of_sparsity}));
  }
  SL_TRY(SparsityReport report, SparsityRun(options).run());
  if (!options.output.empty()) SL_TRY_STATUS(write_arrays(report, options.output));
  if (!options.drawing.empty()) SL_TRY_STATUS(write_file(options.drawing, to_html(report)));
  if (!options.annotated.empty() && report.is_complete) {
    SL_TRY_STATUS(write_annotated(options.model, options.input_shapes,
                                  attributes_of(report.rows.front()),
                                  options.network.calibration.compat, options.annotated));
  }
  return report;
}

}  // namespace sluice::api
