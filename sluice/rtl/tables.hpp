// SPDX-License-Identifier: Apache-2.0
// Functions of one code: what makes the words of sl_table.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/rtl/site.hpp"

namespace sluice::rtl {

// The widest codes that a function is looked up of: rtl/sl_table.sv.
inline constexpr int kMaxTableBits = 12;

// By the site's code function, of what lies between two tensors: the codes of `to` for the
// stream's, which are those of `from`. Unsupported where they are wider than kMaxTableBits.
[[nodiscard]] Result<StreamId> add_table(Site& site, StreamId x, ir::ValueId from, ir::ValueId to);

}  // namespace sluice::rtl
