// SPDX-License-Identifier: Apache-2.0
// The messages of fpgaConvNet's configuration files, which are protocol buffers in JSON: the names,
// the order and the types of their fields.
#pragma once

#include <span>
#include <string_view>

#include "sluice/base/json.hpp"
#include "sluice/base/result.hpp"

namespace sluice::hw {

// `Quiet` are fields of messages that nothing reads.
enum class ProtoType : unsigned char { Integer, Real, Boolean, Text, LayerType, Message, Quiet };

struct ProtoMessage;
struct ProtoField {
  std::string_view name;  // as written: snake_case
  ProtoType type;
  bool is_list = false;
  const ProtoMessage* message = nullptr;
};
struct ProtoMessage {
  std::string_view name;
  std::span<const ProtoField> fields;  // by their numbers
};

// A whole file.
extern const ProtoMessage kPartitions;

// The same message as its program writes it: keys in snake_case (camelCase is read too), in the
// order of their numbers, layer types by name, numbers of 32 bits; empty lists and nulls are left
// out. Parse, with the place, for a key the message does not have, has twice, or whose value is of
// another type.
[[nodiscard]] Result<Json> canonical(const Json& document, const ProtoMessage& message);

// The double whose shortest text is that of the float32 nearest to the value.
[[nodiscard]] double as_float32(double value);

}  // namespace sluice::hw
