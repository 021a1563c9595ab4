// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/weights.hpp"

#include <algorithm>

namespace sluice::runtime::onednn {
namespace {

// oneDNN takes writable pointers for what it only reads.
std::byte* writable(const Tensor& tensor) {
  return const_cast<std::byte*>(tensor.bytes().data());
}

}  // namespace

std::shared_ptr<const Tensor> WeightStore::pack(ir::ValueId id, const Packing& packing,
                                                const Tensor* original) {
  std::vector<Packed>& forms = packed_[id];
  const auto same = std::ranges::find(forms, packing, &Packed::packing);
  if (same != forms.end()) return same->memory;

  Desc from_desc = packing.stored;
  const Tensor* from = original;
  if (from == nullptr) {
    const auto other = std::ranges::find_if(
        forms, [&](const Packed& form) { return form.packing.stored == packing.stored; });
    SL_ASSERT(other != forms.end(), "weights given up before they were packed");
    from_desc = other->packing.wanted;
    from = other->memory.get();
  }
  Tensor memory(DType::UInt8, {static_cast<std::int64_t>(packing.wanted.get_size())});
  const dnnl::stream stream(engine());
  const dnnl::memory source(from_desc, engine(), writable(*from));
  const dnnl::memory target(packing.wanted, engine(), memory.mutable_bytes().data());
  dnnl::reorder(source, target).execute(stream, {{DNNL_ARG_FROM, source}, {DNNL_ARG_TO, target}});
  forms.push_back({packing, std::make_shared<const Tensor>(std::move(memory))});
  return forms.back().memory;
}

}  // namespace sluice::runtime::onednn
