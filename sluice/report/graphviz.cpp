// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/graphviz.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "sluice/base/process.hpp"

namespace sluice::report {
namespace {

constexpr std::array<std::pair<std::string_view, const char*>, 3> kFormats{
    {{".svg", "-Tsvg"}, {".png", "-Tpng"}, {".pdf", "-Tpdf"}}};

}  // namespace

std::optional<DrawingFormat> drawing_format(std::string_view extension) {
  std::string lower(extension);
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  for (std::size_t i = 0; i < kFormats.size(); ++i) {
    if (kFormats[i].first == lower) return static_cast<DrawingFormat>(i);
  }
  return std::nullopt;
}

Result<std::string> draw(std::string_view dot_text, DrawingFormat format,
                         const GraphvizOptions& options) {
  SL_TRY(Ended ended,
         run_successfully(
             {.command = {options.program, kFormats[static_cast<std::size_t>(format)].second},
              .folder = {},
              .input = dot_text,
              .time_limit = options.time_limit,
              .remedy = "install Graphviz (apt-get install graphviz)",
              .slow = "the network is too large to draw"}));
  return std::move(ended.output);
}

}  // namespace sluice::report
