// SPDX-License-Identifier: Apache-2.0
// What counting zeros costs beside inference. On one layer the counts are first compared with those
// of the definition, which looks at each product; both times are printed. Then whole batches, in
// turn without and with counting.
//   sparsity_overhead MODEL PREPROCESS IMAGES FORMAT [BATCH [PASSES [THREADS]]]
// FORMAT as for `sluice eval --formats`; quantized networks: exact.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "sluice/api/image_network.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/runtime/observe.hpp"
#include "sluice/sparse/zero_statistics.hpp"
#include "sluice/sparse/zero_summary.hpp"

namespace {

using sluice::Error;
using sluice::ErrorCode;
using sluice::Result;
using sluice::Status;
using sluice::Tensor;
using sluice::sparse::ZeroStatistics;
using Clock = std::chrono::steady_clock;

template <class Function>
double milliseconds_of(const Function& function) {
  const auto start = Clock::now();
  function();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

// The layer with the most products, counted both ways on one image.
Status compare_one_layer(const sluice::api::RunnableNetwork& network,
                         const std::vector<Tensor>& inputs) {
  const ZeroStatistics statistics = ZeroStatistics::create(network.graph);
  const auto& layers = statistics.layers();
  const auto cost = [](const ZeroStatistics::Layer& layer) {
    const auto& conv = layer.zeros.conv();
    return conv.channels * conv.meetings() * conv.kernel_size();
  };
  const auto largest = std::ranges::max_element(layers, {}, cost);
  if (largest == layers.end()) return Error{ErrorCode::Unsupported, "no convolutions"};
  const std::vector<sluice::ir::ValueId> values{network.graph[largest->node].inputs[0]};
  SL_TRY(const auto seen,
         sluice::runtime::observe(*network.executor, network.graph, inputs, values));
  const Tensor& images = seen.at(values[0]);
  sluice::sparse::ZeroHistogram plain;
  const double plain_ms = milliseconds_of(
      [&] { plain = sluice::sparse::count_zeros_plainly(largest->zeros.conv(), images); });
  sluice::sparse::ZeroCounter counter(largest->zeros.conv());
  const double bits_ms = milliseconds_of([&] { counter.add(images); });
  if (counter.histogram().counts != plain.counts) {
    return Error{ErrorCode::Verify, "the counts differ", largest->name};
  }
  fmt::print(
      "{}: the same counts of {} products a batch, each looked at: {:.1f} ms, from bits: {:.3f} "
      "ms\n",
      largest->name, cost(*largest) * images.shape()[0], plain_ms, bits_ms);
  return {};
}

Status measure(const sluice::api::RunnableNetwork& network, const std::vector<Tensor>& inputs,
               int passes) {
  ZeroStatistics statistics = ZeroStatistics::create(network.graph);
  sluice::runtime::Observer nothing;  // what the values cost to be there
  nothing.values = statistics.observer().values;
  nothing.on_value = [](auto, auto, const Tensor&) {};
  std::vector<double> without;
  std::vector<double> observed;
  std::vector<double> with;
  std::vector<double> ratios;
  Status status;
  const auto run = [&](const sluice::runtime::Observer* observer) {
    auto outputs = network.executor->run(inputs, observer);
    if (!outputs) status = std::move(outputs).error();
  };
  for (int pass = -1; pass < passes; ++pass) {
    const double plain = milliseconds_of([&] { run(nullptr); });
    const double seen = milliseconds_of([&] { run(&nothing); });
    const double counted = milliseconds_of([&] { run(&statistics.observer()); });
    SL_TRY_STATUS(std::move(status));
    if (pass < 0) continue;
    without.push_back(plain);
    observed.push_back(seen / plain);
    with.push_back(counted);
    ratios.push_back(counted / plain);
  }
  sluice::sparse::ZeroTotals totals;
  for (const auto& layer : statistics.layers()) totals += totals_of(layer.zeros.histogram());
  fmt::print(
      "{} layers, {:.2f} % of the products zero; a batch: {:.2f} ms, with counting {:.2f} ms: "
      "{:.3f} times, of which {:.3f} to have the values seen (medians of {} rounds)\n",
      statistics.layers().size(), 100 * totals.sparsity(), median(without), median(with),
      median(ratios), median(observed), passes);
  return {};
}

Status run(int argc, char** argv) {
  const auto number = [&](int i, int otherwise) {
    return argc > i ? std::atoi(argv[i]) : otherwise;
  };
  sluice::set_num_threads(number(7, 1));
  sluice::api::ImageNetworkOptions options;
  options.model = argv[1];
  options.preprocess = argv[2];
  options.data = argv[3];
  options.batch = number(5, 8);
  options.calibration_images = 64;
  options.quiet = true;
  if (std::string(argv[4]) != "exact") {
    SL_TRY(options.formats, sluice::numeric::parse_formats(argv[4]));
  }
  SL_TRY(const auto images, sluice::api::ImageNetwork::open(options, {}));
  SL_TRY(const auto network, images->make(images->rows().front()));
  sluice::data::Loader loader = images->loader();
  SL_TRY(const auto batch, loader.next());
  const std::vector<Tensor> inputs{images->input_of(*batch)};
  SL_TRY_STATUS(compare_one_layer(network, inputs));
  return measure(network, inputs, number(6, 21));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr,
               "usage: sparsity_overhead MODEL PREPROCESS IMAGES FORMAT [BATCH [PASSES "
               "[THREADS]]]\n");
    return 2;
  }
  const Status status = run(argc, argv);
  if (!status) fmt::print(stderr, "{}\n", status.error().text());
  return status ? 0 : 1;
}
