// SPDX-License-Identifier: Apache-2.0
// Sums of two maps: sl_add weighs and adds, sl_requantize or sl_shift_round makes codes of it.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/numeric/code_sum.hpp"
#include "sluice/rtl/joins.hpp"
#include "sluice/rtl/line.hpp"
#include "sluice/rtl/memory_words.hpp"
#include "sluice/rtl/pair_scaler.hpp"
#include "sluice/rtl/rescale.hpp"

namespace sluice::rtl {
namespace {

// a·factor_a + b·factor_b + constant.
struct Weighted {
  std::int64_t factor_a = 1, factor_b = 1, constant = 0;
};

int bits_of_sum(const Weighted& by, const Codes& a, const Codes& b) {
  const auto ends = [](std::int64_t factor, numeric::CodeRange codes) {
    return std::minmax({factor * codes.lowest, factor * codes.highest});
  };
  const auto of_a = ends(by.factor_a, a.range);
  const auto of_b = ends(by.factor_b, b.range);
  return std::max(signed_bits(of_a.first + of_b.first + by.constant),
                  signed_bits(of_a.second + of_b.second + by.constant));
}

StreamId add_weighted(Site& site, const Streams& inputs, const Weighted& by, int bits) {
  const Stream a = site.stream(inputs[0]);
  const Stream b = site.stream(inputs[1]);
  const StreamId y =
      site.add_stream("sums", {.lanes = a.lanes, .word = {bits, true}, .beats = a.beats});
  Instance& add =
      site.add("sl_add", "sums", {{"a", {inputs[0]}}, {"b", {inputs[1]}}}, {{"y", {y}}});
  add.set("AWidth", a.word.bits);
  add.set_flag("ASigned", a.word.is_signed);
  add.set("BWidth", b.word.bits);
  add.set_flag("BSigned", b.word.is_signed);
  add.set("Lanes", a.lanes);
  add.set("FactorA", by.factor_a);
  add.set("FactorB", by.factor_b);
  add.set("Constant", by.constant);
  add.set("SumWidth", bits);
  return y;
}

// Where all scales are powers of two the sum counts in the smaller of those of a and b.
Result<StreamId> add_by_shift(Site& site, const Streams& inputs, const ir::Node& node) {
  const Tensors& tensors = site.tensors();
  SL_TRY(const Codes a, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes b, tensors.codes(node.inputs[1]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  const auto of_a = numeric::exact_log2(a.scale);
  const auto of_b = numeric::exact_log2(b.scale);
  constexpr int kFurthest = 24;
  if (!of_a || !of_b || std::abs(*of_a - *of_b) > kFurthest) {
    return Error{ErrorCode::Unsupported,
                 "adds codes whose scales are no powers of two, or further apart than 2^24"};
  }
  const int unit = std::min(*of_a, *of_b);
  Weighted by{std::int64_t{1} << (*of_a - unit), std::int64_t{1} << (*of_b - unit)};
  by.constant = -a.zero_point * by.factor_a - b.zero_point * by.factor_b;
  const StreamId sums = add_weighted(site, inputs, by, bits_of_sum(by, a, b));
  SL_TRY(const numeric::Requantizer requantizer,
         numeric::make_requantizer(*node.arithmetic, {std::min(a.scale, b.scale), 1, y.scale},
                                   y.zero_point, y.range));
  return add_requantizer(site, sums, y, {&requantizer, 1}, {});
}

// With scales of any size: multipliers that were tried on every pair of codes.
Result<StreamId> add_by_factors(Site& site, const Streams& inputs, const ir::Node& node) {
  const Tensors& tensors = site.tensors();
  SL_TRY(const Codes a, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes b, tensors.codes(node.inputs[1]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  const ir::Graph& network = tensors.network();
  const numeric::Quantization& quantization_a = *network[node.inputs[0]].quantization;
  const numeric::Quantization& quantization_b = *network[node.inputs[1]].quantization;
  SL_TRY(const numeric::CodeSum sum,
         numeric::CodeSum::make(node.arithmetic.value_or(numeric::Arithmetic::Onnx), quantization_a,
                                quantization_b, *network[node.outputs[0]].quantization, 1));
  SL_TRY(const PairScaler scaler,
         fit_pair_scaler(rule_of(sum, quantization_a, quantization_b), y.range));
  // The sum counts from the pivot, so that its sign says which offset it takes.
  const Weighted by{scaler.multiplier_a, scaler.multiplier_b, -scaler.pivot};
  const StreamId sums = add_weighted(site, inputs, by, bits_of_sum(by, a, b));
  return add_scaler(site, sums, y.word,
                    {.shift = scaler.shift,
                     .multiplier_bits = 0,
                     .offset_bits = scaler.sum_bits + 1,
                     .product_bits = scaler.sum_bits + 1,
                     .has_negative_offset = scaler.has_negative_offset(),
                     .has_tie_window = scaler.tie_window != 0,
                     .tie_parity = scaler.tie_parity,
                     .codes = y.range,
                     .channels = {{1, scaler.offset + scaler.pivot,
                                   scaler.negative_offset + scaler.pivot, scaler.tie_window}}});
}

}  // namespace

Result<StreamId> add_sum(Site& site, const Streams& inputs, const ir::Node& node) {
  const bool shifts = node.arithmetic && numeric::is_shift(*node.arithmetic);
  return shifts ? add_by_shift(site, inputs, node) : add_by_factors(site, inputs, node);
}

}  // namespace sluice::rtl
