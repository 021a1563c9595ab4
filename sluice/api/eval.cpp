// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/eval.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <set>
#include <variant>

#include "sluice/api/eval_journal.hpp"
#include "sluice/api/image_batches.hpp"
#include "sluice/api/images.hpp"
#include "sluice/api/model.hpp"
#include "sluice/api/quantize.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/metrics.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/data/subset.hpp"
#include "sluice/passes/real_interface.hpp"
#include "sluice/quant/emulate.hpp"

namespace sluice::api {
namespace {

std::vector<numeric::Format> published_formats() {
  std::vector<numeric::Format> formats;
  for (const char* name : {"float32", "fixed16", "fixed8", "bfp8-layer", "bfp8-channel"}) {
    formats.push_back(*numeric::parse_format(name));
  }
  return formats;
}

// A row of the table: emulated, or in integers.
struct RowFormat {
  std::string name;
  std::variant<numeric::Format, quant::IntegerFormat> format;

  bool needs_calibration() const {
    const auto* emulated = std::get_if<numeric::Format>(&format);
    return emulated == nullptr || numeric::needs_calibration(*emulated);
  }
};

class Evaluation {
 public:
  explicit Evaluation(const EvalOptions& options) : options_(options) {}

  Result<EvalReport> run() {
    SL_TRY_STATUS(open_data());
    SL_TRY_STATUS(open_network());
    SL_TRY_STATUS(open_calibration());
    SL_TRY_STATUS(describe());
    SL_TRY(EvalJournal journal, EvalJournal::open(options_.journal, identity(), options_.resume));
    for (const RowFormat& format : rows()) {
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
    return std::move(report_);
  }

 private:
  // A quantized network has its own format, which is the only row.
  std::vector<RowFormat> rows() const {
    if (is_exact_) return {{"exact", numeric::Format()}};
    std::vector<numeric::Format> emulated = options_.formats;
    if (emulated.empty() && options_.exact_formats.empty()) emulated = published_formats();
    std::vector<RowFormat> result;
    result.reserve(emulated.size() + options_.exact_formats.size());
    for (const numeric::Format& format : emulated) {
      result.push_back({numeric::to_string(format), format});
    }
    for (const quant::IntegerFormat& format : options_.exact_formats) {
      result.push_back({"exact " + quant::to_string(format), format});
    }
    return result;
  }

  Status open_data() {
    SL_TRY(const data::Preset preset, data::find_preset(options_.preprocess));
    preprocess_ = preset.preprocess;
    label_offset_ = options_.label_offset.value_or(preset.label_offset);
    SL_TRY(data_, data::open_dataset(options_.data, {.label_offset = label_offset_}));
    num_images_ = options_.limit.value_or(data_->size());
    num_images_ = std::min(num_images_, data_->size());
    if (num_images_ > 0) return {};
    return Error{ErrorCode::InvalidArgument, "holds no images", options_.data.string()};
  }

  // The network for the batch asked for; for one image at a time where the model has its batch
  // written into it.
  Status open_network() {
    batch_ = std::clamp<std::int64_t>(options_.batch, 1, num_images_);
    auto status = load(batch_);
    if (!status && batch_ > 1 && status.error().code == ErrorCode::Verify) {
      if (!load(1)) return status;
      batch_ = 1;
      report_.notes.emplace_back("the model takes one image at a time, so the batch is 1");
      status = {};
    }
    SL_TRY_STATUS(std::move(status));
    SL_TRY(preprocess_, data::for_input(preprocess_, input_type().shape));
    return is_exact_ ? take_real_numbers() : Status();
  }

  Status take_real_numbers() {
    SL_TRY_STATUS(take_images(graph_, preprocess_));
    return passes::real_outputs(graph_);
  }

  Status load(std::int64_t batch) {
    SL_TRY(graph_, load_model(options_.model, {batch, options_.input_shapes}));
    SL_TRY_STATUS(prepare(graph_, options_.network.calibration.compat));
    const auto refuse = [&](std::string what) {
      return Error{ErrorCode::Verify, std::move(what), options_.model.string()};
    };
    is_exact_ = ir::is_quantized(graph_);
    if (is_exact_ && !(options_.formats.empty() && options_.exact_formats.empty())) {
      return Error{ErrorCode::InvalidArgument,
                   "is quantized and has a format of its own; leave --formats and --exact away, or "
                   "give the float32 network",
                   options_.model.string()};
    }
    if (options_.network.prunes() && !options_.exact_formats.empty()) {
      return invalid_argument(
          "--weight-threshold and --relu-threshold are for emulated formats; for rows in integers "
          "write the network with \"sluice prune\" first");
    }
    const auto is_real = [&](ir::ValueId id) {
      return graph_.type(id).dtype == DType::Float32 || graph_[id].quantization.has_value();
    };
    if (graph_.inputs.size() != 1 || !is_real(graph_.inputs[0].value)) {
      return refuse("a network to evaluate has one input, the image, of float32 or quantized");
    }
    const ir::ValueType& scores = graph_.type(graph_.outputs[0]);
    if (scores.shape.empty() || scores.shape[0] != batch || !is_real(graph_.outputs[0])) {
      return refuse(fmt::format("its first output is {} {}, not float32 scores of {} images",
                                sluice::to_string(scores.dtype), sluice::to_string(scores.shape),
                                batch));
    }
    return {};
  }

  Status open_calibration() {
    if (std::ranges::none_of(rows(), &RowFormat::needs_calibration)) return {};
    if (options_.calibration.empty()) {
      // What is measured on images that were also calibrated on flatters the format.
      SL_TRY(calibration_data_, data::open_dataset(options_.data, {.label_offset = label_offset_}));
      report_.notes.emplace_back(
          "activation ranges are taken from the evaluated images themselves, which flatters the "
          "formats; give others with --calibration");
    } else {
      SL_TRY(calibration_data_,
             data::open_dataset(options_.calibration, {.split = data::Split::Train}));
    }
    calibration_images_ =
        data::calibration_images(*calibration_data_, options_.calibration_images, options_.seed);
    return {};
  }

  Status describe() {
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.model = options_.model.filename().string();
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    if (calibration_data_) {
      report_.calibration =
          options_.calibration.empty() ? report_.data : options_.calibration.string();
      report_.calibration_images = static_cast<std::int64_t>(calibration_images_.size());
    }
    report_.engine = to_string(options_.network.engine);
    report_.arithmetic = is_exact_ || options_.network.arithmetic ? arithmetics() : "emulated";
    report_.weight_threshold = options_.network.weight_threshold;
    report_.relu_threshold = options_.network.relu_threshold;
    report_.batch = batch_;
    report_.seed = options_.seed;
    return {};
  }

  // The arithmetics of the nodes, or the one that takes their place.
  std::string arithmetics() const {
    if (options_.network.arithmetic) {
      return std::string(numeric::to_string(*options_.network.arithmetic));
    }
    std::set<std::string_view> names;
    for (const ir::Node& node : graph_.nodes) {
      if (node.arithmetic) names.insert(numeric::to_string(*node.arithmetic));
    }
    return fmt::format("{}", fmt::join(names, " "));
  }

  // A hash of all that decides the rows; the formats are left out, so that more of them can be
  // asked for when resuming.
  std::string identity() const {
    const quant::CalibrationOptions& calibration = options_.network.calibration;
    const std::string text =
        fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", report_.model_sha256,
                    report_.arithmetic, std::filesystem::absolute(options_.data).string(),
                    data_->size(), num_images_, batch_, report_.preprocess, label_offset_,
                    report_.calibration, report_.calibration_images, options_.seed, report_.engine,
                    quant::to_string(calibration.method), calibration.percent,
                    static_cast<int>(calibration.compat), report_.weight_threshold.value_or(-1),
                    report_.relu_threshold.value_or(-1));
    return sha256(std::as_bytes(std::span(text)));
  }

  Result<EvalRow> run_format(const RowFormat& format, EvalJournal& journal) {
    EvalProgress progress = journal.progress(format.name);
    if (progress.next_item < num_images_) {
      SL_TRY_STATUS(finish_format(format, progress, journal));
    }
    return EvalRow{format.name,   progress.images,  progress.top1,
                   progress.top5, progress.skipped, progress.seconds};
  }

  // What the thresholds do to the weights of a row, which is decided before any image is seen.
  Result<sparse::PruneReport> pruned_weights(const RowFormat& format) {
    if (!options_.network.prunes()) return sparse::PruneReport{};
    SL_TRY(ir::Graph weighted,
           quant::quantize_weights(graph_, std::get<numeric::Format>(format.format),
                                   options_.network.calibration.compat));
    SL_TRY(sparse::PruneReport pruned, apply_thresholds(weighted, options_.network));
    for (const sparse::LeftAlone& layer : pruned.left_alone) {
      note(fmt::format("not pruned: {} ({}): {}", printable(layer.name), layer.op, layer.reason));
    }
    return pruned;
  }

  // Goes through the images from progress.next_item on.
  Status finish_format(const RowFormat& format, EvalProgress& progress, EvalJournal& journal) {
    const std::string& name = format.name;
    SL_TRY(auto executor, make_format_executor(format));
    data::Loader loader(*data_, preprocess_,
                        {.batch_size = batch_,
                         .start = progress.next_item,
                         .limit = num_images_,
                         .on_bad_image = options_.on_bad_image});
    Progress bar({.what = name, .total = num_images_, .already_done = progress.next_item},
                 options_.quiet);
    const EvalProgress before = progress;
    const auto start = std::chrono::steady_clock::now();
    while (true) {
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      SL_TRY_STATUS(score(*batch, *executor, progress));
      progress.skipped = before.skipped + static_cast<std::int64_t>(loader.skipped().size());
      progress.next_item = batch->end;
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      progress.seconds = before.seconds + spent.count();
      SL_TRY_STATUS(journal.record(name, progress));
      bar.update(progress.next_item);
      SL_TRY_STATUS(check_stop(name, progress));
    }
    progress.skipped = before.skipped + static_cast<std::int64_t>(loader.skipped().size());
    progress.next_item = num_images_;
    SL_TRY_STATUS(journal.record(name, progress));
    for (const data::SkippedImage& skipped : loader.skipped()) note_skipped(skipped);
    return {};
  }

  Status score(const data::Batch& batch, runtime::Executor& executor, EvalProgress& progress) {
    const std::vector<Tensor> inputs{filled(batch.images, input_type().shape)};
    SL_TRY(const auto outputs, executor.run(inputs));
    const auto scores = outputs[0].data<float>();
    const std::size_t classes = scores.size() / static_cast<std::size_t>(batch_);
    data::Accuracy accuracy;
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
      SL_TRY_STATUS(with_name(accuracy.add(scores.subspan(i * classes, classes), batch.labels[i]),
                              batch.indices[i]));
    }
    progress.images += accuracy.count;
    progress.top1 += accuracy.top1;
    progress.top5 += accuracy.top5;
    return {};
  }

  Status with_name(Status status, std::int64_t index) const {
    if (status) return status;
    return std::move(status).error().at(data_->name(index));
  }

  Status check_stop(const std::string& name, const EvalProgress& progress) const {
    if (!interrupted()) return {};
    return Error{ErrorCode::Interrupted,
                 fmt::format("stopped after {} of {} images in {}; the same command with --resume "
                             "goes on from {}",
                             progress.next_item, num_images_, name, options_.journal.string())};
  }

  // What `make` makes of a source of the calibration images.
  template <class Make>
  auto on_calibration_images(const std::string& name, const Make& make) {
    ImageBatches batches(*calibration_data_, preprocess_,
                         {.batch_size = batch_,
                          .indices = calibration_images_,
                          .on_bad_image = options_.on_bad_image},
                         input_type().shape, "calibrating " + name, options_.quiet);
    auto made = make([&] { return batches.next(); });
    for (const data::SkippedImage& skipped : batches.skipped()) note_skipped(skipped);
    return made;
  }

  Result<std::unique_ptr<runtime::Executor>> make_format_executor(const RowFormat& format) {
    if (const auto* exact = std::get_if<quant::IntegerFormat>(&format.format)) {
      SL_TRY(const ir::Graph* quantized, quantized_network(format.name, *exact));
      return make_executor(*quantized, numeric::Format(), {}, emulation());
    }
    const auto& emulated = std::get<numeric::Format>(format.format);
    if (!format.needs_calibration()) return make_executor(graph_, emulated, {}, emulation());
    return on_calibration_images(format.name, [&](const quant::BatchSource& batches) {
      return make_executor(graph_, emulated, batches, emulation());
    });
  }

  // Of a row in integers.
  Result<std::vector<LayerError>> layer_errors_of(const RowFormat& format) {
    const auto* exact = std::get_if<quant::IntegerFormat>(&format.format);
    if (exact == nullptr) return std::vector<LayerError>{};
    SL_TRY(const ir::Graph* quantized, quantized_network(format.name, *exact));
    ir::Graph original = graph_;
    SL_TRY_STATUS(quant::prepare_for_integers(original));
    ImageBatches images(*data_, preprocess_,
                        {.batch_size = batch_,
                         .limit = std::min(options_.sqnr_images, num_images_),
                         .on_bad_image = options_.on_bad_image},
                        input_type().shape, "comparing layers of " + format.name, options_.quiet);
    return layer_errors(
        original, *quantized, [&] { return images.next(); }, emulation());
  }

  // Made once: a row and its layers' errors are of the same network.
  Result<const ir::Graph*> quantized_network(const std::string& name,
                                             const quant::IntegerFormat& format) {
    const auto found = quantized_.find(name);
    if (found != quantized_.end()) return &found->second;
    SL_TRY(ir::Graph quantized, on_calibration_images(name, [&](const quant::BatchSource& batches) {
             return quantize_network(graph_,
                                     {.format = format, .arithmetic = options_.network.arithmetic},
                                     batches, emulation());
           }));
    return &quantized_.emplace(name, std::move(quantized)).first->second;
  }

  // How to run what is not the file's own integers: beside rows in integers, whose rounding is
  // theirs, --arithmetic is not meant.
  NetworkOptions emulation() const {
    NetworkOptions network = options_.network;
    if (!options_.exact_formats.empty()) network.arithmetic.reset();
    return network;
  }

  // Each image once, however many formats met it.
  void note_skipped(const data::SkippedImage& skipped) { note("skipped " + skipped.reason.text()); }
  void note(std::string text) {
    if (std::ranges::count(report_.notes, text) == 0) report_.notes.push_back(std::move(text));
  }

  const ir::ValueType& input_type() const { return graph_.type(graph_.inputs[0].value); }

  const EvalOptions& options_;
  EvalReport report_;
  data::Preprocess preprocess_;
  std::int64_t label_offset_ = 0;
  std::optional<data::Dataset> data_;
  std::optional<data::Dataset> calibration_data_;
  std::vector<std::int64_t> calibration_images_;
  std::int64_t num_images_ = 0;
  std::int64_t batch_ = 1;
  ir::Graph graph_;
  std::map<std::string, ir::Graph> quantized_;  // by row
  bool is_exact_ = false;                       // the network is quantized and runs in integers
};

}  // namespace

Result<EvalReport> eval(const EvalOptions& options) {
  return Evaluation(options).run();
}

}  // namespace sluice::api
