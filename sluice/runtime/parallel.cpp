// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/parallel.hpp"

#include <atomic>
#include <mutex>
#include <optional>
#include <vector>

#include "sluice/base/threads.hpp"

namespace sluice::runtime {
namespace {

// Of the calling thread. Failure is no error: the thread then runs where it did.
void run_on(const cpu_set_t& processors) {
  ::sched_setaffinity(0, sizeof processors, &processors);
}

std::vector<cpu_set_t> one_by_one(const cpu_set_t& processors) {
  std::vector<cpu_set_t> each;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &processors)) continue;
    cpu_set_t& one = each.emplace_back();
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
  }
  return each;
}

// The error of the lowest part, whatever thread came first.
class Failure {
 public:
  void report(std::int64_t part, Error error) {
    const std::lock_guard lock(mutex_);
    if (!error_ || part < part_) {
      part_ = part;
      error_ = std::move(error);
    }
  }
  Status status() const { return error_ ? Status(*error_) : Status(); }

 private:
  std::mutex mutex_;
  std::int64_t part_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Status for_each_part(std::int64_t parts, int workers,
                     const std::function<Status(std::size_t, std::int64_t)>& body) {
  std::atomic<std::int64_t> next{0};
  Failure failure;
#pragma omp parallel num_threads(workers)
  {
    const OneThread alone;
    const auto worker = static_cast<std::size_t>(omp_get_thread_num());
    for (std::int64_t part = next++; part < parts; part = next++) {
      if (auto status = body(worker, part); !status) {
        failure.report(part, std::move(status).error());
      }
    }
  }
  return failure.status();
}

ProcessorEach::ProcessorEach(int threads) {
  if (threads < 2 || ::sched_getaffinity(0, sizeof allowed_, &allowed_) != 0) return;
  if (CPU_COUNT(&allowed_) != threads) return;
  const std::vector<cpu_set_t> each = one_by_one(allowed_);
#pragma omp parallel num_threads(threads)
  run_on(each[static_cast<std::size_t>(omp_get_thread_num())]);
  threads_ = threads;
}

ProcessorEach::~ProcessorEach() {
  if (threads_ == 0) return;
#pragma omp parallel num_threads(threads_)
  run_on(allowed_);
}

}  // namespace sluice::runtime
