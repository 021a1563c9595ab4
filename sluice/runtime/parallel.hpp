// SPDX-License-Identifier: Apache-2.0
// Threads as oneDNN has them (OpenMP), so that its steps and ours share one pool.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <omp.h>
#include <sched.h>

#include "sluice/base/result.hpp"

namespace sluice::runtime {

// body(begin, end) on disjoint ranges that cover [0, count). Inside a parallel region: one call.
template <class Body>
void for_ranges(std::int64_t count, const Body& body) {
  const auto threads =
      std::min<std::int64_t>(omp_in_parallel() != 0 ? 1 : omp_get_max_threads(), count);
  if (threads <= 1) {
    if (count > 0) body(std::int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(static_cast <int>(threads))
  {
    const std::int64_t i = omp_get_thread_num();
    const std::int64_t n = omp_get_num_threads();
    body(count * i / n, count * (i + 1) / n);
  }
}

// The same on so many threads, with the index of the thread: body(thread, begin, end). With one
// thread: one call, whoever calls.
template <class Body>
void for_ranges_on(int threads, std::int64_t count, const Body& body) {
  if (threads <= 1) {
    if (count > 0) body(0, std::int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(threads)
  {
    const int i = omp_get_thread_num();
    const int n = omp_get_num_threads();
    if (count * i / n < count * (i + 1) / n) body(i, count * i / n, count * (i + 1) / n);
  }
}

// body(worker, part) for each part in [0, parts), by `workers` threads that each take the next one;
// what a body starts runs on its thread alone. All parts run; the error is that of the lowest.
[[nodiscard]] Status for_each_part(std::int64_t parts, int workers,
                                   const std::function<Status(std::size_t, std::int64_t)>& body);

// Sets the number of threads of what this thread starts; puts the old one back at the end.
class ThreadCount {
 public:
  explicit ThreadCount(int threads) : before_(omp_get_max_threads()) {
    omp_set_num_threads(threads);
  }
  ~ThreadCount() { omp_set_num_threads(before_); }
  ThreadCount(const ThreadCount&) = delete;
  ThreadCount& operator=(const ThreadCount&) = delete;

 private:
  int before_;
};

// While it lives, each thread of this thread's teams has a processor of its own, if the teams have
// as many threads as there are processors to run on; else it does nothing. On virtual machines a
// woken thread is often put on the processor of the one that woke it, where it waits until that one
// has done its share: every short region then runs on one core. Affinities are put back at the end.
class ProcessorEach {
 public:
  explicit ProcessorEach(int threads);
  ~ProcessorEach();
  ProcessorEach(const ProcessorEach&) = delete;
  ProcessorEach& operator=(const ProcessorEach&) = delete;

 private:
  cpu_set_t allowed_{};
  int threads_ = 0;  // 0: nothing was changed
};

}  // namespace sluice::runtime
