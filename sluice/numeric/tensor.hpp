// SPDX-License-Identifier: Apache-2.0
// Tensor: a typed, shaped, row-major array. Copies share the bytes until one of them is written
// to, so graphs can be copied freely without copying weights.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "sluice/base/assert.hpp"
#include "sluice/base/shape.hpp"
#include "sluice/numeric/dtype.hpp"

namespace sluice {

class Tensor {
 public:
  // A float32 scalar 0.
  Tensor();

  // All bytes zero. The shape must satisfy check_shape.
  Tensor(DType dtype, Shape shape);

  // Takes `values`; their number must be the shape's.
  template <class T>
  static Tensor from(Shape shape, const std::vector<T>& values) {
    Tensor tensor(kDTypeOf<T>, std::move(shape));
    SL_ASSERT(static_cast<std::int64_t>(values.size()) == tensor.num_elements(), "value count");
    std::copy(values.begin(), values.end(), tensor.mutable_data<T>().begin());
    return tensor;
  }
  template <class T>
  static Tensor scalar(T value) {
    return from<T>({}, {value});
  }

  // Views `bytes`, which `owner` keeps alive (a mapped file, a parsed message). `bytes` must be
  // aligned for the type and exactly as long as dtype and shape say.
  static Tensor adopt(DType dtype, Shape shape, std::shared_ptr<const void> owner,
                      std::span<const std::byte> bytes);

  [[nodiscard]] DType dtype() const noexcept { return dtype_; }
  [[nodiscard]] const Shape& shape() const noexcept { return shape_; }
  [[nodiscard]] std::size_t rank() const noexcept { return shape_.size(); }
  [[nodiscard]] std::int64_t num_elements() const noexcept { return sluice::num_elements(shape_); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_bytes_}; }

  // Elements as T, the storage type of dtype() (asserted by size).
  template <class T>
  [[nodiscard]] std::span<const T> data() const noexcept {
    SL_ASSERT(sizeof(T) == storage_bytes(dtype_), "tensor read as another type");
    return {reinterpret_cast<const T*>(data_), size_bytes_ / sizeof(T)};
  }
  // The same for writing; makes this tensor the only owner of its bytes first.
  template <class T>
  [[nodiscard]] std::span<T> mutable_data() {
    SL_ASSERT(sizeof(T) == storage_bytes(dtype_), "tensor written as another type");
    return {reinterpret_cast<T*>(mutable_bytes().data()), size_bytes_ / sizeof(T)};
  }
  [[nodiscard]] std::span<std::byte> mutable_bytes();

  // The same elements under another shape of as many elements.
  [[nodiscard]] Tensor reshaped(Shape shape) const;

  // Same type, shape and bytes (so NaN equals the same NaN, and -0 is not 0).
  friend bool operator==(const Tensor& a, const Tensor& b) noexcept;

 private:
  DType dtype_ = DType::Float32;
  Shape shape_;
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
  std::size_t size_bytes_ = 0;
  bool writable_ = false;  // owner_ is memory of our own, not a file's or a message's
};

}  // namespace sluice
