// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/markup.hpp"

#include "sluice/base/text.hpp"

namespace sluice::report {

std::string escaped(std::string_view name, std::size_t max_length) {
  std::string out;
  for (const char c : printable(name, max_length)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '\\':
        out += "&#92;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace sluice::report
