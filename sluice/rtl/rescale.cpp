// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/rescale.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>

#include "sluice/rtl/memory_words.hpp"
#include "sluice/rtl/rules.hpp"
#include "sluice/rtl/thresholds.hpp"

namespace sluice::rtl {
namespace {

void set_words(Instance& instance, const Stream& x, WordType y) {
  instance.set("XWidth", x.word.bits);
  instance.set_flag("XSigned", x.word.is_signed);
  instance.set("YWidth", y.bits);
  instance.set("Lanes", x.lanes);
}

void set_bounds(Instance& instance, numeric::CodeRange codes) {
  instance.set("Lowest", codes.lowest);
  instance.set("Highest", codes.highest);
}

Stream like(const Stream& x, WordType word) {
  return {.lanes = x.lanes, .word = word, .beats = x.beats};
}

// Whether each entry is the first.
template <class Entry>
bool are_alike(std::span<const Entry> entries) {
  return std::ranges::all_of(entries, [&](const Entry& entry) { return entry == entries.front(); });
}

int rounding_of(numeric::Arithmetic arithmetic) {
  switch (numeric::shift_rounding(arithmetic)) {
    case numeric::Rounding::HalfUp:
      return 1;
    case numeric::Rounding::HalfToEven:
      return 2;
    default:
      return 0;
  }
}

Result<StreamId> add_shifts(Site& site, StreamId x, const Codes& y,
                            std::span<const numeric::Requantizer> by) {
  const Stream& from = site.stream(x);
  std::vector<int> shifts;
  shifts.reserve(by.size());
  for (const numeric::Requantizer& each : by) {
    if (each.shift < 0) {
      return Error{ErrorCode::Unsupported,
                   "its sums are coarser than the codes they become; give its output fewer "
                   "fraction bits"};
    }
    // What is shifted further than it is wide rounds as if shifted by its width and one.
    shifts.push_back(std::min(each.shift, from.word.bits + 1));
  }
  const bool is_uniform = are_alike(std::span<const int>(shifts));
  std::string file;
  const auto bits =
      static_cast<int>(std::bit_width(static_cast<unsigned>(std::ranges::max(shifts))));
  if (!is_uniform) {
    const std::vector<std::int64_t> words(shifts.begin(), shifts.end());
    file = site.add_memory("shifts", words_of_stream(words, from.lanes, bits));
  }
  const std::int64_t depth = static_cast<std::int64_t>(shifts.size()) / from.lanes;
  Instance& rounding = site.add("sl_shift_round", "codes", x, like(from, y.word));
  set_words(rounding, site.stream(x), y.word);
  rounding.set("Depth", is_uniform ? 1 : depth);
  rounding.set("ShiftWidth", is_uniform ? 0 : bits);
  rounding.set("Shift", is_uniform ? shifts[0] : 0);
  rounding.set("Rounding", rounding_of(by[0].arithmetic));
  rounding.set("ZeroPoint", y.zero_point);
  set_bounds(rounding, y.range);
  if (!is_uniform) rounding.set_file("File", file);
  return site.last();
}

}  // namespace

Result<StreamId> add_requantizer(Site& site, StreamId x, const Codes& y,
                                 std::span<const numeric::Requantizer> by,
                                 std::span<const numeric::CodeRange> ranges) {
  if (numeric::is_shift(by[0].arithmetic)) return add_shifts(site, x, y, by);
  return add_scaler(site, x, y.word, requantizer_rules(by, ranges), y.range);
}

std::vector<AccumulatorRule> requantizer_rules(std::span<const numeric::Requantizer> by,
                                               std::span<const numeric::CodeRange> ranges) {
  std::vector<AccumulatorRule> rules;
  rules.reserve(ranges.size());
  for (std::size_t m = 0; m < ranges.size(); ++m) {
    rules.push_back(rule_of(by[by.size() == 1 ? 0 : m], ranges[m].lowest, ranges[m].highest));
  }
  return rules;
}

Result<StreamId> add_scaler(Site& site, StreamId x, WordType y,
                            std::span<const AccumulatorRule> rules, numeric::CodeRange codes) {
  const auto bank = fit_scalers(rules, codes);
  if (bank) return add_scaler(site, x, y, *bank);
  if (bank.error().code != ErrorCode::Unsupported) return bank.error();
  return add_thresholds(site, x, y, rules, codes);
}

hw::Rescale scaling_of(std::span<const AccumulatorRule> rules, numeric::CodeRange codes) {
  return fit_scalers(rules, codes) ? hw::Rescale{hw::Scaling::Line} : scaling_by_thresholds(codes);
}

hw::Rescale scaling_by_thresholds(numeric::CodeRange codes) {
  return {.by = hw::Scaling::Thresholds, .threshold_steps = threshold_steps(codes)};
}

Result<StreamId> add_change(Site& site, StreamId x, const ir::Node& node, ir::ValueId from,
                            ir::ValueId to) {
  const ir::Graph& network = site.tensors().network();
  if (network[from].quantization == network[to].quantization) return x;
  SL_TRY(const Codes of_y, site.tensors().codes(to));
  SL_TRY(const AccumulatorRule rule, change_rule(network, node, from, to));
  return add_scaler(site, x, of_y.word, {&rule, 1}, of_y.range);
}

StreamId add_scaler(Site& site, StreamId x, WordType y, const ScalerBank& bank) {
  const bool is_uniform = are_alike(std::span<const Scaler>(bank.channels));
  const std::size_t entries = is_uniform ? 1 : bank.channels.size();
  const std::int64_t lanes = site.stream(x).lanes;
  // A multiplier of 1 is none.
  const bool multiplies =
      std::ranges::any_of(bank.channels, [](const Scaler& each) { return each.multiplier != 1; });
  const int multiplier_bits = multiplies ? bank.multiplier_bits : 0;
  // A tie window may be 2^shift.
  const int tie_bits = bank.has_tie_window ? bank.shift + 1 : 0;
  const int entry_bits =
      multiplier_bits + (bank.has_negative_offset ? 2 : 1) * bank.offset_bits + tie_bits;
  MemoryWords words(lanes * entry_bits);
  for (std::size_t i = 0; i < (is_uniform ? static_cast<std::size_t>(lanes) : entries); ++i) {
    const Scaler& scaler = bank.channels[is_uniform ? 0 : i];
    if (multiplies) words.add(scaler.multiplier, multiplier_bits);
    words.add(scaler.offset, bank.offset_bits);
    if (bank.has_negative_offset) words.add(scaler.negative_offset, bank.offset_bits);
    if (tie_bits > 0) words.add(scaler.tie_window, tie_bits);
  }
  const std::string file = site.add_memory("scales", std::move(words).text());
  Instance& scaling = site.add("sl_requantize", "codes", x, like(site.stream(x), y));
  const Stream& from = site.stream(x);
  set_words(scaling, from, y);
  scaling.set("Depth", is_uniform ? 1 : static_cast<std::int64_t>(entries) / lanes);
  scaling.set("MultiplierWidth", multiplier_bits);
  scaling.set("OffsetWidth", bank.offset_bits);
  scaling.set_flag("HasNegative", bank.has_negative_offset);
  scaling.set("TieWidth", tie_bits);
  scaling.set_flag("TieParity", bank.tie_parity != 0);
  const int operand_bits = from.word.bits + (from.word.is_signed ? 0 : 1);
  const int product_bits = bank.product_bits + (bank.has_tie_window ? 1 : 0);
  scaling.set("ProductWidth", std::max({product_bits, operand_bits, y.bits + 1, bank.shift + 1}));
  scaling.set("Shift", bank.shift);
  set_bounds(scaling, bank.codes);
  scaling.set_file("File", file);
  return site.last();
}

}  // namespace sluice::rtl
