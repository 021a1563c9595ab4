// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/tflite/model.hpp"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

#include "sluice/base/text.hpp"
#include "sluice/ir/graph.hpp"

namespace sluice::importer::tflite {
namespace {

constexpr std::uint32_t kSchemaVersion = 3;
constexpr std::size_t kMaxRank = 8;

// flatbuffers' own bound: offsets are 32-bit signed. Larger files keep their weights beyond it.
constexpr std::size_t kMaxVerifiedBytes = FLATBUFFERS_MAX_BUFFER_SIZE - 1;

template <class T>
std::size_t size_of(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The declared shape, with kOpenDim where the signature leaves a dimension open.
Result<Shape> declared_shape(const fb::Tensor& tensor) {
  if (size_of(tensor.shape()) > kMaxRank) {
    return Error{ErrorCode::Unsupported, fmt::format("has {} dimensions, at most {} are supported",
                                                     size_of(tensor.shape()), kMaxRank)};
  }
  Shape shape;
  for (std::uint32_t i = 0; i < size_of(tensor.shape()); ++i) {
    shape.push_back(tensor.shape()->Get(i));
  }
  SL_TRY_STATUS(check_shape(shape));
  const std::size_t signed_dims = size_of(tensor.shape_signature());
  if (signed_dims == 0) return shape;
  if (signed_dims != shape.size()) {
    return Error{ErrorCode::Parse,
                 fmt::format("has {} dimensions but a signature of {}", shape.size(), signed_dims)};
  }
  for (std::uint32_t i = 0; i < signed_dims; ++i) {
    if (tensor.shape_signature()->Get(i) == -1) shape[i] = ir::kOpenDim;
  }
  return shape;
}

}  // namespace

Result<DType> to_dtype(fb::TensorType type) {
  switch (type) {
    case fb::TensorType::FLOAT32:
      return DType::Float32;
    case fb::TensorType::FLOAT16:
      return DType::Float16;
    case fb::TensorType::BFLOAT16:
      return DType::BFloat16;
    case fb::TensorType::FLOAT64:
      return DType::Float64;
    case fb::TensorType::INT8:
      return DType::Int8;
    case fb::TensorType::UINT8:
      return DType::UInt8;
    case fb::TensorType::INT16:
      return DType::Int16;
    case fb::TensorType::UINT16:
      return DType::UInt16;
    case fb::TensorType::INT32:
      return DType::Int32;
    case fb::TensorType::UINT32:
      return DType::UInt32;
    case fb::TensorType::INT64:
      return DType::Int64;
    case fb::TensorType::UINT64:
      return DType::UInt64;
    case fb::TensorType::BOOL:
      return DType::Bool;
    default:
      break;
  }
  const std::string name = fb::EnumNameTensorType(type);
  return Error{ErrorCode::Unsupported,
               fmt::format("has elements of type {}; only plain numbers of 8 to 64 bits are read",
                           name.empty() ? std::to_string(static_cast<int>(type)) : name)};
}

Result<Model> Model::open(std::shared_ptr<const void> owner, std::span<const std::byte> bytes) {
  Model model(std::move(owner), bytes);
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  if (bytes.size() < 2 * sizeof(flatbuffers::uoffset_t) || !fb::ModelBufferHasIdentifier(data)) {
    return Error{ErrorCode::Parse, "is not a TensorFlow Lite model: the mark TFL3 is missing"};
  }
  flatbuffers::Verifier verifier(data, std::min(bytes.size(), kMaxVerifiedBytes));
  if (!fb::VerifyModelBuffer(verifier)) {
    return Error{ErrorCode::Parse,
                 "is damaged: an offset in it leads outside the file; copy or convert it again"};
  }
  model.model_ = fb::GetModel(data);
  if (model.model_->version() != kSchemaVersion) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("has schema version {}, {} is read; convert the model again",
                             model.model_->version(), kSchemaVersion)};
  }
  if (size_of(model.model_->subgraphs()) == 0) {
    return Error{ErrorCode::Parse, "has no subgraph; convert the model again"};
  }
  model.network_ = model.model_->subgraphs()->Get(0);
  return model;
}

std::size_t Model::num_tensors() const {
  return size_of(network_->tensors());
}

Result<fb::BuiltinOperator> Model::builtin(const fb::Operator& op) const {
  if (op.opcode_index() >= size_of(model_->operator_codes())) {
    return Error{ErrorCode::Parse,
                 fmt::format("has operator code {}, the model lists {}", op.opcode_index(),
                             size_of(model_->operator_codes()))};
  }
  const fb::OperatorCode& code = *model_->operator_codes()->Get(op.opcode_index());
  return std::max(code.builtin_code(),
                  static_cast<fb::BuiltinOperator>(code.deprecated_builtin_code()));
}

std::string Model::operator_name(const fb::Operator& op) const {
  const auto code = builtin(op);
  if (!code) return "unknown";
  if (*code == fb::BuiltinOperator::CUSTOM) {
    const auto* custom = model_->operator_codes()->Get(op.opcode_index())->custom_code();
    return fmt::format("custom {}", sluice::quoted(custom == nullptr ? "" : custom->string_view()));
  }
  const std::string_view name = fb::EnumNameBuiltinOperator(*code);
  return name.empty() ? fmt::format("builtin {}", static_cast<int>(*code)) : std::string(name);
}

Result<TensorInfo> Model::tensor(std::int32_t index) const {
  if (index < 0 || static_cast<std::size_t>(index) >= num_tensors()) {
    return Error{ErrorCode::Parse,
                 fmt::format("tensor {} is asked for, the model has {}", index, num_tensors())};
  }
  const fb::Tensor& tensor = *network_->tensors()->Get(static_cast<std::uint32_t>(index));
  auto info = describe(tensor);
  if (info) return info;
  const std::string_view name = tensor.name() == nullptr ? "" : tensor.name()->string_view();
  return std::move(info).error().at(fmt::format("tensor {} {}", index, sluice::quoted(name)));
}

Result<TensorInfo> Model::describe(const fb::Tensor& tensor) const {
  TensorInfo info;
  if (tensor.name() != nullptr) info.name = tensor.name()->string_view();
  SL_TRY(info.dtype, to_dtype(tensor.type()));
  SL_TRY(info.shape, declared_shape(tensor));
  if (tensor.is_variable()) {
    return Error{ErrorCode::Unsupported,
                 "keeps state from run to run; only networks without state are read"};
  }
  if (tensor.sparsity() != nullptr) {
    return Error{ErrorCode::Unsupported, "is stored sparse; convert the model with dense weights"};
  }
  if (tensor.external_buffer() != 0) {
    return Error{ErrorCode::Unsupported,
                 "is stored in another file; convert the model with its weights inside"};
  }
  if (tensor.quantization() != nullptr && size_of(tensor.quantization()->scale()) > 0) {
    info.quantization = tensor.quantization();
  }
  SL_TRY(info.content, buffer(tensor.buffer()));
  return info;
}

Result<std::span<const std::byte>> Model::buffer(std::uint32_t index) const {
  if (index == 0) return std::span<const std::byte>{};  // by convention the empty one
  if (index >= size_of(model_->buffers())) {
    return Error{ErrorCode::Parse, fmt::format("is stored in buffer {}, the model has {}", index,
                                               size_of(model_->buffers()))};
  }
  const fb::Buffer& buffer = *model_->buffers()->Get(index);
  if (buffer.offset() > 1) {
    if (buffer.offset() > bytes_.size() || buffer.size() > bytes_.size() - buffer.offset()) {
      return Error{ErrorCode::Parse,
                   fmt::format("is stored in {} bytes at {}, the file has {}; copy it again",
                               buffer.size(), buffer.offset(), bytes_.size())};
    }
    return bytes_.subspan(buffer.offset(), buffer.size());
  }
  if (buffer.data() == nullptr) return std::span<const std::byte>{};
  return std::as_bytes(std::span(buffer.data()->data(), buffer.data()->size()));
}

Result<Tensor> Model::content(const TensorInfo& info) const {
  const auto where = [&] { return fmt::format("tensor {}", sluice::quoted(info.name)); };
  if (std::ranges::find(info.shape, ir::kOpenDim) != info.shape.end()) {
    return Error{ErrorCode::Parse, "is a constant with an open dimension", where()};
  }
  const std::size_t expected =
      static_cast<std::size_t>(num_elements(info.shape)) * storage_bytes(info.dtype);
  if (info.content.size() != expected) {
    return Error{
        ErrorCode::Parse,
        fmt::format("has {} bytes of content, its type {} {} needs {}", info.content.size(),
                    to_string(info.dtype), to_string(info.shape), expected),
        where()};
  }
  const auto address = reinterpret_cast<std::uintptr_t>(info.content.data());
  // Bools may hold any byte in a file; reading one as a C++ bool needs 0 or 1.
  if (info.dtype != DType::Bool && address % storage_bytes(info.dtype) == 0) {
    return Tensor::adopt(info.dtype, info.shape, owner_, info.content);
  }
  Tensor copy(info.dtype, info.shape);
  const auto bytes = copy.mutable_bytes();
  if (info.dtype == DType::Bool) {
    std::ranges::transform(info.content, bytes.begin(),
                           [](std::byte b) { return b == std::byte{0} ? b : std::byte{1}; });
  } else if (expected > 0) {
    std::memcpy(bytes.data(), info.content.data(), expected);
  }
  return copy;
}

}  // namespace sluice::importer::tflite
