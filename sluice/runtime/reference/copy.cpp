// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/reference/copy.hpp"

#include <cstring>

namespace sluice::runtime::reference {
namespace {

// Bytes from one position of each dimension to the next.
std::vector<std::int64_t> byte_strides(const Tensor& tensor) {
  std::vector<std::int64_t> strides = strides_of(tensor.shape());
  for (std::int64_t& stride : strides) {
    stride *= static_cast<std::int64_t>(storage_bytes(tensor.dtype()));
  }
  return strides;
}

// copy_mapped: one level of recursion a dimension; the last ones, if unmapped, move as one run.
class MappedCopy {
 public:
  MappedCopy(const Tensor& x, std::span<const AxisMap> maps, const Tensor* fill, Tensor& y)
      : shape_(y.shape()),
        maps_(maps),
        fill_(fill),
        x_strides_(byte_strides(x)),
        y_strides_(byte_strides(y)),
        run_bytes_(static_cast<std::int64_t>(storage_bytes(y.dtype()))),
        mapped_rank_(maps.size()) {
    while (mapped_rank_ > 0 && maps_[mapped_rank_ - 1].empty()) {
      run_bytes_ *= shape_[--mapped_rank_];
    }
  }

  void run(const std::byte* x, std::byte* y) const { copy(0, x, y); }

 private:
  void copy(std::size_t d, const std::byte* x, std::byte* y) const {
    if (d == mapped_rank_) {
      std::memcpy(y, x, static_cast<std::size_t>(run_bytes_));
      return;
    }
    for (std::int64_t i = 0; i < shape_[d]; ++i, y += y_strides_[d]) {
      const std::int64_t from = maps_[d].empty() ? i : maps_[d][static_cast<std::size_t>(i)];
      if (from == kFill) {
        fill_with(y, static_cast<std::size_t>(y_strides_[d]));
      } else {
        copy(d + 1, x + from * x_strides_[d], y);
      }
    }
  }

  void fill_with(std::byte* y, std::size_t size_bytes) const {
    if (fill_ == nullptr) return;
    const auto element = fill_->bytes();
    for (std::size_t at = 0; at < size_bytes; at += element.size()) {
      std::memcpy(y + at, element.data(), element.size());
    }
  }

  const Shape& shape_;
  std::span<const AxisMap> maps_;
  const Tensor* fill_;
  std::vector<std::int64_t> x_strides_, y_strides_;
  std::int64_t run_bytes_;
  std::size_t mapped_rank_;  // dimensions before the run
};

}  // namespace

void copy_mapped(const Tensor& x, std::span<const AxisMap> maps, const Tensor* fill, Tensor& y) {
  SL_ASSERT(maps.size() == x.rank() && maps.size() == y.rank(), "one map a dimension");
  for (std::size_t d = 0; d < maps.size(); ++d) {
    const auto size = static_cast<std::int64_t>(maps[d].size());
    SL_ASSERT(y.shape()[d] == (maps[d].empty() ? x.shape()[d] : size) || y.shape()[d] == 0,
              "a map as long as the output");
  }
  if (y.num_elements() == 0) return;
  std::byte* target = y.mutable_bytes().data();
  MappedCopy(x, maps, fill, y).run(x.bytes().data(), target);
}

Tensor transposed(const Tensor& x, std::span<const std::int64_t> permutation) {
  const std::vector<std::int64_t> x_strides = byte_strides(x);
  Shape shape;
  std::vector<std::int64_t> strides;  // of x, in y's order
  for (const std::int64_t d : permutation) {
    shape.push_back(x.shape()[static_cast<std::size_t>(d)]);
    strides.push_back(x_strides[static_cast<std::size_t>(d)]);
  }
  Tensor y(x.dtype(), std::move(shape));
  const std::size_t element = storage_bytes(x.dtype());
  std::byte* target = y.mutable_bytes().data();
  const std::byte* source = x.bytes().data();
  std::vector<std::int64_t> index(permutation.size(), 0);
  for (std::int64_t count = y.num_elements(); count > 0; --count, target += element) {
    std::memcpy(target, source, element);
    // The next position in y's order, and x's element there.
    for (std::size_t d = index.size(); d-- > 0;) {
      source += strides[d];
      if (++index[d] < y.shape()[d]) break;
      source -= strides[d] * y.shape()[d];
      index[d] = 0;
    }
  }
  return y;
}

void copy_into(const Tensor& x, std::size_t axis, std::int64_t begin, Tensor& y) {
  if (x.num_elements() == 0) return;
  const std::vector<std::int64_t> strides = byte_strides(y);
  const auto x_row = static_cast<std::size_t>(x.shape()[axis] * strides[axis]);
  const auto y_row = static_cast<std::size_t>(y.shape()[axis] * strides[axis]);
  const auto source = x.bytes();
  std::byte* target = y.mutable_bytes().data() + begin * strides[axis];
  for (std::size_t at = 0; at < source.size(); at += x_row, target += y_row) {
    std::memcpy(target, source.data() + at, x_row);
  }
}

}  // namespace sluice::runtime::reference
