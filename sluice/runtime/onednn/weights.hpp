// SPDX-License-Identifier: Apache-2.0
// Weights packed into the layouts primitives want, once for all plans of a network. The model's own
// form is given up when its only reader has a packed one.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "sluice/ir/graph.hpp"
#include "sluice/runtime/onednn/dnnl.hpp"

namespace sluice::runtime::onednn {

// How a constant is to be seen: its row-major bytes as `stored`, brought to the layout `wanted`.
struct Packing {
  Desc stored, wanted;
  friend bool operator==(const Packing&, const Packing&) = default;
};

class WeightStore {
 public:
  // The value packed so. `original`: its row-major bytes, or null if given up earlier; then another
  // packing of the same `stored` must be here.
  [[nodiscard]] std::shared_ptr<const Tensor> pack(ir::ValueId id, const Packing& packing,
                                                   const Tensor* original);

  // Whether the value was packed before.
  [[nodiscard]] bool has(ir::ValueId id) const { return packed_.count(id) > 0; }

 private:
  struct Packed {
    Packing packing;
    std::shared_ptr<const Tensor> memory;
  };
  std::map<ir::ValueId, std::vector<Packed>> packed_;
};

}  // namespace sluice::runtime::onednn
