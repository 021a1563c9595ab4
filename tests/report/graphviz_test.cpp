// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/graphviz.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <unistd.h>

#include "tests/report/small_design.hpp"

#include "sluice/report/design_dot.hpp"

namespace sluice::report {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// A program in its place, for what the real one rarely does.
class Script {
 public:
  explicit Script(std::string_view body)
      : path_(std::filesystem::temp_directory_path() /
              ("sluice_dot_" + std::to_string(getpid()) + ".sh")) {
    std::ofstream(path_) << "#!/bin/sh\n" << body;
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~Script() { std::filesystem::remove(path_); }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

bool has_dot() {
  auto drawn = draw("digraph g { a -> b }", DrawingFormat::Svg);
  return drawn.has_value() || drawn.error().message.find("not found") == std::string::npos;
}

TEST(Graphviz, DrawsADesign) {
  if (!has_dot()) GTEST_SKIP() << "needs Graphviz' dot";
  const std::string text = design_dot(test::small_design("\"];<b>&\n}"));
  const auto svg = draw(text, DrawingFormat::Svg);
  ASSERT_TRUE(svg) << svg.error().text();
  EXPECT_THAT(*svg, HasSubstr("</svg>"));
  const auto png = draw(text, DrawingFormat::Png);
  ASSERT_TRUE(png) << png.error().text();
  EXPECT_THAT(*png, StartsWith("\x89PNG"));
  const auto pdf = draw(text, DrawingFormat::Pdf);
  ASSERT_TRUE(pdf) << pdf.error().text();
  EXPECT_THAT(*pdf, StartsWith("%PDF"));
}

TEST(Graphviz, MissingSaysHowToInstallIt) {
  const auto drawn = draw("digraph g {}", DrawingFormat::Svg, {.program = "no-such-dot"});
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().code, ErrorCode::External);
  EXPECT_THAT(drawn.error().text(), HasSubstr("apt-get install graphviz"));
}

TEST(Graphviz, ItsOwnWordsArePassedOn) {
  const Script script("echo 'Error: of mine' >&2; echo more >&2; exit 3\n");
  const auto drawn = draw("digraph g {}", DrawingFormat::Svg, {.program = script.path()});
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().code, ErrorCode::External);
  EXPECT_THAT(drawn.error().text(), testing::EndsWith("failed: Error: of mine"));
}

TEST(Graphviz, IsStoppedAfterItsTime) {
  const Script script("exec sleep 30\n");
  const auto drawn = draw("digraph g {}", DrawingFormat::Svg,
                          {.program = script.path(), .time_limit = std::chrono::milliseconds(50)});
  ASSERT_FALSE(drawn);
  EXPECT_EQ(drawn.error().code, ErrorCode::External);
  EXPECT_THAT(drawn.error().text(), HasSubstr("took more than 0.05 s"));
}

TEST(Graphviz, GetsTheTextWhole) {
  const Script script("cat\n");
  const std::string text(300000, 'x');
  const auto drawn = draw(text, DrawingFormat::Svg, {.program = script.path()});
  ASSERT_TRUE(drawn) << drawn.error().text();
  EXPECT_EQ(*drawn, text);
}

TEST(DrawingFormat, IsThatOfTheEnding) {
  EXPECT_EQ(drawing_format(".svg"), DrawingFormat::Svg);
  EXPECT_EQ(drawing_format(".PDF"), DrawingFormat::Pdf);
  EXPECT_EQ(drawing_format(".html"), std::nullopt);
}

}  // namespace
}  // namespace sluice::report
