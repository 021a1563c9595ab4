// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/image_network.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

#include "sluice/api/images.hpp"
#include "sluice/api/model.hpp"
#include "sluice/api/quantize.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/data/subset.hpp"
#include "sluice/passes/real_interface.hpp"

namespace sluice::api {

bool RunFormat::needs_calibration() const {
  const auto* emulated = std::get_if<numeric::Format>(&format);
  return emulated == nullptr || numeric::needs_calibration(*emulated);
}

Status check_formats(const ir::Graph& graph, const ImageNetworkOptions& options) {
  std::vector<std::string_view> given;
  if (!options.formats.empty()) given.emplace_back("--formats");
  if (!options.exact_formats.empty()) given.emplace_back("--exact");
  if (given.empty() || !ir::is_quantized(graph)) return {};
  return Error{ErrorCode::InvalidArgument,
               fmt::format("is quantized and has a format of its own; leave {} away, or give the "
                           "float32 network",
                           fmt::join(given, " and ")),
               options.model.string()};
}

Result<std::unique_ptr<ImageNetwork>> ImageNetwork::open(const ImageNetworkOptions& options,
                                                         std::vector<numeric::Format> formats,
                                                         ImageUse use) {
  std::unique_ptr<ImageNetwork> network(new ImageNetwork(options, use));
  SL_TRY_STATUS(network->open_data());
  SL_TRY_STATUS(network->open_network());
  network->list_rows(options.formats.empty() && options.exact_formats.empty() ? formats
                                                                              : options.formats);
  SL_TRY_STATUS(network->open_calibration());
  return network;
}

void ImageNetwork::list_rows(const std::vector<numeric::Format>& formats) {
  if (is_exact_) {
    rows_ = {{"exact", numeric::Format()}};
    return;
  }
  rows_.reserve(formats.size() + options_.exact_formats.size());
  for (const numeric::Format& format : formats) {
    rows_.push_back({numeric::to_string(format), format});
  }
  for (const quant::IntegerFormat& format : options_.exact_formats) {
    rows_.push_back({"exact " + quant::to_string(format), format});
  }
}

Status ImageNetwork::open_data() {
  SL_TRY(const data::Preset preset, data::find_preset(options_.preprocess));
  preprocess_ = preset.preprocess;
  label_offset_ = options_.label_offset.value_or(preset.label_offset);
  SL_TRY(data_, data::open_dataset(options_.data, {.label_offset = label_offset_}));
  num_images_ = options_.limit.value_or(data_->size());
  num_images_ = std::min(num_images_, data_->size());
  if (num_images_ > 0) return {};
  return Error{ErrorCode::InvalidArgument, "holds no images", options_.data.string()};
}

Status ImageNetwork::open_network() {
  batch_ = std::clamp<std::int64_t>(options_.batch, 1, num_images_);
  auto status = load(batch_);
  if (!status && batch_ > 1 && status.error().code == ErrorCode::Verify) {
    if (!load(1)) return status;
    batch_ = 1;
    notes_.emplace_back("the model takes one image at a time, so the batch is 1");
    status = {};
  }
  SL_TRY_STATUS(std::move(status));
  SL_TRY(preprocess_, data::for_input(preprocess_, input_type().shape));
  if (!is_exact_) return {};
  SL_TRY_STATUS(take_images(graph_, preprocess_));
  return use_ == ImageUse::Scores ? passes::real_outputs(graph_) : Status();
}

Status ImageNetwork::load(std::int64_t batch) {
  SL_TRY(graph_of_file_, load_model(options_.model, {batch, options_.input_shapes}));
  graph_ = graph_of_file_;
  SL_TRY_STATUS(prepare(graph_, options_.network.calibration.compat));
  is_exact_ = ir::is_quantized(graph_);
  SL_TRY_STATUS(check_formats(graph_, options_));
  if (options_.network.prunes() && !options_.exact_formats.empty()) {
    return invalid_argument(
        "--weight-threshold and --relu-threshold are for emulated formats; for rows in integers "
        "write the network with \"sluice prune\" first");
  }
  return check_interface(batch);
}

Status ImageNetwork::check_interface(std::int64_t batch) const {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::Verify, std::move(what), options_.model.string()};
  };
  const auto is_real = [&](ir::ValueId id) {
    return graph_.type(id).dtype == DType::Float32 || graph_[id].quantization.has_value();
  };
  if (graph_.inputs.size() != 1 || !is_real(graph_.inputs[0].value)) {
    return refuse("a network to run on images has one input, the image, of float32 or quantized");
  }
  if (use_ == ImageUse::Values) return {};
  const ir::ValueType& scores = graph_.type(graph_.outputs[0]);
  if (scores.shape.empty() || scores.shape[0] != batch || !is_real(graph_.outputs[0])) {
    return refuse(fmt::format("its first output is {} {}, not float32 scores of {} images",
                              sluice::to_string(scores.dtype), sluice::to_string(scores.shape),
                              batch));
  }
  return {};
}

Status ImageNetwork::open_calibration() {
  if (std::ranges::none_of(rows_, &RunFormat::needs_calibration)) return {};
  if (!options_.calibration.empty()) {
    SL_TRY(calibration_data_,
           data::open_dataset(options_.calibration, {.split = data::Split::Train}));
  } else {
    SL_TRY(calibration_data_, data::open_dataset(options_.data, {.label_offset = label_offset_}));
    if (use_ == ImageUse::Values) {
      notes_.emplace_back("activation ranges are taken from the very images that are run");
      calibration_images_ = data::first_images(*calibration_data_, num_images_);
      return {};
    }
    // What is measured on images that were also calibrated on flatters the format.
    notes_.emplace_back(
        "activation ranges are taken from the evaluated images themselves, which flatters the "
        "formats; give others with --calibration");
  }
  calibration_images_ =
      data::calibration_images(*calibration_data_, options_.calibration_images, options_.seed);
  return {};
}

std::string ImageNetwork::calibration() const {
  if (!calibration_data_) return "";
  return options_.calibration.empty() ? options_.data.string() : options_.calibration.string();
}

std::string ImageNetwork::arithmetic() const {
  if (options_.network.arithmetic) {
    return std::string(numeric::to_string(*options_.network.arithmetic));
  }
  if (!is_exact_) return "emulated";
  std::set<std::string_view> names;
  for (const ir::Node& node : graph_.nodes) {
    if (node.arithmetic) names.insert(numeric::to_string(*node.arithmetic));
  }
  return fmt::format("{}", fmt::join(names, " "));
}

// What `make` makes of a source of the calibration images.
template <class Make>
auto ImageNetwork::on_calibration_images(const std::string& name, const Make& make) {
  ImageBatches batches = calibration_batches("calibrating " + name);
  auto made = make([&] { return batches.next(); });
  note_skipped(batches.skipped());
  return made;
}

Result<RunnableNetwork> ImageNetwork::make(const RunFormat& row) {
  if (std::holds_alternative<quant::IntegerFormat>(row.format)) {
    SL_TRY(const ir::Graph* graph, quantized(row));
    return make_runnable(*graph, numeric::Format(), {}, network_options());
  }
  const auto& emulated = std::get<numeric::Format>(row.format);
  if (!row.needs_calibration()) return make_runnable(graph_, emulated, {}, network_options());
  return on_calibration_images(row.name, [&](const quant::BatchSource& batches) {
    return make_runnable(graph_, emulated, batches, network_options());
  });
}

Result<const ir::Graph*> ImageNetwork::quantized(const RunFormat& row) {
  const auto found = quantized_.find(row.name);
  if (found != quantized_.end()) return &found->second;
  SL_TRY(ir::Graph graph, quantized(row, graph_));
  return &quantized_.emplace(row.name, std::move(graph)).first->second;
}

Result<ir::Graph> ImageNetwork::quantized(const RunFormat& row, ir::Graph changed) {
  const auto& format = std::get<quant::IntegerFormat>(row.format);
  return on_calibration_images(row.name, [&](const quant::BatchSource& batches) {
    return quantize_network(std::move(changed),
                            {.format = format, .arithmetic = options_.network.arithmetic}, batches,
                            network_options());
  });
}

NetworkOptions ImageNetwork::network_options() const {
  NetworkOptions network = options_.network;
  if (!options_.exact_formats.empty()) network.arithmetic.reset();
  return network;
}

data::Loader ImageNetwork::loader(std::int64_t start) const {
  return {*data_,
          preprocess_,
          {.batch_size = batch_,
           .start = start,
           .limit = num_images_,
           .on_bad_image = options_.on_bad_image}};
}

data::Loader ImageNetwork::loader(const std::vector<std::int64_t>& images, std::int64_t start,
                                  std::int64_t end) const {
  return {*data_,
          preprocess_,
          {.batch_size = batch_,
           .indices = images,
           .start = start,
           .limit = end,
           .on_bad_image = options_.on_bad_image}};
}

Tensor ImageNetwork::input_of(const data::Batch& batch) const {
  return filled(batch.images, input_type().shape);
}

Result<data::Accuracy> ImageNetwork::accuracy_of(const data::Batch& batch,
                                                 const Tensor& scores) const {
  const auto all = scores.data<float>();
  const std::size_t classes = all.size() / static_cast<std::size_t>(batch_);
  data::Accuracy accuracy;
  for (std::size_t i = 0; i < batch.labels.size(); ++i) {
    auto status = accuracy.add(all.subspan(i * classes, classes), batch.labels[i]);
    if (!status) return std::move(status).error().at(data_->name(batch.indices[i]));
  }
  return accuracy;
}

ImageBatches ImageNetwork::calibration_batches(const std::string& what) const {
  return {
      *calibration_data_,
      preprocess_,
      {.batch_size = batch_, .indices = calibration_images_, .on_bad_image = options_.on_bad_image},
      input_type().shape,
      what,
      options_.quiet};
}

ImageBatches ImageNetwork::first_images(std::int64_t count, const std::string& what) const {
  return {*data_,
          preprocess_,
          {.batch_size = batch_,
           .limit = std::min(count, num_images_),
           .on_bad_image = options_.on_bad_image},
          input_type().shape,
          what,
          options_.quiet};
}

void ImageNetwork::note_skipped(const std::vector<data::SkippedImage>& skipped) {
  for (const data::SkippedImage& image : skipped) note("skipped " + image.reason.text());
}

void ImageNetwork::note(std::string text) {
  if (std::ranges::count(notes_, text) == 0) notes_.push_back(std::move(text));
}

const ir::ValueType& ImageNetwork::input_type() const {
  return graph_.type(graph_.inputs[0].value);
}

}  // namespace sluice::api
