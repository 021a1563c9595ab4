// SPDX-License-Identifier: Apache-2.0
#include "sluice/passes/pipeline.hpp"

#include "tests/support/random_net.hpp"

namespace sluice::passes {
namespace {

TEST(Pipeline, InferencePassesKeepOutputsOfRandomNetworks) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const ir::Graph graph = test::random_net(seed);
    ir::Graph result = graph;
    ASSERT_TRUE(run_passes(result, inference_passes(), runtime::reference::evaluate));
    const auto inputs = test::random_inputs(graph);
    test::expect_near(test::reference_outputs(result, inputs),
                      test::reference_outputs(graph, inputs), 1e-4F);
  }
}

TEST(Pipeline, CleanUpPassesKeepEveryBit) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const ir::Graph graph = test::random_net(seed);
    ir::Graph result = graph;
    ASSERT_TRUE(run_passes(result, clean_up_passes(), runtime::reference::evaluate));
    const auto inputs = test::random_inputs(graph);
    test::expect_near(test::reference_outputs(result, inputs),
                      test::reference_outputs(graph, inputs), 0);
  }
}

TEST(Pipeline, TellsEachPassByName) {
  ir::Graph graph = test::random_net(1);
  std::vector<std::string> names;
  const auto status = run_passes(graph, inference_passes(), runtime::reference::evaluate,
                                 [&](std::string_view name, const ir::Graph& /*graph*/) -> Status {
                                   names.emplace_back(name);
                                   return {};
                                 });
  ASSERT_TRUE(status);
  EXPECT_EQ(names, (std::vector<std::string>{"fold_constants", "remove_identity", "fold_qdq",
                                             "fold_pad", "fold_batch_norm"}));
}

TEST(Pipeline, StopsAtTheFirstErrorOfTheCallback) {
  ir::Graph graph = test::random_net(1);
  const auto status =
      run_passes(graph, inference_passes(), runtime::reference::evaluate,
                 [](std::string_view /*name*/, const ir::Graph& /*graph*/) -> Status {
                   return Error{ErrorCode::Io, "disk full"};
                 });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::passes
