// SPDX-License-Identifier: Apache-2.0
// Slices: SLICE by begins and sizes, STRIDED_SLICE by NumPy's rules packed into bit masks.
#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <numeric>

#include "sluice/import/tflite/builtins.hpp"

namespace sluice::importer::tflite::builtin {
namespace {

constexpr std::int64_t kToTheEnd = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kToTheStart = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kFarAway = 2 * kMaxTensorElements;  // beyond any dimension, either way

// What is kept of the dimensions `axes` of the file's order.
struct Ranges {
  std::vector<std::int64_t> begins, ends, axes, steps;

  void add(std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
    axes.push_back(axis);
    begins.push_back(begin);
    ends.push_back(end);
    steps.push_back(step);
  }
};

ir::ValueId sliced(Context& op, Ranges ranges, Layout layout) {
  for (std::int64_t& axis : ranges.axes) axis = axis_in(layout, axis);
  return op.emit(ir::Slice{}, {op.value(0, layout), op.constant("begins", ranges.begins),
                               op.constant("ends", ranges.ends), op.constant("axes", ranges.axes),
                               op.constant("steps", ranges.steps)});
}

Error wrong_count(std::string_view name, std::size_t count, std::size_t expected) {
  return {ErrorCode::Verify, fmt::format("has {} {}, {} expected", count, name, expected)};
}

}  // namespace

Status slice(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY(const auto begins, op.integers(1, "the list of begins"));
  SL_TRY(const auto sizes, op.integers(2, "the list of sizes"));
  const std::size_t rank = op.in(0).rank();
  if (begins.size() != rank) return wrong_count("begins", begins.size(), rank);
  if (sizes.size() != rank) return wrong_count("sizes", sizes.size(), rank);
  Ranges ranges;
  for (std::size_t i = 0; i < rank; ++i) {
    if (begins[i] < 0 || begins[i] > kMaxTensorElements || sizes[i] < -1 ||
        sizes[i] > kMaxTensorElements) {
      return Error{ErrorCode::Verify,
                   fmt::format("takes {} from {} on in dimension {}", sizes[i], begins[i], i)};
    }
    ranges.add(static_cast<std::int64_t>(i), begins[i],
               sizes[i] == -1 ? kToTheEnd : begins[i] + sizes[i], 1);
  }
  const Layout layout = op.layout_of(0);
  op.set_output(0, sliced(op, std::move(ranges), layout), layout);
  return {};
}

namespace {

// STRIDED_SLICE's inputs 1 to 3 and masks; bit i of a mask speaks of entry i.
struct Spec {
  std::vector<std::int64_t> begins, ends, steps;
  const fb::StridedSliceOptions* options;

  [[nodiscard]] static bool bit(std::int32_t mask, std::size_t i) {
    return i < 32 && ((static_cast<std::uint32_t>(mask) >> i) & 1U) != 0;
  }
  [[nodiscard]] bool is_ellipsis(std::size_t i) const { return bit(options->ellipsis_mask(), i); }
  [[nodiscard]] bool is_new_axis(std::size_t i) const {
    return !is_ellipsis(i) && bit(options->new_axis_mask(), i);
  }
  [[nodiscard]] bool is_shrunk(std::size_t i) const {
    return !is_ellipsis(i) && !is_new_axis(i) && bit(options->shrink_axis_mask(), i);
  }
};

Result<Spec> read_spec(Context& op) {
  Spec spec;
  SL_TRY(spec.options, op.required_options<fb::StridedSliceOptions>());
  SL_TRY(spec.begins, op.integers(1, "the list of begins"));
  SL_TRY(spec.ends, op.integers(2, "the list of ends"));
  SL_TRY(spec.steps, op.integers(3, "the list of steps"));
  const std::size_t count = spec.begins.size();
  if (spec.ends.size() != count) return wrong_count("ends", spec.ends.size(), count);
  if (spec.steps.size() != count) return wrong_count("steps", spec.steps.size(), count);
  for (auto* list : {&spec.begins, &spec.ends, &spec.steps}) {
    for (std::int64_t& entry : *list) entry = std::clamp(entry, -kFarAway, kFarAway);
  }
  if (std::ranges::count(spec.steps, 0) > 0) {
    return Error{ErrorCode::Verify, "has a step of 0"};
  }
  return spec;
}

// The spec spread over the input's dimensions. `removed` are dimensions of the input taken at one
// position; `added` are dimensions of the output, counted after the removal.
struct Plan {
  Ranges ranges;
  std::vector<std::int64_t> removed, added;
};

void add_range(const Spec& spec, std::size_t i, std::int64_t axis, Ranges& ranges) {
  const std::int64_t step = spec.steps[i];
  const bool from_edge = Spec::bit(spec.options->begin_mask(), i);
  if (spec.is_shrunk(i)) {
    // Position −1 ends at the end, not at 0.
    const std::int64_t begin = from_edge ? 0 : spec.begins[i];
    ranges.add(axis, begin, begin == -1 ? kToTheEnd : begin + 1, 1);
    return;
  }
  const std::int64_t begin = from_edge ? (step > 0 ? 0 : kToTheEnd) : spec.begins[i];
  const std::int64_t end = Spec::bit(spec.options->end_mask(), i)
                               ? (step > 0 ? kToTheEnd : kToTheStart)
                               : spec.ends[i] + (spec.options->offset() ? spec.begins[i] : 0);
  ranges.add(axis, begin, end, step);
}

Result<Plan> make_plan(const Spec& spec, std::size_t rank) {
  std::size_t named = 0;  // dimensions of the input the spec speaks of
  std::size_t ellipses = 0;
  for (std::size_t i = 0; i < spec.begins.size(); ++i) {
    if (spec.is_ellipsis(i)) {
      ++ellipses;
    } else if (!spec.is_new_axis(i)) {
      ++named;
    }
  }
  if (named > rank || ellipses > 1) {
    return Error{ErrorCode::Verify,
                 fmt::format("slices {} dimensions of {} with {} ellipses", named, rank, ellipses)};
  }
  Plan plan;
  std::int64_t axis = 0;
  std::int64_t output_axis = 0;
  for (std::size_t i = 0; i < spec.begins.size(); ++i) {
    if (spec.is_ellipsis(i)) {
      axis += static_cast<std::int64_t>(rank - named);
      output_axis += static_cast<std::int64_t>(rank - named);
    } else if (spec.is_new_axis(i)) {
      plan.added.push_back(output_axis++);
    } else {
      add_range(spec, i, axis, plan.ranges);
      if (spec.is_shrunk(i)) {
        plan.removed.push_back(axis);
      } else {
        ++output_axis;
      }
      ++axis;
    }
  }
  return plan;
}

}  // namespace

Status strided_slice(Context& op) {
  SL_TRY_STATUS(op.require_outputs(1));
  SL_TRY(const Spec spec, read_spec(op));
  SL_TRY(Plan plan, make_plan(spec, op.in(0).rank()));
  const bool same_rank = plan.removed.empty() && plan.added.empty();
  const Layout layout = same_rank ? op.layout_of(0) : Layout::AsFile;
  ir::ValueId y = sliced(op, std::move(plan.ranges), layout);
  if (!plan.removed.empty()) {
    y = op.emit(ir::Squeeze{}, {y, op.constant("removed", plan.removed)});
  }
  if (!plan.added.empty()) {
    y = op.emit(ir::Unsqueeze{}, {y, op.constant("added", plan.added)});
  }
  op.set_output(0, y, layout);
  return {};
}

}  // namespace sluice::importer::tflite::builtin
