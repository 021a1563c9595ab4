// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/parallel.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <set>
#include <string>
#include <vector>

namespace sluice::runtime {
namespace {

// How often each of `count` items is covered.
std::vector<int> coverage(std::int64_t count) {
  std::vector<std::atomic<int>> seen(static_cast<std::size_t>(count));
  for_ranges(count, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) ++seen[static_cast<std::size_t>(i)];
  });
  return {seen.begin(), seen.end()};
}

TEST(ForRanges, CoversEveryItemOnce) {
  for (const int threads : {1, 2, 3, 7}) {
    const ThreadCount scope(threads);
    for (const std::int64_t count : {0, 1, 2, 5, 100}) {
      EXPECT_EQ(coverage(count), std::vector<int>(static_cast<std::size_t>(count), 1));
    }
  }
}

TEST(ForRanges, IsOneCallInsideAParallelRegion) {
  const ThreadCount scope(2);
  std::atomic<int> calls{0};
#pragma omp parallel num_threads(2)
  for_ranges(10, [&](std::int64_t begin, std::int64_t end) {
    EXPECT_EQ(end - begin, 10);
    ++calls;
  });
  EXPECT_EQ(calls, 2);
}

TEST(ThreadCount, PutsTheOldNumberBack) {
  const int before = omp_get_max_threads();
  {
    const ThreadCount scope(before + 3);
    EXPECT_EQ(omp_get_max_threads(), before + 3);
  }
  EXPECT_EQ(omp_get_max_threads(), before);
}

// Of each thread of a team: how many processors it may run on, and the first of them.
std::vector<std::pair<int, int>> processors(int threads) {
  std::vector<std::pair<int, int>> result(static_cast<std::size_t>(threads));
#pragma omp parallel num_threads(threads)
  {
    cpu_set_t allowed;
    ::sched_getaffinity(0, sizeof allowed, &allowed);
    int first = 0;
    while (!CPU_ISSET(static_cast<std::size_t>(first), &allowed)) ++first;
    result[static_cast<std::size_t>(omp_get_thread_num())] = {CPU_COUNT(&allowed), first};
  }
  return result;
}

TEST(ProcessorEach, GivesEachThreadItsOwnAndTakesItBack) {
  const auto before = processors(1);
  const int all = before[0].first;
  {
    const ProcessorEach pinned(all);
    std::set<int> distinct;
    for (const auto& [count, first] : processors(all)) {
      EXPECT_EQ(count, 1);
      distinct.insert(first);
    }
    EXPECT_EQ(distinct.size(), static_cast<std::size_t>(all));
  }
  EXPECT_EQ(processors(all), std::vector(static_cast<std::size_t>(all), before[0]));
}

TEST(ProcessorEach, LeavesTeamsOfOtherSizesAlone) {
  const auto before = processors(1);
  const ProcessorEach pinned(before[0].first + 1);
  EXPECT_EQ(processors(1), before);
}

TEST(ForEachPart, RunsEveryPartOnceAndGivesTheLowestError) {
  for (const int workers : {1, 2, 7}) {
    std::vector<std::atomic<int>> runs(50);
    const Status status = for_each_part(50, workers, [&](std::size_t worker, std::int64_t part) {
      EXPECT_LT(worker, static_cast<std::size_t>(workers));
      ++runs[static_cast<std::size_t>(part)];
      if (part % 10 != 7) return Status();
      return Status(Error{ErrorCode::InvalidArgument, std::to_string(part)});
    });
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().message, "7");
    for (const auto& count : runs) EXPECT_EQ(count, 1);
  }
}

}  // namespace
}  // namespace sluice::runtime
