// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/encode.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sluice/api/encoded_folder.hpp"
#include "sluice/api/image_batches.hpp"
#include "sluice/api/images.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/data/subset.hpp"
#include "sluice/sparse/huffman.hpp"

namespace sluice::api {
namespace {

using sparse::Encoding;

bool is_published(const EncodeOptions& options) {
  return options.network.calibration.compat == quant::Compat::Fpgaconvnet;
}

// What does not go together, whatever the network.
Status check_options(const EncodeOptions& options) {
  const auto refuse = [](const char* what) { return Error{ErrorCode::InvalidArgument, what}; };
  if (options.data.empty()) {
    if (options.limit || !options.preprocess.empty() || !options.calibration.empty()) {
      return refuse("--preprocess, --limit and --calibration are for the images of --data");
    }
  } else if (options.preprocess.empty()) {
    return refuse("--data needs --preprocess");
  }
  const auto is_limited = [](const Encoding& encoding) {
    return encoding.kind == Encoding::Kind::Huffman && encoding.bits > 0;
  };
  if (is_published(options)) {
    if (std::ranges::any_of(options.encodings, is_limited)) {
      return refuse("the published Huffman code has no limit; ask for huffman");
    }
    if (!options.output.empty()) {
      return refuse("-o writes our own codes in stream order; leave --compat away");
    }
  } else if (options.batch != 1) {
    return refuse("--batch is for --compat fpgaconvnet: else images are coded one by one");
  }
  if (!options.output.empty() && options.formats.size() > 1) {
    return refuse("-o takes the weights of one format; name one with --formats");
  }
  return {};
}

void keep_weights(CodedNetwork& network) {
  for (CodedLayer& layer : network.layers) {
    std::erase_if(layer.tensors, [](const CodedTensor& tensor) { return !tensor.codes; });
  }
}

class Encoder {
 public:
  explicit Encoder(const EncodeOptions& options) : options_(options) {}

  Result<EncodeReport> run() {
    SL_TRY_STATUS(check_options(options_));
    SL_TRY_STATUS(open_network());
    if (has_images()) SL_TRY_STATUS(open_images());
    SL_TRY_STATUS(describe());
    if (is_quantized_) {
      SL_TRY(CodedNetwork network, coded_network(graph_));
      if (!has_images()) keep_weights(network);
      SL_TRY_STATUS(add_format("exact", network));
    }
    for (const numeric::Format& format : options_.formats) {
      SL_TRY(const CodedNetwork network, emulated(format));
      SL_TRY_STATUS(add_format(numeric::to_string(format), network));
    }
    return std::move(report_);
  }

 private:
  bool has_images() const { return !options_.data.empty(); }

  Status open_network() {
    const auto refuse = [&](const char* what) {
      return Error{ErrorCode::InvalidArgument, what, options_.model.string()};
    };
    SL_TRY(graph_, load_model(options_.model, {options_.batch, options_.input_shapes}));
    SL_TRY_STATUS(prepare(graph_, options_.network.calibration.compat));
    is_quantized_ = ir::is_quantized(graph_);
    if (is_quantized_ && !options_.formats.empty()) {
      return refuse("is quantized and has codes of its own; leave --formats away");
    }
    if (is_quantized_ && is_published(options_)) {
      return refuse("is quantized; --compat is for the emulated formats of a float32 network");
    }
    if (!is_quantized_ && options_.formats.empty()) {
      return refuse("is in float32; say with --formats which codes its values become");
    }
    if (has_images() && graph_.inputs.size() != 1) {
      return refuse("has several inputs, and images are for one");
    }
    return {};
  }

  Status open_images() {
    SL_TRY(const data::Preset preset, data::find_preset(options_.preprocess));
    SL_TRY(images_, data::open_dataset(options_.data));
    num_images_ = std::min(options_.limit.value_or(images_->size()), images_->size());
    if (num_images_ == 0) {
      return Error{ErrorCode::InvalidArgument, "holds no images", options_.data.string()};
    }
    SL_TRY(preprocess_, data::for_input(preset.preprocess, input_shape()));
    if (is_quantized_) return take_images(graph_, preprocess_);
    if (std::ranges::none_of(options_.formats, numeric::needs_calibration)) return {};
    if (options_.calibration.empty()) {
      report_.notes.emplace_back("activation ranges are taken from the encoded images themselves");
      return {};
    }
    SL_TRY(calibration_, data::open_dataset(options_.calibration, {.split = data::Split::Train}));
    calibration_images_ =
        data::calibration_images(*calibration_, options_.calibration_images, options_.seed);
    return {};
  }

  Status describe() {
    report_.model = options_.model.filename().string();
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.rules = is_published(options_) ? "fpgaconvnet" : "exact";
    report_.encodings = options_.encodings;
    if (!has_images()) return {};
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    if (is_quantized_ || std::ranges::none_of(options_.formats, numeric::needs_calibration)) {
      return {};
    }
    report_.calibration = calibration_ ? options_.calibration.string() : report_.data;
    report_.calibration_images =
        calibration_ ? static_cast<std::int64_t>(calibration_images_.size()) : num_images_;
    return {};
  }

  Result<CodedNetwork> emulated(const numeric::Format& format) {
    std::optional<quant::ActivationGrids> grids;
    if (has_images()) {
      SL_TRY(grids, activation_grids(format));
    }
    return coded_network(graph_, format, grids, options_.network.calibration.compat);
  }

  Result<quant::ActivationGrids> activation_grids(const numeric::Format& format) {
    const quant::CalibrationOptions& how = options_.network.calibration;
    SL_TRY(const ir::Graph weighted, quant::quantize_weights(graph_, format, how.compat));
    quant::Ranges ranges;
    if (numeric::needs_calibration(format)) {
      SL_TRY(const auto executor, make_executor(weighted, {}, {}, options_.network));
      data::LoaderOptions loader{.batch_size = options_.batch,
                                 .indices = calibration_images_,
                                 .on_bad_image = options_.on_bad_image};
      if (!calibration_) loader.limit = num_images_;
      ImageBatches batches(calibration_ ? *calibration_ : *images_, preprocess_, std::move(loader),
                           input_shape(), "calibrating " + numeric::to_string(format),
                           options_.quiet);
      SL_TRY(ranges, quant::calibrate(
                         weighted, format, *executor, [&] { return batches.next(); }, how));
      note_skipped(batches.skipped());
    }
    return quant::activation_grids(weighted, format, ranges, how.compat);
  }

  Status add_format(const std::string& name, const CodedNetwork& network) {
    if (network.layers.empty()) {
      return Error{ErrorCode::InvalidArgument, "has no layer with weights that are coded",
                   options_.model.string()};
    }
    CodedStatistics statistics(
        network, options_.encodings,
        is_published(options_) ? sparse::Rules::Published : sparse::Rules::Exact);
    SL_TRY_STATUS(statistics.add_weights());
    if (has_images()) SL_TRY_STATUS(add_images(name, network, statistics));
    FormatCompression format{name, {}};
    SL_TRY(format.layers, statistics.results());
    note_wide(format);
    report_.formats.push_back(std::move(format));
    return options_.output.empty() ? Status() : write_weights(name, network);
  }

  Status add_images(const std::string& name, const CodedNetwork& network,
                    CodedStatistics& statistics) {
    SL_TRY(const auto executor, make_executor(network.graph, {}, {}, options_.network));
    data::Loader loader(*images_, preprocess_,
                        {.batch_size = options_.batch,
                         .limit = num_images_,
                         .on_bad_image = options_.on_bad_image});
    Progress bar({.what = "encoding " + name, .total = loader.num_positions()}, options_.quiet);
    report_.images = 0;
    while (true) {
      SL_TRY_STATUS(check_interrupt());
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      const Tensor input = filled(batch->images, input_shape());
      const auto count = static_cast<std::int64_t>(batch->labels.size());
      SL_TRY_STATUS(statistics.add(*executor, {&input, 1}, count));
      report_.images += count;
      bar.update(batch->end);
    }
    note_skipped(loader.skipped());
    return {};
  }

  Status write_weights(const std::string& name, const CodedNetwork& network) const {
    SL_TRY(EncodedWriter writer, EncodedWriter::open(options_.output,
                                                     {{"tool", "sluice " SLUICE_VERSION},
                                                      {"model", report_.model},
                                                      {"model_sha256", report_.model_sha256},
                                                      {"number_format", name}},
                                                     options_.word_bits));
    Progress bar({.what = "writing",
                  .unit = "layers",
                  .total = static_cast<std::int64_t>(network.layers.size())},
                 options_.quiet);
    for (std::size_t i = 0; i < network.layers.size(); ++i) {
      SL_TRY_STATUS(check_interrupt());
      SL_TRY_STATUS(writer.add(network.layers[i], options_.encodings));
      bar.update(static_cast<std::int64_t>(i + 1));
    }
    return writer.finish();
  }

  // Each image once, however many formats met it.
  void note_skipped(const std::vector<data::SkippedImage>& skipped) {
    for (const data::SkippedImage& image : skipped) {
      std::string note = "skipped " + image.reason.text();
      if (std::ranges::count(report_.notes, note) == 0) report_.notes.push_back(std::move(note));
    }
  }

  void note_wide(const FormatCompression& format) {
    std::int64_t wide = 0;
    for (const LayerCompression& layer : format.layers) {
      for (const TensorCompression& tensor : layer.tensors) {
        wide += tensor.codes > 0 && !tensor.entropy_ratio ? 1 : 0;
      }
    }
    if (wide == 0) return;
    report_.notes.push_back(fmt::format(
        "{}: {} tensors have codes of more than {} bits, for which there are no Huffman codes",
        format.format, wide, sparse::kMaxSymbolBits));
  }

  const Shape& input_shape() const { return graph_.type(graph_.inputs[0].value).shape; }

  const EncodeOptions& options_;
  EncodeReport report_;
  ir::Graph graph_;
  bool is_quantized_ = false;
  data::Preprocess preprocess_;
  std::optional<data::Dataset> images_;
  std::int64_t num_images_ = 0;
  std::optional<data::Dataset> calibration_;
  std::vector<std::int64_t> calibration_images_;
};

// Means of one figure that tensors have or have not.
class Mean {
 public:
  void add(std::optional<double> ratio, std::uint64_t bits) {
    if (!ratio) return;
    sum_ += *ratio;
    ++count_;
    weighted_ += *ratio * static_cast<double>(bits);
    bits_ += static_cast<double>(bits);
  }
  MeanRatio ratio() const {
    if (count_ == 0) return {};
    return {sum_ / static_cast<double>(count_), weighted_ / bits_};
  }

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
  double weighted_ = 0;
  double bits_ = 0;
};

}  // namespace

std::vector<RoleMeans> FormatCompression::means() const {
  std::vector<RoleMeans> result;
  for (const char* const role : {"weights", "input", "output", "all"}) {
    Mean entropy;
    std::vector<Mean> ratios;
    for (const LayerCompression& layer : layers) {
      for (const TensorCompression& tensor : layer.tensors) {
        if (tensor.role != role && std::string_view(role) != "all") continue;
        ratios.resize(tensor.compressions.size());
        entropy.add(tensor.entropy_ratio, tensor.bits());
        for (std::size_t i = 0; i < ratios.size(); ++i) {
          const auto& compression = tensor.compressions[i];
          ratios[i].add(compression ? std::optional(compression->ratio) : std::nullopt,
                        tensor.bits());
        }
      }
    }
    if (ratios.empty()) continue;
    RoleMeans means{role, entropy.ratio(), {}};
    means.ratios.reserve(ratios.size());
    for (const Mean& mean : ratios) means.ratios.push_back(mean.ratio());
    result.push_back(std::move(means));
  }
  return result;
}

Result<EncodeReport> encode(const EncodeOptions& options) {
  return Encoder(options).run();
}

}  // namespace sluice::api
