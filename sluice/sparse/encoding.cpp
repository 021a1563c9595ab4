// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/encoding.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>

#include "sluice/base/parse.hpp"
#include "sluice/base/text.hpp"
#include "sluice/sparse/huffman.hpp"
#include "sluice/sparse/run_length.hpp"

namespace sluice::sparse {
namespace {

constexpr std::string_view kHuffman = "huffman";
constexpr std::string_view kRunLength = "rle";

constexpr std::array kEncodingDocs{
    EncodingDoc{"huffman", "canonical Huffman code over the codes that occur"},
    EncodingDoc{"huffmanN", "the best with no word longer than N bits"},
    EncodingDoc{"rleN", "run-length code with N bits for a run's length"},
};

Error unknown(std::string_view name) {
  static constexpr std::array<std::string_view, 5> kNames{"huffman", "huffman12", "rle2", "rle4",
                                                          "rle8"};
  return {ErrorCode::InvalidArgument,
          fmt::format("no code {}{}; there are huffman, huffmanN and rleN, such as rle4",
                      sluice::quoted(name), did_you_mean(name, kNames))};
}

// The number behind a name, which has nothing else behind it.
Result<int> bits_behind(std::string_view name, std::string_view stem, int most) {
  const std::string_view digits = name.substr(stem.size());
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool is_number = error != std::errc::invalid_argument && end == digits.end();
  if (!is_number) return unknown(name);
  if (error == std::errc() && bits >= 1 && bits <= most) return bits;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{}: {} has 1 to {} bits", sluice::quoted(name),
                           stem == kRunLength ? "the length of a run" : "a word", most)};
}

}  // namespace

std::string to_string(const Encoding& encoding) {
  if (encoding.kind == Encoding::Kind::RunLength) {
    return fmt::format("{}{}", kRunLength, encoding.bits);
  }
  return encoding.bits == 0 ? std::string(kHuffman) : fmt::format("{}{}", kHuffman, encoding.bits);
}

Result<Encoding> parse_encoding(std::string_view name) {
  if (name == kHuffman) return Encoding{Encoding::Kind::Huffman, 0};
  if (name.starts_with(kHuffman)) {
    SL_TRY(const int bits, bits_behind(name, kHuffman, kMaxWordBits));
    return Encoding{Encoding::Kind::Huffman, bits};
  }
  if (name.starts_with(kRunLength)) {
    SL_TRY(const int bits, bits_behind(name, kRunLength, kMaxLengthBits));
    return Encoding{Encoding::Kind::RunLength, bits};
  }
  return unknown(name);
}

Result<std::vector<Encoding>> parse_encodings(std::string_view names) {
  std::vector<Encoding> encodings;
  for (const std::string_view name : parts_of_list(names)) {
    SL_TRY(const Encoding encoding, parse_encoding(name));
    if (std::ranges::count(encodings, encoding) == 0) encodings.push_back(encoding);
  }
  return encodings;
}

std::span<const EncodingDoc> encoding_docs() noexcept {
  return kEncodingDocs;
}

}  // namespace sluice::sparse
