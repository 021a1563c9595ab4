// SPDX-License-Identifier: Apache-2.0
#include "sluice/exact/compare/judge.hpp"

#include <algorithm>

#include "sluice/base/assert.hpp"
#include "sluice/numeric/element.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::exact::compare {
namespace {

using Codes = std::vector<std::int64_t>;

class Judge {
 public:
  Judge(const Tensor& ours, const Evidence& evidence)
      : evidence_(evidence),
        shape_(ours.shape()),
        codes_(evidence.codes.value_or(numeric::codes_of(ours.dtype()))) {
    for (const Alternative& other : evidence.alternatives) {
      alternatives_.push_back(numeric::to_integers(other.codes));
    }
    if (evidence.sums && !shape_.empty()) {
      stride_ = static_cast<std::size_t>(strides_of(shape_)[evidence.sums->axis]);
    }
  }

  Cause cause(std::size_t i, std::int64_t ours, std::int64_t theirs) const {
    if (evidence_.sums) {
      const auto& by = evidence_.sums->requantizers;
      return cause_of(evidence_.sums->accumulators[i], by[i / stride_ % by.size()], codes_, theirs);
    }
    std::vector<Candidate> candidates;
    candidates.reserve(alternatives_.size());
    for (std::size_t a = 0; a < alternatives_.size(); ++a) {
      candidates.push_back({evidence_.alternatives[a].arithmetic, alternatives_[a][i]});
    }
    return cause_of(ours, theirs, candidates);
  }

 private:
  const Evidence& evidence_;
  const Shape& shape_;
  numeric::CodeRange codes_;
  std::vector<Codes> alternatives_;
  std::size_t stride_ = 1;
};

Differences compare(const Tensor& a, const Tensor& b, const Evidence* evidence) {
  SL_ASSERT(a.shape() == b.shape(), "results of one layer");
  Differences result;
  if (a == b) return result;
  const Codes ours = numeric::to_integers(a);
  const Codes theirs = numeric::to_integers(b);
  const std::optional<Judge> judge =
      evidence == nullptr ? std::nullopt : std::make_optional<Judge>(a, *evidence);
  bool only_on_border = true;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (ours[i] == theirs[i]) continue;
    if (result.count++ == 0) result.first = i;
    if (!judge) continue;
    only_on_border = only_on_border && !evidence->border.empty() && evidence->border[i];
    ++result.causes[static_cast<std::size_t>(judge->cause(i, ours[i], theirs[i]))];
  }
  if (judge && only_on_border && std::ranges::count(evidence->border, false) > 0) {
    auto& real = result.causes[static_cast<std::size_t>(Cause::Real)];
    std::swap(real, result.causes[static_cast<std::size_t>(Cause::Padding)]);
  }
  return result;
}

}  // namespace

Differences judge(const Tensor& ours, const Tensor& theirs, const Evidence& evidence) {
  return compare(ours, theirs, &evidence);
}

Differences count_differences(const Tensor& a, const Tensor& b) {
  return compare(a, b, nullptr);
}

std::vector<bool> border_of(const golden::LayerWindow& window, const Shape& input,
                            const Shape& output) {
  std::vector<bool> border(static_cast<std::size_t>(num_elements(output)), false);
  const auto strides = strides_of(output);
  for (std::size_t i = 0; i < border.size(); ++i) {
    for (std::size_t d = 0; d < window.kernel.size() && !border[i]; ++d) {
      const std::int64_t position = static_cast<std::int64_t>(i) / strides[d + 2] % output[d + 2];
      const std::int64_t begin = position * window.strides[d] - window.pad_begin[d];
      const std::int64_t last = begin + (window.kernel[d] - 1) * window.dilations[d];
      border[i] = begin < 0 || last >= input[d + 2];
    }
  }
  return border;
}

}  // namespace sluice::exact::compare
