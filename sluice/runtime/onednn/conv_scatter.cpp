// SPDX-License-Identifier: Apache-2.0
#include "sluice/runtime/onednn/conv_scatter.hpp"

#include <algorithm>

#include "sluice/runtime/onednn/tail.hpp"

namespace sluice::runtime::onednn {
namespace {

struct Sizes {
  std::int64_t batch = 0, channels_in = 0, height = 0, width = 0;
  std::int64_t channels_out = 0, rows = 0, columns = 0;  // the kernel: M, kh, kw

  std::int64_t scattered() const { return channels_out * rows * columns; }
};

bool are_all(const ir::Dims& values, std::int64_t value) {
  return std::ranges::all_of(values, [&](std::int64_t v) { return v == value; });
}

std::optional<Sizes> sizes_of(const ir::ConvTranspose& op, const Planner& planner, ir::NodeId id) {
  const Shape& x = planner.shape(planner.input(id, 0));
  const Shape& w = planner.shape(planner.input(id, 1));
  const Shape& y = planner.shape(planner.node(id).outputs[0]);
  const bool fits = x.size() == 4 && op.group == 1 && are_all(op.window.dilations, 1) &&
                    are_all(op.window.pads, 0) && op.window.auto_pad == ir::AutoPad::NotSet &&
                    op.window.strides == ir::Dims{w[2], w[3]} && y[2] == x[2] * w[2] &&
                    y[3] == x[3] * w[3];
  if (!fits) return std::nullopt;
  return Sizes{x[0], x[1], x[2], x[3], w[1], w[2], w[3]};
}

// The bias of each of the kernel's positions, in the order of the 1×1 convolution's channels.
BufferId repeated_bias(Planner& planner, const Tensor& bias, const Sizes& s) {
  std::vector<float> values;
  for (const float value : bias.data<float>()) {
    values.insert(values.end(), static_cast<std::size_t>(s.rows * s.columns), value);
  }
  return planner.add_constant(
      std::make_shared<const Tensor>(Tensor::from<float>({s.scattered()}, values)));
}

// Channels innermost: [N, H, W, M, kh, kw].
Placed plan_pointwise(Planner& planner, ir::NodeId id, const Sizes& s) {
  using dnnl::convolution_forward;
  const auto kind = dnnl::prop_kind::forward_inference;
  const auto algorithm = dnnl::algorithm::convolution_direct;
  const std::int64_t channels = s.scattered();
  const Desc src = any_desc({s.batch, s.channels_in, s.height, s.width});
  const Desc weights = any_desc({channels, s.channels_in, 1, 1});
  const Desc dst = channels_last_desc({s.batch, channels, s.height, s.width});
  const Dims one{1, 1};
  const Dims zero{0, 0};
  const Tensor* bias = planner.constant(planner.input(id, 2));
  const convolution_forward::primitive_desc descriptor(
      bias == nullptr
          ? convolution_forward::desc(kind, algorithm, src, weights, dst, one, zero, zero)
          : convolution_forward::desc(kind, algorithm, src, weights, plain_desc({channels}), dst,
                                      one, zero, zero),
      attributes_of({}), engine());
  const Placed from = planner.as(planner.input(id, 0), descriptor.src_desc());
  const Placed packed = planner.packed(
      planner.input(id, 1), {strided_desc({channels, s.channels_in, 1, 1}, {1, channels, 1, 1}),
                             descriptor.weights_desc()});
  const Placed to = planner.add_placed(dst);
  std::vector<Argument> arguments{{DNNL_ARG_SRC, from.buffer, from.desc},
                                  {DNNL_ARG_WEIGHTS, packed.buffer, packed.desc},
                                  {DNNL_ARG_DST, to.buffer, to.desc}};
  if (bias != nullptr) {
    arguments.push_back({DNNL_ARG_BIAS, repeated_bias(planner, *bias, s), plain_desc({channels})});
  }
  planner.add_primitive(id, descriptor, convolution_forward(descriptor), std::move(arguments));
  return to;
}

}  // namespace

bool plan_scatter(const ir::ConvTranspose& op, Planner& planner, ir::NodeId id) {
  const auto sizes = sizes_of(op, planner, id);
  if (!sizes) return false;
  const Sizes& s = *sizes;
  const Placed made = plan_pointwise(planner, id, s);
  // Both sides seen as [N, H, kh, W, kw, M].
  const Dims dims{s.batch, s.height, s.rows, s.width, s.columns, s.channels_out};
  const std::int64_t pixel = s.scattered();
  const Dims from{s.height * s.width * pixel, s.width * pixel, s.columns, pixel, 1,
                  s.rows * s.columns};
  const ir::ValueId y = planner.node(id).outputs[0];
  const Placed to = planner.add_placed(channels_last_desc(dims_of(planner.shape(y))));
  planner.add_reorder(id, {0, made.buffer, strided_desc(dims, from)},
                      {0, to.buffer, plain_desc(dims)});
  finish_tail(planner, id, tail_of(planner, y), 0, to);
  return true;
}

}  // namespace sluice::runtime::onednn
