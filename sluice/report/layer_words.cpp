// SPDX-License-Identifier: Apache-2.0
#include "sluice/report/layer_words.hpp"

#include <array>
#include <fmt/format.h>

namespace sluice::report {
namespace {

constexpr std::array<std::string_view, 4> kFunctions{"ReLU", "sigmoid", "SiLU", "hard swish"};

std::string window(const hw::Extent& extent) {
  std::string text = fmt::format("{}×{}", extent.rows, extent.cols);
  if (extent.depth != 1) text += fmt::format("×{}", extent.depth);
  return text;
}

std::string step(const hw::Extent& extent) {
  if (extent.size() == 1) return {};
  const bool is_square = extent.rows == extent.cols && extent.depth == 1;
  return ", step " + (is_square ? std::to_string(extent.rows) : window(extent));
}

// The words of an operation, one overload a kind.
struct Words {
  std::string_view kind;
  std::string detail;
};

Words words(const hw::Convolution& of) {
  const std::string_view kind = of.sparsity == nullptr ? "convolution" : "sparse convolution";
  std::string detail = fmt::format("{}, {} filters", window(of.kernel), of.filters);
  if (of.groups != 1) detail += fmt::format(", {} groups", of.groups);
  return {kind, detail + step(of.step)};
}
Words words(const hw::InnerProduct& of) {
  return {"inner product", fmt::format("{} filters", of.filters)};
}
Words words(const hw::Pooling& of) {
  return {of.reduction == hw::Reduction::Max ? "max pooling" : "average pooling",
          window(of.kernel) + step(of.step)};
}
Words words(const hw::GlobalPooling& of) {
  return {of.reduction == hw::Reduction::Max ? "global max" : "global average", {}};
}
Words words(const hw::Elementwise& of) {
  return {kFunctions[static_cast<std::size_t>(of.function)],
          of.has_threshold ? fmt::format("above {:g}", of.threshold) : ""};
}
Words words(const hw::ChannelAffine& of) {
  return {of.has_scale ? "channel scale" : "channel offset", {}};
}
Words words(const hw::Join& of) {
  return {of.op == hw::Eltwise::Add ? "add" : "multiply", of.broadcasts ? "broadcasts" : ""};
}
Words words(const hw::Concat& of) {
  return {"concat", fmt::format("{} inputs", of.channels.size())};
}
Words words(const hw::Split& /*of*/) {
  return {"split", {}};
}
Words words(const hw::Chop& of) {
  return {"chop", fmt::format("{} outputs", of.channels.size())};
}
Words words(const hw::Repeat& of) {
  return {"resize", window(of.scale)};
}
Words words(const hw::Regroup& /*of*/) {
  return {"squeeze", {}};
}
Words words(const hw::Passing& /*of*/) {
  return {"reshape", {}};
}
Words words(const hw::Padded& /*of*/) {
  return {"pad", {}};
}
Words words(const hw::PixelShift& /*of*/) {
  return {"pixel shift", {}};
}
Words words(const hw::Shuffle& of) {
  return {"shuffle", fmt::format("{} groups", of.groups)};
}

Words words_of(const hw::Layer& layer) {
  return std::visit([](const auto& of) { return words(of); }, layer.operation);
}

}  // namespace

std::string_view kind_of(const hw::Layer& layer) {
  return words_of(layer).kind;
}

std::string detail_of(const hw::Layer& layer) {
  return words_of(layer).detail;
}

std::string to_text(const hw::FeatureMap& map) {
  std::string text = fmt::format("{}×{}", map.rows, map.cols);
  if (map.depth != 1) text += fmt::format("×{}", map.depth);
  return text + fmt::format("×{}", map.channels);
}

std::string to_text(const hw::Folding& folding) {
  return fmt::format("{}→{}×{}×{}", folding.coarse_in, folding.coarse_out, folding.coarse_group,
                     folding.fine);
}

}  // namespace sluice::report
