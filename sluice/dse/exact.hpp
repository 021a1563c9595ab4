// SPDX-License-Identifier: Apache-2.0
// Exact: goes through all choices for some that fit a budget, leaving out those from which prices
// show that none do. (Branch and bound; the bounds are Lagrangian.)
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "sluice/dse/space.hpp"

namespace sluice::dse {

// What a solver says of an interval and a budget.
enum class Verdict : unsigned char { Found, Impossible, Unknown };

struct Answer {
  Verdict verdict = Verdict::Unknown;
  Assignment assignment;   // if Found
  std::int64_t steps = 0;  // choices or moves that were tried
};

struct ExactQuestion {
  std::span<const std::vector<std::uint32_t>> allowed;  // choices by node
  double interval_cycles = 0;                           // that regrouping is to keep, too
  Demand budget;
  bool exchanges = false;  // LUTs may take the place of block RAMs
  // At each of which what fits the budget costs no more than it, exchanges included. Sums are
  // bounded at all of them; the first also says which choices are tried first.
  std::span<const Demand> prices;
  std::int64_t max_steps = 0;
  std::function<bool()> is_over;  // asked every few milliseconds: true gives up
};

// Impossible: no assignment of allowed choices fits. Unknown: `max_steps`, or the time, were not
// enough.
[[nodiscard]] Answer find_exactly(const Space& space, const ExactQuestion& question);

}  // namespace sluice::dse
