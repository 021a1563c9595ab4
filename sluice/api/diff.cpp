// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/diff.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "sluice/api/subject.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/golden/folder.hpp"
#include "sluice/numeric/element.hpp"

namespace sluice::api {
namespace {

namespace compare = exact::compare;
namespace golden_data = exact::golden;

void set_first(DiffRow& row, const Tensor& a, const Tensor& b, std::size_t index) {
  row.first_a = numeric::to_integers(a)[index];
  row.first_b = numeric::to_integers(b)[index];
}

// ---- a network with what two sides have of its values

Result<DiffRow> compare_segment(const Subject& subject, const compare::Segment& segment) {
  const ir::Graph& graph = subject.graph;
  const Tensor& a = subject.a.at(segment.output);
  const Tensor& b = subject.b.at(segment.output);
  DiffRow row{.layer = layer_of(graph, segment),
              .op = op_of(graph, segment),
              .shape = a.shape(),
              .bits = num_bits(a.dtype()),
              .all = compare::count_differences(a, b)};
  row.inputs_differ = std::ranges::any_of(
      segment.inputs, [&](ir::ValueId id) { return !(subject.a.at(id) == subject.b.at(id)); });
  row.is_judged = true;
  if (row.all.count == 0 && !row.inputs_differ) return row;
  SL_TRY(auto evaluation, compare::evaluate(graph, segment, subject.b));
  const Tensor ours = row.inputs_differ ? evaluation.output : a;
  const bool is_as_computed = ours == evaluation.output;
  row.own = compare::count_differences(ours, b);
  if (row.own.count == 0) return row;
  auto evidence = compare::evidence_of(graph, segment, subject.b, std::move(evaluation));
  // Sums explain what they lead to; A's values may come from elsewhere.
  if (!is_as_computed) evidence.sums.reset();
  row.own = compare::judge(ours, b, evidence);
  set_first(row, ours, b, row.own.first);
  return row;
}

Result<DiffReport> diff_subject(const Subject& subject) {
  DiffReport report;
  report.notes = subject.notes;
  SL_TRY(const auto segments, compare::segments(subject.graph, subject.b));
  for (const compare::Segment& segment : segments) {
    SL_TRY_STATUS(check_interrupt());
    SL_TRY(report.rows.emplace_back(), compare_segment(subject, segment));
  }
  return report;
}

// ---- two folders of golden data

struct Folder {
  std::filesystem::path path;
  golden_data::Manifest manifest;

  static Result<Folder> open(const std::filesystem::path& path) {
    SL_TRY(auto manifest, golden_data::read_manifest(path));
    return Folder{path, std::move(manifest)};
  }

  // Parse if the layer has no such array.
  Result<Tensor> read(const golden_data::Layer& layer, std::string_view role) const {
    const golden_data::Array* array = layer.find(role);
    if (array == nullptr) {
      return Error{ErrorCode::Parse, fmt::format("has no {}", role),
                   fmt::format("{}: layer {}", path.string(), sluice::quoted(layer.name))};
    }
    return golden_data::read_array(path, manifest, *array);
  }
};

// One layer in both folders.
class FolderLayer {
 public:
  FolderLayer(const Folder& a, const Folder& b, const golden_data::Layer& of_a,
              const golden_data::Layer& of_b)
      : a_(a), b_(b), of_a_(of_a), of_b_(of_b) {}

  Result<DiffRow> compare() const {
    SL_TRY(const Tensor a, a_.read(of_a_, "output"));
    SL_TRY(const Tensor b, b_.read(of_b_, "output"));
    if (a.shape() != b.shape() || a.dtype() != b.dtype()) {
      return Error{ErrorCode::Parse,
                   fmt::format("has an output of {} {} where A has {} {}",
                               sluice::to_string(b.dtype()), sluice::to_string(b.shape()),
                               sluice::to_string(a.dtype()), sluice::to_string(a.shape())),
                   fmt::format("{}: layer {}", b_.path.string(), sluice::quoted(of_b_.name))};
    }
    DiffRow row{.layer = of_a_.name,
                .op = of_a_.op,
                .shape = a.shape(),
                .bits = num_bits(a.dtype()),
                .all = compare::count_differences(a, b)};
    SL_TRY(row.inputs_differ, differ({"input", "constant"}));
    SL_TRY(const bool weights_differ, differ({"weights", "bias"}));
    SL_TRY(row.is_judged, judge(a, b, weights_differ, row));
    if (!row.is_judged && row.all.count > 0) set_first(row, a, b, row.all.first);
    row.inputs_differ = row.inputs_differ || weights_differ;
    return row;
  }

 private:
  // Whether an array of such a role is not the same in both.
  Result<bool> differ(std::initializer_list<std::string_view> roles) const {
    for (const golden_data::Array& array : of_a_.arrays) {
      const auto begins = [&](std::string_view role) { return array.role.starts_with(role); };
      if (std::ranges::none_of(roles, begins)) continue;
      if (of_b_.find(array.role) == nullptr) continue;
      SL_TRY(const Tensor a, a_.read(of_a_, array.role));
      SL_TRY(const Tensor b, b_.read(of_b_, array.role));
      if (!(a == b)) return true;
    }
    return false;
  }

  // Without A's network its layer is known on B's inputs only from B's own sums.
  Result<bool> judge(const Tensor& a, const Tensor& b, bool weights_differ, DiffRow& row) const {
    const Folder& source = row.inputs_differ ? b_ : a_;
    const golden_data::Layer& layer = row.inputs_differ ? of_b_ : of_a_;
    const bool has_sums = layer.find("accumulators") != nullptr && !of_a_.requantizers.empty();
    if (weights_differ || (row.inputs_differ && !has_sums)) return false;
    compare::Evidence evidence;
    const auto& quantization = of_a_.find("output")->quantization;
    if (quantization) evidence.codes = numeric::codes_of(*quantization);
    Tensor ours = a;
    if (has_sums) {
      SL_TRY(const Tensor accumulators, source.read(layer, "accumulators"));
      if (accumulators.shape() != b.shape()) {
        return Error{ErrorCode::Parse, "has accumulators of another shape than its output",
                     fmt::format("{}: layer {}", source.path.string(), sluice::quoted(layer.name))};
      }
      evidence.sums = compare::Sums{numeric::to_integers(accumulators), of_a_.requantizers, axis()};
      if (row.inputs_differ) ours = requantized(*evidence.sums, b);
    }
    const golden_data::Array* input = of_a_.find("input");
    if (of_a_.window && input != nullptr && of_a_.op != "ConvTranspose" &&
        of_a_.window->kernel.size() + 2 == b.rank() && input->shape.size() == b.rank()) {
      evidence.border = compare::border_of(*of_a_.window, input->shape, b.shape());
    }
    row.own = compare::judge(ours, b, evidence);
    if (row.own.count > 0) set_first(row, ours, b, row.own.first);
    return true;
  }

  std::size_t axis() const {
    const std::size_t rank = of_a_.find("output")->shape.size();
    return of_a_.op == "MatMul" ? std::max<std::size_t>(rank, 1) - 1 : 1;
  }

  static Tensor requantized(const compare::Sums& sums, const Tensor& like) {
    const auto strides = strides_of(like.shape());
    const std::size_t stride = like.rank() == 0 ? 1 : static_cast<std::size_t>(strides[sums.axis]);
    std::vector<std::int64_t> codes;
    codes.reserve(sums.accumulators.size());
    for (std::size_t i = 0; i < sums.accumulators.size(); ++i) {
      const auto& by = sums.requantizers[i / stride % sums.requantizers.size()];
      codes.push_back(
          numeric::is_shift(by.arithmetic)
              ? numeric::requantize_wide(sums.accumulators[i], by)
              : numeric::requantize(static_cast<std::int32_t>(sums.accumulators[i]), by));
    }
    return numeric::cast(Tensor::from(like.shape(), codes), like.dtype());
  }

  const Folder& a_;
  const Folder& b_;
  const golden_data::Layer& of_a_;
  const golden_data::Layer& of_b_;
};

Result<DiffReport> diff_folders(const DiffOptions& options) {
  SL_TRY(const Folder a, Folder::open(options.a));
  SL_TRY(const Folder b, Folder::open(options.b));
  DiffReport report;
  if (a.manifest.model_sha256 != b.manifest.model_sha256) {
    report.notes.push_back(fmt::format("the folders are of different model files, {} and {}",
                                       printable(a.manifest.model), printable(b.manifest.model)));
  }
  std::size_t missing = 0;
  for (const golden_data::Layer& layer : a.manifest.layers) {
    SL_TRY_STATUS(check_interrupt());
    const auto other = std::ranges::find(b.manifest.layers, layer.name, &golden_data::Layer::name);
    if (other == b.manifest.layers.end()) {
      ++missing;
      continue;
    }
    SL_TRY(report.rows.emplace_back(), FolderLayer(a, b, layer, *other).compare());
  }
  if (missing > 0) report.notes.push_back(fmt::format("{} layers are only in A", missing));
  if (report.rows.empty()) {
    return Error{ErrorCode::InvalidArgument, "has no layer of that of A; compare data of one model",
                 options.b.string()};
  }
  return report;
}

Result<DiffReport> diff_any(const DiffOptions& options) {
  if (is_model(options.a)) {
    SL_TRY(const Subject subject, open_model_and_dump(options, true));
    return diff_subject(subject);
  }
  if (!options.model.empty()) {
    SL_TRY(const Subject subject, open_two_dumps(options));
    return diff_subject(subject);
  }
  for (const auto& path : {options.a, options.b}) {
    if (golden_data::has_manifest(path)) continue;
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
      return Error{ErrorCode::Io, "cannot open: No such file or directory", path.string()};
    }
    return Error{ErrorCode::InvalidArgument,
                 "holds no golden data, so it is not known how its layers round; give --model",
                 path.string()};
  }
  return diff_folders(options);
}

}  // namespace

std::int64_t DiffReport::num_different() const {
  return std::ranges::count_if(rows, [](const DiffRow& row) { return row.all.count > 0; });
}

Result<DiffReport> diff(const DiffOptions& options) {
  SL_TRY(DiffReport report, diff_any(options));
  report.a = options.a.string();
  report.b = options.b.string();
  return report;
}

}  // namespace sluice::api
