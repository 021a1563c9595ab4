// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {
namespace {

// Whether the constant, broadcast to x, has one number a channel or one for all.
bool is_by_channel(const Site& site, std::size_t constant, const Shape& x) {
  if (number_of(site.network(), site.input(constant))) return true;
  const Shape& shape = site.shape(constant);
  if (shape.size() > x.size() || x.size() < 2) return false;
  for (std::size_t d = 0; d < shape.size(); ++d) {
    const std::size_t of_x = x.size() - shape.size() + d;
    if (of_x != 1 && shape[d] != 1) return false;
  }
  return true;
}

Verdict with_constant(Site& site, std::size_t x, const ChannelAffine& affine) {
  const auto map = site.plain(x);
  if (!map) return site.refusal();
  if (!is_by_channel(site, 1 - x, site.shape(x)) || site.out_shape() != site.shape(x)) {
    return Refused{"its constant differs within a channel",
                   "use a constant with one number a channel, or cut the network before it"};
  }
  Made made{*map, affine, {x}};
  (affine.has_scale ? made.weights : made.bias) = 1 - x;
  return made;
}

// A word a channel, for all its places.
bool is_word_a_channel(const FeatureMap& map, const FeatureMap& of) {
  return map.positions() == 1 && map.channels == of.channels;
}

Verdict of_streams(Site& site, Eltwise op) {
  const bool is_alike = site.shape(0) == site.shape(1);
  if (is_alike && site.view(0) == site.view(1) && site.words(0) == site.words(1)) {
    Made made{site.words(0), Join{op, false, site.acc()}, {0, 1}};
    made.keeps_order = true;
    return made;
  }
  const auto first = site.plain(0);
  if (!first) return site.refusal();
  const auto second = site.plain(1);
  if (!second) return site.refusal();
  if (*first == *second) return Made{*first, Join{op, false, site.acc()}, {0, 1}};
  if (is_word_a_channel(*second, *first)) {
    return Made{*first, Join{op, true, site.acc()}, {0, 1}};
  }
  if (is_word_a_channel(*first, *second)) {
    return Made{*second, Join{op, true, site.acc()}, {1, 0}};
  }
  return Refused{"it repeats one operand along rows, columns or channels",
                 "use operands of the same shape, or one with a word a channel"};
}

Verdict joined(Site& site, Eltwise op) {
  if (site.is_stream(0) && site.is_stream(1)) return of_streams(site, op);
  const bool is_product = op == Eltwise::Mul;
  return with_constant(site, site.is_stream(0) ? 0 : 1, {is_product, !is_product});
}

// The larger or the smaller of words and constants is a cut.
Verdict cut(Site& site) {
  if (site.num_inputs() == 1) return Dropped{};
  std::size_t streams = 0;
  for (std::size_t i = 0; i < site.num_inputs(); ++i) streams += site.is_stream(i) ? 1 : 0;
  if (streams != 1 || !site.is_stream(0) || site.out_shape() != site.shape(0)) {
    return Refused{"it compares two streams", "use Relu or Clip, or cut the network before it"};
  }
  return convert_function(Function::Relu, site);
}

}  // namespace

Verdict convert(const ir::Add& /*op*/, Site& site) {
  return joined(site, Eltwise::Add);
}

Verdict convert(const ir::Mul& /*op*/, Site& site) {
  return joined(site, Eltwise::Mul);
}

Verdict convert(const ir::Sub& /*op*/, Site& site) {
  if (site.is_stream(0) && site.is_stream(1)) {
    return Refused{"there is no hardware for differences of streams",
                   "negate the weights of the layer that makes the second operand, and use Add"};
  }
  const bool negates = site.is_stream(1);
  return with_constant(site, negates ? 1 : 0, {negates, true});
}

Verdict convert(const ir::Div& /*op*/, Site& site) {
  if (site.is_stream(1)) {
    return Refused{"there is no hardware for quotients of streams",
                   "use a product, or cut the network before it"};
  }
  return with_constant(site, 0, {true, false});
}

Verdict convert(const ir::Max& /*op*/, Site& site) {
  return cut(site);
}

Verdict convert(const ir::Min& /*op*/, Site& site) {
  return cut(site);
}

Verdict convert(const ir::PRelu& /*op*/, Site& site) {
  if (site.is_stream(1) || !site.is_stream(0)) {
    return Refused{"its slope is computed while it runs", "use a constant slope"};
  }
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  if (!is_by_channel(site, 1, site.shape(0))) {
    return Refused{"its slope differs within a channel", "use a slope a channel"};
  }
  Verdict verdict = convert_function(Function::Relu, site);
  std::get<Made>(verdict).map = *map;
  return verdict;
}

Verdict convert(const ir::Pow& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for powers", "use products, or cut the network before it"};
}

Verdict convert(const ir::Equal& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for comparisons of values",
                 "cut the network before it, and let the host do it"};
}

Verdict convert(const ir::Where& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for choices between streams",
                 "cut the network before it, and let the host do it"};
}

}  // namespace sluice::hw::ops
