// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/chart.hpp"

#include <gmock/gmock.h>
#include <limits>

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::Not;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The plotting area of a chart of 640 by 380 is x 70 to 600 and y 335 (below) to 15.
TEST(Chart, PutsPointsWhereTheirAxesSay) {
  const std::string svg = chart_svg({.x = {"x", Scale::Linear, 0, 10},
                                     .y = {"y", Scale::Linear, 0, 100},
                                     .series = {{.points = {{0, 0}, {5, 50}, {10, 100}}}}});
  EXPECT_THAT(svg, HasSubstr("cx=\"70.0\" cy=\"335.0\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"335.0\" cy=\"175.0\""));
  EXPECT_THAT(svg, HasSubstr("cx=\"600.0\" cy=\"15.0\""));
}

TEST(Chart, ALogarithmicAxisHasADecadeATick) {
  const std::string svg = chart_svg({.x = {"x", Scale::Logarithmic},
                                     .y = {"y"},
                                     .series = {{.points = {{3, 0}, {100, 1}, {2000, 2}}}}});
  for (const char* tick : {">1<", ">10<", ">100<", ">1000<", ">10000<"}) {
    EXPECT_THAT(svg, HasSubstr(tick));
  }
  // 100 lies in the middle of 1 to 10,000.
  EXPECT_THAT(svg, HasSubstr("cx=\"335.0\""));
}

TEST(Chart, TicksAreRoundNumbersThatHoldAllPoints) {
  const std::string svg =
      chart_svg({.x = {"x"}, .y = {"y"}, .series = {{.points = {{0.013, 7}, {0.087, 1042}}}}});
  for (const char* tick : {">0.01<", ">0.02<", ">0.09<", ">0<", ">200<", ">1200<"}) {
    EXPECT_THAT(svg, HasSubstr(tick));
  }
}

TEST(Chart, BarsBeginAtZeroAndDoNotTouch) {
  const std::string svg =
      chart_svg({.x = {"zeros", Scale::Linear, -0.5, 2.5},
                 .y = {"share", Scale::Linear, 0, 1},
                 .series = {{.mark = Mark::Bars, .points = {{0, 1}, {1, 0.5}, {2, 0}}}}});
  // A unit is 176.7 pixels wide.
  EXPECT_THAT(svg, HasSubstr("<rect x=\"78.8\" y=\"15.0\" width=\"159.0\" height=\"320.0\">"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"255.5\" y=\"175.0\" width=\"159.0\" height=\"160.0\">"));
  EXPECT_THAT(svg, HasSubstr("height=\"0.0\">"));
}

TEST(Chart, StepsStayLevelUpToTheNextPoint) {
  const Axis axis{"", Scale::Linear, 0, 10};
  const std::string svg = chart_svg(
      {.x = axis, .y = axis, .series = {{.mark = Mark::Steps, .points = {{0, 0}, {5, 10}}}}});
  EXPECT_THAT(svg, HasSubstr("points=\"70.0,335.0 335.0,335.0 335.0,15.0\""));
}

TEST(Chart, LeavesOutWhatCannotBeShown) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string svg = chart_svg(
      {.x = {"x", Scale::Logarithmic},
       .y = {"y", Scale::Linear, 0, 10},
       .series = {
           {.points = {{1, 1}, {0, 1}, {-1, 1}, {kNan, 1}, {1, kInfinity}, {1, 11}, {10, 10}}}}});
  EXPECT_EQ(count_of(svg, "<circle"), 2U);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(Chart, AnEmptyOneAndASinglePointAreCharts) {
  for (const Chart& chart : {Chart{}, Chart{.series = {{.points = {{5, 5}}}}},
                             Chart{.x = {"", Scale::Logarithmic}, .y = {"", Scale::Logarithmic}}}) {
    const std::string svg = chart_svg(chart);
    EXPECT_THAT(svg, HasSubstr("</svg>"));
    EXPECT_THAT(svg, Not(HasSubstr("nan")));
  }
}

TEST(Chart, TheLegendHasThoseSeriesThatHaveAName) {
  const std::string svg = chart_svg(
      {.series = {
           {.name = "front", .mark = Mark::Line}, {.points = {{1, 1}}}, {.name = "trials"}}});
  EXPECT_THAT(svg, HasSubstr(">front<"));
  EXPECT_THAT(svg, HasSubstr(">trials<"));
  EXPECT_EQ(count_of(svg, "width=\"10\""), 2U);
}

TEST(Chart, WordsAndHintsStayText) {
  const std::string svg = chart_svg(
      {.title = "<t>", .x = {"<x>"}, .series = {{.points = {{1, 1, "<word>", "<hint>"}}}}});
  for (const char* text : {"&lt;t&gt;", "&lt;x&gt;", "&lt;word&gt;", "&lt;hint&gt;"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_THAT(svg, Not(HasSubstr("<hint>")));
}

}  // namespace
}  // namespace sluice::report
