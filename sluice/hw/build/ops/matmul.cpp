// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/build/ops/convert.hpp"

namespace sluice::hw::ops {
namespace {

// One row times constant weights, `bias` being input 2 if it is there.
Verdict product(Site& site, bool has_bias) {
  if (!site.is_stream(0) || site.is_stream(1) || site.is_stream(2)) {
    return Refused{"it multiplies two streams, or a constant with one",
                   "use a network whose weights are constants and stand second"};
  }
  const std::int64_t filters = site.out_shape().back();
  if (num_elements(site.out_shape()) != filters) {
    return Refused{"it multiplies several rows of words",
                   "use a convolution with a kernel of one word instead"};
  }
  const ProductTypes types = site.product_types();
  FeatureMap map = site.words(0);
  Made result;
  if (site.options().convert_gemm_to_conv) {
    Convolution conv{.filters = filters, .kernel = {map.rows, map.cols, map.depth}};
    conv.has_bias = has_bias;
    conv.output = types.output;
    conv.weight = types.weight;
    conv.acc = types.acc;
    result = {map, std::move(conv)};
  } else {
    result = {map, InnerProduct{filters, has_bias, false, types.output, types.weight, types.acc}};
  }
  result.weights = 1;
  if (has_bias) result.bias = 2;
  return result;
}

}  // namespace

Verdict convert(const ir::Gemm& op, Site& site) {
  if (op.trans_a && site.shape(0)[1] != 1) {
    return Refused{"it transposes its first operand", "transpose the weights instead"};
  }
  return product(site, site.has(2));
}

Verdict convert(const ir::MatMul& /*op*/, Site& site) {
  return product(site, false);
}

Verdict convert_product(Site& site) {
  return product(site, true);
}

}  // namespace sluice::hw::ops
