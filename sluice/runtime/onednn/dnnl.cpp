// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/dnnl.hpp"

#include <algorithm>
#include <array>

#include "sluice/base/assert.hpp"

namespace sluice::runtime::onednn {

using dnnl::memory;

const dnnl::engine& engine() {
  static const dnnl::engine kCpu(dnnl::engine::kind::cpu, 0);
  return kCpu;
}

Dims dims_of(const Shape& shape) {
  return shape.empty() ? Dims{1} : Dims(shape.begin(), shape.end());
}

Desc strided_desc(const Dims& dims, const Dims& strides) {
  return {dims, memory::data_type::f32, strides};
}

Desc plain_desc(const Dims& dims) {
  return strided_desc(dims, strides_of(dims));
}

Desc any_desc(const Dims& dims) {
  return {dims, memory::data_type::f32, memory::format_tag::any};
}

Desc channels_last_desc(const Dims& dims) {
  Dims strides(dims.size(), 1);
  std::int64_t next = dims[1];
  for (std::size_t i = dims.size(); i-- > 2;) {
    strides[i] = next;
    next *= dims[i];
  }
  strides[0] = next;
  return strided_desc(dims, strides);
}

bool is_channels_last(const Desc& desc) {
  return desc.data.ndims >= 2 && desc == channels_last_desc(desc.dims());
}

Desc blocked_desc(const Dims& dims, std::int64_t block) {
  using enum memory::format_tag;
  static constexpr std::array kBy16{nCw16c, nChw16c, nCdhw16c};
  static constexpr std::array kBy8{nCw8c, nChw8c, nCdhw8c};
  const std::size_t i = dims.size() - 3;
  SL_ASSERT(i < kBy16.size() && (block == 8 || block == 16), "no such blocked layout");
  return {dims, memory::data_type::f32, (block == 16 ? kBy16 : kBy8)[i]};
}

bool is_plain(const Desc& desc) {
  const Dims dims = desc.dims();
  if (desc == plain_desc(dims)) return true;
  if (desc.data.format_kind != dnnl_blocked || desc.get_size() != plain_desc(dims).get_size()) {
    return false;
  }
  // Without padding (equal size), only the order can differ: one dimension larger than 1 beside the
  // batch, in whatever blocks, has just one order if blocks of it are innermost only.
  const bool batch_first = dims[0] == 1 || desc.data.format_desc.blocking.strides[0] ==
                                               desc.data.padded_offsets[0] + strides_of(dims)[0];
  const auto wide = std::count_if(dims.begin() + 1, dims.end(), [](auto d) { return d > 1; });
  return desc.data.format_desc.blocking.inner_nblks <= 1 && batch_first && wide <= 1;
}

bool is_describable(const Shape& shape) {
  return shape.size() <= 6 && num_elements(shape) > 0;
}

}  // namespace sluice::runtime::onednn
