// SPDX-License-Identifier: Apache-2.0
// What layers that join two maps number by number are made of.
#pragma once

#include "sluice/rtl/layers.hpp"

namespace sluice::rtl {

// Of the streams of the node's two inputs, which have words for words.
[[nodiscard]] Result<StreamId> add_sum(Site& site, const Streams& inputs, const ir::Node& node);
[[nodiscard]] Result<StreamId> add_product(Site& site, const Streams& inputs, const ir::Node& node);

}  // namespace sluice::rtl
