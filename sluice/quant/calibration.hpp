// SPDX-License-Identifier: Apache-2.0
// Calibration: the ranges of a network's activations, seen while it runs on sample data.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/ir/graph.hpp"
#include "sluice/numeric/affine.hpp"
#include "sluice/numeric/format.hpp"
#include "sluice/quant/modules.hpp"
#include "sluice/runtime/executor.hpp"

namespace sluice::quant {

// How a range is chosen from the values seen.
enum class RangeMethod : unsigned char {
  MinMax,           // "minmax": all of them
  Percentile,       // "percentile": but the rarest
  LeastError,       // "mse": least mean square error on the format's own grid
  LeastDivergence,  // "kl": least Kullback–Leibler divergence, on 2048 bins
};
[[nodiscard]] std::string_view to_string(RangeMethod method) noexcept;
// InvalidArgument with the nearest name.
[[nodiscard]] Result<RangeMethod> range_method_from_string(std::string_view name);

struct CalibrationOptions {
  RangeMethod method = RangeMethod::MinMax;
  double percent = 99.99;  // Percentile: of the values, on each side
  Compat compat = Compat::None;
};

// By value: one range, or one a channel. A network-wide format has the same one everywhere.
using Ranges = std::map<ir::ValueId, std::vector<numeric::Range>>;

// Watches the values that the format quantises, batch by batch. Without compat it does not matter
// how images are put into batches. Ranges always contain 0, in every method and with either Compat:
// zero is what padding adds and what rectifiers make, so it must be a code of every activation's
// grid.
//
// Fpgaconvnet (MinMax only) keeps two quirks of the published system. A range grows by float32
// steps, min += (−min) + least, which can miss the least value by a unit in the last place when
// several batches lower it. And a value with one channel is forgotten at each new batch where
// channels have ranges of their own, so only the last batch counts for it.
class Calibrator {
 public:
  // InvalidArgument for options that do not go together, errors of find_modules.
  static Result<Calibrator> create(const ir::Graph& graph, const numeric::Format& format,
                                   const CalibrationOptions& options = {});
  // The same for values of the caller's choosing, each float32.
  static Result<Calibrator> create(const ir::Graph& graph, std::vector<ir::ValueId> values,
                                   const numeric::Format& format,
                                   const CalibrationOptions& options = {});
  Calibrator(Calibrator&&) noexcept;
  Calibrator& operator=(Calibrator&&) noexcept;
  ~Calibrator();

  // To be handed to Executor::run; it refers to this calibrator, which may be moved. Empty `values`
  // where the format needs no calibration.
  [[nodiscard]] const runtime::Observer& observer() const;

  // What the observer does: some images of one value, part of the batch at hand.
  void add(ir::ValueId value, const Tensor& images);
  // The batch at hand is complete. Only then it counts.
  void end_batch();

  // The ranges so far. InvalidArgument, naming the value, if one was not finite, or if a format
  // that needs calibration has seen nothing.
  [[nodiscard]] Result<Ranges> ranges() const;

 private:
  class State;
  explicit Calibrator(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// The next calibration batch, one tensor a graph input of exactly the executor's types; no tensors
// when there are no more.
using BatchSource = std::function<Result<std::vector<Tensor>>()>;

// Runs `executor`, made of the graph that `calibrator` watches, on every batch in order.
[[nodiscard]] Result<Ranges> calibrate(Calibrator& calibrator, runtime::Executor& executor,
                                       const BatchSource& next_batch);
// The same with a calibrator for the format; `graph` has its weights quantised already.
[[nodiscard]] Result<Ranges> calibrate(const ir::Graph& graph, const numeric::Format& format,
                                       runtime::Executor& executor, const BatchSource& next_batch,
                                       const CalibrationOptions& options = {});

}  // namespace sluice::quant
