// SPDX-License-Identifier: Apache-2.0
// Our side of a comparison, driven over stdin and stdout by contender.py: loads a model once and
// says "ready", then answers "run" with the milliseconds of one forward pass, and "save FILE" by
// writing the last outputs. Values are emulated in FORMAT, calibrated on the input; of a quantized
// network FORMAT is the arithmetic, or "recorded".
//   bench_runner MODEL BATCH THREADS INPUT.npy FORMAT
#include <chrono>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <string_view>
#include <utility>

#include "sluice/api/model.hpp"
#include "sluice/api/network.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/numeric/npy.hpp"

namespace {

using sluice::Result;
using sluice::Status;
using sluice::Tensor;
using sluice::runtime::Executor;
using Clock = std::chrono::steady_clock;

void save(const std::vector<Tensor>& outputs, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  for (const Tensor& output : outputs) {
    file.write(reinterpret_cast<const char*>(output.bytes().data()),
               static_cast<std::streamsize>(output.bytes().size()));
  }
}

Status serve(Executor& executor, const Tensor& input) {
  std::vector<Tensor> outputs;
  std::string command;
  while (std::cin >> command) {
    if (command == "run") {
      const auto start = Clock::now();
      SL_TRY(outputs, executor.run({&input, 1}));
      const std::chrono::duration<double, std::milli> elapsed = Clock::now() - start;
      fmt::print("{}\n", elapsed.count());
    } else if (command == "save") {
      std::string path;
      std::cin >> path;
      save(outputs, path);
      fmt::print("saved\n");
    }
    std::fflush(stdout);
  }
  return {};
}

Status run(char** argv) {
  sluice::set_num_threads(std::stoi(argv[3]));
  SL_TRY(sluice::ir::Graph graph, sluice::api::load_model(argv[1], {.batch = std::stoll(argv[2])}));
  SL_TRY_STATUS(sluice::api::prepare(graph, sluice::quant::Compat::None));
  SL_TRY(const Tensor input, sluice::numeric::read_npy(argv[4]));
  sluice::numeric::Format format;
  sluice::api::NetworkOptions options;
  if (!sluice::ir::is_quantized(graph)) {
    SL_TRY(format, sluice::numeric::parse_format(argv[5]));
  } else if (std::string_view(argv[5]) != "recorded") {
    SL_TRY(options.arithmetic, sluice::numeric::arithmetic_from_string(argv[5]));
  }
  const auto batches = [&, given = false]() mutable -> Result<std::vector<Tensor>> {
    if (std::exchange(given, true)) return std::vector<Tensor>();
    return std::vector<Tensor>{input};
  };
  SL_TRY(const auto executor,
         sluice::api::make_executor(std::move(graph), format, batches, options));
  fmt::print("ready\n");
  std::fflush(stdout);
  return serve(*executor, input);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    fmt::print(stderr, "usage: {} MODEL BATCH THREADS INPUT.npy FORMAT\n", argv[0]);
    return 2;
  }
  const Status status = run(argv);
  if (status) return 0;
  fmt::print(stderr, "{}\n", status.error().text());
  return 1;
}
