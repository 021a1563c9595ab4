// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "sluice/hw/build/convolutions.hpp"
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {
namespace {

// ONNX's ceil_mode lets the last window reach beyond the pads: then it is padded so far.
ir::Dims reached(const ir::ResolvedWindow& window, const Shape& shape) {
  ir::Dims end = window.pad_end;
  for (std::size_t d = 0; d < end.size(); ++d) {
    const std::int64_t needed = (window.output[d] - 1) * window.strides[d] + window.kernel[d] -
                                shape[d + 2] - window.pad_begin[d];
    end[d] = std::max(end[d], needed);
  }
  return end;
}

template <class Pool>
Verdict pool(const Pool& op, Reduction reduction, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  const auto window = ir::resolve_pool(op, site.shape(0));
  if (!window) return Refused{"its window does not fit its input", "export the model again"};
  if (std::ranges::any_of(window->dilations, [](std::int64_t by) { return by != 1; })) {
    return Refused{"the words of its window are apart", "use a pooling without dilation"};
  }
  if (site.num_outputs() > 1 && site.is_used(1)) {
    return Refused{"it gives the places of the largest words",
                   "use a pooling that gives the words alone"};
  }
  const Pooling made{reduction, extent_of(window->kernel), extent_of(window->strides),
                     padding_of(window->pad_begin, reached(*window, site.shape(0)))};
  return Made{*map, pooling(reduction, *map, made, site)};
}

Verdict global(Reduction reduction, Site& site) {
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  return Made{*map, GlobalPooling{reduction, site.acc()}};
}

}  // namespace

Operation pooling(Reduction reduction, const FeatureMap& map, const Pooling& of, const Site& site) {
  const Padding& by = of.padding;
  const bool is_padded = by.top + by.bottom + by.left + by.right + by.front + by.back > 0;
  if (!is_padded && of.kernel == Extent{map.rows, map.cols, map.depth}) {
    return GlobalPooling{reduction, site.acc()};
  }
  return of;
}

Verdict convert(const ir::AveragePool& op, Site& site) {
  return pool(op, Reduction::Average, site);
}

Verdict convert(const ir::MaxPool& op, Site& site) {
  return pool(op, Reduction::Max, site);
}

Verdict convert(const ir::GlobalAveragePool& /*op*/, Site& site) {
  return global(Reduction::Average, site);
}

Verdict convert(const ir::GlobalMaxPool& /*op*/, Site& site) {
  return global(Reduction::Max, site);
}

Verdict convert(const ir::LpPool& /*op*/, Site& /*site*/) {
  return Refused{"there is no hardware for norms of windows", "use MaxPool or AveragePool"};
}

}  // namespace sluice::hw::ops
