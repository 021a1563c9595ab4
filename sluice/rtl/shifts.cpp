// SPDX-License-Identifier: Apache-2.0
// Channels that move by a pixel.
#include <algorithm>
#include <fmt/format.h>

#include "sluice/hw/build/pixel_shift.hpp"
#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

// After how many channels the taps come again.
std::size_t period_of(const std::vector<std::int64_t>& taps) {
  for (std::size_t period = 1; period < taps.size(); ++period) {
    const auto shorter = taps.end() - static_cast<std::ptrdiff_t>(period);
    if (std::equal(taps.begin(), shorter, taps.begin() + static_cast<std::ptrdiff_t>(period))) {
      return period;
    }
  }
  return taps.size();
}

// Four bits each, the first lowest.
std::string taps_text(const std::vector<std::int64_t>& taps, std::size_t period) {
  std::string list;
  for (std::size_t i = period; i-- > 0;) {
    list += fmt::format("{}4'd{}", list.empty() ? "" : ", ", taps[i]);
  }
  return fmt::format("{{{}}}", list);
}

}  // namespace

Result<Streams> emit(Site& site, const hw::PixelShift& /*of*/, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  const auto taps = hw::shift_taps(site.tensors().network(), *node);
  if (!taps) {
    return Error{ErrorCode::Internal, "is to move pixels, but is no convolution that does"};
  }
  const std::size_t period = period_of(*taps);
  const hw::FeatureMap& map = site.layer().map;
  const Stream from = site.stream(inputs[0]);
  Instance& shift = site.add("sl_pixel_shift", "pixels", inputs[0],
                             {.lanes = from.lanes, .word = from.word, .beats = from.beats});
  shift.set("Width", from.word.bits);
  shift.set("Lanes", from.lanes);
  shift.set("Rows", map.rows);
  shift.set("Cols", map.cols);
  shift.set("Beats", map.channels / from.lanes);
  shift.set("Period", static_cast<std::int64_t>(period));
  shift.parameters.push_back({"Taps", taps_text(*taps, period)});
  shift.set_code("Fill", x.zero_point, from.word.bits);
  return Streams{site.last()};
}

}  // namespace sluice::rtl
