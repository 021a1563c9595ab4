// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/threads.hpp"

#include <algorithm>
#include <atomic>
#include <gtest/gtest.h>
#include <mutex>
#include <thread>
#include <vector>

namespace sluice {
namespace {

// Sets the number of threads for one test.
class Threads {
 public:
  explicit Threads(int count) : before_(num_threads()) { set_num_threads(count); }
  ~Threads() { set_num_threads(before_); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int before_;
};

// The ranges parallel_for made, sorted.
std::vector<std::pair<std::int64_t, std::int64_t>> ranges(std::int64_t count, std::int64_t grain) {
  std::vector<std::pair<std::int64_t, std::int64_t>> result;
  std::mutex mutex;
  parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    result.emplace_back(begin, end);
  });
  std::ranges::sort(result);
  return result;
}

TEST(Threads, ThereIsAtLeastOne) {
  const Threads threads(-3);
  EXPECT_EQ(num_threads(), 1);
}

TEST(Threads, RangesCoverEveryItemOnce) {
  for (const int count : {1, 2, 3, 8}) {
    const Threads threads(count);
    for (const std::int64_t items : {1, 2, 7, 1000}) {
      std::int64_t next = 0;
      for (const auto& [begin, end] : ranges(items, 1)) {
        EXPECT_EQ(begin, next);
        EXPECT_LT(begin, end);
        next = end;
      }
      EXPECT_EQ(next, items);
    }
  }
}

TEST(Threads, NothingIsCalledForNoItems) {
  EXPECT_TRUE(ranges(0, 1).empty());
  EXPECT_TRUE(ranges(-5, 1).empty());
}

TEST(Threads, ARangeIsNoSmallerThanTheGrainAllows) {
  const Threads threads(8);
  EXPECT_EQ(ranges(100, 60).size(), 2U);
  EXPECT_EQ(ranges(100, 100).size(), 1U);
}

TEST(Threads, WorkRunsOnAsManyThreadsAsAskedFor) {
  const Threads threads(3);
  std::vector<std::thread::id> ids(3);
  parallel_for(3, 1, [&](std::int64_t begin, std::int64_t) {
    ids[static_cast<std::size_t>(begin)] = std::this_thread::get_id();
  });
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end());
}

TEST(Threads, ACallFromInsideRunsOnTheCallingThread) {
  const Threads threads(4);
  std::atomic<int> elsewhere = 0;
  parallel_for(4, 1, [&](std::int64_t, std::int64_t) {
    const auto outer = std::this_thread::get_id();
    parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
      if (std::this_thread::get_id() != outer || begin != 0 || end != 100) ++elsewhere;
    });
  });
  EXPECT_EQ(elsewhere, 0);
}

TEST(Threads, OneThreadLastsAsLongAsItsScope) {
  const Threads threads(4);
  {
    const OneThread outer;
    { const OneThread inner; }
    EXPECT_EQ(ranges(100, 1).size(), 1U);
  }
  EXPECT_EQ(ranges(100, 1).size(), 4U);
}

}  // namespace
}  // namespace sluice
