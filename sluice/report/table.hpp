// SPDX-License-Identifier: Apache-2.0
// Table: rows of text set in columns, for terminals and logs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::report {

enum class Align : unsigned char { Left, Right };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::Right;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell a column (asserted).
  void add_row(std::vector<std::string> cells);

  // Title line, a rule, the rows; columns two spaces apart, no trailing spaces, newline at the end.
  [[nodiscard]] std::string text() const;

  // The same as HTML, for a page of page_head.
  [[nodiscard]] std::string html() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// 1234567 as "1,234,567".
[[nodiscard]] std::string with_commas(std::int64_t value);

// 1234567 as "1.23 M": three significant digits and a decimal prefix.
[[nodiscard]] std::string with_prefix(double value);

}  // namespace sluice::report
