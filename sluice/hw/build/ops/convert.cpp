// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

#include "sluice/base/assert.hpp"

namespace sluice::hw::ops {

Verdict convert(const Step& step, Site& site) {
  switch (step.form) {
    case Form::Silu:
      return convert_function(Function::Silu, site);
    case Form::HardSwish:
      return convert_function(Function::HardSwish, site);
    case Form::Product:
      return convert_product(site);
    case Form::Chop:
      return convert_parts(site);
    case Form::Normalized:
    case Form::One:
      break;
  }
  return std::visit(
      [&]<class Op>(const Op& op) -> Verdict {
        if constexpr (std::is_same_v<Op, std::monostate>) {
          SL_ASSERT(false, "a verified graph has operators");
          return Refused{};
        } else {
          return convert(op, site);
        }
      },
      static_cast<const ir::OpVariant&>(site.node().op));
}

}  // namespace sluice::hw::ops
