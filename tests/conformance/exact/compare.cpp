// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/exact/compare.hpp"

#include <array>
#include <cmath>
#include <fmt/format.h>

#include "sluice/api/model.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/runtime/reference/copy.hpp"

namespace sluice::test {
namespace {

constexpr std::array<std::int64_t, 4> kToChannelsLast = {0, 2, 3, 1};

// Empty if they are equal.
std::string difference(const std::string& name, const Tensor& ours, const Tensor& theirs) {
  if (ours.shape() != theirs.shape() || ours.dtype() != theirs.dtype()) {
    return fmt::format("{}: {} {} where {} {} is expected", name, to_string(ours.dtype()),
                       to_string(ours.shape()), to_string(theirs.dtype()),
                       to_string(theirs.shape()));
  }
  const auto a = numeric::to_doubles(ours);
  const auto b = numeric::to_doubles(theirs);
  std::size_t count = 0;
  std::size_t first = a.size();
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    first = std::min(first, i);
    most = std::max(most, std::abs(a[i] - b[i]));
    ++count;
  }
  if (count == 0) return {};
  return fmt::format("{}: {} of {} elements differ, by up to {}; the first, {}: {} instead of {}",
                     name, count, a.size(), most, first, a[first], b[first]);
}

}  // namespace

Result<Comparison> compare_with_dump(const std::filesystem::path& path, const Tensor& input,
                                     const Dump& dump,
                                     std::optional<numeric::Arithmetic> arithmetic) {
  SL_TRY(ir::Graph graph, api::load_model(path));
  runtime::Observer observer;
  std::vector<std::string> names;
  for (std::size_t v = 0; v < graph.values.size(); ++v) {
    names.push_back(graph.values[v].name);
    if (dump.contains(names.back())) {
      observer.values.push_back(ir::ValueId{static_cast<std::int32_t>(v)});
    }
  }
  Comparison result;
  observer.on_value = [&](ir::ValueId id, std::int64_t /*first*/, const Tensor& value) {
    const std::string& name = names[static_cast<std::size_t>(id)];
    const Tensor& theirs = dump.at(name);
    ++result.tensors;
    result.elements += theirs.num_elements();
    std::string line = difference(name, value, theirs);
    if (!line.empty() && value.rank() == 4) {
      line = difference(name, runtime::reference::transposed(value, kToChannelsLast), theirs);
    }
    if (!line.empty()) result.differences.push_back(std::move(line));
  };
  SL_TRY(const auto executor, exact::make_reference_executor(std::move(graph), {arithmetic}));
  SL_TRY(const auto outputs, executor->run(std::span(&input, 1), &observer));
  static_cast<void>(outputs);
  return result;
}

}  // namespace sluice::test
