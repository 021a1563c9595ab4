// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/tensor.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace sluice {
namespace {

constexpr std::align_val_t kAlignment{64};  // a cache line and an AVX-512 register

// Uninitialised memory, aligned.
std::shared_ptr<std::byte> allocate(std::size_t size_bytes) {
  auto* raw =
      static_cast<std::byte*>(::operator new(std::max<std::size_t>(size_bytes, 1), kAlignment));
  return {raw, [](std::byte* p) { ::operator delete(p, kAlignment); }};
}

}  // namespace

Tensor::Tensor() : Tensor(DType::Float32, Shape{}) {}

Tensor::Tensor(DType dtype, Shape shape)
    : dtype_(dtype), shape_(std::move(shape)), writable_(true) {
  SL_ASSERT(check_shape(shape_).has_value(), "tensor with a bad shape");
  size_bytes_ = static_cast<std::size_t>(num_elements()) * storage_bytes(dtype_);
  auto memory = allocate(size_bytes_);
  std::memset(memory.get(), 0, size_bytes_);
  data_ = memory.get();
  owner_ = std::move(memory);
}

Tensor Tensor::adopt(DType dtype, Shape shape, std::shared_ptr<const void> owner,
                     std::span<const std::byte> bytes) {
  Tensor tensor;
  tensor.dtype_ = dtype;
  tensor.shape_ = std::move(shape);
  SL_ASSERT(bytes.size() == static_cast<std::size_t>(tensor.num_elements()) * storage_bytes(dtype),
            "adopted bytes do not fit the shape");
  SL_ASSERT(reinterpret_cast<std::uintptr_t>(bytes.data()) % storage_bytes(dtype) == 0,
            "adopted bytes are not aligned");
  tensor.owner_ = std::move(owner);
  tensor.data_ = bytes.data();
  tensor.size_bytes_ = bytes.size();
  tensor.writable_ = false;
  return tensor;
}

std::span<std::byte> Tensor::mutable_bytes() {
  if (!writable_ || owner_.use_count() > 1) {
    auto memory = allocate(size_bytes_);
    if (size_bytes_ > 0) std::memcpy(memory.get(), data_, size_bytes_);
    data_ = memory.get();
    owner_ = std::move(memory);
    writable_ = true;
  }
  return {const_cast<std::byte*>(data_), size_bytes_};  // ours alone, see above
}

Tensor Tensor::reshaped(Shape shape) const {
  SL_ASSERT(sluice::num_elements(shape) == num_elements(), "reshaped to another size");
  Tensor tensor = *this;
  tensor.shape_ = std::move(shape);
  return tensor;
}

bool operator==(const Tensor& a, const Tensor& b) noexcept {
  return a.dtype_ == b.dtype_ && a.shape_ == b.shape_ &&
         (a.data_ == b.data_ || a.size_bytes_ == 0 ||
          std::memcmp(a.data_, b.data_, a.size_bytes_) == 0);
}

}  // namespace sluice
