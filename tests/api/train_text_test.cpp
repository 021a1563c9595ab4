// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sluice/api/train.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;
using testing::Not;

TrainReport some_report(bool is_validated) {
  TrainReport report;
  report.model = "a.onnx";
  for (std::int64_t epoch = 1; epoch <= 3; ++epoch) {
    train::EpochRow row{.epoch = epoch,
                        .rate = 0.1 / static_cast<double>(epoch),
                        .loss = 3 - static_cast<double>(epoch),
                        .images = 1000,
                        .right = 100 * epoch,
                        .images_per_s = 250};
    if (is_validated) {
      row.validation = {200, 30 * epoch, 100};
      row.validation_loss = 2;
    }
    report.rows.push_back(row);
  }
  if (is_validated) report.best_epoch = 3;
  return report;
}

TEST(TrainText, ARowAnEpochAndTheBest) {
  const std::string text = to_text(some_report(true));
  EXPECT_THAT(text,
              HasSubstr("    3  0.0333  0.0000    30.00       250           2.0000    45.00"));
  EXPECT_THAT(text, HasSubstr("best in validation: epoch 3"));
}

TEST(TrainText, WithoutValidationThereIsNothingOfIt) {
  const std::string text = to_text(some_report(false));
  EXPECT_THAT(text, Not(HasSubstr("validation")));
  EXPECT_THAT(accuracy_svg(some_report(false).rows), Not(HasSubstr("validation")));
  EXPECT_TRUE(to_json(some_report(false))["best_epoch"].is_null());
}

TEST(TrainText, JsonHasTheRecipeThatWasUsed) {
  TrainReport report = some_report(true);
  report.recipe.optimizer.method = train::Method::AdamW;
  report.recipe.schedule = {.rate = 0.01, .decay = train::Decay::Step, .steps = 90, .at = {30, 60}};
  const Json json = to_json(report);
  EXPECT_EQ(json["recipe"]["optimizer"], "adamw");
  EXPECT_EQ(json["recipe"]["step_at"], Json({30, 60}));
  EXPECT_EQ(json["rows"][2]["validation_top1_percent"], 45.0);
}

TEST(TrainText, TheLogHasALineAnEpochAndATitle) {
  const std::string csv = to_csv(some_report(true).rows);
  EXPECT_EQ(std::ranges::count(csv, '\n'), 4);
  EXPECT_THAT(csv, HasSubstr("\n2,0.05,1,20,2,30,50,250.0\n"));
}

TEST(TrainText, ChartsHaveALineEach) {
  EXPECT_THAT(loss_svg(some_report(true).rows), HasSubstr(">validation<"));
  EXPECT_THAT(accuracy_svg(some_report(true).rows), HasSubstr("top-1 %"));
}

}  // namespace
}  // namespace sluice::api
