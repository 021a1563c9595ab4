// SPDX-License-Identifier: Apache-2.0
// Schedule: what whoever runs a network on a device has to know of each partition, in the order
// they are run.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sluice/base/result.hpp"
#include "sluice/hw/network.hpp"

namespace sluice::hw {

struct ScheduleEntry {
  std::int64_t partition = 0;  // its index
  std::int64_t ports_in = 0, ports_out = 0;
  // In words, of the batch's feature maps outside the device. Each partition has all of the memory.
  std::int64_t input_address = 0, output_address = 0;
  // The first partition that makes what this one reads, and that reads what it makes; itself where
  // that is the world outside.
  std::int64_t input_from = 0, output_to = 0;
  std::int64_t reloading_factor = 1;
  std::int64_t batch_size = 1;
  std::int64_t input_words = 0, output_words = 0;  // of a feature map
  std::int64_t weight_words = 0;                   // loaded before each pass

  // In this order.
  [[nodiscard]] std::array<std::int64_t, 12> values() const {
    return {partition, ports_in,         ports_out,  input_address, output_address, input_from,
            output_to, reloading_factor, batch_size, input_words,   output_words,   weight_words};
  }
  friend bool operator==(const ScheduleEntry&, const ScheduleEntry&) = default;
};

// For a network that is up to date. Each partition comes after those it reads from, else by its
// index.
[[nodiscard]] std::vector<ScheduleEntry> schedule(const HardwareNetwork& network,
                                                  Rules rules = Rules::Sluice);

// A line an entry, numbers between commas, no heading.
[[nodiscard]] std::string schedule_csv(const std::vector<ScheduleEntry>& schedule);

// Verify, with the partition, unless each partition comes once and after those it reads from, and
// neighbours agree on their batch, addresses, and on the ports and words between them.
Status check_schedule(const HardwareNetwork& network, const std::vector<ScheduleEntry>& schedule);

}  // namespace sluice::hw
