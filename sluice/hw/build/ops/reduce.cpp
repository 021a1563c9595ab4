// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {
namespace {

// Along all of rows, columns and depth, and nothing else.
template <class Op>
Verdict over_space(const Op& op, Reduction reduction, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  const auto axes = integers_of(site.network(), site.input(1));
  const Shape& shape = site.shape(0);
  if (!site.has(1) || axes) {
    const auto reduced = ir::reduced_dims(axes.value_or(std::vector<std::int64_t>()),
                                          op.noop_with_empty_axes, shape.size());
    bool is_space = reduced.has_value();
    for (std::size_t d = 0; is_space && d < shape.size(); ++d) {
      is_space = shape[d] == 1 || (*reduced)[d] == (d > 1);
    }
    if (is_space) return Made{*map, GlobalPooling{reduction, site.acc()}};
  }
  return Refused{"it goes along other dimensions than rows and columns",
                 "reduce all rows and columns, or cut the network before it"};
}

}  // namespace

Verdict convert(const ir::ReduceMean& op, Site& site) {
  return over_space(op, Reduction::Average, site);
}

Verdict convert(const ir::ReduceMax& op, Site& site) {
  return over_space(op, Reduction::Max, site);
}

Verdict convert(const ir::ReduceMin& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for the least word of a map",
                 "negate the weights before it, and use ReduceMax"};
}

Verdict convert(const ir::ReduceSum& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for sums over a map",
                 "use ReduceMean, and put the count into the weights behind it"};
}

Verdict convert(const ir::ArgMax& /*op*/, Site& /*site*/) {
  return EndsOnHost{};
}

Verdict convert(const ir::Softmax& /*op*/, Site& /*site*/) {
  return EndsOnHost{};
}

}  // namespace sluice::hw::ops
