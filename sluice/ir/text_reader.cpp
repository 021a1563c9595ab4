// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/text_reader.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

#include "sluice/base/text.hpp"

namespace sluice::ir {
namespace {

bool is_number_char(char c) {
  return is_word_char(c) || c == '.' || c == '+' || c == '-';
}

}  // namespace

bool is_word_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_name_char(char c) noexcept {
  return is_word_char(c) || c == '.' || c == '/' || c == '-';
}

Error TextReader::error(std::string message) const {
  return {ErrorCode::Parse, std::move(message), fmt::format("line {}", line_)};
}

void TextReader::skip_space() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
      continue;
    }
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') return;
    if (c == '\n') ++line_;
    ++at_;
  }
}

bool TextReader::at_end() {
  skip_space();
  return at_ == text_.size();
}

bool TextReader::peek(char c) {
  return !at_end() && text_[at_] == c;
}

bool TextReader::accept(std::string_view token) {
  skip_space();
  if (text_.substr(at_, token.size()) != token) return false;
  const std::size_t after = at_ + token.size();
  const bool goes_on = after < text_.size() && is_word_char(text_[after]);
  if (is_word_char(token.back()) && goes_on) return false;
  at_ = after;
  return true;
}

Status TextReader::expect(std::string_view token) {
  if (accept(token)) return {};
  if (at_end())
    return error(fmt::format("the text ends where {} should come", sluice::quoted(token)));
  return error(
      fmt::format("expected {}, found {}", sluice::quoted(token),
                  sluice::quoted(text_.substr(at_, text_.substr(at_).find_first_of(" \n")), 20)));
}

Result<std::string_view> TextReader::run(bool (*belongs)(char), std::string_view what) {
  skip_space();
  const std::size_t begin = at_;
  while (at_ < text_.size() && belongs(text_[at_])) ++at_;
  if (at_ == begin) {
    return error(fmt::format("expected {}, found {}", what, sluice::quoted(text_.substr(at_, 1))));
  }
  return text_.substr(begin, at_ - begin);
}

Result<std::string_view> TextReader::word() {
  return run([](char c) { return is_word_char(c); }, "a word");
}

Result<std::string_view> TextReader::number() {
  return run(is_number_char, "a number");
}

Result<std::string_view> TextReader::up_to(char end) {
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != end && text_[at_] != '\n') ++at_;
  if (at_ == text_.size() || text_[at_] != end) {
    return error(fmt::format("the line ends where {} should come", sluice::quoted({&end, 1})));
  }
  return text_.substr(begin, at_++ - begin);
}

Result<std::string> TextReader::string() {
  SL_TRY_STATUS(expect("\""));
  std::string result;
  while (at_ < text_.size() && text_[at_] != '"') {
    char c = text_[at_++];
    if (c == '\n') return error("a string goes on beyond its line; close it with a quote");
    if (c == '\\') {
      if (at_ == text_.size()) break;
      c = text_[at_++];
      if (c == 'x') {
        const std::string_view digits = text_.substr(at_, 2);
        unsigned char byte = 0;
        const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || end.ptr != digits.data() + 2) {
          return error("\\x must be followed by two hexadecimal digits");
        }
        at_ += 2;
        c = static_cast<char>(byte);
      } else if (c != '"' && c != '\\') {
        return error(fmt::format("unknown escape {}", sluice::quoted(std::string_view(&c, 1))));
      }
    }
    result += c;
  }
  if (at_ >= text_.size()) return error("a string is not closed");
  ++at_;
  return result;
}

Result<std::string> TextReader::name() {
  if (at_end() || text_[at_] == '"') return string();
  SL_TRY(const std::string_view bare, run([](char c) { return is_name_char(c); }, "a name"));
  return std::string(bare);
}

}  // namespace sluice::ir
