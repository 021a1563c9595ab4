// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/encode.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <nlohmann/json.hpp>

#include "sluice/api/annotate.hpp"
#include "sluice/api/encoded_folder.hpp"
#include "sluice/api/model.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
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
    SL_TRY_STATUS(open());
    SL_TRY_STATUS(describe());
    if (ir::is_quantized(graph_)) {
      SL_TRY(CodedNetwork network, coded_network(graph_));
      if (!has_images()) keep_weights(network);
      SL_TRY_STATUS(add_format("exact", network));
    }
    for (const numeric::Format& format : options_.formats) {
      SL_TRY(const CodedNetwork network, emulated(format));
      SL_TRY_STATUS(add_format(numeric::to_string(format), network));
    }
    if (has_images()) {
      report_.notes.insert(report_.notes.begin(), images_->notes().begin(), images_->notes().end());
    }
    return std::move(report_);
  }

 private:
  bool has_images() const { return images_ != nullptr; }

  Status open() {
    if (options_.data.empty()) {
      SL_TRY(graph_, load_model(options_.model, {options_.batch, options_.input_shapes}));
      SL_TRY_STATUS(prepare(graph_, options_.network.calibration.compat));
    } else {
      SL_TRY(images_, ImageNetwork::open(options_, {}, ImageUse::Values));
      graph_ = images_->graph();
    }
    return check_has_codes();
  }

  Status check_has_codes() const {
    const auto refuse = [&](const char* what) {
      return Error{ErrorCode::InvalidArgument, what, options_.model.string()};
    };
    SL_TRY_STATUS(check_formats(graph_, options_));
    if (!ir::is_quantized(graph_)) {
      if (!options_.formats.empty()) return {};
      return refuse("is in float32; say with --formats which codes its values become");
    }
    if (!is_published(options_)) return {};
    return refuse("is quantized; --compat is for the emulated formats of a float32 network");
  }

  Status describe() {
    report_.model = options_.model.filename().string();
    SL_TRY(report_.model_sha256, sha256_file(options_.model));
    report_.rules = is_published(options_) ? "fpgaconvnet" : "exact";
    report_.encodings = options_.encodings;
    if (!has_images()) return {};
    report_.data = options_.data.string();
    report_.preprocess = options_.preprocess;
    report_.calibration = images_->calibration();
    report_.calibration_images = static_cast<std::int64_t>(images_->calibration_images().size());
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
      ImageBatches batches =
          images_->calibration_batches("calibrating " + numeric::to_string(format));
      SL_TRY(ranges, quant::calibrate(
                         weighted, format, *executor, [&] { return batches.next(); }, how));
      images_->note_skipped(batches.skipped());
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
    data::Loader loader = images_->loader();
    Progress bar({.what = "encoding " + name, .total = images_->num_images()}, options_.quiet);
    report_.images = 0;
    while (true) {
      SL_TRY_STATUS(check_interrupt());
      SL_TRY(const auto batch, loader.next());
      if (!batch) break;
      const Tensor input = images_->input_of(*batch);
      const auto count = static_cast<std::int64_t>(batch->labels.size());
      SL_TRY_STATUS(statistics.add(*executor, {&input, 1}, count));
      report_.images += count;
      bar.update(batch->end);
    }
    images_->note_skipped(loader.skipped());
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

  const EncodeOptions& options_;
  EncodeReport report_;
  std::unique_ptr<ImageNetwork> images_;  // null: weights alone
  ir::Graph graph_;
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

// ---- the annotated model

Status check_annotated(const EncodeOptions& options) {
  if (options.annotated.empty()) return {};
  SL_TRY_STATUS(check_annotated_name(options.annotated));
  if (options.formats.size() <= 1 && options.encodings.size() == 1) return {};
  return invalid_argument(
      "a model is annotated with the ratios of one encoding of one format; give one of each, as "
      "--codes huffman");
}

// An input's ratio stands first in a list of all inputs of a node, weights among them.
ir::HardwareAttributes attributes_of(const FormatCompression& format) {
  ir::HardwareAttributes result;
  for (const LayerCompression& layer : format.layers) {
    ir::NodeHardware& attributes = result[layer.layer];
    for (const TensorCompression& tensor : layer.tensors) {
      const bool is_weights = tensor.role == "weights";
      if (is_weights || tensor.role == "input") {
        attributes[is_weights ? "weight_width" : "data_width"] = {
            static_cast<double>(tensor.alphabet.bits)};
      }
      if (!tensor.compressions.front()) continue;
      const std::string name = is_weights ? "weight" : tensor.role;
      attributes[name + "_compression_ratio"] = {tensor.compressions.front()->ratio};
    }
  }
  return result;
}

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
  SL_TRY_STATUS(check_annotated(options));
  SL_TRY(EncodeReport report, Encoder(options).run());
  if (!options.annotated.empty()) {
    SL_TRY_STATUS(write_annotated(options.model, options.input_shapes,
                                  attributes_of(report.formats.front()),
                                  options.network.calibration.compat, options.annotated));
  }
  return report;
}

}  // namespace sluice::api
