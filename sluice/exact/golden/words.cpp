// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/golden/words.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"

namespace sluice::exact::golden {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kCoeHead =
    "memory_initialization_radix=16;\nmemory_initialization_vector=\n";

// Writes the low `bits` bits of `value` at bit `at` of the little-endian bytes, which are zero.
void put_bits(std::span<std::byte> bytes, std::int64_t at, std::uint64_t value, int bits) {
  for (int done = 0; done < bits;) {
    const auto shift = static_cast<int>((at + done) % 8);
    const int count = std::min(8 - shift, bits - done);
    const auto part = static_cast<unsigned>(value >> done) & ((1U << count) - 1U);
    bytes[static_cast<std::size_t>((at + done) / 8)] |= static_cast<std::byte>(part << shift);
    done += count;
  }
}

std::uint64_t get_bits(std::span<const std::byte> bytes, std::int64_t at, int bits) {
  std::uint64_t value = 0;
  for (int done = 0; done < bits;) {
    const auto shift = static_cast<int>((at + done) % 8);
    const int count = std::min(8 - shift, bits - done);
    const auto byte = std::to_integer<unsigned>(bytes[static_cast<std::size_t>((at + done) / 8)]);
    value |= std::uint64_t{(byte >> shift) & ((1U << count) - 1U)} << done;
    done += count;
  }
  return value;
}

std::int64_t extended(std::uint64_t value, const WordFormat& format) {
  const int dropped = 64 - format.bits;
  return format.is_signed ? static_cast<std::int64_t>(value << dropped) >> dropped
                          : static_cast<std::int64_t>(value);
}

[[maybe_unused]] bool fits(std::int64_t code, const WordFormat& format) {
  const auto value = static_cast<std::uint64_t>(code);
  if (format.is_signed) return extended(value, format) == code;
  return format.bits == 64 || value >> format.bits == 0;
}

bool is_zero(std::span<const std::byte> bytes, std::int64_t from, std::int64_t to) {
  for (std::int64_t at = from; at < to; at += 8) {
    if (get_bits(bytes, at, static_cast<int>(std::min<std::int64_t>(8, to - at))) != 0) {
      return false;
    }
  }
  return true;
}

std::size_t num_digits(const WordFormat& format) {
  return static_cast<std::size_t>((format.word_bits() + 3) / 4);
}

// The word's digits, the most significant first.
void append_word(std::string& out, std::span<const std::byte> word, std::size_t digits) {
  for (std::size_t i = digits; i-- > 0;) {
    out += kDigits[std::to_integer<unsigned>(word[i / 2]) >> (i % 2 * 4) & 0xFU];
  }
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Appends the bytes of one word from its digits.
Status parse_word(std::string_view digits, const WordFormat& format, std::vector<std::byte>& out) {
  const std::size_t count = num_digits(format);
  if (digits.size() != count ||
      std::ranges::any_of(digits, [](char c) { return digit_of(c) < 0; })) {
    return Error{ErrorCode::Parse, fmt::format("{} is not a word of {} hexadecimal digits",
                                               sluice::quoted(digits), count)};
  }
  const std::size_t start = out.size();
  out.resize(start + static_cast<std::size_t>(format.word_bytes()));
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned>(digit_of(digits[count - 1 - i]));
    out[start + i / 2] |= static_cast<std::byte>(digit << (i % 2 * 4));
  }
  return {};
}

std::string_view without_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\r";
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

// The words of `text`, one a line; in a list a comma stands behind each but the last, behind which
// stands a semicolon. `line` is the number of the first line.
Result<std::vector<std::byte>> parse_lines(std::string_view text, const WordFormat& format,
                                           std::size_t line, bool is_list) {
  std::vector<std::byte> words;
  bool ended = false;
  for (; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view word = without_spaces(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const auto place = [&] { return fmt::format("line {}", line); };
    if (ended) return Error{ErrorCode::Parse, "stands behind the end of the list", place()};
    if (is_list) {
      if (word.back() != ',' && word.back() != ';') {
        return Error{ErrorCode::Parse, "lacks the comma or semicolon behind its word", place()};
      }
      ended = word.back() == ';';
      word.remove_suffix(1);
      if (ended && word.empty() && words.empty()) continue;  // a list of no words
    }
    if (auto status = parse_word(word, format, words); !status) {
      return std::move(status).error().at(place());
    }
  }
  if (is_list && !ended) return Error{ErrorCode::Parse, "the list has no semicolon at its end"};
  return words;
}

}  // namespace

std::vector<std::byte> pack(std::span<const std::int64_t> codes, const WordFormat& format) {
  const auto num_codes = static_cast<std::int64_t>(codes.size());
  const std::int64_t word_bytes = format.word_bytes();
  std::vector<std::byte> out(static_cast<std::size_t>(format.num_words(num_codes) * word_bytes));
  for (std::int64_t i = 0; i < num_codes; ++i) {
    const std::int64_t code = codes[static_cast<std::size_t>(i)];
    SL_DASSERT(fits(code, format), "a code of more bits than its format has");
    const std::int64_t in_pixel = i % format.pixel_size;
    const std::int64_t word =
        i / format.pixel_size * format.words_per_pixel() + in_pixel / format.fold;
    put_bits(std::span(out).subspan(static_cast<std::size_t>(word * word_bytes)),
             in_pixel % format.fold * format.bits, static_cast<std::uint64_t>(code), format.bits);
  }
  return out;
}

Result<std::vector<std::int64_t>> unpack(std::span<const std::byte> bytes, const WordFormat& format,
                                         std::int64_t num_codes) {
  const std::int64_t num_words = format.num_words(num_codes);
  const std::int64_t word_bytes = format.word_bytes();
  if (static_cast<std::int64_t>(bytes.size()) != num_words * word_bytes) {
    return Error{ErrorCode::Parse, fmt::format("holds {} bytes of words where {} are expected",
                                               bytes.size(), num_words * word_bytes)};
  }
  std::vector<std::int64_t> codes;
  codes.reserve(static_cast<std::size_t>(num_codes));
  for (std::int64_t w = 0; w < num_words; ++w) {
    const auto word = bytes.subspan(static_cast<std::size_t>(w * word_bytes),
                                    static_cast<std::size_t>(word_bytes));
    const std::int64_t first = w % format.words_per_pixel() * format.fold;
    const std::int64_t count = std::min(format.fold, format.pixel_size - first);
    for (std::int64_t i = 0; i < count; ++i) {
      codes.push_back(extended(get_bits(word, i * format.bits, format.bits), format));
    }
    if (!is_zero(word, count * format.bits, word_bytes * 8)) {
      return Error{ErrorCode::Parse, fmt::format("word {} is not filled up with zero bits", w)};
    }
  }
  return codes;
}

std::string to_mem(std::span<const std::byte> words, const WordFormat& format) {
  const auto word_bytes = static_cast<std::size_t>(format.word_bytes());
  const std::size_t digits = num_digits(format);
  std::string out;
  out.reserve(words.size() / word_bytes * (digits + 1));
  for (; !words.empty(); words = words.subspan(word_bytes)) {
    append_word(out, words, digits);
    out += '\n';
  }
  return out;
}

Result<std::vector<std::byte>> parse_mem(std::string_view text, const WordFormat& format) {
  return parse_lines(text, format, 1, false);
}

std::string to_coe(std::span<const std::byte> words, const WordFormat& format) {
  const auto word_bytes = static_cast<std::size_t>(format.word_bytes());
  const std::size_t digits = num_digits(format);
  std::string out(kCoeHead);
  out.reserve(out.size() + words.size() / word_bytes * (digits + 2) + 2);
  for (; !words.empty(); words = words.subspan(word_bytes)) {
    append_word(out, words, digits);
    if (words.size() > word_bytes) out += ",\n";
  }
  out += ";\n";
  return out;
}

Result<std::vector<std::byte>> parse_coe(std::string_view text, const WordFormat& format) {
  if (!text.starts_with(kCoeHead)) {
    return Error{ErrorCode::Parse,
                 "does not begin with memory_initialization_radix=16; and "
                 "memory_initialization_vector="};
  }
  return parse_lines(text.substr(kCoeHead.size()), format, 3, true);
}

}  // namespace sluice::exact::golden
