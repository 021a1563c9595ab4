// SPDX-License-Identifier: Apache-2.0
// The text form of a graph: for tests, for people, for --dump. parse(print(g)) is g but for the
// numbering of its values; weights of more than `max_elements` elements are left out of the print,
// which then cannot be parsed.
//
//   graph "tiny" {
//     input %x: float32[?x3x8x8] as float32[1x3x8x8]
//     const %w: float32[4x3x3x3] = [0.5, -1, …]
//     %y: float32[1x4x6x6] = Conv(%x, %w, _) {window={strides=[1, 1]}} "conv1"
//     output %y
//   }
//
// An input's declared shape may be open (?); `as` gives its inferred type where it is another, `as
// none` that there is none. `_` stands for an input or output that is absent. Attributes that have
// their default are left out. A quantized value has ` quantized {scales=[0.5], …}` behind its type,
// a node whose results are rounded to such a value ` by tflite-double` before its name, one that
// adds up in an accumulator of its own ` in {bits=24, overflow=Saturate}` behind that. A name with
// other characters than A-Z a-z 0-9 _ . / - is put in quotes: %"a:0". # begins a comment.
#pragma once

#include <string>
#include <string_view>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::ir {

struct PrintOptions {
  std::int64_t max_elements = 64;
};

[[nodiscard]] std::string print(const Graph& graph, const PrintOptions& options = {});
// Types after the colon of a result and names of nodes may be left out. Errors: Parse with `line N`
// as the place.
[[nodiscard]] Result<Graph> parse(std::string_view text);

}  // namespace sluice::ir
