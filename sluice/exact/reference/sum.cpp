// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/reference/sum.hpp"

namespace sluice::exact::reference {

Result<numeric::CodeSum> code_sum(const NodeView& node, int sign) {
  SL_TRY_STATUS(node.check_per_tensor(2));
  return numeric::CodeSum::make(node.arithmetic(), *node.in_quantization(0),
                                *node.in_quantization(1), *node.out_quantization(), sign);
}

Result<numeric::SumRescaler> sum_rescaler(const NodeView& node, std::int64_t count, bool is_mean) {
  SL_TRY_STATUS(node.check_per_tensor(1));
  return numeric::SumRescaler::make(node.arithmetic(), *node.in_quantization(0),
                                    *node.out_quantization(), count, is_mean ? count : 1);
}

}  // namespace sluice::exact::reference
