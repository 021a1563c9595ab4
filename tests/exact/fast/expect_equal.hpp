// SPDX-License-Identifier: Apache-2.0
// The fast executor against the reference one: outputs and all values inside, bit for bit.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/support/observe.hpp"
#include "tests/support/quantized_net.hpp"

#include "sluice/base/threads.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/exact/fast/planner.hpp"

namespace sluice::exact::fast {

inline constexpr std::array kArithmetics{
    numeric::Arithmetic::TfliteDouble,  numeric::Arithmetic::TfliteSingle,
    numeric::Arithmetic::TfliteFloat64, numeric::Arithmetic::Xnnpack,
    numeric::Arithmetic::OnnxRuntime,   numeric::Arithmetic::Onnx};
inline constexpr std::array kShifts{numeric::Arithmetic::ShiftHalfEven,
                                    numeric::Arithmetic::ShiftHalfUp,
                                    numeric::Arithmetic::ShiftFloor};
inline constexpr std::array kCodeTypes{DType::Int8, DType::UInt8};

inline bool is_onnx(numeric::Arithmetic arithmetic) {
  return arithmetic == numeric::Arithmetic::Onnx || arithmetic == numeric::Arithmetic::OnnxRuntime;
}

// Sets the number of threads; puts the old one back at the end.
class Threads {
 public:
  explicit Threads(int threads) : before_(num_threads()) { set_num_threads(threads); }
  ~Threads() { set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

inline void expect_same(const std::vector<Tensor>& a, const std::vector<Tensor>& b,
                        const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    ASSERT_EQ(a[i].shape(), b[i].shape()) << what << " " << i;
    ASSERT_EQ(a[i].dtype(), b[i].dtype()) << what << " " << i;
    const auto [x, y] = std::ranges::mismatch(a[i].bytes(), b[i].bytes());
    FAIL() << what << " " << i << ", byte " << x - a[i].bytes().begin() << ": "
           << std::to_integer<int>(*x) << " instead of " << std::to_integer<int>(*y);
  }
}

// What a run gives, or why there is none.
inline Result<std::vector<Tensor>> outputs_of(Result<std::unique_ptr<runtime::Executor>> executor,
                                              const std::vector<Tensor>& inputs) {
  if (!executor) return std::move(executor).error();
  return (*executor)->run(inputs);
}

inline std::vector<ir::ValueId> all_values(const ir::Graph& graph) {
  std::vector<ir::ValueId> values;
  values.reserve(graph.inputs.size());
  for (const ir::GraphInput& input : graph.inputs) values.push_back(input.value);
  for (const ir::Node& node : graph.nodes) {
    values.insert(values.end(), node.outputs.begin(), node.outputs.end());
  }
  return values;
}

inline std::vector<Tensor> seen_by(runtime::Executor& executor, const ir::Graph& graph,
                                   const std::vector<Tensor>& inputs,
                                   const std::vector<ir::ValueId>& values) {
  const auto seen = test::observed(executor, graph, inputs, values);
  std::vector<Tensor> result;
  result.reserve(values.size());
  for (const ir::ValueId id : values) {
    EXPECT_TRUE(seen.contains(id)) << graph[id].name;
    if (seen.contains(id)) result.push_back(seen.at(id));
  }
  return result;
}

// Outputs twice, the second time in used memory; then all values, then one in five alone.
inline void expect_equal_on(int threads, const ir::Graph& graph, const std::vector<Tensor>& inputs,
                            const std::vector<Tensor>& outputs, const std::vector<Tensor>& inside) {
  SCOPED_TRACE("threads " + std::to_string(threads));
  const Threads as_many(threads);
  const auto fast = make_fast_executor(graph);
  ASSERT_TRUE(fast) << fast.error().text();
  for (int run = 0; run < 2; ++run) {
    const auto found = (*fast)->run(inputs);
    ASSERT_TRUE(found) << found.error().text();
    expect_same(*found, outputs, "output");
    if (::testing::Test::HasFatalFailure()) return;
  }
  const auto values = all_values(graph);
  expect_same(seen_by(**fast, graph, inputs, values), inside, "value");
  for (std::size_t i = static_cast<std::size_t>(threads) % 5; i < values.size(); i += 5) {
    expect_same(seen_by(**fast, graph, inputs, {values[i]}), {inside[i]}, "value alone");
  }
}

// Outputs and values, or the same error: whether there were outputs.
inline bool expect_equal(const ir::Graph& graph, const std::vector<int>& threads = {1, 2, 7}) {
  const auto inputs = test::random_code_inputs(graph, 5);
  const auto reference = make_reference_executor(graph);
  EXPECT_TRUE(reference) << reference.error().text();
  if (!reference) return false;
  const auto outputs = (*reference)->run(inputs);
  if (!outputs) {
    const auto found = outputs_of(make_fast_executor(graph), inputs);
    EXPECT_FALSE(found) << "the reference says: " << outputs.error().text();
    if (!found) {
      EXPECT_EQ(found.error().text(), outputs.error().text());
    }
    return false;
  }
  const auto inside = seen_by(**reference, graph, inputs, all_values(graph));
  for (const int t : threads) {
    expect_equal_on(t, graph, inputs, *outputs, inside);
    if (::testing::Test::HasFatalFailure()) break;
  }
  return true;
}

inline Plan planned(const ir::Graph& graph, PlannerOptions options = {}) {
  auto plan = Planner(graph, std::move(options)).plan();
  EXPECT_TRUE(plan) << plan.error().text();
  return plan ? *std::move(plan) : Plan{};
}

// How many nodes run by their reference kernel.
inline std::size_t num_plain(const ir::Graph& graph) {
  return planned(graph).plain_nodes.size();
}

inline std::string name_of(numeric::Arithmetic arithmetic, DType dtype) {
  return std::string(numeric::to_string(arithmetic)) + " " + std::string(to_string(dtype));
}

}  // namespace sluice::exact::fast
