// SPDX-License-Identifier: Apache-2.0
// Values inside a network, each put together from the pieces an executor reports.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <vector>

#include "sluice/runtime/executor.hpp"

namespace sluice::test {

inline std::map<ir::ValueId, Tensor> observed(runtime::Executor& executor, const ir::Graph& graph,
                                              const std::vector<Tensor>& inputs,
                                              const std::vector<ir::ValueId>& values) {
  std::map<ir::ValueId, Tensor> seen;
  const auto on_value = [&](ir::ValueId id, std::int64_t first, const Tensor& piece) {
    const ir::ValueType& type = graph.type(id);
    Tensor& whole = seen.try_emplace(id, type.dtype, type.shape).first->second;
    const std::size_t at = static_cast<std::size_t>(first) * piece.bytes().size();
    ASSERT_LE(at + piece.bytes().size(), whole.bytes().size());
    std::ranges::copy(piece.bytes(), whole.mutable_bytes().subspan(at).begin());
  };
  const runtime::Observer observer{values, on_value};
  EXPECT_TRUE(executor.run(inputs, &observer));
  return seen;
}

}  // namespace sluice::test
