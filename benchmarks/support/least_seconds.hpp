// SPDX-License-Identifier: Apache-2.0
// How long a kernel takes.
#pragma once

#include <algorithm>
#include <chrono>

namespace sluice::benchmark {

// The least time of a call, in seconds: others use this machine too.
template <class Function>
double least_seconds(double budget_seconds, const Function& function) {
  double least = 1e9;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(budget_seconds);
  do {
    const auto start = std::chrono::steady_clock::now();
    function();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    least = std::min(least, taken.count());
  } while (std::chrono::steady_clock::now() < end);
  return least;
}

}  // namespace sluice::benchmark
