// SPDX-License-Identifier: Apache-2.0
// What a layer of fpgaConvNet's configuration files computes, by its type.
#pragma once

#include <string>
#include <string_view>

#include "sluice/base/json.hpp"
#include "sluice/hw/config/fields.hpp"

namespace sluice::hw {

struct LayerKind {
  std::string type, op_type;
};

// Whether fpgaConvNet's files give each port of such a layer its numbers.
[[nodiscard]] bool has_port_lists(const Operation& operation);
// Whether they say `coarse`, beside coarse_in and coarse_out.
[[nodiscard]] bool has_coarse(const Operation& operation);

// The operation, from `layer`'s type, op_type and parameters; `like` is of the model, for what a
// file does not say.
[[nodiscard]] Result<Operation> read_operation(const JsonReader& layer, const Fields& fields,
                                               const Operation* like);

// The type of an operation; Unsupported if there is none.
[[nodiscard]] Result<LayerKind> kind_of(const Operation& operation);

}  // namespace sluice::hw
