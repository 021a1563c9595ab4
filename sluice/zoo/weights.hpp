// SPDX-License-Identifier: Apache-2.0
// State dicts of networks of the zoo: weights in and out under their names.
#pragma once

#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/import/checkpoint.hpp"
#include "sluice/zoo/network.hpp"

namespace sluice::zoo {

// Puts the tensors of a checkpoint into the network, cast to float32. Names may be the network's
// own or all of one of its other_names; counters of batches are passed over, and the taps of
// shifts may be missing but not be others. Verify, naming the first few of each, if names are
// missing, are left over, or stand for tensors of other shapes; nothing is changed then.
[[nodiscard]] Status load_weights(Network& network, const importer::Checkpoint& checkpoint);

// The tensors of all parameters in their order, under the network's own names or, if `naming` is
// not empty, those of the other_names called so; InvalidArgument if there are none. A clip's scale
// has the shape [1], as training has it.
[[nodiscard]] Result<std::vector<NamedTensor>> state_dict(const Network& network,
                                                          std::string_view naming = {});

}  // namespace sluice::zoo
