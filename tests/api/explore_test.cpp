// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/explore.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/base/file.hpp"

namespace sluice::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ExploreOptions explore_digits_on(std::string device) {
  return {.model = builtin_digits()->model, .device = std::move(device)};
}

TEST(Explore, FindsADesignThatEstimateReadsBack) {
  const TempFolder folder;
  const auto found = explore(explore_digits_on("zedboard"));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_TRUE(found->estimate.figures.violations.empty());
  const auto path = folder.path() / "design.json";
  ASSERT_TRUE(write_file(path, dump_json(hw::to_json(found->design))));
  EstimateOptions again{.model = builtin_digits()->model};
  again.design = path;
  const auto report = estimate(again);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->figures.fps, found->estimate.figures.fps);
  EXPECT_EQ(report->figures.partitions[0].resources,
            found->estimate.figures.partitions[0].resources);
}

TEST(Explore, OfWhatDoesNotFitSaysWhatIsLackingAndWhatWouldDo) {
  const auto found = explore(explore_digits_on("unit"));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::Infeasible);
  EXPECT_THAT(found.error().text(), HasSubstr("lut are needed"));
  EXPECT_THAT(found.error().text(), HasSubstr("would do"));
}

TEST(Explore, TextHasTheBoundAndTheFront) {
  ExploreOptions options = explore_digits_on("zedboard");
  options.front_kinds = {2};
  const auto found = explore(options);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_GT(found->front.size(), 1);
  const std::string text = to_text(*found, Level::Partitions);
  EXPECT_THAT(text, HasSubstr("is possible (gap"));
  EXPECT_THAT(text, HasSubstr("uram\n"));
  EXPECT_EQ(to_json(*found)["front"].size(), found->front.size());
}

TEST(Explore, SaysWhyItEnded) {
  const auto found = explore(explore_digits_on("zedboard"));
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->ended, dse::Ended::Proven);
  EXPECT_THAT(to_text(*found, Level::Network), HasSubstr("nothing faster is possible"));
  EXPECT_EQ(to_json(*found)["ended"], "proven");
}

TEST(Explore, WithoutTimeSaysSo) {
  ExploreOptions options = explore_digits_on("zedboard");
  options.budget_s = 0;
  const auto found = explore(options);
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().text(), HasSubstr("give --budget more"));
}

// A search that is over, noted as if it had been cut off after a round.
TEST(Explore, GoesOnFromAJournalOfTheSameSearchOnly) {
  const TempFolder folder;
  ExploreOptions options = explore_digits_on("zedboard");
  options.budget_s = 1000;
  options.journal = folder.path() / "search.journal";
  const auto found = explore(options);
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_FALSE(std::filesystem::exists(options.journal));

  options.resume = true;
  const std::string wrong = R"({"format": "sluice.explore-journal/1", "identity": "other",
      "rounds": 1, "least_interval_cycles": 0, "design": )" +
                            dump_json(hw::to_json(found->design)) + "}";
  ASSERT_TRUE(write_file(options.journal, wrong));
  const auto refused = explore(options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(refused.error().text(), HasSubstr("another model, device or options"));
}

TEST(Objective, IsNamedOrTheNearestIs) {
  EXPECT_EQ(*objective_from_string("latency"), dse::Objective::Latency);
  EXPECT_THAT(objective_from_string("latncy").error().text(), HasSubstr("\"latency\""));
}

TEST(Ceilings, AreOfAllOrOfSingleResources) {
  const auto shares = [](std::string_view list) {
    const dse::Ceilings of = *ceilings_from_string(list);
    return std::vector<double>{of.lut, of.ff, of.dsp, of.bram18, of.uram, of.memory};
  };
  EXPECT_THAT(shares("1"), ElementsAre(1, 1, 1, 1, 1, 1));
  EXPECT_THAT(shares("0.8"), ElementsAre(0.8, 0.8, 0.8, 0.8, 0.8, 0.8));
  EXPECT_THAT(shares("dsp=0.5,bram18=0.9"), ElementsAre(1, 1, 0.5, 0.9, 1, 1));
  EXPECT_THAT(shares("0.8,dsp=0.5"), ElementsAre(0.8, 0.8, 0.5, 0.8, 0.8, 0.8));
  EXPECT_THAT(shares("lut=0.1,ff=0.2,dsp=0.3,bram18=0.4,uram=0,memory=0.6"),
              ElementsAre(0.1, 0.2, 0.3, 0.4, 0, 0.6));
}

TEST(Ceilings, SayWhatTheyMayBe) {
  const auto refusal = [](std::string_view list) {
    const auto read = ceilings_from_string(list);
    return read ? std::string() : read.error().text();
  };
  EXPECT_THAT(refusal("dps=0.5"), HasSubstr("did you mean \"dsp\""));
  EXPECT_THAT(refusal("dsp=2"), HasSubstr("\"2\" is no share of dsp: give a number from 0 to 1"));
  EXPECT_THAT(refusal("memory=0"), HasSubstr("from 0.01 to 1"));
  EXPECT_THAT(refusal("dsp=0.5,0.8"), HasSubstr("give it first"));
  EXPECT_THAT(refusal("0.8,0.5"), HasSubstr("give it first"));
  EXPECT_THAT(refusal("dsp=0.5,dsp=0.6"), HasSubstr("two shares"));
  for (const std::string_view bad :
       {"", ",", "0.8,", "0", "-0.5", "1.5", "nan", "dsp=nan", "dsp=", "=0.5", "dsp", "0.8x"}) {
    EXPECT_NE(refusal(bad), "") << bad;
  }
}

TEST(Ceilings, AreKept) {
  ExploreOptions options = explore_digits_on("zedboard");
  options.ceilings = *ceilings_from_string("0.8,dsp=0.1");
  const auto found = explore(options);
  ASSERT_TRUE(found) << found.error().text();
  const report::DesignFigures& figures = found->estimate.figures;
  const hw::Resources& taken = figures.partitions[0].resources;
  EXPECT_LE(taken.dsp, 0.1 * figures.device.resources.dsp);
}

TEST(Front, IsOfResourcesThatThereAre) {
  EXPECT_THAT(*front_kinds_from_string("fps,dsp,bram18"), ElementsAre(2, 3));
  EXPECT_THAT(front_kinds_from_string("fps,dsps").error().text(), HasSubstr("\"dsp\""));
  EXPECT_FALSE(front_kinds_from_string("fps"));
}

}  // namespace
}  // namespace sluice::api
