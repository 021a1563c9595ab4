// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace sluice {
namespace {

TEST(Memory, ThereIsMoreThanThisProcessTook) {
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  EXPECT_GT(memory_bytes(), std::int64_t{usage.ru_maxrss} * 1024);
}

}  // namespace
}  // namespace sluice
