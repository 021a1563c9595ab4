// SPDX-License-Identifier: Apache-2.0
// Our side of a comparison, driven over stdin/stdout by compare.py: loads a model once, then
// answers "run" with the milliseconds of one forward pass, and "save FILE" by writing the last
// outputs.
// With a FORMAT values are emulated in it, calibrated on the input.
//   runner MODEL.onnx BATCH THREADS INPUT.f32 [FORMAT]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <utility>

#include "sluice/base/threads.hpp"
#include "sluice/import/onnx.hpp"
#include "sluice/passes/pipeline.hpp"
#include "sluice/quant/emulate.hpp"
#include "sluice/runtime/onednn/executor.hpp"
#include "sluice/runtime/reference/kernel.hpp"

namespace {

using sluice::Result;
using sluice::Tensor;
using sluice::runtime::Executor;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

struct Arguments {
  std::string model;
  std::int64_t batch = 1;
  int threads = 1;
  std::string input;
  std::string format = "float32";
};

Result<sluice::ir::Graph> load(const Arguments& arguments) {
  SL_TRY(sluice::ir::Graph graph,
         sluice::importer::read_onnx(std::filesystem::path(arguments.model)));
  SL_TRY(const auto shapes, sluice::ir::input_shapes(graph, arguments.batch));
  SL_TRY_STATUS(sluice::ir::infer_types(graph, shapes, sluice::runtime::reference::evaluate));
  SL_TRY_STATUS(sluice::passes::run_passes(graph, sluice::passes::inference_passes(),
                                           sluice::runtime::reference::evaluate));
  return graph;
}

Result<Tensor> read_input(const std::string& path, const sluice::ir::Graph& graph) {
  Tensor input(sluice::DType::Float32, graph.type(graph.inputs[0].value).shape);
  std::ifstream file(path, std::ios::binary);
  const auto bytes = input.mutable_bytes();
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file.gcount() != static_cast<std::streamsize>(bytes.size())) {
    return sluice::Error{sluice::ErrorCode::Io, "is shorter than the network's input", path};
  }
  return input;
}

// The executor of the graph with values in the format, calibrated on `input`.
Result<std::unique_ptr<Executor>> make(const sluice::ir::Graph& graph, const Arguments& arguments,
                                       const Tensor& input) {
  const auto factory = [&](sluice::ir::Graph made) -> Result<std::unique_ptr<Executor>> {
    SL_TRY(auto executor,
           sluice::runtime::make_onednn_executor(std::move(made), {.threads = arguments.threads}));
    return std::unique_ptr<Executor>(std::move(executor));
  };
  SL_TRY(const auto format, sluice::numeric::parse_format(arguments.format));
  bool is_given = false;
  const auto batches = [&]() -> Result<std::vector<Tensor>> {
    if (std::exchange(is_given, true)) return std::vector<Tensor>();
    return std::vector<Tensor>{input};
  };
  SL_TRY(auto emulated, sluice::quant::emulate(graph, format, factory, batches));
  return factory(std::move(emulated));
}

void save(const std::vector<Tensor>& outputs, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  for (const Tensor& output : outputs) {
    file.write(reinterpret_cast<const char*>(output.bytes().data()),
               static_cast<std::streamsize>(output.bytes().size()));
  }
}

int serve(Executor& executor, const Tensor& input) {
  std::vector<Tensor> outputs;
  std::string command;
  while (std::cin >> command) {
    if (command == "run") {
      const auto start = Clock::now();
      auto result = executor.run({&input, 1});
      const double elapsed = milliseconds_since(start);
      if (!result) {
        std::fprintf(stderr, "%s\n", result.error().text().c_str());
        return 1;
      }
      outputs = *std::move(result);
      std::printf("%.6f\n", elapsed);
    } else if (command == "save") {
      std::string path;
      std::cin >> path;
      save(outputs, path);
      std::printf("saved\n");
    }
    std::fflush(stdout);
  }
  return 0;
}

Result<int> run(const Arguments& arguments) {
  sluice::set_num_threads(arguments.threads);
  SL_TRY(const sluice::ir::Graph graph, load(arguments));
  SL_TRY(const Tensor input, read_input(arguments.input, graph));
  SL_TRY(const auto executor, make(graph, arguments, input));
  std::printf("ready\n");
  std::fflush(stdout);
  return serve(*executor, input);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::fprintf(stderr, "usage: %s MODEL.onnx BATCH THREADS INPUT.f32 [FORMAT]\n", argv[0]);
    return 2;
  }
  Arguments arguments{argv[1], std::atoll(argv[2]), std::atoi(argv[3]), argv[4]};
  if (argc == 6) arguments.format = argv[5];
  const auto result = run(arguments);
  if (result) return *result;
  std::fprintf(stderr, "%s\n", result.error().text().c_str());
  return 1;
}
