// SPDX-License-Identifier: Apache-2.0
// Graphviz: runs its program `dot`, which lays a drawing out.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice::report {

enum class DrawingFormat : unsigned char { Svg, Png, Pdf };

// Of a file's ending, ".svg", in letters of either case; none for another.
[[nodiscard]] std::optional<DrawingFormat> drawing_format(std::string_view extension);

struct GraphvizOptions {
  std::string program = "dot";  // looked for in PATH
  std::chrono::milliseconds time_limit = std::chrono::minutes(2);
};

// The bytes of the drawing. No shell is involved. External, with the remedy, if the program is
// missing, fails (with the first line of what it says), or takes longer than the limit, after which
// it is killed; Interrupted if the user asks to stop; Io if the system refuses.
[[nodiscard]] Result<std::string> draw(std::string_view dot_text, DrawingFormat format,
                                       const GraphvizOptions& options = {});

}  // namespace sluice::report
