// SPDX-License-Identifier: Apache-2.0
// Our side of the comparison, driven over stdin and stdout by contender.py as bench_runner is:
// loads a network and says "ready", then answers "run" with the milliseconds of one step of
// training on the same images (forward, backward, step of SGD), and "save FILE" by writing the
// scores that the network, as it now is, gives these images.
//   step_runner MODEL BATCH THREADS INPUT.npy RATE
// Image i is of class i; momentum 0.9, weight decay 4e-5 on the weights.
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <malloc.h>

#include "sluice/api/model.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/numeric/npy.hpp"
#include "sluice/train/trainer.hpp"

namespace {

using sluice::Status;
using sluice::Tensor;
using sluice::train::Trainer;
using Clock = std::chrono::steady_clock;

Status serve(Trainer& trainer, const Tensor& images) {
  std::vector<std::int64_t> labels(static_cast<std::size_t>(images.shape()[0]));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<std::int64_t>(i);
  std::string command;
  while (std::cin >> command) {
    if (command == "run") {
      const auto start = Clock::now();
      const auto result = trainer.step(images, labels);
      if (!result) return result.error();
      const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
      fmt::print("{}\n", elapsed.count());
    } else if (command == "save") {
      std::string path;
      std::cin >> path;
      SL_TRY(const Tensor scores, trainer.scores(images));
      std::ofstream file(path, std::ios::binary);
      file.write(reinterpret_cast<const char*>(scores.bytes().data()),
                 static_cast<std::streamsize>(scores.bytes().size()));
      fmt::print("saved\n");
    }
    std::fflush(stdout);
  }
  return {};
}

// Taps of shifts are no weights.
std::vector<std::string> frozen_in(const sluice::ir::Graph& graph) {
  std::vector<std::string> names;
  for (const sluice::ir::Value& value : graph.values) {
    if (value.constant && value.name.ends_with(".kernel")) names.push_back(value.name);
  }
  return names;
}

Status run(char** argv) {
  sluice::set_num_threads(std::stoi(argv[3]));
  SL_TRY(sluice::ir::Graph graph, sluice::api::load_model(argv[1], {.batch = std::stoll(argv[2])}));
  SL_TRY(const Tensor images, sluice::numeric::read_npy(argv[4]));
  sluice::train::Recipe recipe;
  recipe.schedule = {.rate = std::stod(argv[5]), .decay = sluice::train::Decay::Constant};
  recipe.frozen = frozen_in(graph);
  SL_TRY(Trainer trainer, Trainer::create(std::move(graph), std::move(recipe)));
  fmt::print("ready\n");
  std::fflush(stdout);
  return serve(trainer, images);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: {} MODEL BATCH THREADS INPUT.npy RATE\n", argv[0]);
    return 2;
  }
  // As sluice-train has it: memory of one step is kept for the next.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  const Status status = run(argv);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().text());
  return 1;
}
