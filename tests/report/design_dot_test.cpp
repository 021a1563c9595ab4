// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_dot.hpp"

#include <gmock/gmock.h>

#include "tests/report/small_design.hpp"

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DesignDot, SaysPartitionsLayersAndStreams) {
  const std::string text = design_dot(test::small_design());
  EXPECT_THAT(text, HasSubstr("partition 0: interval "));
  EXPECT_THAT(text, HasSubstr("<b>conv2</b>"));
  EXPECT_THAT(text, HasSubstr("folding 2→2×1×1"));
  EXPECT_THAT(text, HasSubstr("buffer "));
  EXPECT_THAT(text, HasSubstr("memory in\\n"));
  EXPECT_THAT(text, HasSubstr("analytic, no measured error"));
}

TEST(DesignDot, OnlyTheBottleneckIsOrange) {
  const std::string text = design_dot(test::small_design());
  const std::size_t first = text.find("#ffb347");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(text.find("#ffb347", first + 1), std::string::npos);
  EXPECT_THAT(text.substr(first, 120), HasSubstr("conv1"));
}

TEST(DesignDot, SqueezesAreSmall) {
  EXPECT_THAT(design_dot(test::small_design()), HasSubstr("shape=ellipse, fontsize=8"));
}

TEST(DesignDot, NamesStayInTheirLabels) {
  const std::string text = design_dot(test::small_design("\"];<b>&\n}"));
  EXPECT_THAT(text, HasSubstr("<b>&quot;];&lt;b&gt;&amp;"));
  EXPECT_THAT(text, Not(HasSubstr("\"];<b>")));
}

TEST(DesignDot, PartitionsFollowOneAnother) {
  hw::HardwareNetwork network = test::small_network();
  network.partitions.push_back(network.partitions[0]);
  const auto design = figures_of(network, test::small_device(), hw::test::uniform(0));
  EXPECT_THAT(design_dot(design), HasSubstr("p0_out -> p1_in [style=dashed"));
}

TEST(DesignDot, SameFiguresSameBytes) {
  EXPECT_EQ(design_dot(test::small_design()), design_dot(test::small_design()));
}

}  // namespace
}  // namespace sluice::report
