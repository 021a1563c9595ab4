// SPDX-License-Identifier: Apache-2.0
// Single elements of tensors as text: numbers in the fewest digits that give them back exactly, and
// the bits in hexadecimal where no number does (a NaN with a payload).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/numeric/tensor.hpp"

namespace sluice::ir {

// "1.5", "-3", "true", "nan", "0x7fc00001".
[[nodiscard]] std::string element_text(const Tensor& tensor, std::size_t i);

// Sets the element to what the text says; false if it says nothing of the tensor's type.
[[nodiscard]] bool set_element(Tensor& tensor, std::size_t i, std::string_view text);

// Whether every element is one of the type's: bytes of booleans and of types of fewer than 8 bits
// have more values than those.
[[nodiscard]] bool has_valid_elements(const Tensor& tensor);

}  // namespace sluice::ir
