// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/parallel.hpp"

#include <vector>

namespace sluice::runtime::onednn {
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

}  // namespace

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

}  // namespace sluice::runtime::onednn
