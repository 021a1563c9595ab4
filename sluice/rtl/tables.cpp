// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/tables.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/rtl/memory_words.hpp"

namespace sluice::rtl {
namespace {

// All codes of the words' width, in the order of their bits without a sign; those that the tensor
// does not have stand for the nearest that it has.
std::vector<std::int64_t> codes_by_bits(const Codes& x) {
  const std::int64_t count = std::int64_t{1} << x.word.bits;
  std::vector<std::int64_t> codes;
  codes.reserve(static_cast<std::size_t>(count));
  for (std::int64_t bits = 0; bits < count; ++bits) {
    const bool is_negative = x.word.is_signed && bits >= count / 2;
    codes.push_back(std::clamp(is_negative ? bits - count : bits, x.range.lowest, x.range.highest));
  }
  return codes;
}

}  // namespace

Result<StreamId> add_table(Site& site, StreamId x, ir::ValueId from, ir::ValueId to) {
  SL_TRY(const Codes of_x, site.tensors().codes(from));
  SL_TRY(const Codes of_y, site.tensors().codes(to));
  if (of_x.word.bits > kMaxTableBits) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("is a function of codes of {} bits, and what is looked up has at most "
                             "{}; quantize its input to fewer",
                             of_x.word.bits, kMaxTableBits)};
  }
  SL_TRY(const std::vector<std::int64_t> words,
         site.tensors().code_function(from, to, codes_by_bits(of_x)));
  const std::string file = site.add_memory("function", words_of_stream(words, 1, of_y.word.bits));
  const std::int64_t lanes = site.stream(x).lanes;
  Instance& table = site.add("sl_table", "codes", x,
                             {.lanes = lanes, .word = of_y.word, .beats = site.stream(x).beats});
  table.set("XWidth", of_x.word.bits);
  table.set("YWidth", of_y.word.bits);
  table.set("Lanes", lanes);
  table.set_file("File", file);
  return site.last();
}

}  // namespace sluice::rtl
