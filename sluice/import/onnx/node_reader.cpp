// SPDX-License-Identifier: Apache-2.0
#include "sluice/import/onnx/node_reader.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sluice/base/text.hpp"
#include "sluice/import/onnx/hardware.hpp"

namespace sluice::importer::onnx {
namespace {

constexpr std::array<std::string_view, 8> kKinds{"of another kind", "a float",  "an integer",
                                                 "a string",        "a tensor", "floats",
                                                 "integers",        "strings"};

// How T is held in Attribute::content.
template <class T>
struct HeldTrait {
  using Type = T;
};
template <>
struct HeldTrait<bool> {
  using Type = std::int64_t;
};

// Attributes that old exporters left in their files and that say nothing about inference.
constexpr std::array<std::string_view, 3> kWithoutMeaning{"consumed_inputs", "_output_shapes",
                                                          "onnx_node_name"};

}  // namespace

template <class T>
Result<std::optional<T>> NodeReader::find(std::string_view name) {
  const auto match = std::ranges::find(node_.attributes, name, &Attribute::name);
  if (match == node_.attributes.end()) return std::optional<T>();
  was_read_[static_cast<std::size_t>(match - node_.attributes.begin())] = true;
  using Held = typename HeldTrait<T>::Type;
  const auto* content = std::get_if<Held>(&match->content);
  if (content == nullptr) {
    const std::size_t wanted = decltype(match->content)(Held{}).index();
    return Error{ErrorCode::Parse,
                 fmt::format("attribute {} is {}, it must be {}", sluice::quoted(name),
                             kKinds[match->content.index()], kKinds[wanted])};
  }
  if constexpr (std::is_same_v<T, bool>) {
    if (*content != 0 && *content != 1) {
      return Error{ErrorCode::Parse, fmt::format("attribute {} is {}, it must be 0 or 1",
                                                 sluice::quoted(name), *content)};
    }
    return std::optional<T>(*content == 1);
  } else {
    return std::optional<T>(*content);
  }
}

template Result<std::optional<float>> NodeReader::find(std::string_view);
template Result<std::optional<std::int64_t>> NodeReader::find(std::string_view);
template Result<std::optional<bool>> NodeReader::find(std::string_view);
template Result<std::optional<std::string>> NodeReader::find(std::string_view);
template Result<std::optional<Tensor>> NodeReader::find(std::string_view);
template Result<std::optional<std::vector<float>>> NodeReader::find(std::string_view);
template Result<std::optional<std::vector<std::int64_t>>> NodeReader::find(std::string_view);

Status NodeReader::set_input(std::size_t i, std::string_view name, Tensor content) {
  if (has_input(i)) {
    return Error{ErrorCode::Parse,
                 fmt::format("has {} as an attribute and as input {}", sluice::quoted(name), i)};
  }
  if (inputs_.size() <= i) inputs_.resize(i + 1, ir::kNoValue);
  inputs_[i] = add_constant(name, std::move(content));
  return {};
}

ir::ValueId NodeReader::add_constant(std::string_view name, Tensor content) {
  return site_.add_constant(fmt::format("{}/{}", base_name(), name), std::move(content));
}

ir::ValueId NodeReader::add_node(std::string_view name, ir::Op op,
                                 std::vector<ir::ValueId> inputs) {
  return site_.add_node(fmt::format("{}/{}", base_name(), name), std::move(op), std::move(inputs));
}

Result<ir::ValueId> NodeReader::add_output(std::size_t i, std::string_view name, ir::Op op,
                                           std::vector<ir::ValueId> inputs) {
  if (i >= num_outputs() || node_.outputs[i].empty()) {
    return add_node(name, std::move(op), std::move(inputs));
  }
  if (has_own_node_.size() <= i) has_own_node_.resize(i + 1, false);
  has_own_node_[i] = true;
  return site_.define_value(node_.outputs[i], fmt::format("{}/{}", base_name(), name),
                            std::move(op), std::move(inputs));
}

void NodeReader::move_input(std::size_t from, std::size_t to) {
  if (inputs_.size() <= to) inputs_.resize(to + 1, ir::kNoValue);
  SL_ASSERT(inputs_[to] == ir::kNoValue, "moved onto another input");
  inputs_[to] = std::exchange(inputs_[from], ir::kNoValue);
}

void NodeReader::chain_inputs(const ir::Op& op) {
  SL_ASSERT(inputs_.size() >= 2, "a chain needs two ends");
  ir::ValueId first = inputs_.front();
  for (std::size_t i = 1; i + 1 < inputs_.size(); ++i) {
    first = site_.add_node(base_name(), op, {first, inputs_[i]});
  }
  inputs_ = {first, inputs_.back()};
}

Status NodeReader::integers_to_input(std::string_view name, std::int64_t since, std::size_t i) {
  if (opset_ >= since) return {};
  SL_TRY(const auto values, find<std::vector<std::int64_t>>(name));
  if (!values) return {};
  return set_input(
      i, name, Tensor::from<std::int64_t>({static_cast<std::int64_t>(values->size())}, *values));
}

Status NodeReader::check_all_read() const {
  for (std::size_t i = 0; i < was_read_.size(); ++i) {
    const std::string& name = node_.attributes[i].name;
    if (was_read_[i] || std::ranges::count(kWithoutMeaning, name) > 0) continue;
    if (is_hardware_attribute(name)) continue;
    return Error{ErrorCode::Unsupported,
                 fmt::format("attribute {} is not known for this operator in opset {}; remove it "
                             "or export the model again",
                             sluice::quoted(name), opset_)};
  }
  return {};
}

Error NodeReader::missing(std::string_view name) {
  return {ErrorCode::Parse, fmt::format("attribute {} is missing", sluice::quoted(name))};
}

Error NodeReader::unknown_word(std::string_view name, std::string_view word,
                               std::span<const std::string_view> known) {
  return {ErrorCode::Unsupported,
          fmt::format("attribute {} is {}, it must be one of {}{}", sluice::quoted(name),
                      sluice::quoted(word), fmt::join(known, ", "), did_you_mean(word, known))};
}

}  // namespace sluice::importer::onnx
