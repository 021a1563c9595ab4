// SPDX-License-Identifier: Apache-2.0
// sluice train MODEL --data DATA -o FOLDER
#include <array>
#include <fmt/format.h>
#include <memory>
#include <string>

#include "cli/eval_options.hpp"
#include "cli/print.hpp"
#include "cli/verb.hpp"

#include "sluice/api/train.hpp"

namespace sluice::cli {
namespace {

struct TrainFlags {
  ModelOptions model;
  api::TrainOptions train;
  std::string augmentation = "none";
  std::string optimizer = "sgd";
  std::string schedule = "cosine";
  std::string device = "auto";
  std::string precision = "float32";
  std::string on_bad_image = "stop";
  train::QuantizationRecipe quantization;
  std::string weight_quantizer = "lsq";
  std::string act_quantizer = "lsq";
  std::string steps = "power-of-two";
  std::string weights_by = "channel";
  std::string step_start = "mse";

  void declare_images(CLI::App& app) {
    app.add_option("--data", train.data,
                   "labelled images to learn from: a folder a class, a .csv of file,class, "
                   "CIFAR-10 .bin, or MNIST idx")
        ->required();
    app.add_option("--validation", train.validation,
                   "labelled images that are not learnt from: their accuracy is told after each "
                   "epoch, and the best network kept");
    app.add_option("--preprocess", train.preprocess,
                   "how an image becomes the network's input: imagenet, cifar10, mnist, …")
        ->required();
    app.add_option("--augment", augmentation,
                   "how images are changed by chance: crop=4, resized-crop=0.2, flip, "
                   "jitter=0.4:0.4:0.4:0.1, cutout=8, with commas between (default: none)");
    app.add_option("--label-offset", train.label_offset,
                   "added to each class number: 1 for networks with a background class");
    declare_on_bad_image(app, on_bad_image);
    app.add_option("--epochs", train.epochs, "times that all images are gone through (default: 90)")
        ->check(CLI::PositiveNumber);
    app.add_option("--batch", train.batch, "images a step (default: 128)")
        ->check(CLI::PositiveNumber);
  }

  void declare_recipe(CLI::App& app) {
    train::Recipe& recipe = train.recipe;
    app.add_option("--optimizer", optimizer, "sgd (default), adam or adamw");
    app.add_option("--rate", recipe.schedule.rate, "of learning (default: 0.1)");
    app.add_option("--schedule", schedule, "constant, linear, cosine (default) or step");
    app.add_option("--warm-up", train.warm_up_epochs, "epochs in which the rate climbs to --rate");
    app.add_option("--step-at", train.step_epochs, "for step: epochs at which the rate falls")
        ->delimiter(',');
    app.add_option("--step-factor", recipe.schedule.factor, "and what it is multiplied with then");
    app.add_option("--momentum", recipe.optimizer.momentum, "of sgd (default: 0.9)");
    app.add_flag("--nesterov", recipe.optimizer.nesterov, "Nesterov's momentum");
    app.add_option("--weight-decay", recipe.optimizer.weight_decay, "(default: 4e-5)");
    app.add_flag("--decay-all", recipe.optimizer.decays_all,
                 "biases and normalizations decay too, as in some published recipes");
    app.add_option("--label-smoothing", recipe.label_smoothing,
                   "part of a label that goes to all classes");
    app.add_option("--teacher", train.teacher,
                   "a network whose answers are learnt in place of the labels");
    app.add_option("--teacher-weight", recipe.teacher_weight,
                   "of its answers; the labels have the rest (default: 1)");
    app.add_option("--temperature", recipe.temperature, "that its scores are divided by");
    app.add_option("--mixup", recipe.mixup_alpha, "α of the Beta distribution of mixed pairs");
    app.add_option("--clip-norm", recipe.max_gradient_norm, "bound on the norm of all gradients");
    app.add_option("--average", recipe.average_decay,
                   "decay a step of a moving average of the weights, which is then the result");
    app.add_option("--freeze", recipe.frozen, "weights that stay as they are, by name")
        ->delimiter(',');
    app.add_flag(
        "--learn-clips", recipe.learns_clips,
        "scaled clips (a Clip from 0 and a Mul, as in DiracDeltaNet) learn where they end");
    app.add_option("--precision", precision,
                   "of layers' products while it learns: float32 (default) or bfloat16");
    app.add_option("--device", device, "auto (default), cpu or cuda")
        ->check(CLI::IsMember({"auto", "cpu", "cuda"}));
  }

  void declare_quantization(CLI::App& app) {
    app.add_option("--weight-bits", quantization.weights.bits,
                   "train for integers: of weights, 1 to 8 (with --act-bits)");
    const auto declare = [&](const char* name, auto& to, const char* what) {
      return app.add_option(name, to, what)->needs("--weight-bits");
    };
    declare("--act-bits", quantization.activations.bits, "and of activations, 1 to 8");
    app.get_option("--weight-bits")->needs("--act-bits");
    declare("--edge-bits", quantization.edge_bits,
            "of the input, and of the weights of the first and the last layer (default: 8)");
    declare("--input-bits", quantization.input_bits, "of the input alone");
    declare("--first-bits", quantization.first_bits, "of the first layer's weights alone");
    declare("--last-bits", quantization.last_bits, "of the last layer's weights alone");
    declare("--weight-quantizer", weight_quantizer, "lsq (default), lsq+, tanh or dorefa");
    declare("--act-quantizer", act_quantizer,
            "lsq (default), lsq+, pact, normalized-pact or dorefa");
    declare("--steps", steps,
            "power-of-two (default), with which requantizing is shifting, or any numbers")
        ->check(CLI::IsMember({"power-of-two", "any"}));
    declare("--weights-by", weights_by,
            "channel (default): each output channel has a step of its own; or tensor")
        ->check(CLI::IsMember({"channel", "tensor"}));
    declare("--step-start", step_start,
            "what steps and clips begin at: mse (default), percentile or published");
    declare("--act-clip", quantization.activations.clip,
            "where clips begin that begin as published (default: 6)");
    declare("--act-range", quantization.activations.range,
            "of normalized-pact: the largest value, whatever the clip is (default: 2)");
  }

  [[nodiscard]] Result<train::QuantizationRecipe> quantization_recipe() const {
    train::QuantizationRecipe result = quantization;
    SL_TRY(result.weights.kind, train::quantizer_kind_from_string(weight_quantizer));
    SL_TRY(result.activations.kind, train::quantizer_kind_from_string(act_quantizer));
    result.weights.power_of_two = result.activations.power_of_two = steps == "power-of-two";
    if (weights_by == "tensor") result.weights.axis.reset();
    SL_TRY(result.weights.start, train::step_start_from_string(step_start));
    result.activations.start = result.weights.start;
    return result;
  }

  [[nodiscard]] Result<api::TrainOptions> options(const Common& common,
                                                  bool is_for_integers) const {
    api::TrainOptions result = train;
    if (is_for_integers) {
      SL_TRY(result.recipe.quantization, quantization_recipe());
    }
    result.model = model.path;
    SL_TRY(result.input_shapes, model.shapes());
    SL_TRY(result.augmentation, data::parse_augmentation(augmentation));
    SL_TRY(result.recipe.optimizer.method, train::method_from_string(optimizer));
    SL_TRY(result.recipe.schedule.decay, train::decay_from_string(schedule));
    SL_TRY(result.recipe.precision, train::precision_from_string(precision));
    if (device == "cpu") result.recipe.device = train::DeviceChoice::Cpu;
    if (device == "cuda") result.recipe.device = train::DeviceChoice::Cuda;
    result.recipe.seed = common.seed;
    result.on_bad_image = on_bad_image_of(on_bad_image);
    result.quiet = common.quiet;
    return result;
  }
};

}  // namespace

Action declare_train(CLI::App& app, const Common& common) {
  auto flags = std::make_shared<TrainFlags>();
  flags->model.declare(app);
  app.get_option("MODEL")->description(
      "network to begin with: .onnx, .tflite or .sluice, or a name of \"sluice zoo list\"");
  app.add_option("--from", flags->train.checkpoint,
                 "for a network of the zoo: weights to begin with, a checkpoint of PyTorch or "
                 ".safetensors (default: random ones, by --seed)");
  app.add_option("--classes", flags->train.classes, "for one of the zoo (default: as listed)");
  app.add_option("--input-size", flags->train.input_size,
                 "for one of the zoo: pixels along each side (default: as listed)");
  flags->declare_images(app);
  flags->declare_recipe(app);
  flags->declare_quantization(app);
  app.add_option("-o,--output", flags->train.output,
                 "a folder for the network, the best one, the log and the state")
      ->required();
  app.add_flag("--resume", flags->train.resume, "go on with the training in that folder");
  app.add_option("--save-every", flags->train.save_every_s,
                 "seconds after which the state is saved within an epoch (default: 300)")
      ->check(CLI::PositiveNumber);
  return [flags, &common, &app]() -> Status {
    SL_TRY(const api::TrainOptions options, flags->options(common, app.count("--weight-bits") > 0));
    SL_TRY(const api::TrainReport report, api::train(options));
    print_report(report, common);
    return {};
  };
}

}  // namespace sluice::cli
