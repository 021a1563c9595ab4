// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/schedule.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <optional>
#include <string_view>

namespace sluice::hw {
namespace {

// Which partitions give words to which: by the edges of the whole network.
class Neighbours {
 public:
  explicit Neighbours(const HardwareNetwork& network)
      : from(network.partitions.size()), to(network.partitions.size()) {
    std::map<std::string_view, std::size_t> home;
    for (std::size_t p = 0; p < network.partitions.size(); ++p) {
      for (const Node& node : network.partitions[p].graph.nodes()) home.emplace(node.name, p);
    }
    for (const Node& node : network.graph.nodes()) {
      const auto maker = home.find(node.name);
      if (maker == home.end()) continue;
      for (const NodeId id : node.successors) {
        const auto reader = home.find(network.graph[id].name);
        if (reader != home.end()) add(maker->second, reader->second);
      }
    }
    for (auto* lists : {&from, &to}) {
      for (auto& list : *lists) std::ranges::sort(list);
    }
  }

  std::vector<std::vector<std::size_t>> from, to;  // sorted

 private:
  void add(std::size_t maker, std::size_t reader) {
    if (maker == reader || std::ranges::find(to[maker], reader) != to[maker].end()) return;
    to[maker].push_back(reader);
    from[reader].push_back(maker);
  }
};

// Those that wait for one another in a circle come last: check_schedule() names them.
std::vector<std::size_t> execution_order(const Neighbours& neighbours) {
  std::vector<std::size_t> result;
  std::vector<bool> is_done(neighbours.from.size());
  const auto is_ready = [&](std::size_t p) {
    return std::ranges::all_of(neighbours.from[p], [&](std::size_t from) { return is_done[from]; });
  };
  while (result.size() < is_done.size()) {
    std::optional<std::size_t> next;
    for (std::size_t p = 0; p < is_done.size() && !next; ++p) {
      if (!is_done[p] && is_ready(p)) next = p;
    }
    if (!next) {
      next = static_cast<std::size_t>(std::ranges::find(is_done, false) - is_done.begin());
    }
    is_done[*next] = true;
    result.push_back(*next);
  }
  return result;
}

std::int64_t index(std::size_t n) {
  return static_cast<std::int64_t>(n);
}

ScheduleEntry entry_of(const HardwareNetwork& network, std::size_t p, const Neighbours& neighbours,
                       Rules rules) {
  const Partition& partition = network.partitions[p];
  const auto& from = neighbours.from[p];
  const auto& to = neighbours.to[p];
  return {.partition = index(p),
          .ports_in = index(partition.graph.input_nodes().size()),
          .ports_out = index(partition.graph.output_nodes().size()),
          .input_from = index(from.empty() ? p : from.front()),
          .output_to = index(to.empty() ? p : to.front()),
          .reloading_factor = partition.reloading_factor,
          .batch_size = partition.batch_size,
          .input_words = words_in(partition.graph),
          .output_words = words_out(partition.graph),
          .weight_words = reloaded_words(partition, rules)};
}

Error wrong(std::int64_t partition, std::string what) {
  return {ErrorCode::Verify, std::move(what), fmt::format("partition {}", partition)};
}

// Two partitions that have only each other on this side.
Status check_between(const ScheduleEntry& maker, const ScheduleEntry& reader) {
  if (maker.ports_out != reader.ports_in) {
    return wrong(reader.partition, fmt::format("has {} inputs, partition {} has {} outputs",
                                               reader.ports_in, maker.partition, maker.ports_out));
  }
  if (maker.output_words != reader.input_words) {
    return wrong(reader.partition,
                 fmt::format("reads {} words, partition {} makes {}", reader.input_words,
                             maker.partition, maker.output_words));
  }
  if (maker.output_address != reader.input_address) {
    return wrong(reader.partition,
                 fmt::format("reads from {}, partition {} writes to {}", reader.input_address,
                             maker.partition, maker.output_address));
  }
  return {};
}

Status check_entry(const HardwareNetwork& network, const Neighbours& neighbours,
                   const std::vector<const ScheduleEntry*>& done, const ScheduleEntry& entry) {
  if (entry.batch_size != network.batch_size) {
    return wrong(entry.partition, fmt::format("has a batch of {}, the network of {}",
                                              entry.batch_size, network.batch_size));
  }
  const auto p = static_cast<std::size_t>(entry.partition);
  for (const std::size_t from : neighbours.from[p]) {
    if (done[from] == nullptr) {
      return wrong(entry.partition, fmt::format("comes before partition {}, which it reads", from));
    }
    const bool is_only = neighbours.from[p].size() == 1 && neighbours.to[from].size() == 1;
    if (is_only) SL_TRY_STATUS(check_between(*done[from], entry));
  }
  return {};
}

}  // namespace

std::vector<ScheduleEntry> schedule(const HardwareNetwork& network, Rules rules) {
  const Neighbours neighbours(network);
  std::vector<ScheduleEntry> result;
  for (const std::size_t p : execution_order(neighbours)) {
    result.push_back(entry_of(network, p, neighbours, rules));
  }
  return result;
}

std::string schedule_csv(const std::vector<ScheduleEntry>& schedule) {
  std::string result;
  for (const ScheduleEntry& entry : schedule) {
    result += fmt::format("{}\n", fmt::join(entry.values(), ","));
  }
  return result;
}

Status check_schedule(const HardwareNetwork& network, const std::vector<ScheduleEntry>& schedule) {
  const Neighbours neighbours(network);
  std::vector<const ScheduleEntry*> done(network.partitions.size());
  for (const ScheduleEntry& entry : schedule) {
    if (entry.partition < 0 || entry.partition >= index(done.size())) {
      return wrong(entry.partition, fmt::format("is not one of the network's {}", done.size()));
    }
    const ScheduleEntry*& place = done[static_cast<std::size_t>(entry.partition)];
    if (place != nullptr) return wrong(entry.partition, "comes twice");
    SL_TRY_STATUS(check_entry(network, neighbours, done, entry));
    place = &entry;
  }
  const auto missing = std::ranges::find(done, nullptr);
  if (missing != done.end()) return wrong(missing - done.begin(), "is missing");
  return {};
}

}  // namespace sluice::hw
