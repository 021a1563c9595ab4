// SPDX-License-Identifier: Apache-2.0
// Random small CNNs of codes that the hardware has modules for: convolutions of all kinds, clamps,
// poolings, sums, concatenations, parts, repetitions, shuffles, a classifier.
#pragma once

#include "tests/support/quantized_net.hpp"

namespace sluice::test {

class RandomQuantizedNet {
 public:
  explicit RandomQuantizedNet(std::uint64_t seed,
                              numeric::Arithmetic arithmetic = numeric::Arithmetic::TfliteDouble)
      : arithmetic_(arithmetic), net_(seed, arithmetic) {}

  ir::Graph make(std::int64_t layers) {
    channels_ = pick({1, 2, 3, 4, 6});
    rows_ = rng().integer(5, 9);
    cols_ = rng().integer(5, 9);
    ir::ValueId x = net_.input({1, channels_, rows_, cols_}, made_grid());
    for (std::int64_t i = 0; i < layers; ++i) x = layer(x);
    std::vector<ir::ValueId> outputs{rng().below(2) == 0 ? x : classifier(x)};
    return net_.finish(std::move(outputs));
  }

 private:
  Rng& rng() { return net_.rng(); }
  // Formats that shift have no zero points.
  numeric::Quantization made_grid(double scale) {
    numeric::Quantization result = net_.grid(DType::Int8, scale);
    if (numeric::is_shift(arithmetic_)) result.zero_points = {0};
    return result;
  }
  numeric::Quantization made_grid() { return made_grid(rng().real(0.01, 0.1)); }
  std::int64_t pick(std::initializer_list<std::int64_t> choices) {
    return *(choices.begin() + rng().below(choices.size()));
  }

  // A window that fits, at most one step beyond its size.
  ir::Window window(std::int64_t most, bool has_padding) {
    ir::Window result;
    result.kernel = {rng().integer(1, std::min(most, rows_)),
                     rng().integer(1, std::min(most, cols_))};
    result.strides = {rng().integer(1, 2), rng().integer(1, 2)};
    result.pads = {0, 0, 0, 0};
    if (!has_padding) return result;
    for (std::size_t i = 0; i < 4; ++i) result.pads[i] = rng().integer(0, result.kernel[i % 2] - 1);
    return result;
  }
  static std::int64_t size_after(std::int64_t size, const ir::Window& window, std::size_t d) {
    const std::int64_t dilation = window.dilations.empty() ? 1 : window.dilations[d];
    const std::int64_t reach = (window.kernel[d] - 1) * dilation + 1;
    return (size + window.pads[d] + window.pads[d + 2] - reach) / window.strides[d] + 1;
  }
  void shrink(const ir::Window& window) {
    rows_ = size_after(rows_, window, 0);
    cols_ = size_after(cols_, window, 1);
  }

  struct ConvPlan {
    std::int64_t filters = 1, group = 1, kernel = 3;
    bool keeps_size = false;
    std::optional<numeric::Quantization> grid = {};
  };
  ir::ValueId conv(ir::ValueId x, const ConvPlan& plan) {
    ir::Conv op;
    op.group = plan.group;
    if (plan.keeps_size) {
      op.window.kernel = {plan.kernel, plan.kernel};
      op.window.strides = {1, 1};
      op.window.pads = Integers(4, plan.kernel / 2);
    } else {
      op.window = window(plan.kernel, true);
      if (rng().below(4) == 0 && rows_ >= 5 && cols_ >= 5) op.window.dilations = {2, 2};
      if (size_after(rows_, op.window, 0) < 1 || size_after(cols_, op.window, 1) < 1) {
        op.window.dilations = {};
      }
    }
    const Shape shape{plan.filters, channels_ / plan.group, op.window.kernel[0],
                      op.window.kernel[1]};
    const ir::ValueId weights = rng().below(2) == 0
                                    ? net_.weights_per_channel(shape, DType::Int8, 0, false)
                                    : net_.codes(shape, {DType::Int8, {scale_of_weights()}, {0}});
    std::vector<ir::ValueId> inputs{x, weights};
    if (rng().below(3) != 0) inputs.push_back(net_.bias({plan.filters}, x, weights, 2000));
    const std::int64_t depth = num_elements(shape) / plan.filters;
    const ir::ValueId y =
        net_.add(op, inputs, plan.grid ? *plan.grid : grid_after(x, weights, depth));
    shrink(op.window);
    channels_ = plan.filters;
    return y;
  }
  numeric::Quantization grid_after(ir::ValueId x, ir::ValueId weights, std::int64_t depth) {
    return made_grid(net_.grid_after(x, weights, depth).scales[0]);
  }
  float scale_of_weights() {
    const double scale = rng().real(0.005, 0.05);
    return static_cast<float>(
        numeric::is_shift(arithmetic_) ? std::exp2(std::round(std::log2(scale))) : scale);
  }

  ir::ValueId clamp(ir::ValueId x) {
    const auto grid = rng().below(2) == 0 ? net_.grid_of(x) : made_grid();
    if (rng().below(2) == 0) return net_.add(ir::Relu{}, {x}, grid);
    return net_.add(ir::Clip{}, {x, net_.scalar(0), net_.scalar(6)}, grid);
  }

  ir::ValueId pool(ir::ValueId x) {
    if (rng().below(2) == 0) {
      ir::MaxPool op;
      op.window = window(3, true);
      shrink(op.window);
      return net_.add_like(op, {x});
    }
    ir::AveragePool op;
    op.window = window(3, false);
    shrink(op.window);
    return net_.add_like(op, {x});
  }

  // Two branches that meet; one may be the input itself.
  ir::ValueId residual(ir::ValueId x) {
    const std::int64_t before = channels_;
    const ir::ValueId y = conv(x, {.filters = before, .kernel = pick({1, 3}), .keeps_size = true});
    const bool is_first = rng().below(2) == 0;
    const double larger = std::max(net_.grid_of(x).scales[0], net_.grid_of(y).scales[0]);
    return net_.add(ir::Add{}, {is_first ? y : x, is_first ? x : y},
                    made_grid(larger * static_cast<double>(pick({1, 2}))));
  }

  ir::ValueId concat(ir::ValueId x) {
    const std::int64_t before = channels_;
    const numeric::Quantization grid = net_.grid_of(x);
    const ir::ValueId y =
        conv(x, {.filters = pick({2, 4}), .kernel = 3, .keeps_size = true, .grid = grid});
    const std::int64_t of_y = channels_;
    channels_ = before;
    if (rng().below(2) == 0) {
      channels_ = before + of_y;
      return net_.add_like(ir::Concat{1}, {y, x});
    }
    const ir::ValueId z =
        conv(x, {.filters = pick({1, 2, 4}), .kernel = 1, .keeps_size = true, .grid = grid});
    channels_ += of_y;
    return net_.add_like(ir::Concat{1}, {y, z});
  }

  // Parts, one of which goes through a layer, put together in another order.
  ir::ValueId parts(ir::ValueId x) {
    if (channels_ < 2) return clamp(x);
    const std::int64_t before = channels_;
    const std::int64_t first = rng().integer(1, channels_ - 1);
    ir::Graph& graph = net_.graph();
    const ir::NodeId node =
        graph.add_node("parts", ir::Split{1}, {x, net_.integers({first, channels_ - first})}, 2);
    graph[node].arithmetic = arithmetic_;
    const std::vector<ir::ValueId> made = graph[node].outputs;
    for (const ir::ValueId id : made) graph[id].quantization = net_.grid_of(x);
    channels_ = first;
    const ir::ValueId y =
        conv(made[0], {.filters = first, .kernel = 3, .keeps_size = true, .grid = net_.grid_of(x)});
    channels_ = before;
    return net_.add_like(ir::Concat{1}, {made[1], y});
  }

  ir::ValueId larger(ir::ValueId x) {
    if (rows_ > 6 || cols_ > 6) return pool(x);
    const std::int64_t row_scale = rng().integer(1, 2);
    const std::int64_t col_scale = rng().integer(1, 2);
    ir::Resize op;
    op.coordinate_mode = ir::CoordinateMode::Asymmetric;
    op.nearest_mode = ir::NearestMode::Floor;
    const ir::ValueId scales = net_.constant(Tensor::from<float>(
        {4}, {1, 1, static_cast<float>(row_scale), static_cast<float>(col_scale)}));
    rows_ *= row_scale;
    cols_ *= col_scale;
    return net_.add_like(op, {x, ir::kNoValue, scales});
  }

  ir::ValueId shuffle(ir::ValueId x) {
    if (channels_ % 2 != 0) return clamp(x);
    const ir::ValueId grouped =
        net_.add_like(ir::Reshape{}, {x, net_.integers({1, 2, channels_ / 2, rows_, cols_})});
    const ir::ValueId turned = net_.add_like(ir::Transpose{{0, 2, 1, 3, 4}}, {grouped});
    const ir::ValueId y =
        net_.add_like(ir::Reshape{}, {turned, net_.integers({1, channels_, rows_, cols_})});
    return conv(y, {.filters = pick({2, 4}), .kernel = 1, .keeps_size = true});
  }

  ir::ValueId padded(ir::ValueId x) {
    const std::int64_t top = rng().integer(0, 1);
    const std::int64_t left = rng().integer(0, 2);
    const std::int64_t bottom = rng().integer(0, 2);
    rows_ += top + bottom;
    cols_ += left;
    return net_.add_like(ir::Pad{}, {x, net_.integers({0, 0, top, left, 0, 0, bottom, 0})});
  }

  ir::ValueId layer(ir::ValueId x) {
    switch (rng().below(10)) {
      case 0:
        return conv(x, {.filters = channels_ * pick({1, 2}), .group = channels_});  // depthwise
      case 1:
        return conv(x, {.filters = pick({4, 6}) * channels_,
                        .group = channels_ % 2 == 0 ? 2 : 1,
                        .kernel = 2});
      case 2:
        return clamp(x);
      case 3:
        return pool(x);
      case 4:
        return residual(x);
      case 5:
        return concat(x);
      case 6:
        return parts(x);
      case 7:
        return larger(x);
      case 8:
        return shuffle(x);
      default:
        return rng().below(3) == 0 ? padded(x) : conv(x, {.filters = pick({1, 2, 3, 4, 8})});
    }
  }

  ir::ValueId classifier(ir::ValueId x) {
    if (rng().below(2) == 0) {
      x = net_.add(ir::ReduceMean{}, {x, net_.integers({2, 3})}, made_grid());
      rows_ = cols_ = 1;
    }
    const ir::ValueId flat = net_.add_like(ir::Flatten{}, {x});
    const std::int64_t words = channels_ * rows_ * cols_;
    const ir::ValueId weights = net_.codes({words, 6}, {DType::Int8, {scale_of_weights()}, {0}});
    return net_.add(ir::Gemm{}, {flat, weights, net_.bias({6}, flat, weights)},
                    grid_after(flat, weights, words));
  }

  using Integers = std::vector<std::int64_t>;

  numeric::Arithmetic arithmetic_;
  QuantizedNet net_;
  std::int64_t channels_ = 1, rows_ = 1, cols_ = 1;
};

}  // namespace sluice::test
