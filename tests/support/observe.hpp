// SPDX-License-Identifier: Apache-2.0
// Values inside a network; a failure of the test if the run fails.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "sluice/runtime/observe.hpp"

namespace sluice::test {

inline std::map<ir::ValueId, Tensor> observed(runtime::Executor& executor, const ir::Graph& graph,
                                              const std::vector<Tensor>& inputs,
                                              const std::vector<ir::ValueId>& values) {
  auto seen = runtime::observe(executor, graph, inputs, values);
  EXPECT_TRUE(seen) << seen.error().text();
  return seen ? *std::move(seen) : std::map<ir::ValueId, Tensor>();
}

}  // namespace sluice::test
