// SPDX-License-Identifier: Apache-2.0
// Reading text token by token: spaces and comments (# to the end of the line) are skipped, errors
// name the line.
#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice::ir {

// Letters, digits and _ make words; a bare name may also hold . / and -.
[[nodiscard]] bool is_word_char(char c) noexcept;
[[nodiscard]] bool is_name_char(char c) noexcept;

class TextReader {
 public:
  explicit TextReader(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end();
  // Goes past `token`, if it comes next; a word only if it is a whole one.
  [[nodiscard]] bool accept(std::string_view token);
  // Whether `c` comes next.
  [[nodiscard]] bool peek(char c);
  // accept(), or an error.
  [[nodiscard]] Status expect(std::string_view token);

  // The longest run of word characters; of those of numbers (also . + -).
  [[nodiscard]] Result<std::string_view> word();
  [[nodiscard]] Result<std::string_view> number();
  // Everything up to `end` on this line; goes past `end`.
  [[nodiscard]] Result<std::string_view> up_to(char end);
  // In double quotes, \" \\ and \xNN undone.
  [[nodiscard]] Result<std::string> string();
  // Bare, or in quotes if it holds other characters.
  [[nodiscard]] Result<std::string> name();

  // A Parse error with `line N` as the place.
  [[nodiscard]] Error error(std::string message) const;

 private:
  void skip_space();
  Result<std::string_view> run(bool (*belongs)(char), std::string_view what);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace sluice::ir
