// SPDX-License-Identifier: Apache-2.0
// Model: a TFLite file, verified as a whole before anything is read from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tflite_generated.h>

#include "sluice/base/result.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/tensor.hpp"

namespace sluice::importer::tflite {

// What the file says about one tensor. Views live as long as the Model.
struct TensorInfo {
  std::string_view name;
  DType dtype = DType::Float32;
  Shape shape;                                               // ir::kOpenDim where open
  std::span<const std::byte> content;                        // empty unless it is a constant
  const fb::QuantizationParameters* quantization = nullptr;  // null unless it has a scale

  [[nodiscard]] std::size_t rank() const { return shape.size(); }
};

class Model {
 public:
  // Verifies `bytes`, which `owner` keeps alive and which must be aligned to 16. Parse or
  // Unsupported if they are not a whole TFLite model of schema version 3 with a subgraph.
  static Result<Model> open(std::shared_ptr<const void> owner, std::span<const std::byte> bytes);

  [[nodiscard]] const fb::SubGraph& network() const { return *network_; }
  [[nodiscard]] std::size_t size_bytes() const { return bytes_.size(); }
  [[nodiscard]] std::size_t num_tensors() const;

  // The builtin an operator is; CUSTOM for custom ones. Parse if its code is out of range.
  [[nodiscard]] Result<fb::BuiltinOperator> builtin(const fb::Operator& op) const;
  // `CONV_2D`, `custom "Name"`; the number for codes newer than the schema here.
  [[nodiscard]] std::string operator_name(const fb::Operator& op) const;

  // Parse or Unsupported if the index, type, shape or buffer is not one that can be used.
  [[nodiscard]] Result<TensorInfo> tensor(std::int32_t index) const;

  // The constant as a Tensor that shares the file's bytes where their alignment allows. Parse if
  // the buffer is not as long as type and shape say.
  [[nodiscard]] Result<Tensor> content(const TensorInfo& info) const;

 private:
  Model(std::shared_ptr<const void> owner, std::span<const std::byte> bytes)
      : owner_(std::move(owner)), bytes_(bytes) {}

  Result<TensorInfo> describe(const fb::Tensor& tensor) const;
  Result<std::span<const std::byte>> buffer(std::uint32_t index) const;

  std::shared_ptr<const void> owner_;
  std::span<const std::byte> bytes_;
  const fb::Model* model_ = nullptr;
  const fb::SubGraph* network_ = nullptr;
};

// The IR's element type, Unsupported for those it has not (strings, complex numbers, packed ones).
[[nodiscard]] Result<DType> to_dtype(fb::TensorType type);

}  // namespace sluice::importer::tflite
