// SPDX-License-Identifier: Apache-2.0
// The zeros between the words of a transposed convolution.
#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {

SpreadMap add_spread(Site& site, StreamId x, const hw::FeatureMap& map, const hw::Extent& by,
                     std::int64_t fill) {
  if (by.size() == 1) return {x, map};
  const std::int64_t lanes = site.stream(x).lanes;
  const WordType word = site.stream(x).word;
  const std::int64_t beats = map.channels / lanes;
  // What makes the words goes on while zeros are made: a row may wait, or a pixel where no rows
  // come between.
  const std::int64_t depth = by.rows > 1 ? map.cols * beats : beats;
  if (depth > 1) {
    Instance& waiting = site.add("sl_fifo", "row", x,
                                 {.lanes = lanes, .word = word, .beats = map.positions() * beats});
    waiting.set("Width", lanes * word.bits);
    waiting.set("Depth", depth);
    x = site.last();
  }
  const hw::FeatureMap made{(map.rows - 1) * by.rows + 1, (map.cols - 1) * by.cols + 1, map.depth,
                            map.channels};
  Instance& spread = site.add("sl_spread", "spread", x,
                              {.lanes = lanes, .word = word, .beats = made.positions() * beats});
  spread.set("Width", word.bits);
  spread.set("Lanes", lanes);
  spread.set("Rows", map.rows);
  spread.set("Cols", map.cols);
  spread.set("Beats", beats);
  spread.set("RowStep", by.rows);
  spread.set("ColStep", by.cols);
  spread.set_code("Fill", fill, word.bits);
  return {site.last(), made};
}

}  // namespace sluice::rtl
