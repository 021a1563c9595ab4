// SPDX-License-Identifier: Apache-2.0
// From a file to a network that is ready to run: milliseconds and the peak of resident memory
// after one inference, beside what the network must hold.
//   bench_load_time MODEL THREADS
#include <chrono>
#include <fmt/format.h>
#include <sys/resource.h>

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/threads.hpp"

namespace {

using sluice::Result;
using sluice::Tensor;
using Clock = std::chrono::steady_clock;
constexpr double kMegabyte = 1 << 20;

struct Loaded {
  std::unique_ptr<sluice::runtime::Executor> executor;
  sluice::Shape input_shape;
  std::size_t weight_bytes = 0;
};

Result<Loaded> load(const char* path) {
  SL_TRY(sluice::ir::Graph graph, sluice::api::load_model(path));
  SL_TRY_STATUS(sluice::api::prepare(graph, sluice::quant::Compat::None));
  Loaded loaded;
  loaded.input_shape = graph.type(graph.inputs[0].value).shape;
  for (const sluice::ir::Value& value : graph.values) {
    if (value.constant) loaded.weight_bytes += value.constant->bytes().size();
  }
  SL_TRY(loaded.executor, sluice::api::make_executor(
                              std::move(graph), sluice::numeric::Float32Format{}, nullptr, {}));
  return loaded;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / kMegabyte;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: {} MODEL THREADS\n", argv[0]);
    return 2;
  }
  sluice::set_num_threads(std::stoi(argv[2]));
  const double program_megabytes = peak_megabytes();
  const auto start = Clock::now();
  auto loaded = load(argv[1]);
  const std::chrono::duration<double, std::milli> ready = Clock::now() - start;
  if (!loaded) {
    fmt::print(stderr, "{}\n", loaded.error().text());
    return 1;
  }
  const Tensor input(sluice::DType::Float32, loaded->input_shape);
  const auto outputs = loaded->executor->run({&input, 1});
  if (!outputs) {
    fmt::print(stderr, "{}\n", outputs.error().text());
    return 1;
  }
  const std::size_t activations = loaded->executor->peak_bytes();
  fmt::print(
      "ready_ms {:.1f} peak_mb {:.1f} program_mb {:.1f} weights_mb {:.1f} activations_mb {:.1f}\n",
      ready.count(), peak_megabytes(), program_megabytes,
      static_cast<double>(loaded->weight_bytes) / kMegabyte,
      static_cast<double>(activations) / kMegabyte);
  return 0;
}
