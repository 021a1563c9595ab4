// SPDX-License-Identifier: Apache-2.0
// Builds small TFLite models for tests of the importer.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <tflite_generated.h>
#include <vector>

#include "sluice/import/tflite.hpp"

namespace sluice::test {

namespace fb = importer::tflite::fb;
using Builtin = fb::BuiltinOperator;

// Tensors are referred to by the index that their function returns.
class TfliteModel {
 public:
  using Ints = std::vector<std::int32_t>;

  TfliteModel() { add_buffer({}); }

  // For options: fb::CreateAddOptions(model.fbb(), …).
  flatbuffers::FlatBufferBuilder& fbb() { return fbb_; }

  // A tensor without content. The signature, if given, is the shape with -1 where open.
  std::int32_t tensor(const std::string& name, const Ints& shape,
                      fb::TensorType type = fb::TensorType::FLOAT32, const Ints& signature = {}) {
    return add_tensor(name, shape, type, 0, signature);
  }
  std::int32_t input(const std::string& name, const Ints& shape,
                     fb::TensorType type = fb::TensorType::FLOAT32, const Ints& signature = {}) {
    inputs_.push_back(tensor(name, shape, type, signature));
    return inputs_.back();
  }
  std::int32_t quantized_tensor(const std::string& name, const Ints& shape, fb::TensorType type,
                                float scale, std::int64_t zero_point) {
    return add_tensor(name, shape, type, 0, {}, grid({scale}, {zero_point}, 0));
  }
  std::int32_t quantized_input(const std::string& name, const Ints& shape, fb::TensorType type,
                               float scale, std::int64_t zero_point) {
    inputs_.push_back(quantized_tensor(name, shape, type, scale, zero_point));
    return inputs_.back();
  }
  std::int32_t quantized_output(const std::string& name, const Ints& shape, fb::TensorType type,
                                float scale, std::int64_t zero_point) {
    outputs_.push_back(quantized_tensor(name, shape, type, scale, zero_point));
    return outputs_.back();
  }
  std::int32_t output(const std::string& name, const Ints& shape,
                      fb::TensorType type = fb::TensorType::FLOAT32) {
    outputs_.push_back(tensor(name, shape, type));
    return outputs_.back();
  }
  void output(std::int32_t index) { outputs_.push_back(index); }

  template <class T>
  std::int32_t constant(const std::string& name, const Ints& shape, const std::vector<T>& content,
                        fb::TensorType type) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(content.data());
    return add_tensor(name, shape, type, add_buffer({bytes, bytes + content.size() * sizeof(T)}));
  }
  std::int32_t floats(const std::string& name, const Ints& shape,
                      const std::vector<float>& content) {
    return constant(name, shape, content, fb::TensorType::FLOAT32);
  }
  std::int32_t ints(const std::string& name, const Ints& content) {
    return ints(name, {static_cast<std::int32_t>(content.size())}, content);
  }
  std::int32_t ints(const std::string& name, const Ints& shape, const Ints& content) {
    return constant(name, shape, content, fb::TensorType::INT32);
  }

  // A constant of codes: one scale, or one for each index of a dimension.
  template <class Code>
  std::int32_t quantized_constant(const std::string& name, const Ints& shape,
                                  const std::vector<Code>& codes, const std::vector<float>& scales,
                                  std::int32_t dimension, std::int64_t zero_point = 0) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(codes.data());
    const std::uint32_t buffer = add_buffer({bytes, bytes + codes.size() * sizeof(Code)});
    const std::vector<std::int64_t> zero_points(scales.size(), zero_point);
    return add_tensor(name, shape, type_of<Code>(), buffer, {},
                      grid(scales, zero_points, dimension));
  }
  template <class Code>
  std::int32_t quantized_constant(const std::string& name, const Ints& shape,
                                  const std::vector<Code>& codes, float scale,
                                  std::int64_t zero_point = 0) {
    return quantized_constant(name, shape, codes, std::vector<float>{scale}, 0, zero_point);
  }
  // Another constant on the buffer of `of`.
  std::int32_t same_content(std::int32_t of, const std::string& name, const Ints& shape) {
    return add_tensor(name, shape, fb::TensorType::FLOAT32,
                      buffer_of_[static_cast<std::size_t>(of)]);
  }

  // Appends an operator; an input of -1 is absent.
  void op(Builtin code, const Ints& inputs, const Ints& outputs) {
    add_operator(code, inputs, outputs, fb::BuiltinOptions::NONE, {});
  }
  template <class Options>
  void op(Builtin code, const Ints& inputs, const Ints& outputs,
          flatbuffers::Offset<Options> options) {
    add_operator(code, inputs, outputs, fb::BuiltinOptionsTraits<Options>::enum_value,
                 options.Union());
  }

  // Ends the building.
  [[nodiscard]] std::vector<std::byte> bytes(std::uint32_t version = 3) {
    const auto network =
        fb::CreateSubGraphDirect(fbb_, &tensors_, &inputs_, &outputs_, &operators_, "test");
    const std::vector<flatbuffers::Offset<fb::SubGraph>> subgraphs = {network};
    fb::FinishModelBuffer(
        fbb_, fb::CreateModelDirect(fbb_, version, &codes_, &subgraphs, nullptr, &buffers_));
    const auto* data = reinterpret_cast<const std::byte*>(fbb_.GetBufferPointer());
    return {data, data + fbb_.GetSize()};
  }
  [[nodiscard]] Result<ir::Graph> read() { return importer::read_tflite(bytes()); }

 private:
  template <class Code>
  static constexpr fb::TensorType type_of() {
    if constexpr (std::is_same_v<Code, std::int8_t>) return fb::TensorType::INT8;
    if constexpr (std::is_same_v<Code, std::uint8_t>) return fb::TensorType::UINT8;
    return fb::TensorType::INT32;
  }

  flatbuffers::Offset<fb::QuantizationParameters> grid(const std::vector<float>& scales,
                                                       const std::vector<std::int64_t>& zero_points,
                                                       std::int32_t dimension) {
    return fb::CreateQuantizationParametersDirect(fbb_, nullptr, nullptr, &scales, &zero_points,
                                                  dimension);
  }

  std::uint32_t add_buffer(const std::vector<std::uint8_t>& content) {
    fbb_.ForceVectorAlignment(content.size(), 1, 16);
    const auto data = content.empty() ? flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>()
                                      : fbb_.CreateVector(content);
    buffers_.push_back(fb::CreateBuffer(fbb_, data));
    return static_cast<std::uint32_t>(buffers_.size() - 1);
  }

  std::int32_t add_tensor(const std::string& name, const Ints& shape, fb::TensorType type,
                          std::uint32_t buffer, const Ints& signature = {},
                          flatbuffers::Offset<fb::QuantizationParameters> quantization = 0) {
    tensors_.push_back(fb::CreateTensorDirect(fbb_, &shape, type, buffer, name.c_str(),
                                              quantization, false, 0,
                                              signature.empty() ? nullptr : &signature));
    buffer_of_.push_back(buffer);
    return static_cast<std::int32_t>(tensors_.size() - 1);
  }

  void add_operator(Builtin code, const Ints& inputs, const Ints& outputs, fb::BuiltinOptions type,
                    flatbuffers::Offset<void> options) {
    constexpr int kLargestOldCode = 127;
    const auto old = static_cast<std::int8_t>(std::min(static_cast<int>(code), kLargestOldCode));
    const std::int32_t version = code == Builtin::BROADCAST_TO ? 2 : 1;  // the oldest LiteRT runs
    codes_.push_back(fb::CreateOperatorCodeDirect(fbb_, old, nullptr, version, code));
    operators_.push_back(fb::CreateOperatorDirect(
        fbb_, static_cast<std::uint32_t>(codes_.size() - 1), &inputs, &outputs, type, options));
  }

  flatbuffers::FlatBufferBuilder fbb_;
  std::vector<flatbuffers::Offset<fb::Tensor>> tensors_;
  std::vector<std::uint32_t> buffer_of_;  // of each tensor
  std::vector<flatbuffers::Offset<fb::Buffer>> buffers_;
  std::vector<flatbuffers::Offset<fb::OperatorCode>> codes_;
  std::vector<flatbuffers::Offset<fb::Operator>> operators_;
  Ints inputs_;
  Ints outputs_;
};

}  // namespace sluice::test
