// SPDX-License-Identifier: Apache-2.0
// Encoding: a code that a user names on the command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"

namespace sluice::sparse {

struct Encoding {
  enum class Kind : unsigned char { Huffman, RunLength };
  Kind kind = Kind::Huffman;
  // Huffman: the longest a word may be, 0: as long as it comes. RunLength: of a token's length.
  int bits = 0;
  friend bool operator==(const Encoding&, const Encoding&) = default;
};

// The name, such that parse_encoding(to_string(e)) is e.
[[nodiscard]] std::string to_string(const Encoding& encoding);

// "huffman", "huffmanN", "rleN". InvalidArgument with the nearest name, or with the bits there are.
[[nodiscard]] Result<Encoding> parse_encoding(std::string_view name);
// Names separated by commas, each once.
[[nodiscard]] Result<std::vector<Encoding>> parse_encodings(std::string_view names);

// Every spelling once, for help texts.
struct EncodingDoc {
  std::string_view spelling;
  std::string_view meaning;
};
[[nodiscard]] std::span<const EncodingDoc> encoding_docs() noexcept;

}  // namespace sluice::sparse
