// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/eval_journal.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace sluice::api {
namespace {

class EvalJournalTest : public testing::Test {
 protected:
  void SetUp() override {
    path_ =
        std::filesystem::temp_directory_path() / ("sluice_journal_" + std::to_string(::getpid()));
    std::filesystem::remove(path_);
  }
  void TearDown() override { std::filesystem::remove(path_); }

  std::filesystem::path path_;
};

TEST_F(EvalJournalTest, ResumesWhereTheLastBatchEnded) {
  {
    auto journal = EvalJournal::open(path_, "run a", false);
    ASSERT_TRUE(journal);
    ASSERT_TRUE(journal->record("fixed8", {.next_item = 16, .images = 16, .top1 = 9, .top5 = 15}));
    ASSERT_TRUE(journal->record(
        "fixed8",
        {.next_item = 32, .images = 31, .top1 = 20, .top5 = 30, .skipped = 1, .seconds = 0.25}));
  }
  auto journal = EvalJournal::open(path_, "run a", true);
  ASSERT_TRUE(journal) << journal.error().text();
  const EvalProgress progress = journal->progress("fixed8");
  EXPECT_EQ(progress.next_item, 32);
  EXPECT_EQ(progress.images, 31);
  EXPECT_EQ(progress.top1, 20);
  EXPECT_EQ(progress.skipped, 1);
  EXPECT_EQ(progress.seconds, 0.25);
  EXPECT_EQ(journal->progress("float32").next_item, 0);
}

TEST_F(EvalJournalTest, LineCutShortByAKillIsDropped) {
  { ASSERT_TRUE(EvalJournal::open(path_, "run a", false)->record("q16", {.next_item = 8})); }
  std::ofstream(path_, std::ios::app) << R"({"number_format":"q16","next_it)";
  {
    auto journal = EvalJournal::open(path_, "run a", true);
    ASSERT_TRUE(journal) << journal.error().text();
    EXPECT_EQ(journal->progress("q16").next_item, 8);
    ASSERT_TRUE(journal->record("q16", {.next_item = 12}));
  }
  EXPECT_EQ(EvalJournal::open(path_, "run a", true)->progress("q16").next_item, 12);
}

TEST_F(EvalJournalTest, JournalOfAnotherRunIsRefused) {
  { ASSERT_TRUE(EvalJournal::open(path_, "run a", false)); }
  const auto other = EvalJournal::open(path_, "run b", true);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
}

TEST_F(EvalJournalTest, WithoutResumeAnOldJournalIsReplaced) {
  { ASSERT_TRUE(EvalJournal::open(path_, "run a", false)->record("q16", {.next_item = 8})); }
  { ASSERT_TRUE(EvalJournal::open(path_, "run b", false)); }
  EXPECT_EQ(EvalJournal::open(path_, "run b", true)->progress("q16").next_item, 0);
}

TEST_F(EvalJournalTest, DamagedLineIsNamed) {
  { ASSERT_TRUE(EvalJournal::open(path_, "run a", false)); }
  std::ofstream(path_, std::ios::app) << "nonsense\n";
  const auto damaged = EvalJournal::open(path_, "run a", true);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::Parse);
  EXPECT_NE(damaged.error().where.find("line 2"), std::string::npos);
}

TEST_F(EvalJournalTest, NegativeCountIsRefused) {
  { ASSERT_TRUE(EvalJournal::open(path_, "run a", false)->record("q16", {.next_item = -8})); }
  EXPECT_FALSE(EvalJournal::open(path_, "run a", true));
}

TEST_F(EvalJournalTest, FinishRemovesTheFile) {
  auto journal = EvalJournal::open(path_, "run a", false);
  journal->finish();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace sluice::api
