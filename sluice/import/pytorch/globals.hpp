// SPDX-License-Identifier: Apache-2.0
// The Python names that a checkpoint may mention. Each stands for something this reader does by
// itself; none is looked up or called anywhere.
#pragma once

#include <string>
#include <string_view>

#include "sluice/numeric/dtype.hpp"

namespace sluice::importer::pytorch {

enum class GlobalKind : unsigned char {
  Dictionary,        // collections.OrderedDict
  Set,               // a set, kept as a list
  Size,              // torch.Size: the tuple it is given
  RebuildTensor,     // storage, offset, sizes, strides, and what only training needs
  RebuildParameter,  // the tensor it is given
  Storage,           // the type of a storage
  Module,            // a class of modules, of which only the dictionary of attributes is kept
  Inert,             // a device, a number type, a scalar of NumPy's: taken and left out
};

struct AllowedGlobal {
  std::string_view module;
  std::string_view name;
  GlobalKind kind;
  DType dtype = DType::Float32;  // of a Storage
};

// The entry of the list, or null: then the pickle is refused.
[[nodiscard]] const AllowedGlobal* find_global(std::string_view module, std::string_view name);

}  // namespace sluice::importer::pytorch
