// SPDX-License-Identifier: Apache-2.0
// The zeros between the words of a transposed convolution.
#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {

StreamId add_spread(Site& site, StreamId x, const hw::FeatureMap& map, const hw::Extent& by,
                    std::int64_t fill) {
  if (by.size() == 1) return x;
  const std::int64_t lanes = site.stream(x).lanes;
  const WordType word = site.stream(x).word;
  const std::int64_t beats = map.channels / lanes;
  const std::int64_t depth = hw::spread_depth({map.rows, map.cols, map.depth, beats}, by);
  if (depth > 0) {
    Instance& waiting = site.add("sl_fifo", "row", x,
                                 {.lanes = lanes, .word = word, .beats = map.positions() * beats});
    waiting.set("Width", lanes * word.bits);
    waiting.set("Depth", depth);
    x = site.last();
  }
  const std::int64_t positions = hw::spread_map(map, by).positions();
  Instance& spread = site.add("sl_spread", "spread", x,
                              {.lanes = lanes, .word = word, .beats = positions * beats});
  spread.set("Width", word.bits);
  spread.set("Lanes", lanes);
  spread.set("Rows", map.rows);
  spread.set("Cols", map.cols);
  spread.set("Beats", beats);
  spread.set("RowStep", by.rows);
  spread.set("ColStep", by.cols);
  spread.set_code("Fill", fill, word.bits);
  return site.last();
}

}  // namespace sluice::rtl
