// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/site.hpp"

#include <fmt/format.h>
#include <utility>

namespace sluice::rtl {

Site::Site(Netlist& netlist, const Tensors& tensors, const hw::Node& layer, std::string prefix)
    : netlist_(netlist), tensors_(tensors), layer_(layer), prefix_(std::move(prefix)) {
  block_.layer = layer.name;
}

std::string Site::fresh(std::set<std::string>& given, std::string_view name) {
  std::string result(name);
  for (int number = 2; !given.insert(result).second; ++number) {
    result = fmt::format("{}_{}", name, number);
  }
  return result;
}

StreamId Site::add_stream(std::string_view name, Stream like) {
  like.name = fmt::format("{}_{}", prefix_, fresh(streams_, name));
  netlist_.streams.push_back(std::move(like));
  return netlist_.streams.size() - 1;
}

Instance& Site::add(std::string_view module, std::string_view name, std::vector<Connection> inputs,
                    std::vector<Connection> outputs) {
  block_.instances.push_back({std::string(module),
                              fmt::format("{}_{}", prefix_, fresh(instances_, name)),
                              {},
                              std::move(inputs),
                              std::move(outputs)});
  return block_.instances.back();
}

Instance& Site::add(std::string_view module, std::string_view name, StreamId x, Stream made) {
  const StreamId y = add_stream(name, std::move(made));
  return add(module, name, {{"x", {x}}}, {{"y", {y}}});
}

std::string Site::add_memory(std::string_view name, std::string content) {
  netlist_.memories.push_back(
      {fmt::format("memories/{}_{}.mem", prefix_, fresh(memories_, name)), std::move(content)});
  return netlist_.memories.back().name;
}

void Site::finish(std::string comment) {
  block_.comment = std::move(comment);
  if (!block_.instances.empty()) netlist_.blocks.push_back(std::move(block_));
}

}  // namespace sluice::rtl
