// SPDX-License-Identifier: Apache-2.0
// Verify: whether a mapped network is one of a problem's, and fits. Shares no code with what finds
// it, but for the model of a layer.
#pragma once

#include <string>
#include <vector>

#include "sluice/dse/problem.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::dse {

// What is wrong, each a sentence with the place and numbers; empty: nothing. Checked are: every
// layer of the problem is there once and computes the same, in partitions in the order of the
// words; foldings divide what they fold; streams agree or are regrouped; passes divide the filters;
// weights lie where they can, and as many words can wait before joins as must; what is claimed of
// each partition (`claimed`) is so; and each partition is within the device's ceilings, its memory
// included. Any network may be asked about, however wrong.
[[nodiscard]] std::vector<std::string> violations(
    const Problem& problem, const hw::HardwareNetwork& network,
    const std::vector<hw::PartitionEstimate>& claimed);

}  // namespace sluice::dse
