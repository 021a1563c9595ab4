// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/threshold_journal.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/support/temp_folder.hpp"

#include "sluice/base/file.hpp"

namespace sluice::api {
namespace {

hw::Design some_design() {
  hw::Design design;
  design.model_name = "a.onnx";
  design.model_sha256 = std::string(64, '0');
  design.device = "zedboard";
  design.clock_mhz = 200;
  design.coefficients = "made up";
  hw::LayerDesign layer{.name = "conv"};
  layer.inputs_off_chip = layer.outputs_off_chip = {false};
  hw::PartitionDesign partition{.layers = {layer}};
  partition.streams_in = partition.streams_out = {1};
  design.partitions = {partition};
  return design;
}

Trial some_trial() {
  Trial trial{.number = 3,
              .thresholds = {{{"conv", 0.01F}}, {{"relu", 0.1F}}},
              .end = TrialEnd::Slower,
              .images = 500,
              .right = 400,
              .right_before = 410,
              .lost_points = 2.0 / 3,
              .least_lost_points = -1.0 / 3,
              .most_lost_points = 1e-17,
              .zero_products = 0.1,
              .fps = 1234.5678901234567};
  trial.layers = {{"conv", 1.0 / 7, 0.25, 1e9 + 0.5}};
  trial.design = some_design();
  return trial;
}

const ThresholdKnobInfo kKnob{true, "relu", {0.1F, 0.3F}};

class ThresholdJournalTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "search.sqlite"; }
  Result<ThresholdJournal> open(const std::string& identity = "a", bool resume = true) const {
    return ThresholdJournal::open(path(), identity, resume);
  }
  // What a person's own query says: the first column of the first row.
  std::string ask(const char* sql) const {
    sqlite3* database = nullptr;
    sqlite3_stmt* statement = nullptr;
    std::string answer;
    EXPECT_EQ(sqlite3_open(path().c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    if (sqlite3_step(statement) == SQLITE_ROW) {
      answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
    }
    sqlite3_finalize(statement);
    sqlite3_close(database);
    return answer;
  }

  TempFolder folder_;
};

TEST_F(ThresholdJournalTest, WithoutAPathNothingIsKept) {
  auto journal = ThresholdJournal::open({}, "a", true);
  ASSERT_TRUE(journal);
  EXPECT_TRUE(journal->record(some_trial()));
  const auto trial = journal->trial(some_trial().thresholds);
  ASSERT_TRUE(trial);
  EXPECT_FALSE(*trial);
}

TEST_F(ThresholdJournalTest, ATrialComesBackToTheLastBit) {
  const Trial written = some_trial();
  {
    auto journal = open();
    ASSERT_TRUE(journal) << journal.error().text();
    ASSERT_TRUE(journal->record(written));
  }
  const auto journal = open();
  ASSERT_TRUE(journal);
  const auto read = journal->trial(written.thresholds);
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_TRUE(*read);
  const Trial& trial = **read;
  EXPECT_EQ(trial.number, written.number);
  EXPECT_EQ(trial.thresholds, written.thresholds);
  EXPECT_EQ(trial.end, written.end);
  EXPECT_EQ(trial.images, written.images);
  EXPECT_EQ(trial.right, written.right);
  EXPECT_EQ(trial.right_before, written.right_before);
  EXPECT_EQ(trial.lost_points, written.lost_points);
  EXPECT_EQ(trial.least_lost_points, written.least_lost_points);
  EXPECT_EQ(trial.most_lost_points, written.most_lost_points);
  EXPECT_EQ(trial.zero_products, written.zero_products);
  EXPECT_EQ(trial.fps, written.fps);
  EXPECT_EQ(trial.design, written.design);
  ASSERT_EQ(trial.layers.size(), 1U);
  EXPECT_EQ(trial.layers[0].name, "conv");
  EXPECT_EQ(trial.layers[0].zero_products, written.layers[0].zero_products);
  EXPECT_EQ(trial.layers[0].zero_weights, written.layers[0].zero_weights);
  EXPECT_EQ(trial.layers[0].cycles, written.layers[0].cycles);
}

TEST_F(ThresholdJournalTest, ATrialWithoutADesignComesBackWithoutOne) {
  auto journal = open();
  ASSERT_TRUE(journal);
  Trial trial = some_trial();
  trial.design.reset();
  ASSERT_TRUE(journal->record(trial));
  const auto read = journal->trial(trial.thresholds);
  ASSERT_TRUE(read && *read);
  EXPECT_FALSE((*read)->design);
}

TEST_F(ThresholdJournalTest, SensitivitiesAreKeptByTheirThreshold) {
  auto journal = open();
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(kKnob, 0.1F, {1.0 / 3, {0.5, 1.0 / 9}}));
  const auto read = journal->sensitivity(kKnob, 0.1F);
  ASSERT_TRUE(read && *read);
  EXPECT_EQ((*read)->loss, 1.0 / 3);
  EXPECT_EQ((*read)->nonzero_products, (std::vector<double>{0.5, 1.0 / 9}));
  const auto other_threshold = journal->sensitivity(kKnob, 0.3F);
  ASSERT_TRUE(other_threshold);
  EXPECT_FALSE(*other_threshold);
  const auto other_kind = journal->sensitivity({false, "relu", {}}, 0.1F);
  ASSERT_TRUE(other_kind);
  EXPECT_FALSE(*other_kind);
}

TEST_F(ThresholdJournalTest, PeopleMayAskItWhileItIsOpen) {
  auto journal = open();
  ASSERT_TRUE(journal);
  ASSERT_TRUE(journal->record(some_trial()));
  EXPECT_EQ(ask("SELECT thresholds FROM trials WHERE fps > 1000"),
            R"({"weights":{"conv":0.01},"rectifiers":{"relu":0.1}})");
  EXPECT_EQ(ask("SELECT ended FROM trials"), "slower");
}

TEST_F(ThresholdJournalTest, AnotherIdentityIsRefusedAndNothingIsTouched) {
  {
    auto journal = open("a");
    ASSERT_TRUE(journal && journal->record(some_trial()));
  }
  const auto other = open("b");
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::InvalidArgument);
  EXPECT_NE(other.error().message.find("--resume"), std::string::npos);
  EXPECT_EQ(ask("SELECT count(*) FROM trials"), "1");
}

TEST_F(ThresholdJournalTest, WithoutResumeItIsBegunAnew) {
  {
    auto journal = open("a");
    ASSERT_TRUE(journal && journal->record(some_trial()));
    ASSERT_TRUE(journal->record(kKnob, 0.1F, {}));
  }
  {
    const auto journal = open("b", false);
    ASSERT_TRUE(journal) << journal.error().text();
  }
  EXPECT_EQ(ask("SELECT count(*) FROM trials"), "0");
  EXPECT_EQ(ask("SELECT count(*) FROM sensitivities"), "0");
  EXPECT_EQ(ask("SELECT identity FROM search"), "b");
}

TEST_F(ThresholdJournalTest, AnEmptyFileIsABeginning) {
  ASSERT_TRUE(write_file(path(), std::string_view()));
  EXPECT_TRUE(open());
  EXPECT_EQ(ask("SELECT identity FROM search"), "a");
}

void expect_refused(const Result<ThresholdJournal>& journal) {
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::Parse) << journal.error().text();
  EXPECT_NE(journal.error().where.find("search.sqlite"), std::string::npos);
}

TEST_F(ThresholdJournalTest, WhatIsNoDatabaseIsRefusedAndKept) {
  const std::string text(5000, 'x');
  ASSERT_TRUE(write_file(path(), std::string_view(text)));
  for (const bool resume : {false, true}) expect_refused(open("a", resume));
  EXPECT_EQ(MappedFile::open(path())->text(), text);
}

TEST_F(ThresholdJournalTest, ATruncatedDatabaseIsRefused) {
  {
    auto journal = open();
    ASSERT_TRUE(journal && journal->record(some_trial()));
  }
  const auto size = std::filesystem::file_size(path());
  for (const auto left : {size / 2, size - 1, std::uintmax_t{100}}) {
    std::filesystem::resize_file(path(), left);
    expect_refused(open());
  }
}

TEST_F(ThresholdJournalTest, ADatabaseOfSomethingElseIsRefused) {
  EXPECT_EQ(ask("SELECT 1"), "1");
  ask("CREATE TABLE birds (name TEXT)");
  for (const bool resume : {false, true}) expect_refused(open("a", resume));
}

TEST_F(ThresholdJournalTest, AnotherSchemaIsRefused) {
  ASSERT_TRUE(open());
  ask("UPDATE search SET format = 'sluice.threshold-journal/9'");
  expect_refused(open());
}

TEST_F(ThresholdJournalTest, RowsThatMakeNoSenseAreRefused) {
  auto journal = open();
  ASSERT_TRUE(journal && journal->record(some_trial()));
  ASSERT_TRUE(journal->record(kKnob, 0.1F, {}));
  for (const char* sql : {"UPDATE trials SET ended = 'asleep'",
                          "UPDATE trials SET ended = 'slower', layers = '[[1]]'",
                          "UPDATE trials SET layers = '[]', design = '{}'"}) {
    ask(sql);
    const auto trial = journal->trial(some_trial().thresholds);
    ASSERT_FALSE(trial) << sql;
    EXPECT_EQ(trial.error().code, ErrorCode::Parse);
  }
  ask("UPDATE sensitivities SET nonzero_products = 'many'");
  EXPECT_FALSE(journal->sensitivity(kKnob, 0.1F));
}

TEST_F(ThresholdJournalTest, AFolderThatDoesNotExistIsAnErrorOfTheSystem) {
  const auto journal = ThresholdJournal::open(folder_.path() / "no" / "where", "a", false);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace sluice::api
