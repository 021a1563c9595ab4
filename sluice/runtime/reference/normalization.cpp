// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "sluice/runtime/reference/kernel.hpp"
#include "sluice/runtime/reference/values.hpp"

namespace sluice::runtime::reference {
namespace {

struct Moments {
  double mean, variance;
};

// Mean and population variance.
Moments moments_of(std::span<const double> values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  const double mean = sum / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, squares / count};
}

double normalized(double x, const Moments& moments, double epsilon) {
  return (x - moments.mean) / std::sqrt(moments.variance + epsilon);
}

// How [N, C, spatial…] lies in memory; a vector [N] has one channel.
struct Layout {
  std::int64_t batch, channels, spatial;
};

Layout layout_of(const Shape& x) {
  if (x.size() < 2) return {x[0], 1, 1};
  return {x[0], x[1], num_elements(std::span(x).subspan(2))};
}

// The moments of each channel over the batch and all positions.
std::vector<Moments> batch_moments(const std::vector<double>& x, const Layout& layout) {
  std::vector<Moments> moments;
  for (std::int64_t c = 0; c < layout.channels; ++c) {
    std::vector<double> channel;
    for (std::int64_t n = 0; n < layout.batch; ++n) {
      const double* plane = x.data() + (n * layout.channels + c) * layout.spatial;
      channel.insert(channel.end(), plane, plane + layout.spatial);
    }
    moments.push_back(moments_of(channel));
  }
  return moments;
}

// Writes running·momentum + batch·(1 − momentum) of `member` to output `i`, if it is asked for.
Status write_running(const KernelArgs& args, std::size_t i, const std::vector<double>& running,
                     const std::vector<Moments>& batch, double Moments::*member, double momentum) {
  if (args.outputs.size() <= i) return {};
  std::vector<double> updated;
  updated.reserve(running.size());
  for (std::size_t c = 0; c < running.size(); ++c) {
    updated.push_back(running[c] * momentum + batch[c].*member * (1 - momentum));
  }
  return write_floats(updated, args.out(i));
}

// Each of `num_groups` groups of channels of each image by its own moments; scale and bias have one
// entry a channel, or one a group.
Status normalize_groups(const KernelArgs& args, std::int64_t num_groups, bool scale_per_group,
                        double epsilon) {
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  SL_TRY(const std::vector<double> scale, read_floats(args.in(1)));
  SL_TRY(const std::vector<double> bias, read_floats(args.in(2)));
  const Layout layout = layout_of(args.in(0).shape());
  if (x.empty()) return {};
  const std::int64_t group_channels = layout.channels / num_groups;
  const std::int64_t group_size = group_channels * layout.spatial;
  std::vector<double> y(x.size());
  for (std::int64_t begin = 0; begin < static_cast<std::int64_t>(x.size()); begin += group_size) {
    const std::int64_t group = begin / group_size % num_groups;
    const Moments moments = moments_of(std::span(x).subspan(static_cast<std::size_t>(begin),
                                                            static_cast<std::size_t>(group_size)));
    for (std::int64_t i = 0; i < group_size; ++i) {
      const std::int64_t channel = group * group_channels + i / layout.spatial;
      const std::int64_t s = scale_per_group ? group : channel;
      y.data()[begin + i] =
          scale.data()[s] * normalized(x.data()[begin + i], moments, epsilon) + bias.data()[s];
    }
  }
  return write_floats(y, args.out());
}

}  // namespace

Status run(const ir::BatchNormalization& op, const KernelArgs& args) {
  SL_TRY(const std::vector<double> x, read_floats(args.in(0)));
  SL_TRY(const std::vector<double> scale, read_floats(args.in(1)));
  SL_TRY(const std::vector<double> bias, read_floats(args.in(2)));
  SL_TRY(const std::vector<double> mean, read_floats(args.in(3)));
  SL_TRY(const std::vector<double> variance, read_floats(args.in(4)));
  const Layout layout = layout_of(args.in(0).shape());
  std::vector<Moments> moments;
  moments.reserve(mean.size());
  for (std::size_t c = 0; c < mean.size(); ++c) moments.push_back({mean[c], variance[c]});
  if (op.training_mode) {
    moments = batch_moments(x, layout);
    SL_TRY_STATUS(write_running(args, 1, mean, moments, &Moments::mean, op.momentum));
    SL_TRY_STATUS(write_running(args, 2, variance, moments, &Moments::variance, op.momentum));
  }
  std::vector<double> y(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto c =
        i / static_cast<std::size_t>(layout.spatial) % static_cast<std::size_t>(layout.channels);
    y[i] = scale[c] * normalized(x[i], moments[c], op.epsilon) + bias[c];
  }
  return write_floats(y, args.out());
}

Status run(const ir::GroupNormalization& op, const KernelArgs& args) {
  return normalize_groups(args, op.num_groups, op.scale_per_group, op.epsilon);
}

Status run(const ir::InstanceNormalization& op, const KernelArgs& args) {
  return normalize_groups(args, layout_of(args.in(0).shape()).channels, false, op.epsilon);
}

}  // namespace sluice::runtime::reference
