// SPDX-License-Identifier: Apache-2.0
// The text form of a graph: for tests, for people, for --dump and for .sluice files.
// parse(print(g)) is g but for the numbering of its values; weights of more than `max_elements`
// elements are left out of the print, which then cannot be parsed, or put into a data section.
//
//   graph "tiny" {
//     input %x: float32[?x3x8x8] as float32[1x3x8x8]
//     const %w: float32[4x3x3x3] = [0.5, -1, …]
//     const %b: float32[100] = data[4096]
//     %y: float32[1x4x6x6] = Conv(%x, %w, %b) {window={strides=[1, 1]}} "conv1"
//     output %y
//   }
//
// `data[N]` stands for the bytes from N on of the data section, the elements as a Tensor holds
// them. An input's declared shape may be open (?); `as` gives its inferred type where it is
// another, `as none` that there is none. `_` stands for an input or output that is absent.
// Attributes that have their default are left out. A quantized value has ` quantized {scales=[0.5],
// …}` behind its type, a node whose results are rounded to such a value ` by tflite-double` before
// its name, one that adds up in an accumulator of its own ` in {bits=24, overflow=Saturate}` behind
// that. A name with other characters than A-Z a-z 0-9 _ . / - is put in quotes: %"a:0". # begins a
// comment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/ir/text_reader.hpp"

namespace sluice::ir {

// Of the text form as files have it.
inline constexpr int kTextVersion = 1;

// The contents that a print refers to by their place.
class DataSection {
 public:
  static constexpr std::uint64_t kAlignmentBytes = 64;

  struct Piece {
    std::uint64_t offset_bytes;  // a multiple of kAlignmentBytes
    Tensor content;
  };

  // Where the content goes: behind what is there.
  std::uint64_t add(const Tensor& content);
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
  [[nodiscard]] std::span<const Piece> pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
  std::uint64_t size_bytes_ = 0;
};

struct PrintOptions {
  std::int64_t max_elements = 64;
  DataSection* data = nullptr;  // takes the contents of constants that have more
};

[[nodiscard]] std::string print(const Graph& graph, const PrintOptions& options = {});

// The data section of a text: constants look at it and keep its owner. It begins at a multiple
// of 8.
struct ParseOptions {
  std::span<const std::byte> data;
  std::shared_ptr<const void> data_owner;
};

// Types after the colon of a result and names of nodes may be left out. Errors: Parse with `line N`
// as the place.
[[nodiscard]] Result<Graph> parse(std::string_view text);
// The same for what is left of a text.
[[nodiscard]] Result<Graph> parse(TextReader text, const ParseOptions& options);

}  // namespace sluice::ir
