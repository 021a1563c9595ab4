// SPDX-License-Identifier: Apache-2.0
// From an operator's fields to ONNX's attributes.
#pragma once

#include <onnx/onnx.pb.h>
#include <span>
#include <string>

#include "sluice/ir/op.hpp"

namespace sluice::exporter::onnx {

// Adds the attributes that differ from their default, or that ONNX asks for, in the newest opset's
// names. What ONNX says in another way than by an attribute is left out: the scales of
// GroupNormalization and the form of Softmax by the opset, the ratio of Dropout by an input.
void set_attributes(const ir::Op& op, ::onnx::NodeProto& node);

// Adds a hardware attribute in the form that fpgaConvNet's tools read: widths and flags are one
// integer, the rest lists of float32.
void set_hardware_attribute(const std::string& name, std::span<const double> numbers,
                            ::onnx::NodeProto& node);

}  // namespace sluice::exporter::onnx
