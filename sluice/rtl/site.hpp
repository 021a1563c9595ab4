// SPDX-License-Identifier: Apache-2.0
// Site: one layer while its instances are made.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/hw/graph.hpp"
#include "sluice/rtl/netlist.hpp"
#include "sluice/rtl/tensors.hpp"

namespace sluice::rtl {

class Site {
 public:
  // `prefix`: what its instances, streams and files are called after, unique.
  Site(Netlist& netlist, const Tensors& tensors, const hw::Node& layer, std::string prefix);

  [[nodiscard]] const Tensors& tensors() const { return tensors_; }
  [[nodiscard]] const hw::Layer& layer() const { return layer_.layer; }
  // The network's node that the layer comes from. Internal for those that come from none.
  [[nodiscard]] Result<const ir::Node*> node() const { return tensors_.node(layer_.source.node); }
  // The tensors of the network that it reads and makes, in the order of the node; where it comes
  // from several nodes, those at their ends.
  [[nodiscard]] const hw::Source& source() const { return layer_.source; }
  [[nodiscard]] const Stream& stream(StreamId id) const { return netlist_.streams[id]; }

  // Names may come again within a layer: then a number tells them apart.
  StreamId add_stream(std::string_view name, Stream like);
  // An instance whose stream ports are connected; `name` also names what it makes. The reference
  // holds until the next is added.
  Instance& add(std::string_view module, std::string_view name, std::vector<Connection> inputs,
                std::vector<Connection> outputs);
  // One with a stream x and a stream y, which is like `made`.
  Instance& add(std::string_view module, std::string_view name, StreamId x, Stream made);
  // What the last instance made.
  [[nodiscard]] StreamId last() const { return block_.instances.back().outputs[0].streams[0]; }

  // A file of the memory's words; gives its name, a path in the folder.
  std::string add_memory(std::string_view name, std::string content);

  // All that was added, to the netlist.
  void finish(std::string comment);

 private:
  Netlist& netlist_;
  const Tensors& tensors_;
  const hw::Node& layer_;
  // A name that was not given among these before.
  static std::string fresh(std::set<std::string>& given, std::string_view name);

  std::string prefix_;
  Block block_;
  std::set<std::string> streams_, instances_, memories_;  // named so far
};

}  // namespace sluice::rtl
