// SPDX-License-Identifier: Apache-2.0
// From a file to a network that is ready to run: milliseconds and the peak of resident memory,
// beside what the network must hold.
//   load_time MODEL.onnx THREADS
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

#include "sluice/base/threads.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/passes/pipeline.hpp"
#include "sluice/runtime/onednn/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace {

using sluice::Result;
using sluice::Tensor;
using Executor = sluice::runtime::OnednnExecutor;
using Clock = std::chrono::steady_clock;

struct Loaded {
  std::unique_ptr<Executor> executor;
  sluice::Shape input_shape;
  std::size_t weight_bytes = 0;
};

Result<Loaded> load(const char* path, int threads) {
  SL_TRY(sluice::ir::Graph graph, sluice::importer::read_onnx(std::filesystem::path(path)));
  SL_TRY(const auto shapes, sluice::ir::input_shapes(graph, 1));
  SL_TRY_STATUS(sluice::ir::infer_types(graph, shapes, sluice::runtime::reference::evaluate));
  SL_TRY_STATUS(sluice::passes::run_passes(graph, sluice::passes::inference_passes(),
                                           sluice::runtime::reference::evaluate));
  Loaded loaded{.input_shape = shapes[0]};
  for (const sluice::ir::Value& value : graph.values) {
    if (value.constant) loaded.weight_bytes += value.constant->bytes().size();
  }
  SL_TRY(loaded.executor,
         sluice::runtime::make_onednn_executor(std::move(graph), {.threads = threads}));
  return loaded;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: %s MODEL.onnx THREADS\n", argv[0]);
    return 2;
  }
  const int threads = std::atoi(argv[2]);
  sluice::set_num_threads(threads);
  const double before = peak_megabytes();
  const auto start = Clock::now();
  auto loaded = load(argv[1], threads);
  const double ready_ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  if (!loaded) {
    std::fprintf(stderr, "%s\n", loaded.error().text().c_str());
    return 1;
  }
  const Tensor input(sluice::DType::Float32, loaded->input_shape);
  if (!loaded->executor->run({&input, 1})) return 1;
  const double peak = peak_megabytes();
  const auto held =
      static_cast<double>(loaded->weight_bytes + loaded->executor->activation_bytes());
  std::printf("ready_ms %.1f peak_mb %.1f program_mb %.1f weights_and_activations_mb %.1f\n",
              ready_ms, peak, before, held / (1024 * 1024));
  return 0;
}
