// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/pytorch/storage.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace sluice::importer::pytorch {
namespace {

static_assert(std::endian::native == std::endian::little, "storages are little-endian");

Error outside(std::string_view what) {
  return {ErrorCode::Parse, fmt::format("a tensor is malformed: {}", what)};
}

// One more than the greatest index into the storage that sizes and strides come to; 0 of an empty
// tensor. `limit`, which is not passed without an error, keeps the sums from overflowing.
Result<std::int64_t> extent(const TensorRef& ref, std::int64_t limit) {
  if (std::ranges::count(ref.sizes, 0) > 0) return 0;
  if (ref.offset >= limit) return outside("it begins beyond its storage");
  std::int64_t last = ref.offset;
  for (std::size_t i = 0; i < ref.sizes.size(); ++i) {
    const std::int64_t steps = ref.sizes[i] - 1;
    if (steps == 0 || ref.strides[i] == 0) continue;
    if (steps > (limit - 1 - last) / ref.strides[i])
      return outside("it reaches beyond its storage");
    last += steps * ref.strides[i];
  }
  return last + 1;
}

bool is_row_major(const TensorRef& ref) {
  const auto expected = strides_of(ref.sizes);
  for (std::size_t i = 0; i < ref.sizes.size(); ++i) {
    if (ref.sizes[i] > 1 && ref.strides[i] != expected[i]) return false;
  }
  return true;
}

// The elements in row-major order.
Tensor gather(const TensorRef& ref, std::span<const std::byte> storage) {
  Tensor tensor(ref.storage.dtype, ref.sizes);
  const std::size_t size = storage_bytes(ref.storage.dtype);
  const std::span<std::byte> out = tensor.mutable_bytes();
  std::vector<std::int64_t> index(ref.sizes.size(), 0);
  std::int64_t at = ref.offset;
  for (std::size_t i = 0; i < out.size(); i += size) {
    std::memcpy(out.data() + i, storage.data() + static_cast<std::size_t>(at) * size, size);
    for (std::size_t d = index.size(); d-- > 0;) {
      at += ref.strides[d];
      if (++index[d] < ref.sizes[d]) break;
      at -= index[d] * ref.strides[d];
      index[d] = 0;
    }
  }
  return tensor;
}

// Any byte but 0 is true; in C++ a bool of another byte than 0 and 1 is none.
void normalize_bools(Tensor& tensor) {
  for (std::byte& element : tensor.mutable_bytes()) {
    element = element == std::byte{0} ? std::byte{0} : std::byte{1};
  }
}

Status check(const TensorRef& ref, const OwnedBytes& storage) {
  SL_TRY_STATUS(check_shape(ref.sizes));
  if (ref.sizes.size() != ref.strides.size()) return outside("it has not as many strides as sizes");
  const auto negative = [](std::int64_t value) { return value < 0; };
  if (ref.offset < 0 || std::ranges::any_of(ref.strides, negative)) {
    return outside("an offset or a stride is negative");
  }
  const std::uint64_t there = storage.bytes.size() / storage_bytes(ref.storage.dtype);
  if (static_cast<std::uint64_t>(ref.storage.num_elements) > there) {
    return outside(fmt::format("its storage should have {} elements and has {}",
                               ref.storage.num_elements, there));
  }
  return {};
}

}  // namespace

Result<Tensor> tensor_of(const TensorRef& ref, const OwnedBytes& storage) {
  if (Status status = check(ref, storage); !status) {
    Error error = std::move(status).error();
    // What does not fit together is the file's fault, not the caller's.
    if (error.code == ErrorCode::InvalidArgument) error.code = ErrorCode::Parse;
    return error;
  }
  SL_TRY(const std::int64_t end, extent(ref, ref.storage.view_elements));
  const std::size_t size = storage_bytes(ref.storage.dtype);
  const auto view = storage.bytes.subspan(static_cast<std::size_t>(ref.storage.view_offset) * size);
  if (end == 0) return Tensor(ref.storage.dtype, ref.sizes);
  const auto elements = view.subspan(static_cast<std::size_t>(ref.offset) * size);
  const bool aligned = reinterpret_cast<std::uintptr_t>(elements.data()) % size == 0;
  Tensor tensor;
  if (aligned && is_row_major(ref)) {
    const auto count = static_cast<std::size_t>(num_elements(ref.sizes)) * size;
    tensor = Tensor::adopt(ref.storage.dtype, ref.sizes, storage.owner, elements.first(count));
  } else {
    tensor = gather(ref, view);
  }
  if (ref.storage.dtype == DType::Bool) normalize_bools(tensor);
  return tensor;
}

}  // namespace sluice::importer::pytorch
