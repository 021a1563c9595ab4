// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/parallel.hpp"

#include <chrono>
#include <mutex>
#include <thread>

namespace sluice::runtime::onednn {

void wait_briefly(int threads) {
  static std::once_flag once;
  std::call_once(once, [&] {
    const int parked = std::max(2, omp_get_num_procs() - threads + 2);
    std::thread([parked] {
#pragma omp parallel num_threads(parked)
      {
#pragma omp barrier  // an empty region would be left out
      }
      for (;;) std::this_thread::sleep_for(std::chrono::hours(24));
    }).detach();
  });
}

}  // namespace sluice::runtime::onednn
