// SPDX-License-Identifier: Apache-2.0
#include "sluice/quant/calibration.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <utility>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"
#include "sluice/quant/grids.hpp"
#include "sluice/quant/histogram.hpp"
#include "sluice/quant/range_search.hpp"

namespace sluice::quant {
namespace {

using numeric::Range;

constexpr std::array<std::string_view, 4> kMethodNames{"minmax", "percentile", "mse", "kl"};

constexpr std::size_t kTensorBins = 2048;
constexpr std::size_t kChannelBins = 512;  // there may be tens of thousands of channels

// min += (−min) + least, each step rounded.
float drift(float bound, float reached) {
  const float step = -bound + reached;
  return bound + step;
}

void widen(Range& seen, const Range& batch, Compat compat) {
  const float least = std::min(seen.min, batch.min);
  const float most = std::max(seen.max, batch.max);
  const bool drifts = compat == Compat::Fpgaconvnet;
  seen = drifts ? Range{drift(seen.min, least), drift(seen.max, most)} : Range{least, most};
}

bool is_network_wide(const numeric::Format& format) {
  const auto* affine = std::get_if<numeric::AffineFormat>(&format);
  return affine != nullptr && affine->sharing == numeric::Sharing::Network;
}

int bits_of(const numeric::Format& format) {
  if (const auto* affine = std::get_if<numeric::AffineFormat>(&format)) return affine->bits;
  return std::get<numeric::FixedFormat>(format).bits;
}

}  // namespace

std::string_view to_string(RangeMethod method) noexcept {
  return kMethodNames[static_cast<std::size_t>(method)];
}

Result<RangeMethod> range_method_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kMethodNames, name);
  if (found == kMethodNames.end()) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("no calibration method {}{}: minmax, percentile, mse or kl",
                             sluice::quoted(name), did_you_mean(name, kMethodNames))};
  }
  return static_cast<RangeMethod>(found - kMethodNames.begin());
}

class Calibrator::State {
  // What is known of one tensor's or one channel's values.
  struct Tracker {
    Range seen;   // of all batches but the one at hand; starts at 0, so it always contains it
    Range batch;  // of the one at hand
    std::optional<Histogram> histogram;

    void merge(const Tracker& from) {
      widen(seen, from.seen, Compat::None);
      if (!histogram) {
        histogram = from.histogram;
      } else if (from.histogram) {
        histogram->merge(*from.histogram);
      }
    }
  };

 public:
  State(const ir::Graph& graph, const numeric::Format& format, const CalibrationOptions& options,
        std::vector<ir::ValueId> values)
      : format_(format), options_(options) {
    observer_.values = std::move(values);
    observer_.on_value = [this](ir::ValueId id, std::int64_t, const Tensor& piece) {
      add(id, piece);
    };
    for (const ir::ValueId id : observer_.values) {
      Watched& watched = watched_[id];
      watched.name = graph[id].name;
      watched.forgets = forgets(graph.type(id).shape);
      watched.trackers.resize(num_ranges(format, graph.type(id).shape));
      if (options.method == RangeMethod::MinMax) continue;
      const std::size_t bins = watched.trackers.size() == 1 ? kTensorBins : kChannelBins;
      for (Tracker& tracker : watched.trackers) tracker.histogram.emplace(bins);
    }
    for (const ir::ValueId id : observer_.values) {
      if (graph[id].constant) add(id, *graph[id].constant);  // no executor reports it
    }
    end_batch();
  }

  const runtime::Observer& observer() const { return observer_; }

  void add(ir::ValueId id, const Tensor& images) {
    const auto found = watched_.find(id);
    if (found == watched_.end()) return;
    Watched& watched = found->second;
    watched.is_in_batch = true;
    if (images.num_elements() == 0) return;
    const bool by_channel = watched.trackers.size() > 1;
    const Tensor flat = by_channel ? images : images.reshaped({1, 1, images.num_elements()});
    const std::vector<Range> ranges = ranges_along(flat, kChannelAxis);
    const auto is_finite = [](const Range& r) {
      return std::isfinite(r.min) && std::isfinite(r.max);
    };
    if (!std::ranges::all_of(ranges, is_finite)) {
      watched.is_finite = false;
      return;
    }
    for (std::size_t c = 0; c < ranges.size(); ++c) {
      widen(watched.trackers[c].batch, ranges[c], Compat::None);
    }
    if (watched.trackers.front().histogram) count(watched, flat, ranges);
  }

  void end_batch() {
    for (auto& entry : watched_) {
      Watched& watched = entry.second;
      if (!std::exchange(watched.is_in_batch, false)) continue;
      watched.is_seen = true;
      for (Tracker& tracker : watched.trackers) {
        if (watched.forgets) tracker.seen = {};
        widen(tracker.seen, std::exchange(tracker.batch, {}), options_.compat);
      }
    }
  }

  Result<Ranges> ranges() const {
    Tracker network;
    for (const auto& entry : watched_) {
      if (auto status = check(entry.second); !status) {
        return std::move(status).error().at(
            fmt::format("activation {}", sluice::quoted(entry.second.name)));
      }
      if (is_network_wide(format_)) network.merge(entry.second.trackers.front());
    }
    SL_TRY_STATUS(numeric::check_range(network.seen));
    Ranges result;
    for (const auto& entry : watched_) {
      for (const Tracker& tracker : entry.second.trackers) {
        if (!is_network_wide(format_)) result[entry.first].push_back(choose(tracker));
      }
    }
    if (is_network_wide(format_)) {
      const Range shared = choose(network);  // as if all values were one tensor
      for (const auto& entry : watched_) result[entry.first] = {shared};
    }
    return result;
  }

 private:
  struct Watched {
    std::string name;
    std::vector<Tracker> trackers;  // one, or one a channel
    bool is_in_batch = false;
    bool is_seen = false;
    bool forgets = false;
    bool is_finite = true;
  };

  static Status check(const Watched& watched) {
    if (!watched.is_finite) {
      return Error{ErrorCode::InvalidArgument,
                   "holds an infinity or NaN on the calibration data: check the preprocessing"};
    }
    if (!watched.is_seen) {
      return Error{ErrorCode::InvalidArgument,
                   "was not seen: calibration needs at least one batch"};
    }
    for (const Tracker& tracker : watched.trackers) {
      SL_TRY_STATUS(numeric::check_range(tracker.seen));
    }
    return {};
  }

  // The published system takes a single channel for a range not yet sized.
  bool forgets(const Shape& shape) const {
    const auto* affine = std::get_if<numeric::AffineFormat>(&format_);
    return options_.compat == Compat::Fpgaconvnet && affine != nullptr &&
           affine->sharing == numeric::Sharing::Channel && shape.size() > kChannelAxis &&
           shape[kChannelAxis] == 1;
  }

  // `flat` is [outer, trackers, inner…].
  static void count(Watched& watched, const Tensor& flat, const std::vector<Range>& ranges) {
    const std::size_t channels = watched.trackers.size();
    const auto values = flat.data<float>();
    const auto inner =
        static_cast<std::size_t>(num_elements(std::span(flat.shape()).subspan(kChannelAxis + 1)));
    for (std::size_t slice = 0; slice * inner < values.size(); ++slice) {
      const Range& range = ranges[slice % channels];
      watched.trackers[slice % channels].histogram->add(values.subspan(slice * inner, inner),
                                                        std::max(range.max, -range.min));
    }
  }

  Range choose(const Tracker& tracker) const {
    switch (options_.method) {
      case RangeMethod::MinMax:
        return tracker.seen;
      case RangeMethod::Percentile:
        return percentile_range(*tracker.histogram, tracker.seen, options_.percent);
      case RangeMethod::LeastError:
        return least_error_range(*tracker.histogram, tracker.seen, [&](const Range& range) {
          // Cannot fail: within the range seen, which was checked.
          return *activation_grid(format_, {&range, 1}, {});
        });
      case RangeMethod::LeastDivergence: {
        const int sign_bits = tracker.seen.min < 0 ? 1 : 0;
        return least_divergence_range(*tracker.histogram, tracker.seen,
                                      std::size_t{1} << (bits_of(format_) - sign_bits));
      }
    }
    return tracker.seen;
  }

  numeric::Format format_;
  CalibrationOptions options_;
  runtime::Observer observer_;
  std::map<ir::ValueId, Watched> watched_;
};

Calibrator::Calibrator(std::unique_ptr<State> state) : state_(std::move(state)) {}
Calibrator::Calibrator(Calibrator&&) noexcept = default;
Calibrator& Calibrator::operator=(Calibrator&&) noexcept = default;
Calibrator::~Calibrator() = default;

Result<Calibrator> Calibrator::create(const ir::Graph& graph, const numeric::Format& format,
                                      const CalibrationOptions& options) {
  std::vector<ir::ValueId> values;
  if (numeric::needs_calibration(format)) {
    SL_TRY(const auto modules, find_modules(graph, options.compat));
    values = quantized_values(graph, modules);
  }
  return create(graph, std::move(values), format, options);
}

Result<Calibrator> Calibrator::create(const ir::Graph& graph, std::vector<ir::ValueId> values,
                                      const numeric::Format& format,
                                      const CalibrationOptions& options) {
  if (options.compat == Compat::Fpgaconvnet && options.method != RangeMethod::MinMax) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("fpgaconvnet knows no {} calibration: use minmax, or no compat",
                             to_string(options.method))};
  }
  if (!(options.percent > 50 && options.percent <= 100)) {
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format("the percentile must be above 50 and at most 100, got {}", options.percent)};
  }
  return Calibrator(std::make_unique<State>(graph, format, options, std::move(values)));
}

const runtime::Observer& Calibrator::observer() const {
  return state_->observer();
}

void Calibrator::add(ir::ValueId value, const Tensor& images) {
  state_->add(value, images);
}

void Calibrator::end_batch() {
  state_->end_batch();
}

Result<Ranges> Calibrator::ranges() const {
  return state_->ranges();
}

Result<Ranges> calibrate(const ir::Graph& graph, const numeric::Format& format,
                         runtime::Executor& executor, const BatchSource& next_batch,
                         const CalibrationOptions& options) {
  SL_TRY(Calibrator calibrator, Calibrator::create(graph, format, options));
  return calibrate(calibrator, executor, next_batch);
}

Result<Ranges> calibrate(Calibrator& calibrator, runtime::Executor& executor,
                         const BatchSource& next_batch) {
  if (calibrator.observer().values.empty()) return Ranges{};
  while (true) {
    SL_TRY_STATUS(check_interrupt());
    SL_TRY(const std::vector<Tensor> batch, next_batch());
    if (batch.empty()) return calibrator.ranges();
    SL_TRY_STATUS(executor.run(batch, &calibrator.observer()));
    calibrator.end_batch();
  }
}

}  // namespace sluice::quant
