// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/eval.hpp"

#include <chrono>
#include <fmt/format.h>
#include <memory>

#include "sluice/api/eval_journal.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/quant/lower.hpp"

namespace sluice::api {
namespace {

std::vector<numeric::Format> published_formats() {
  std::vector<numeric::Format> formats;
  for (const char* name : {"float32", "fixed16", "fixed8", "bfp8-layer", "bfp8-channel"}) {
    formats.push_back(*numeric::parse_format(name));
  }
  return formats;
}

class Evaluation {
 public:
  explicit Evaluation(const EvalOptions& options) : options_(options) {}

  Result<EvalReport> run() {
    SL_TRY(network_, ImageNetwork::open(options_, published_formats()));
    SL_TRY_STATUS(describe());
    SL_TRY(EvalJournal journal, EvalJournal::open(options_.journal, identity(), options_.resume));
    for (const RunFormat& format : network_->rows()) {
      SL_TRY(const sparse::PruneReport pruned, pruned_weights(format));
      SL_TRY(EvalRow row, run_format(format, journal));
      row.weights = pruned.weights();
      row.zero_weights = pruned.zeros_after();
      if (options_.sqnr_images > 0) {
        SL_TRY(row.layers, layer_errors_of(format));
      }
      report_.rows.push_back(std::move(row));
    }
    journal.finish();
    report_.notes = network_->notes();
    return std::move(report_);
  }

 private:
  Status describe() {
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.model = options_.model.filename().string();
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    report_.calibration = network_->calibration();
    report_.calibration_images = static_cast<std::int64_t>(network_->calibration_images().size());
    report_.engine = to_string(options_.network.engine);
    report_.arithmetic = network_->arithmetic();
    report_.weight_threshold = options_.network.weight_threshold;
    report_.relu_threshold = options_.network.relu_threshold;
    report_.batch = network_->batch();
    report_.seed = options_.seed;
    return {};
  }

  // A hash of all that decides the rows; the formats are left out, so that more of them can be
  // asked for when resuming.
  std::string identity() const {
    const quant::CalibrationOptions& calibration = options_.network.calibration;
    const std::string text = fmt::format(
        "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", report_.model_sha256,
        report_.arithmetic, std::filesystem::absolute(options_.data).string(),
        network_->data().size(), network_->num_images(), report_.batch, report_.preprocess,
        network_->label_offset(), report_.calibration, report_.calibration_images, options_.seed,
        report_.engine, quant::to_string(calibration.method), calibration.percent,
        static_cast<int>(calibration.compat), report_.weight_threshold.value_or(-1),
        report_.relu_threshold.value_or(-1));
    return sha256(std::as_bytes(std::span(text)));
  }

  Result<EvalRow> run_format(const RunFormat& format, EvalJournal& journal) {
    EvalProgress progress = journal.progress(format.name);
    if (progress.next_item < network_->num_images()) {
      SL_TRY_STATUS(finish_format(format, progress, journal));
    }
    return EvalRow{format.name,   progress.images,  progress.top1,
                   progress.top5, progress.skipped, progress.seconds};
  }

  // What the thresholds do to the weights of a row, which is decided before any image is seen.
  Result<sparse::PruneReport> pruned_weights(const RunFormat& format) {
    if (!options_.network.prunes()) return sparse::PruneReport{};
    SL_TRY(ir::Graph weighted,
           quant::quantize_weights(network_->graph(), std::get<numeric::Format>(format.format),
                                   options_.network.calibration.compat));
    SL_TRY(sparse::PruneReport pruned, apply_thresholds(weighted, options_.network));
    for (const sparse::LeftAlone& layer : pruned.left_alone) {
      network_->note(
          fmt::format("not pruned: {} ({}): {}", printable(layer.name), layer.op, layer.reason));
    }
    return pruned;
  }

  // Goes through the images from progress.next_item on.
  Status finish_format(const RunFormat& format, EvalProgress& progress, EvalJournal& journal) {
    const std::string& name = format.name;
    SL_TRY(const RunnableNetwork runnable, network_->make(format));
    data::Loader loader = network_->loader(progress.next_item);
    Progress bar(
        {.what = name, .total = network_->num_images(), .already_done = progress.next_item},
        options_.quiet);
    const EvalProgress before = progress;
    const auto start = std::chrono::steady_clock::now();
    while (true) {
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      SL_TRY_STATUS(score(*batch, *runnable.executor, progress));
      progress.skipped = before.skipped + static_cast<std::int64_t>(loader.skipped().size());
      progress.next_item = batch->end;
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      progress.seconds = before.seconds + spent.count();
      SL_TRY_STATUS(journal.record(name, progress));
      bar.update(progress.next_item);
      SL_TRY_STATUS(check_stop(name, progress));
    }
    progress.skipped = before.skipped + static_cast<std::int64_t>(loader.skipped().size());
    progress.next_item = network_->num_images();
    SL_TRY_STATUS(journal.record(name, progress));
    network_->note_skipped(loader.skipped());
    return {};
  }

  Status score(const data::Batch& batch, runtime::Executor& executor, EvalProgress& progress) {
    const std::vector<Tensor> inputs{network_->input_of(batch)};
    SL_TRY(const auto outputs, executor.run(inputs));
    SL_TRY(const data::Accuracy accuracy, network_->accuracy_of(batch, outputs[0]));
    progress.images += accuracy.count;
    progress.top1 += accuracy.top1;
    progress.top5 += accuracy.top5;
    return {};
  }

  Status check_stop(const std::string& name, const EvalProgress& progress) const {
    if (!interrupted()) return {};
    return Error{
        ErrorCode::Interrupted,
        fmt::format("stopped after {} of {} images in {}; the same command with --resume "
                    "goes on from {}",
                    progress.next_item, network_->num_images(), name, options_.journal.string())};
  }

  // Of a row in integers.
  Result<std::vector<LayerError>> layer_errors_of(const RunFormat& format) {
    if (!std::holds_alternative<quant::IntegerFormat>(format.format)) {
      return std::vector<LayerError>{};
    }
    SL_TRY(const ir::Graph* quantized, network_->quantized(format));
    ir::Graph original = network_->graph();
    SL_TRY_STATUS(quant::prepare_for_integers(original));
    ImageBatches images =
        network_->first_images(options_.sqnr_images, "comparing layers of " + format.name);
    return layer_errors(
        original, *quantized, [&] { return images.next(); }, network_->network_options());
  }

  const EvalOptions& options_;
  std::unique_ptr<ImageNetwork> network_;
  EvalReport report_;
};

}  // namespace

Result<EvalReport> eval(const EvalOptions& options) {
  return Evaluation(options).run();
}

}  // namespace sluice::api
