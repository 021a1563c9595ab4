// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {

Verdict convert(const ir::BatchNormalization& op, Site& site) {
  if (op.training_mode) {
    return Refused{"it is in training mode", "export the model for inference"};
  }
  const auto map = site.plain(0);
  if (!map) return site.refusal();
  Made made{*map, ChannelAffine{true, true}};
  made.weights = 1;
  made.bias = 2;
  return made;
}

Verdict convert(const ir::GroupNormalization& /*op*/, Site& /*site*/) {
  return Refused{"it needs the mean of words that have not come yet",
                 "train the network with BatchNormalization"};
}

Verdict convert(const ir::InstanceNormalization& /*op*/, Site& /*site*/) {
  return Refused{"it needs the mean of words that have not come yet",
                 "train the network with BatchNormalization"};
}

}  // namespace sluice::hw::ops
