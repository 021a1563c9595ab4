// SPDX-License-Identifier: Apache-2.0
// Running one test case.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "tests/conformance/onnx_cases/case.hpp"

#include "sluice/runtime/executor.hpp"

namespace sluice::conformance {

enum class Verdict : unsigned char {
  Pass,
  Fail,
  Unsupported,
  Disputed,  // the case is wrong, not the executor
};

struct Outcome {
  Verdict verdict = Verdict::Pass;
  std::string reason;  // empty for Pass
};

using ExecutorMaker = std::function<Result<std::unique_ptr<runtime::Executor>>(ir::Graph)>;

// Reads the model, makes constants of those inputs that must be known before running, runs every
// data set and compares. Unsupported if any step says so.
[[nodiscard]] Outcome run_case(const Case& test_case, const ExecutorMaker& make_executor);

}  // namespace sluice::conformance
