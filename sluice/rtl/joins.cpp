// SPDX-License-Identifier: Apache-2.0
// Sums and products of two maps, or of a map and a word a channel.
#include "sluice/rtl/joins.hpp"

#include <algorithm>

#include "sluice/numeric/requantize.hpp"
#include "sluice/rtl/line.hpp"
#include "sluice/rtl/rescale.hpp"
#include "sluice/rtl/rules.hpp"

namespace sluice::rtl {
namespace {

// A pixel comes again at each of the map's.
StreamId add_pixels(Site& site, StreamId pixel) {
  const hw::FeatureMap& map = site.layer().map;
  const Stream from = site.stream(pixel);
  Instance& repeat =
      site.add("sl_repeat", "pixels", pixel,
               {.lanes = from.lanes, .word = from.word, .beats = from.beats * map.positions()});
  repeat.set("Width", from.word.bits);
  repeat.set("Lanes", from.lanes);
  repeat.set("Rows", 1);
  repeat.set("Cols", 1);
  repeat.set("Beats", from.beats);
  repeat.set("RowScale", map.rows);
  repeat.set("ColScale", map.cols);
  return site.last();
}

}  // namespace

// The product counts in the product of both scales.
Result<StreamId> add_product(Site& site, const Streams& inputs, const ir::Node& node) {
  const Tensors& tensors = site.tensors();
  SL_TRY(const Codes a, tensors.codes(node.inputs[0]));
  SL_TRY(const Codes b, tensors.codes(node.inputs[1]));
  SL_TRY(const Codes y, tensors.codes(node.outputs[0]));
  const auto least = [](const Codes& of) { return of.range.lowest - of.zero_point; };
  const auto most = [](const Codes& of) { return of.range.highest - of.zero_point; };
  const auto [lowest, highest] =
      std::minmax({least(a) * least(b), least(a) * most(b), most(a) * least(b), most(a) * most(b)});
  const int bits = std::max(signed_bits(lowest), signed_bits(highest));
  constexpr int kMostBits = 47;
  if (bits > kMostBits) {
    return Error{ErrorCode::Unsupported, "its products need more than 47 bits"};
  }
  const Stream of_a = site.stream(inputs[0]);
  const StreamId products =
      site.add_stream("products", {.lanes = of_a.lanes, .word = {bits, true}, .beats = of_a.beats});
  Instance& mul =
      site.add("sl_mul", "products", {{"a", {inputs[0]}}, {"b", {inputs[1]}}}, {{"y", {products}}});
  mul.set("AWidth", a.word.bits);
  mul.set_flag("ASigned", a.word.is_signed);
  mul.set("AZero", a.zero_point);
  mul.set("BWidth", b.word.bits);
  mul.set_flag("BSigned", b.word.is_signed);
  mul.set("BZero", b.zero_point);
  mul.set("Lanes", of_a.lanes);
  mul.set("ProductWidth", bits);
  if (node.arithmetic && numeric::is_shift(*node.arithmetic)) {
    SL_TRY(const numeric::Requantizer requantizer,
           numeric::make_requantizer(*node.arithmetic, {a.scale, b.scale, y.scale}, y.zero_point,
                                     y.range));
    return add_requantizer(site, products, y, {&requantizer, 1}, {});
  }
  SL_TRY(const AccumulatorRule rule, product_rule(tensors.network(), node));
  return add_scaler(site, products, y.word, {&rule, 1}, y.range);
}

Result<Streams> emit(Site& site, const hw::Join& of, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  const bool is_sum = of.op == hw::Eltwise::Add && ir::is<ir::Add>(node->op);
  const bool is_product = of.op == hw::Eltwise::Mul && ir::is<ir::Mul>(node->op);
  if ((!is_sum && !is_product) || inputs.size() != 2 || site.layer().is_3d) {
    return Error{ErrorCode::Unsupported,
                 "is no sum or product of two maps; the modules have no other joins of numbers"};
  }
  Streams operands = inputs;
  if (of.broadcasts) {
    const bool is_first = site.stream(inputs[0]).beats < site.stream(inputs[1]).beats;
    StreamId& pixel = operands[is_first ? 0 : 1];
    pixel = add_pixels(site, pixel);
  }
  SL_TRY(const StreamId codes,
         is_sum ? add_sum(site, operands, *node) : add_product(site, operands, *node));
  return Streams{codes};
}

}  // namespace sluice::rtl
