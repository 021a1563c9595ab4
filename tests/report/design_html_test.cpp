// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/design_html.hpp"

#include <gmock/gmock.h>

#include "tests/report/small_design.hpp"

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(DesignHtml, HasFiguresChartsAndProvenance) {
  const std::string page = design_html(test::small_design(), "");
  EXPECT_THAT(page, HasSubstr("<h1>small on small</h1>"));
  EXPECT_THAT(page, HasSubstr("Roofline"));
  EXPECT_THAT(page, HasSubstr("Layers of partition 0"));
  EXPECT_THAT(page, HasSubstr("analytic, no measured error"));
  EXPECT_THAT(page, Not(HasSubstr("does not fit")));
}

TEST(DesignHtml, SaysThatEnergyIsAProxy) {
  DesignFigures design = test::small_design();
  design.energy_proxy_uj = design.partitions[0].energy_proxy_uj = 12.75;
  design.energy_provenance = "energy is a proxy";
  const std::string page = design_html(design, "");
  EXPECT_THAT(page, HasSubstr("<th>energy proxy µJ"));
  EXPECT_THAT(page, HasSubstr("<td>12.75</td></tr>"));
  EXPECT_THAT(page, HasSubstr("<td>12.75</td><td>"));
  EXPECT_THAT(page, HasSubstr("energy is a proxy.</p>"));
}

TEST(DesignHtml, TakesTheDrawingWithoutItsProlog) {
  const std::string page = design_html(test::small_design(),
                                       "<?xml version=\"1.0\"?><!DOCTYPE svg><svg id=\"g\"></svg>");
  EXPECT_THAT(page, HasSubstr("<svg id=\"g\"></svg>"));
  EXPECT_THAT(page, Not(HasSubstr("<?xml")));
}

TEST(DesignHtml, SaysWhyThereIsNoDrawing) {
  EXPECT_THAT(design_html(test::small_design(), ""), HasSubstr("apt-get install graphviz"));
}

TEST(DesignHtml, FetchesNothing) {
  const std::string page = design_html(test::small_design(), "");
  for (const char* tag : {"<script", "<link", "<img", "src=", "href=", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(tag)));
  }
}

TEST(DesignHtml, NamesStayText) {
  const std::string page = design_html(test::small_design("<script>"), "");
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(page, Not(HasSubstr("<script>")));
}

TEST(DesignHtml, SaysWhatDoesNotFit) {
  hw::Device device = test::small_device();
  device.resources.dsp = 1;
  const auto design = figures_of(test::small_network(), device, hw::test::uniform(0));
  EXPECT_THAT(design_html(design, ""), HasSubstr("dsp, the device has 1"));
}

}  // namespace
}  // namespace sluice::report
