// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/exact/compare.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "sluice/api/model.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::test {
namespace {

constexpr std::array<std::int64_t, 4> kToChannelsLast = {0, 2, 3, 1};

// Empty if they are equal.
std::string difference(const std::string& name, const Tensor& ours, const Tensor& theirs) {
  if (ours.shape() != theirs.shape() || ours.dtype() != theirs.dtype()) {
    return fmt::format("{}: {} {} where {} {} is expected", name, to_string(ours.dtype()),
                       to_string(ours.shape()), to_string(theirs.dtype()),
                       to_string(theirs.shape()));
  }
  const auto a = numeric::to_doubles(ours);
  const auto b = numeric::to_doubles(theirs);
  std::size_t count = 0;
  std::size_t first = a.size();
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    first = std::min(first, i);
    most = std::max(most, std::abs(a[i] - b[i]));
    ++count;
  }
  if (count == 0) return {};
  return fmt::format("{}: {} of {} elements differ, by up to {}; the first, {}: {} instead of {}",
                     name, count, a.size(), most, first, a[first], b[first]);
}

// One of exact's executors.
using MakeExecutor = Result<std::unique_ptr<runtime::Executor>> (*)(ir::Graph,
                                                                    const exact::Options&);

Status compare(ir::Graph graph, const Tensor& input, const Dump& dump,
               const exact::Options& options, MakeExecutor make_executor) {
  runtime::Observer observer;
  std::vector<std::string> names;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    names.push_back(graph.values[v].name);
    if (dump.contains(names.back())) {
      observer.values.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
    }
  }
  std::size_t tensors = 0;
  observer.on_value = [&](ir::ValueId id, std::int64_t /*first*/, const Tensor& value) {
    const std::string& name = names[static_cast<std::size_t>(id)];
    const Tensor& theirs = dump.at(name);
    ++tensors;
    std::string line = difference(name, value, theirs);
    if (!line.empty() && value.rank() == 4) {
      line = difference(name, runtime::reference::transposed(value, kToChannelsLast), theirs);
    }
    if (!line.empty()) ADD_FAILURE() << line;
  };
  SL_TRY(const auto executor, make_executor(std::move(graph), options));
  SL_TRY(const auto observed, executor->run(std::span(&input, 1), &observer));
  // Unobserved, steps are fused.
  SL_TRY(const auto outputs, executor->run(std::span(&input, 1)));
  EXPECT_TRUE(outputs == observed);
  EXPECT_EQ(tensors, dump.size());
  return {};
}

}  // namespace

void expect_equal_to_dump(const std::filesystem::path& path, const Tensor& input, const Dump& dump,
                          std::optional<numeric::Arithmetic> arithmetic) {
  const auto graph = api::load_model(path);
  ASSERT_TRUE(graph) << graph.error().text();
  for (const MakeExecutor make_executor :
       {exact::make_reference_executor, exact::make_fast_executor}) {
    SCOPED_TRACE(make_executor == exact::make_fast_executor ? "fast" : "reference");
    const Status status = compare(*graph, input, dump, {arithmetic}, make_executor);
    ASSERT_TRUE(status) << status.error().text();
  }
}

}  // namespace sluice::test
