// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/verilog.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <iterator>
#include <vector>

namespace sluice::rtl {
namespace {

// What a stream's three wires are called.
struct Wires {
  std::string valid, ready, data;
};

class Printer {
 public:
  explicit Printer(const Netlist& netlist) : netlist_(netlist), wires_(netlist.streams.size()) {
    for (StreamId id = 0; id < netlist.streams.size(); ++id) {
      const std::string& name = netlist.streams[id].name;
      wires_[id] = {name + "_valid", name + "_ready", name};
    }
    name_ports(netlist.inputs, "x", true);
    name_ports(netlist.outputs, "y", false);
  }

  std::string print(std::string_view head) {
    text_ = fmt::format("{}\nmodule {} (\n  input  logic clk_i,\n  input  logic rst_ni",
                        comment_lines(head), netlist_.name);
    for (const Carried& input : netlist_.inputs) print_port(input.stream, true);
    for (const Carried& output : netlist_.outputs) print_port(output.stream, false);
    text_ += "\n);\n";
    for (const Block& block : netlist_.blocks) print_block(block);
    append("\nendmodule : {}\n", netlist_.name);
    return std::move(text_);
  }

 private:
  template <class... Args>
  void append(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
  }

  void name_ports(const std::vector<Carried>& ports, std::string_view prefix, bool is_input) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::string name = port_name(prefix, i, ports.size());
      wires_[ports[i].stream] = is_input ? Wires{name + "_valid_i", name + "_ready_o", name + "_i"}
                                         : Wires{name + "_valid_o", name + "_ready_i", name + "_o"};
    }
  }

  void print_port(StreamId id, bool is_input) {
    const Wires& wires = wires_[id];
    const std::string_view forward = is_input ? "input " : "output";
    const std::string_view back = is_input ? "output" : "input ";
    append(",\n\n  {} logic {},\n  {} logic {},\n  {} logic [{}:0] {}", forward, wires.valid, back,
           wires.ready, forward, netlist_.streams[id].bits() - 1, wires.data);
  }

  [[nodiscard]] bool is_port(StreamId id) const {
    const auto is_it = [&](const Carried& port) { return port.stream == id; };
    return std::ranges::any_of(netlist_.inputs, is_it) ||
           std::ranges::any_of(netlist_.outputs, is_it);
  }

  void print_block(const Block& block) {
    text_ += "\n  // ---- " + block.layer + '\n';
    if (!block.comment.empty()) text_ += "  // " + block.comment + '\n';
    for (const Instance& instance : block.instances) {
      for (const Connection& output : instance.outputs) {
        for (const StreamId id : output.streams) {
          if (is_port(id)) continue;
          append("\n  logic {}, {};\n  logic [{}:0] {};", wires_[id].valid, wires_[id].ready,
                 netlist_.streams[id].bits() - 1, wires_[id].data);
        }
      }
    }
    for (const Instance& instance : block.instances) print_instance(instance);
  }

  void print_instance(const Instance& instance) {
    std::size_t widest = 0;
    for (const Parameter& each : instance.parameters) widest = std::max(widest, each.name.size());
    append("\n\n  {} ", instance.module);
    if (!instance.parameters.empty()) {
      text_ += "#(";
      std::string_view separator = "\n";
      for (const Parameter& each : instance.parameters) {
        append("{}    .{:<{}}({})", separator, each.name, widest, each.value);
        separator = ",\n";
      }
      text_ += "\n  ) ";
    }
    append("u_{} (\n    .clk_i,\n    .rst_ni", instance.name);
    for (const Connection& input : instance.inputs) print_connection(input, true);
    for (const Connection& output : instance.outputs) print_connection(output, false);
    text_ += "\n  );\n";
  }

  void print_connection(const Connection& connection, bool is_input) {
    const auto joined = [&](std::string Wires::*wire) {
      std::string list;
      for (auto id = connection.streams.rbegin(); id != connection.streams.rend(); ++id) {
        list += (list.empty() ? "" : ", ") + wires_[*id].*wire;
      }
      return connection.streams.size() > 1 ? fmt::format("{{{}}}", list) : list;
    };
    const char forward = is_input ? 'i' : 'o';
    const char back = is_input ? 'o' : 'i';
    const std::string& port = connection.port;
    append(",\n    .{}_valid_{}({}),\n    .{}_ready_{}({}),\n    .{}_{}({})", port, forward,
           joined(&Wires::valid), port, back, joined(&Wires::ready), port, forward,
           joined(&Wires::data));
  }

  const Netlist& netlist_;
  std::vector<Wires> wires_;
  std::string text_;
};

// IEEE 1800-2012, annex B.
constexpr std::string_view kKeywords =
    " "
    "accept_on alias always always_comb always_ff always_latch and assert assign assume "
    "automatic before begin bind bins binsof bit break buf bufif0 bufif1 byte case casex "
    "casez cell chandle checker class clocking cmos config const constraint context continue "
    "cover covergroup coverpoint cross deassign default defparam design disable dist do edge "
    "else end endcase endchecker endclass endclocking endconfig endfunction endgenerate "
    "endgroup endinterface endmodule endpackage endprimitive endprogram endproperty "
    "endsequence endspecify endtable endtask enum event eventually expect export extends "
    "extern final first_match for force foreach forever fork forkjoin function generate "
    "genvar global highz0 highz1 if iff ifnone ignore_bins illegal_bins implements implies "
    "import incdir include initial inout input inside instance int integer interconnect "
    "interface intersect join join_any join_none large let liblist library local localparam "
    "logic longint macromodule matches medium modport module nand negedge nettype new "
    "nexttime nmos nor noshowcancelled not notif0 notif1 null or output package packed "
    "parameter pmos posedge primitive priority program property protected pull0 pull1 "
    "pulldown pullup pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase "
    "randsequence rcmos real realtime ref reg reject_on release repeat restrict return rnmos "
    "rpmos rtran rtranif0 rtranif1 s_always s_eventually s_nexttime s_until s_until_with "
    "scalared sequence shortint shortreal showcancelled signed small soft solve specify "
    "specparam static string strong strong0 strong1 struct super supply0 supply1 "
    "sync_accept_on sync_reject_on table tagged task this throughout time timeprecision "
    "timeunit tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union "
    "unique unique0 unsigned until until_with untyped use uwire var vectored virtual void "
    "wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor ";

// Without what an identifier may not have.
std::string spelled(std::string_view name) {
  std::string result(name);
  for (char& c : result) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) != 0) {
    return "n" + result;
  }
  return result;
}

}  // namespace

std::string to_verilog(const Netlist& netlist, std::string_view head) {
  return Printer(netlist).print(head);
}

std::string comment_lines(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    result += line.empty() ? "//\n" : fmt::format("// {}\n", line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

std::string port_name(std::string_view prefix, std::size_t index, std::size_t count) {
  return count == 1 ? std::string(prefix) : fmt::format("{}{}", prefix, index);
}

std::string identifier(std::string_view name) {
  constexpr std::size_t kLongest = 24;
  if (name.size() > kLongest) name.remove_prefix(name.size() - kLongest);
  return spelled(name);
}

std::string module_name(std::string_view name) {
  std::string result = spelled(name);
  const bool is_taken =
      result.starts_with("sl_") || kKeywords.find(' ' + result + ' ') != std::string_view::npos;
  return is_taken ? "net_" + result : result;
}

bool is_module_name(std::string_view name) {
  return module_name(name) == name;
}

}  // namespace sluice::rtl
