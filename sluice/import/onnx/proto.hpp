// SPDX-License-Identifier: Apache-2.0
// From protobuf's messages to plain structs. Only sources that know protobuf include this.
#pragma once

#include <onnx/onnx.pb.h>

#include "sluice/base/result.hpp"
#include "sluice/import/onnx/external.hpp"
#include "sluice/import/onnx/model.hpp"

namespace sluice::importer::onnx {

// The tensor's content; takes the message's bytes over instead of copying them. Allocates no more
// than a small multiple of what the message holds.
[[nodiscard]] Result<Tensor> take_tensor(::onnx::TensorProto& message, ExternalFiles& files);

// The whole model; takes the content out of the message.
[[nodiscard]] Result<Model> take_model(::onnx::ModelProto& message, ExternalFiles& files);

}  // namespace sluice::importer::onnx
