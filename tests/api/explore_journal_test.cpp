// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/explore_journal.hpp"

#include <gmock/gmock.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

ExploreNote note() {
  ExploreNote result{.rounds = 3, .least_interval_cycles = 512, .design = {}};
  result.design.model_name = "net.onnx";
  result.design.model_sha256 = std::string(64, 'a');
  result.design.device = "zedboard";
  result.design.clock_mhz = 100;
  result.design.coefficients = "none";
  hw::PartitionDesign partition;
  partition.layers.push_back({.name = "conv", .folding = {.coarse_in = 2}});
  partition.streams_in = {1};
  partition.streams_out = {1};
  result.design.partitions.push_back(partition);
  return result;
}

class ExploreJournalTest : public testing::Test {
 protected:
  TempFolder folder_;
  std::filesystem::path path_ = folder_.path() / "search.journal";
};

TEST_F(ExploreJournalTest, HoldsWhatWasRecordedLast) {
  auto journal = ExploreJournal::open(path_, "id", false);
  ASSERT_TRUE(journal);
  ExploreNote first = note();
  first.rounds = 1;
  ASSERT_TRUE(journal->record(first));
  ASSERT_TRUE(journal->record(note()));
  const auto again = ExploreJournal::open(path_, "id", true);
  ASSERT_TRUE(again) << again.error().text();
  ASSERT_TRUE(again->noted());
  EXPECT_EQ(again->noted()->rounds, 3);
  EXPECT_EQ(again->noted()->least_interval_cycles, 512);
  EXPECT_EQ(again->noted()->design, note().design);
}

TEST_F(ExploreJournalTest, IsNotReadUnlessAskedFor) {
  ASSERT_TRUE(ExploreJournal::open(path_, "id", false)->record(note()));
  EXPECT_FALSE(ExploreJournal::open(path_, "id", false)->noted());
}

TEST_F(ExploreJournalTest, OfNothingStartsAfresh) {
  const auto journal = ExploreJournal::open(path_, "id", true);
  ASSERT_TRUE(journal);
  EXPECT_FALSE(journal->noted());
}

TEST_F(ExploreJournalTest, OfAnotherSearchIsRefused) {
  ASSERT_TRUE(ExploreJournal::open(path_, "id", false)->record(note()));
  const auto other = ExploreJournal::open(path_, "another", true);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(other.error().text(), HasSubstr("leave out --resume"));
}

TEST_F(ExploreJournalTest, ThatIsNoneSaysWhatToDo) {
  for (const char* text : {"", "{", "[]", R"({"format": "x"})",
                           R"({"format": "sluice.explore-journal/1", "identity": "id",
                               "rounds": 0, "least_interval_cycles": 0, "design": {}})"}) {
    ASSERT_TRUE(write_file(path_, std::string_view(text)));
    const auto journal = ExploreJournal::open(path_, "id", true);
    ASSERT_FALSE(journal) << text;
    EXPECT_THAT(journal.error().text(), HasSubstr("delete the file to start afresh")) << text;
  }
}

TEST_F(ExploreJournalTest, IsGoneWhenTheSearchIsComplete) {
  auto journal = ExploreJournal::open(path_, "id", false);
  ASSERT_TRUE(journal->record(note()));
  journal->finish();
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ExploreJournalTest, WithoutAPathIsNowhere) {
  auto journal = ExploreJournal::open({}, "id", true);
  ASSERT_TRUE(journal);
  EXPECT_TRUE(journal->record(note()));
  journal->finish();
}

}  // namespace
}  // namespace sluice::api
