// SPDX-License-Identifier: Apache-2.0
// AXI4-Stream around a netlist's module.
#pragma once

#include <string>
#include <string_view>

#include "sluice/rtl/netlist.hpp"

namespace sluice::rtl {

// What axis_wrapper() calls its module.
[[nodiscard]] std::string axis_name(const Netlist& netlist);

// A module with the netlist's in it and an AXI4-Stream for each of its ports: aclk, aresetn,
// s_axis_tvalid, s_axis_tready, s_axis_tdata, s_axis_tlast and m_axis_…; of several s_axis0_….
// Words are filled up to bytes, tlast is in the last of a feature map. `head`: lines for the
// comment at its beginning.
[[nodiscard]] std::string axis_wrapper(const Netlist& netlist, std::string_view head);

}  // namespace sluice::rtl
