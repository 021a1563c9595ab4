// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/memory.hpp"

#include <algorithm>
#include <fstream>
#include <unistd.h>

namespace sluice {

std::int64_t memory_bytes() {
  const std::int64_t machine =
      std::int64_t{::sysconf(_SC_PHYS_PAGES)} * std::int64_t{::sysconf(_SC_PAGESIZE)};
  std::int64_t group = 0;  // the file says "max" where there is no limit
  std::ifstream("/sys/fs/cgroup/memory.max") >> group;
  return group > 0 ? std::min(machine, group) : machine;
}

}  // namespace sluice
