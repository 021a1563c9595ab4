// SPDX-License-Identifier: Apache-2.0
// Which arithmetic a dump was made with.
#include <algorithm>

#include "sluice/api/diff.hpp"
#include "sluice/api/subject.hpp"
#include "sluice/base/interrupt.hpp"

namespace sluice::api {
namespace {

namespace compare = exact::compare;

DetectRow detect_segment(const Subject& subject, const compare::Segment& segment) {
  const Tensor& theirs = subject.b.at(segment.output);
  DetectRow row{.layer = layer_of(subject.graph, segment),
                .op = op_of(subject.graph, segment),
                .elements = theirs.num_elements()};
  for (std::size_t a = 0; a < numeric::kNumArithmetics; ++a) {
    const auto arithmetic = static_cast<numeric::Arithmetic>(a);
    const auto ours = compare::evaluate(subject.graph, segment, subject.b, arithmetic);
    row.differences[a] =
        ours ? compare::count_differences(ours->output, theirs).count : std::int64_t{-1};
  }
  return row;
}

}  // namespace

std::int64_t DetectReport::num_reproduced(numeric::Arithmetic arithmetic) const {
  return std::ranges::count_if(rows, [&](const DetectRow& row) {
    return row.differences[static_cast<std::size_t>(arithmetic)] == 0;
  });
}

std::int64_t DetectReport::num_unexplained() const {
  return std::ranges::count_if(
      rows, [](const DetectRow& row) { return std::ranges::count(row.differences, 0) == 0; });
}

Result<DetectReport> detect(const DiffOptions& options) {
  if (!is_model(options.a)) {
    return Error{ErrorCode::InvalidArgument,
                 "is no model; arithmetics are detected of a model against a dump",
                 options.a.string()};
  }
  SL_TRY(const Subject subject, open_model_and_dump(options, false));
  DetectReport report{.model = options.a.string(), .dump = options.b.string()};
  report.notes = subject.notes;
  SL_TRY(const auto segments, compare::segments(subject.graph, subject.b));
  for (const compare::Segment& segment : segments) {
    SL_TRY_STATUS(check_interrupt());
    if (compare::rounding_node(subject.graph, segment) == nullptr) continue;
    report.rows.push_back(detect_segment(subject, segment));
  }
  return report;
}

}  // namespace sluice::api
