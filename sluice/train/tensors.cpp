// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/tensors.hpp"

#include <array>
#include <cstring>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/assert.hpp"

namespace sluice::train {
namespace {

constexpr std::array<std::pair<DType, at::ScalarType>, 7> kTypes{{{DType::Float32, at::kFloat},
                                                                  {DType::Float64, at::kDouble},
                                                                  {DType::Int64, at::kLong},
                                                                  {DType::Int32, at::kInt},
                                                                  {DType::Int8, at::kChar},
                                                                  {DType::UInt8, at::kByte},
                                                                  {DType::Bool, at::kBool}}};

}  // namespace

Result<at::Tensor> to_torch(const Tensor& tensor) {
  for (const auto& [ours, theirs] : kTypes) {
    if (tensor.dtype() != ours) continue;
    at::Tensor copy = at::empty(tensor.shape(), theirs);
    const auto bytes = tensor.bytes();
    if (!bytes.empty()) std::memcpy(copy.data_ptr(), bytes.data(), bytes.size());
    return copy;
  }
  return Error{ErrorCode::Unsupported,
               fmt::format("values of {} cannot be trained with", to_string(tensor.dtype()))};
}

Tensor from_torch(const at::Tensor& tensor) {
  const at::Tensor dense = tensor.detach().to(at::kCPU).contiguous();
  for (const auto& [ours, theirs] : kTypes) {
    if (dense.scalar_type() != theirs) continue;
    Tensor copy(ours, Shape(dense.sizes().begin(), dense.sizes().end()));
    const auto bytes = copy.mutable_bytes();
    if (!bytes.empty()) std::memcpy(bytes.data(), dense.data_ptr(), bytes.size());
    return copy;
  }
  SL_ASSERT(false, "a type that nothing here makes");
  return {};
}

}  // namespace sluice::train
