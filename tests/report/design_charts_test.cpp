// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_charts.hpp"

#include <gmock/gmock.h>

#include "tests/report/small_design.hpp"

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Roofline, HasBothRoofsAndAPointAPartition) {
  const std::string svg = roofline_svg(test::small_design());
  EXPECT_THAT(svg, HasSubstr("DSP blocks: 2 GOP/s"));
  EXPECT_THAT(svg, HasSubstr("memory: 1.25 GB/s"));
  EXPECT_THAT(svg, HasSubstr("partition 0:"));
}

TEST(Roofline, ADeviceWithoutMemoryOrDspHasNoSuchRoof) {
  DesignFigures design = test::small_design();
  design.device.memory_gbps = 0;
  EXPECT_THAT(roofline_svg(design), Not(HasSubstr("memory: ")));
  design.device.resources.dsp = 0;
  const std::string svg = roofline_svg(design);
  EXPECT_THAT(svg, Not(HasSubstr("polyline")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("inf")));
}

TEST(LayerBars, LeaveOutSqueezesThatAreNotSlow) {
  const std::string svg = layer_bars_svg(test::small_design(), 0);
  EXPECT_THAT(svg, HasSubstr(">conv1<"));
  EXPECT_THAT(svg, HasSubstr(">conv2<"));
  EXPECT_THAT(svg, Not(HasSubstr("squeeze")));
}

TEST(LayerBars, NamesStayText) {
  EXPECT_THAT(layer_bars_svg(test::small_design("<b>"), 0), HasSubstr("&lt;b&gt;"));
}

}  // namespace
}  // namespace sluice::report
