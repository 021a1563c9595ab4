// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/threads.hpp"

#include <algorithm>
#include <atomic>
#include <sched.h>
#include <thread>
#include <utility>
#include <vector>

namespace sluice {
namespace {

int available_processors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

std::atomic<int>& thread_count() {
  static std::atomic<int> count{available_processors()};
  return count;
}

thread_local bool on_one_thread = false;  // inside a body of parallel_for, or as asked for

}  // namespace

int num_threads() noexcept {
  return thread_count().load(std::memory_order_relaxed);
}

void set_num_threads(int threads) noexcept {
  thread_count().store(std::max(1, threads), std::memory_order_relaxed);
}

void parallel_for(std::int64_t count, std::int64_t grain,
                  const std::function<void(std::int64_t, std::int64_t)>& body) {
  if (count <= 0) return;
  const std::int64_t most =
      (count + std::max<std::int64_t>(grain, 1) - 1) / std::max<std::int64_t>(grain, 1);
  const std::int64_t workers = std::min<std::int64_t>(num_threads(), most);
  if (workers <= 1 || on_one_thread) {
    body(0, count);
    return;
  }
  const auto run = [&](std::int64_t worker) {
    const OneThread scope;
    body(count * worker / workers, count * (worker + 1) / workers);
  };
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(workers - 1));
  for (std::int64_t worker = 1; worker < workers; ++worker) threads.emplace_back(run, worker);
  run(0);
  for (std::thread& thread : threads) thread.join();
}

OneThread::OneThread() noexcept : before_(std::exchange(on_one_thread, true)) {}

OneThread::~OneThread() {
  on_one_thread = before_;
}

}  // namespace sluice
