// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/page.hpp"

#include "sluice/report/markup.hpp"

namespace sluice::report {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 15px/1.45 system-ui, sans-serif; color: #222; margin: 2em auto; max-width: 1100px;
  padding: 0 1em; }
h1 { font-size: 1.5em; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; margin: .5em 0; }
th, td { padding: .2em .7em; border-bottom: 1px solid #ddd; text-align: right; }
th { background: #f3f5f8; } th:first-child, td:first-child { text-align: left; }
td.words { text-align: left; } tr.slowest td { background: #ffe3ba; }
tr.squeeze td { color: #888; font-size: .85em; }
.note { color: #555; } .no { background: #fdecea; border-left: 4px solid #c62828;
  padding: .5em 1em; }
.wide { overflow-x: auto; } .wide > svg { height: auto; max-width: none; }
svg { font: 12px system-ui, sans-serif; } .head { font-weight: bold; }
.bar { fill: #8fb3dd; } .slowest { fill: #ffb347; }
figure { display: inline-block; margin: 1em 1em 0 0; } figcaption { font-weight: bold; }
.dsp { fill: #7fb77f; } .bram { fill: #b79ccf; }
</style>
)";

}  // namespace

std::string page_head(std::string_view title) {
  constexpr std::size_t kLongestTitle = 200;
  std::string out(kHead);
  add(out, "<title>{0}</title></head><body>\n<h1>{0}</h1>\n", escaped(title, kLongestTitle));
  return out;
}

void add_table_head(std::string& out, const std::vector<std::string_view>& titles) {
  out += "<div class=\"wide\"><table><tr>";
  for (const std::string_view title : titles) add(out, "<th>{}</th>", title);
  out += "</tr>\n";
}

}  // namespace sluice::report
