// SPDX-License-Identifier: Apache-2.0
// Random networks, folded at random, in Icarus: every word of every stream is the exact engine's,
// with and without pauses. emit_test.cpp has many more of them in a model of the modules.
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/random_folding.hpp"
#include "tests/support/random_quantized_net.hpp"
#include "tests/support/rtl_bench.hpp"

#include "sluice/api/cosim.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/export/sluice.hpp"
#include "sluice/hw/design.hpp"

namespace sluice {
namespace {

using numeric::Arithmetic;

// The design of a network's file, folded so.
std::filesystem::path random_design(const TempFolder& folder, const std::filesystem::path& model,
                                    Rng& rng) {
  auto graph = api::hardware_graph(model, {}, hw::Rules::Sluice);
  EXPECT_TRUE(graph) << graph.error().text();
  if (!graph) return {};
  test::fold_at_random(*graph, rng);
  hw::Design about;
  about.model_name = model.stem().string();
  about.model_sha256 = *sha256_file(model);
  about.device = "zcu104";
  about.clock_mhz = 200;
  about.coefficients = "none";
  const auto network = api::whole_network("net", *std::move(graph), 1, hw::Rules::Sluice);
  return folder.write("design.json", dump_json(hw::to_json(hw::design_of(network, about))));
}

class RandomNetworks : public testing::TestWithParam<Arithmetic> {};

TEST_P(RandomNetworks, GiveTheWordsOfTheExactEngineInIcarus) {
  SL_NEEDS_RTL_SIMULATORS();
  const TempFolder folder;
  Rng rng(2);
  std::int64_t words = 0;
  int num_equal = 0;
  constexpr int kNetworks = 5;
  for (std::uint64_t seed = 100; num_equal < kNetworks && seed < 100 + 4 * kNetworks; ++seed) {
    SCOPED_TRACE(seed);
    const auto model = folder.path() / "random.sluice";
    ASSERT_TRUE(exporter::write_sluice(
        test::RandomQuantizedNet(seed, GetParam()).make(rng.integer(2, 5)), model));
    api::CosimOptions options{.simulator = cosim::Simulator::Icarus};
    options.emit.model = model;
    options.emit.design = random_design(folder, model, rng);
    options.emit.images = 2;
    options.emit.seed = static_cast<std::uint32_t>(seed);
    options.emit.output = folder.path() / "emission";
    const auto report = api::cosim(options);
    if (!report && report.error().code == ErrorCode::Unsupported) continue;
    ASSERT_TRUE(report) << report.error().text();
    const Status equal = api::check_equal(*report);
    ASSERT_TRUE(equal) << equal.error().text() << '\n' << api::to_text(*report);
    for (const api::CosimStream& each : report->streams) words += each.words;
    ++num_equal;
  }
  EXPECT_EQ(num_equal, kNetworks);
  EXPECT_GT(words, 5000);
}

INSTANTIATE_TEST_SUITE_P(Rtl, RandomNetworks,
                         testing::Values(Arithmetic::TfliteSingle, Arithmetic::OnnxRuntime,
                                         Arithmetic::ShiftHalfEven, Arithmetic::ShiftFloor),
                         [](const auto& tested) {
                           std::string name(to_string(tested.param));
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace sluice
