// SPDX-License-Identifier: Apache-2.0
// From a mapped network to instances of the module library.
#pragma once

#include <string>

#include "sluice/base/result.hpp"
#include "sluice/hw/graph.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/rtl/netlist.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {

// The hardware of one partition, up to date, of an integer network: what its layers compute is
// taken from the network, how they are folded and how deep the FIFOs before joins are from the
// partition. `name` is the module's; `code_function` has the functions of one code that are looked
// up. Its words equal the codes of the exact engine; the tensors of
// its inputs, outputs and taps are those of the network. Unsupported, with the layer as the place,
// for what the library has no module for.
[[nodiscard]] Result<Netlist> emit_netlist(const ir::Graph& network, const hw::Graph& hardware,
                                           std::string name, CodeFunction code_function);

}  // namespace sluice::rtl
