// SPDX-License-Identifier: Apache-2.0
// A non-decreasing function of a sum is the number of its steps that the sum has passed. A search
// that halves them finds the number's bits one by one, the highest first: an sl_bisect each.
#include "sluice/rtl/thresholds.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <numeric>

#include "sluice/rtl/memory_words.hpp"

namespace sluice::rtl {
namespace {

// The smallest accumulator from `from` on with that code or a larger one.
std::int64_t first_with(const AccumulatorRule& rule, std::int64_t from, std::int64_t code) {
  if (rule.code(from) >= code) return from;
  if (rule.code(rule.highest) < code) return rule.highest + 1;
  std::int64_t above = rule.highest;
  while (from + 1 < above) {
    const std::int64_t middle = std::midpoint(from, above);
    (rule.code(middle) < code ? from : above) = middle;
  }
  return above;
}

// What one step compares with: for each group of channels and each count so far, the lanes'.
std::string step_words(const std::vector<std::vector<std::int64_t>>& lists, std::int64_t lanes,
                       int step, int steps, int entry_bits) {
  MemoryWords words(lanes * entry_bits);
  const auto group_lanes = static_cast<std::size_t>(lanes);
  for (std::size_t c = 0; c < lists.size(); c += group_lanes) {
    for (std::int64_t found = 0; found < std::int64_t{1} << step; ++found) {
      const auto number = static_cast<std::size_t>((2 * found + 1) << (steps - 1 - step));
      for (std::size_t lane = 0; lane < group_lanes; ++lane) {
        words.add(lists[c + lane][number - 1], entry_bits);
      }
    }
  }
  return std::move(words).text();
}

}  // namespace

int threshold_steps(numeric::CodeRange codes) {
  const auto bits = std::bit_width(static_cast<std::uint64_t>(codes.highest - codes.lowest));
  return std::max(1, static_cast<int>(bits));
}

std::vector<std::int64_t> threshold_list(const AccumulatorRule& rule, numeric::CodeRange codes) {
  std::vector<std::int64_t> list;
  list.reserve(static_cast<std::size_t>(codes.highest - codes.lowest));
  std::int64_t from = rule.lowest;
  for (std::int64_t code = codes.lowest + 1; code <= codes.highest; ++code) {
    if (from <= rule.highest) from = first_with(rule, from, code);
    list.push_back(from);
  }
  return list;
}

Result<StreamId> add_thresholds(Site& site, StreamId x, WordType y,
                                std::span<const AccumulatorRule> rules, numeric::CodeRange codes) {
  const int steps = threshold_steps(codes);
  if (steps > kMaxThresholdBits) {
    return Error{ErrorCode::Unsupported,
                 fmt::format("its codes of {} bits are on no line, and lists of thresholds are for "
                             "at most {}; quantize its output to fewer",
                             y.bits, kMaxThresholdBits)};
  }
  const Stream from = site.stream(x);
  // The same for all, or each channel's.
  const auto lanes = static_cast<std::size_t>(from.lanes);
  std::vector<std::vector<std::int64_t>> lists;
  lists.reserve(std::max(rules.size(), lanes));
  for (std::size_t c = 0; c < std::max(rules.size(), lanes); ++c) {
    const AccumulatorRule& rule = rules[rules.size() == 1 ? 0 : c];
    auto& list = lists.emplace_back(threshold_list(rule, codes));
    list.resize((std::size_t{1} << steps) - 1, rule.highest + 1);
  }
  for (int step = 0; step < steps; ++step) {
    const bool is_last = step + 1 == steps;
    const std::string name = is_last ? "codes" : fmt::format("found{}", step);
    const std::string file =
        site.add_memory(fmt::format("thresholds{}", step),
                        step_words(lists, from.lanes, step, steps, from.word.bits + 1));
    const WordType made = is_last ? y : WordType{from.word.bits + step + 1, false};
    Instance& bisect =
        site.add("sl_bisect", name, x, {.lanes = from.lanes, .word = made, .beats = from.beats});
    bisect.set("XWidth", from.word.bits);
    bisect.set_flag("XSigned", from.word.is_signed);
    bisect.set("Lanes", from.lanes);
    bisect.set("Depth", static_cast<std::int64_t>(lists.size() / lanes));
    bisect.set("Step", step);
    bisect.set_flag("IsLast", is_last);
    bisect.set("YWidth", y.bits);
    bisect.set("Lowest", codes.lowest);
    bisect.set_file("File", file);
    x = site.last();
  }
  return x;
}

}  // namespace sluice::rtl
