// SPDX-License-Identifier: Apache-2.0
#include "cli/rtl_options.hpp"

#include "cli/run_inputs.hpp"

namespace sluice::cli {

void RtlFlags::declare(CLI::App& app) {
  model.declare(app);
  app.add_option("--design", options.design,
                 "folding: a design that explore wrote (default: the least parallelism)");
  app.add_option("--name", options.name, "of the module (default: after the model's file)");
  auto* input =
      app.add_option("--input", inputs,
                     "what the bench sends: FILE.npy, or NAME=FILE.npy for one of several "
                     "inputs (default: codes drawn with --seed)");
  app.add_option("--data", options.data,
                 "images that the bench sends: a folder a class, a .csv of file,class, CIFAR-10 "
                 ".bin, or MNIST idx")
      ->excludes(input);
  app.add_option("--preprocess", options.preprocess,
                 "how an image becomes the network's input: imagenet, cifar10, mnist, …");
  app.add_option("--images", options.images, "how many images the bench sends (default: 1)")
      ->check(CLI::Range(1, 1'000'000));
}

Result<api::EmitOptions> RtlFlags::filled(const Common& common) const {
  api::EmitOptions result = options;
  result.model = model.path;
  SL_TRY(result.input_shapes, model.shapes());
  result.inputs = parse_inputs(inputs);
  result.seed = common.seed;
  return result;
}

}  // namespace sluice::cli
