// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {

Verdict convert_function(Function function, Site& site) {
  const FixedPoint output =
      word_type(site.network(), site.node().outputs[0], site.node(), site.options());
  Made made{site.words(0), Elementwise{.function = function, .output = output}};
  made.keeps_order = true;
  return made;
}

// Cuts and slopes: a comparison and at most a product.
#define SL_AS(Name, function)                           \
  Verdict convert(const ir::Name& /*op*/, Site& site) { \
    return convert_function(Function::function, site);  \
  }
SL_AS(Abs, Relu)
SL_AS(HardSigmoid, HardSigmoid)
SL_AS(HardSwish, HardSwish)
SL_AS(LeakyRelu, Relu)
SL_AS(Relu, Relu)
SL_AS(Sigmoid, Sigmoid)
SL_AS(Tanh, Sigmoid)
#undef SL_AS

#define SL_REFUSED(Name, remedy)                               \
  Verdict convert(const ir::Name& /*op*/, Site& /*site*/) {    \
    return Refused{"there is no hardware for it yet", remedy}; \
  }
SL_REFUSED(Elu, "use LeakyRelu or HardSwish, and train again")
SL_REFUSED(Erf, "use HardSwish for Gelu, and train again")
SL_REFUSED(Exp, "cut the network before it, and let the host do it")
SL_REFUSED(Gelu, "use HardSwish or Silu, and train again")
SL_REFUSED(Log, "cut the network before it, and let the host do it")
SL_REFUSED(Mish, "use HardSwish or Silu, and train again")
SL_REFUSED(Round, "leave it out: the number format rounds")
SL_REFUSED(Selu, "use LeakyRelu or HardSwish, and train again")
SL_REFUSED(Softplus, "use Relu, and train again")
SL_REFUSED(Sqrt, "cut the network before it, and let the host do it")
#undef SL_REFUSED

Verdict convert(const ir::Clip& /*op*/, Site& site) {
  if (site.is_stream(1) || site.is_stream(2)) {
    return Refused{"its limits are computed while it runs", "use constant limits"};
  }
  return convert_function(Function::Relu, site);
}

Verdict convert(const ir::Neg& /*op*/, Site& site) {
  Made made{site.words(0), ChannelAffine{true, false}};
  made.keeps_order = true;
  return made;
}

Verdict convert(const ir::ThresholdedRelu& op, Site& site) {
  Verdict verdict = convert_function(Function::Relu, site);
  auto& made = std::get<Elementwise>(std::get<Made>(verdict).operation);
  made.has_threshold = true;
  made.threshold = op.alpha;
  return verdict;
}

}  // namespace sluice::hw::ops
