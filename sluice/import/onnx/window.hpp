// SPDX-License-Identifier: Apache-2.0
// The attributes convolutions and poolings share.
#pragma once

#include "sluice/import/onnx/node_reader.hpp"
#include "sluice/ir/ops/window.hpp"

namespace sluice::importer::onnx {

// kernel_shape, strides, dilations, pads, auto_pad.
[[nodiscard]] Status read_window(ir::Window& window, NodeReader& node);

}  // namespace sluice::importer::onnx
