// SPDX-License-Identifier: Apache-2.0
// What the calls of a checkpoint's pickle come to, one rule a GlobalKind: functions of Python are
// replaced by what they are known to return, and classes of modules by their attributes.
#pragma once

#include <variant>

#include "sluice/import/pytorch/unpickle.hpp"

namespace sluice::importer::pytorch {

// A new value, or one that is there already.
using Reduced = std::variant<Value, ValueId>;

// `callee(*arguments)`. Errors: Parse where the arguments are not what it takes, Unsupported for
// what cannot be called.
[[nodiscard]] Result<Reduced> reduce(const Pickle& pickle, ValueId callee, ValueId arguments);

// `callee.__new__(callee, *arguments)`, of classes of modules only.
[[nodiscard]] Result<Value> make_object(const Pickle& pickle, ValueId callee, ValueId arguments);

// `target.__setstate__(state)`: a module's attributes; what others have beside their content (an
// OrderedDict's _metadata) is left out.
[[nodiscard]] Status set_state(Pickle& pickle, ValueId target, ValueId state);

// What stands outside the pickle: a storage, or the class of a module with its source text, of
// which the class is taken.
[[nodiscard]] Result<Reduced> resolve_persistent(const Pickle& pickle, ValueId id);

}  // namespace sluice::importer::pytorch
