// SPDX-License-Identifier: Apache-2.0
// parallel_for: the one way work is spread over threads. Results never depend on the thread count.
#pragma once

#include <cstdint>
#include <functional>

namespace sluice {

// Threads used by parallel_for (and handed to oneDNN); at least 1. Default: the processors this
// process may use.
[[nodiscard]] int num_threads() noexcept;
void set_num_threads(int threads) noexcept;

// Calls body(begin, end) on disjoint ranges that cover [0, count), `grain` items or more each.
// Blocks until all are done. `body` must not throw and must write only to its own range. A call
// made from inside a body runs on the calling thread.
void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t, std::int64_t)>& body);

// While it lives, parallel_for runs on this thread alone: for work that is one of many pieces which
// something else spreads over the threads.
class OneThread {
 public:
  OneThread() noexcept;
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  bool before_;
};

}  // namespace sluice
