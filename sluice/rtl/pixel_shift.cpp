// SPDX-License-Identifier: Apache-2.0
#include "sluice/ir/pixel_shift.hpp"

#include <fmt/format.h>

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {
namespace {

// 4 bits each, the first lowest.
std::string digits_of(const std::vector<std::int64_t>& taps) {
  std::string digits;
  for (auto tap = taps.rbegin(); tap != taps.rend(); ++tap) digits += fmt::format("{:x}", *tap);
  return fmt::format("{}'h{}", 4 * taps.size(), digits);
}

}  // namespace

Result<Streams> emit(Site& site, const hw::PixelShift& /*of*/, const Streams& inputs) {
  SL_TRY(const ir::Node* node, site.node());
  const auto shift = ir::pixel_shift_of(site.tensors().network(), *node);
  if (!shift) {
    return Error{ErrorCode::Internal, "is no shift in the network that it is of"};
  }
  SL_TRY(const Codes x, site.tensors().codes(node->inputs[0]));
  const Stream like = site.stream(inputs[0]);
  const hw::FeatureMap& map = site.layer().map;
  Instance& move = site.add("sl_pixel_shift", "pixels", inputs[0],
                            {.lanes = like.lanes, .word = like.word, .beats = like.beats});
  move.set("Width", like.word.bits);
  move.set("Lanes", like.lanes);
  move.set("Rows", map.rows);
  move.set("Cols", map.cols);
  move.set("Beats", map.channels / like.lanes);
  move.set("Period", static_cast<std::int64_t>(shift->taps.size()));
  move.parameters.push_back({"Taps", digits_of(shift->taps)});
  move.set_code("Fill", x.zero_point, like.word.bits);
  return Streams{site.last()};
}

}  // namespace sluice::rtl
