// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/train.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>

#include "sluice/api/model.hpp"
#include "sluice/api/train_state.hpp"
#include "sluice/api/zoo.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/rng.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/data/presets.hpp"
#include "sluice/passes/fold_gain.hpp"
#include "sluice/passes/pipeline.hpp"
#include "sluice/passes/rewrite.hpp"
#include "sluice/quant/lower.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace sluice::api {
namespace {

constexpr const char* kStateFile = "state.safetensors";
constexpr const char* kLogFile = "log.csv";
constexpr const char* kBestFile = "best.onnx";
constexpr const char* kNetworkFile = "network.onnx";
constexpr const char* kFloatFile = "network_float.onnx";
constexpr const char* kReportFile = "train.json";
constexpr std::array kFiles{kStateFile, kLogFile,    kBestFile,  kNetworkFile,
                            kFloatFile, kReportFile, "loss.svg", "accuracy.svg"};

// Cleaned up but for what does nothing in inference: Dropout is of training.
Result<ir::Graph> load_for_training(const std::filesystem::path& path,
                                    const std::vector<ir::ShapeOverride>& input_shapes) {
  SL_TRY(ir::Graph graph, load_model(path, {.input_shapes = input_shapes}));
  std::vector<passes::Pass> kept(passes::clean_up_passes().begin(),
                                 passes::clean_up_passes().end());
  std::erase_if(kept, [](const passes::Pass& pass) { return pass.name == "remove_identity"; });
  auto status = passes::run_passes(graph, kept, runtime::reference::evaluate);
  if (!status) return std::move(status).error().at(path.string());
  return graph;
}

// Integers have no normalizations, and none of a scaled clip: these go into the layers before them.
Status fold_for_integers(ir::Graph& graph) {
  SL_TRY_STATUS(
      passes::run_passes(graph, passes::inference_passes(), runtime::reference::evaluate));
  SL_TRY_STATUS(passes::fold_gain(graph));
  return quant::prepare_for_integers(graph);
}

// Whether each kernel is a single 1, of one channel: the layer moves its channels.
bool is_shift(const ir::Graph& graph, const ir::Node& node) {
  const auto* conv = std::get_if<ir::Conv>(&node.op);
  if (conv == nullptr || conv->group == 1) return false;
  const Tensor* taps = passes::constant_of(graph, passes::input_of(node, 1));
  if (taps == nullptr || taps->dtype() != DType::Float32 || taps->shape()[1] != 1) return false;
  const auto all = taps->data<float>();
  const auto kernel_size = static_cast<std::size_t>(num_elements(taps->shape()) / taps->shape()[0]);
  for (std::size_t at = 0; at < all.size(); at += kernel_size) {
    const auto kernel = all.subspan(at, kernel_size);
    const auto ones = std::ranges::count(kernel, 1.0F), zeros = std::ranges::count(kernel, 0.0F);
    if (ones != 1 || ones + zeros != std::ssize(kernel)) return false;
  }
  return true;
}

// Whether the model is a file: a name with an ending, or of something that is there. The zoo's have
// neither.
bool is_file(const std::filesystem::path& model) {
  return model.has_extension() || model.has_parent_path() || std::filesystem::exists(model);
}

// A folder that a training may write into.
Status check_output(const std::filesystem::path& folder, bool resume) {
  std::error_code error;
  if (!std::filesystem::exists(folder, error)) return {};
  if (!std::filesystem::is_directory(folder, error)) {
    return Error{ErrorCode::InvalidArgument, "is no folder; give one with -o", folder.string()};
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const auto is_of = [&](const char* file) { return is_leftover_of(name, file); };
    if (resume && std::ranges::any_of(kFiles, is_of)) {
      std::filesystem::remove(entry.path(), error);
      continue;
    }
    if (std::ranges::count(kFiles, std::string_view(name)) == 0) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("holds {}, which no training wrote; give another folder",
                               sluice::quoted(name)),
                   folder.string()};
    }
    if (!resume) {
      return Error{ErrorCode::InvalidArgument,
                   "holds a training already; --resume goes on with it, or give another folder",
                   folder.string()};
    }
  }
  if (!error) return {};
  return Error{ErrorCode::Io, error.message(), folder.string()};
}

std::string status_text(const train::LoopStatus& status, double seconds_left, int width) {
  const auto left = static_cast<std::int64_t>(std::min(seconds_left, 1e9));
  std::string text = fmt::format(
      "epoch {}/{}  step {}/{}  loss {:.4f}  top-1 {:.2f} %  {:.0f} images/s  {}:{:02}:{:02} left",
      status.epoch, status.epochs, status.step, status.steps, status.loss, status.top1_percent,
      status.images_per_s, left / 3600, left / 60 % 60, left % 60);
  if (status.is_validating) text += "  validating";
  return text.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

class Training {
 public:
  explicit Training(const TrainOptions& options) : options_(options) {}

  Result<TrainReport> run() {
    SL_TRY_STATUS(check_options());
    SL_TRY_STATUS(open_images());
    SL_TRY_STATUS(open_networks());
    SL_TRY_STATUS(describe());
    SL_TRY_STATUS(open_output());
    SL_TRY_STATUS(train_to_the_end());
    SL_TRY_STATUS(write_results());
    return std::move(report_);
  }

 private:
  Status check_options() {
    if (options_.epochs < 1) return invalid_argument("--epochs is 1 or more");
    if (options_.batch < 1) return invalid_argument("--batch is 1 or more");
    if (options_.output.empty()) return invalid_argument("give a folder with -o");
    SL_TRY_STATUS(train::check_recipe(options_.recipe));
    return check_output(options_.output, options_.resume);
  }

  Status open_images() {
    SL_TRY(const data::Preset preset, data::find_preset(options_.preprocess));
    preprocess_ = preset.preprocess;
    const std::int64_t offset = options_.label_offset.value_or(preset.label_offset);
    SL_TRY(images_, data::open_dataset(options_.data,
                                       {.split = data::Split::Train, .label_offset = offset}));
    if (images_->size() < options_.batch) {
      return Error{
          ErrorCode::InvalidArgument,
          fmt::format("has {} images, fewer than a batch of {}", images_->size(), options_.batch),
          options_.data.string()};
    }
    if (options_.validation.empty()) return {};
    SL_TRY(validation_, data::open_dataset(options_.validation, {.label_offset = offset}));
    return {};
  }

  Result<ir::Graph> open_student() {
    if (is_file(options_.model)) {
      if (!options_.checkpoint.empty() || options_.classes || options_.input_size) {
        return invalid_argument(
            "--from, --classes and --input-size are for networks of the zoo; a file has its own");
      }
      return load_for_training(options_.model, options_.input_shapes);
    }
    zoo::Options of{.classes = options_.classes, .input_size = options_.input_size};
    of.seed = options_.recipe.seed;
    SL_TRY(zoo::Network network, zoo_network(options_.model.string(), of, options_.checkpoint));
    SL_TRY_STATUS(set_types(network.graph, {.input_shapes = options_.input_shapes}));
    return std::move(network.graph);
  }

  Status open_networks() {
    recipe_ = options_.recipe;
    SL_TRY(ir::Graph graph, open_student());
    for (const ir::Node& node : graph.nodes) {
      // A shift that learnt would be a convolution.
      if (is_shift(graph, node)) recipe_.frozen.push_back(graph[node.inputs[1]].name);
    }
    if (graph.inputs.size() == 1) {
      const Shape& shape = graph.type(graph.inputs[0].value).shape;
      auto fitted = data::for_input(preprocess_, shape);
      if (!fitted) return std::move(fitted).error().at(options_.model.string());
      preprocess_ = *fitted;
    }
    const data::TrainingInput input = data::training_input(options_.augmentation, preprocess_);
    augmentation_ = input.augmentation;
    training_preprocess_ = input.preprocess;
    std::optional<ir::Graph> teacher;
    if (!options_.teacher.empty()) {
      SL_TRY(teacher, load_for_training(options_.teacher, options_.input_shapes));
    }
    const std::int64_t steps = train::steps_per_epoch(images_->size(), options_.batch);
    const auto steps_of = [&](double epochs) {
      return std::llround(epochs * static_cast<double>(steps));
    };
    recipe_.schedule.steps = options_.epochs * steps;
    recipe_.schedule.warm_up_steps = steps_of(options_.warm_up_epochs);
    for (const double epoch : options_.step_epochs) recipe_.schedule.at.push_back(steps_of(epoch));
    std::optional<Tensor> calibration;
    if (recipe_.quantization) {
      if (auto status = fold_for_integers(graph); !status) {
        return std::move(status).error().at(options_.model.string());
      }
      SL_TRY(calibration, calibration_images());
    }
    auto made = train::Trainer::create(std::move(graph), recipe_, std::move(teacher), calibration);
    if (!made) return std::move(made).error().at(options_.model.string());
    trainer_ = *std::move(made);
    return {};
  }

  // What quantizers start from: images that are learnt from, drawn, as they are.
  Result<Tensor> calibration_images() const {
    constexpr std::int64_t kMostImages = 256;
    Rng rng(recipe_.seed);
    std::vector<std::int64_t> order = permutation(images_->size(), rng);
    order.resize(static_cast<std::size_t>(std::min(images_->size(), kMostImages)));
    data::Loader loader(*images_, preprocess_,
                        {.batch_size = static_cast<std::int64_t>(order.size()),
                         .indices = order,
                         .on_bad_image = options_.on_bad_image});
    SL_TRY(auto batch, loader.next());
    if (batch) return std::move(batch->images);
    return Error{ErrorCode::Io, "has no image that can be read", options_.data.string()};
  }

  // What was learnt, as it is used: on codes where it was trained for these.
  Result<ir::Graph> learnt() const {
    if (recipe_.quantization) return trainer_->integer_graph();
    return trainer_->graph();
  }

  Status describe() {
    report_.model = options_.model.filename().string();
    report_.checkpoint = options_.checkpoint.filename().string();
    const auto& weights = is_file(options_.model) ? options_.model : options_.checkpoint;
    if (!weights.empty()) {
      SL_TRY(report_.model_sha256, sha256_file(weights));
    }
    report_.data = options_.data.string();
    report_.validation = options_.validation.string();
    report_.preprocess = options_.preprocess;
    report_.augmentation = data::to_string(options_.augmentation);
    report_.teacher = options_.teacher.filename().string();
    report_.device = trainer_->device();
    report_.images = images_->size();
    report_.batch = options_.batch;
    report_.parameters = trainer_->num_parameters();
    report_.recipe = recipe_;
    return {};
  }

  // A hash of all that decides where the training leads.
  Result<std::string> identity() const {
    Json about = to_json(report_);
    for (const char* key : {"rows", "best_epoch", "device", "tool"}) about.erase(key);
    about["data"] = std::filesystem::absolute(options_.data).string();
    about["epochs"] = options_.epochs;
    about["zoo"] = {options_.classes.value_or(0), options_.input_size.value_or(0)};
    if (!options_.teacher.empty()) {
      SL_TRY(about["teacher"], sha256_file(options_.teacher));
    }
    if (validation_) about["validation_images"] = validation_->size();
    const std::string text = about.dump();
    return sha256(std::as_bytes(std::span(text)));
  }

  Status open_output() {
    SL_TRY(identity_, identity());
    std::error_code error;
    std::filesystem::create_directories(options_.output, error);
    if (error) return Error{ErrorCode::Io, error.message(), options_.output.string()};
    const auto path = options_.output / kStateFile;
    if (!options_.resume || !std::filesystem::exists(path)) return {};
    SL_TRY(state_, read_train_state(path, identity_));
    return {};
  }

  Status train_to_the_end() {
    StatusLine line(options_.quiet);
    const std::int64_t first_step = state_.trainer.step;
    train::LoopOptions loop{.epochs = options_.epochs,
                            .batch_size = options_.batch,
                            .seed = recipe_.seed,
                            .on_bad_image = options_.on_bad_image,
                            .augmentation = augmentation_,
                            .save_every_s = options_.save_every_s,
                            .is_cancelled = interrupted};
    loop.report = [&](const train::LoopStatus& status) {
      const std::int64_t done = status.step - first_step;
      const double left = done > 0 ? line.seconds() / static_cast<double>(done) *
                                         static_cast<double>(status.steps - status.step)
                                   : 0;
      line.update([&](int width) { return status_text(status, left, width); });
    };
    loop.save = [&](const train::LoopState& state, const train::EpochRow* row) {
      return save(state, row);
    };
    std::optional<train::ImageSource> validation;
    if (validation_) validation.emplace(train::ImageSource{*validation_, preprocess_});
    const train::ImageSource source{*images_, training_preprocess_};
    Status status = train::run_loop(*trainer_, source, validation, state_, loop);
    if (status || status.error().code != ErrorCode::Infeasible) return status;
    Error error = std::move(status).error();
    error.message +=
        fmt::format("; {} has the last good state, of step {}", kStateFile, state_.trainer.step);
    return error;
  }

  // The best comes before the state: a training killed between them writes it once more.
  Status save(const train::LoopState& state, const train::EpochRow* row) {
    if (row != nullptr && validation_ && best_of(state.rows) == row->epoch) {
      SL_TRY(const ir::Graph graph, learnt());
      SL_TRY_STATUS(write_model(graph, options_.output / kBestFile));
    }
    SL_TRY_STATUS(write_file(options_.output / kLogFile, to_csv(state.rows)));
    return write_train_state(state, identity_, options_.output / kStateFile);
  }

  // The first of those with the most images right.
  static std::optional<std::int64_t> best_of(const std::vector<train::EpochRow>& rows) {
    const train::EpochRow* best = nullptr;
    for (const train::EpochRow& row : rows) {
      if (row.validation.count == 0) continue;
      if (best == nullptr || row.validation.top1 > best->validation.top1) best = &row;
    }
    return best == nullptr ? std::nullopt : std::optional(best->epoch);
  }

  Status write_results() {
    report_.rows = state_.rows;
    report_.best_epoch = best_of(state_.rows);
    const auto& folder = options_.output;
    SL_TRY(const ir::Graph graph, learnt());
    SL_TRY_STATUS(write_model(graph, folder / kNetworkFile));
    if (recipe_.quantization) {
      SL_TRY_STATUS(write_model(trainer_->graph(), folder / kFloatFile));
    }
    SL_TRY_STATUS(write_file(folder / "loss.svg", loss_svg(report_.rows)));
    SL_TRY_STATUS(write_file(folder / "accuracy.svg", accuracy_svg(report_.rows)));
    return write_file(folder / kReportFile, dump_json(to_json(report_)));
  }

  const TrainOptions& options_;
  data::Preprocess preprocess_, training_preprocess_;
  data::Augmentation augmentation_;
  std::optional<data::Dataset> images_, validation_;
  train::Recipe recipe_;
  std::optional<train::Trainer> trainer_;
  std::string identity_;
  train::LoopState state_;
  TrainReport report_;
};

}  // namespace

Result<TrainReport> train(const TrainOptions& options) {
  return Training(options).run();
}

}  // namespace sluice::api
