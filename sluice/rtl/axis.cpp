// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/axis.hpp"

#include <fmt/format.h>
#include <iterator>

#include "sluice/rtl/verilog.hpp"

namespace sluice::rtl {
namespace {

// One port of the netlist's module and the AXI4-Stream that becomes of it.
struct AxisPort {
  std::string axis;   // "s_axis"
  std::string inner;  // "x"
  std::int64_t bits;
  std::int64_t words;  // of a feature map
  bool is_input;

  [[nodiscard]] std::int64_t data_bits() const { return (bits + 7) / 8 * 8; }
};

std::vector<AxisPort> ports_of(const Netlist& netlist) {
  std::vector<AxisPort> ports;
  ports.reserve(netlist.inputs.size() + netlist.outputs.size());
  const auto add = [&](const std::vector<Carried>& carried, std::string_view axis,
                       std::string_view inner, bool is_input) {
    for (std::size_t i = 0; i < carried.size(); ++i) {
      const Stream& stream = netlist.streams[carried[i].stream];
      ports.push_back({port_name(axis, i, carried.size()), port_name(inner, i, carried.size()),
                       stream.bits(), stream.beats, is_input});
    }
  };
  add(netlist.inputs, "s_axis", "x", true);
  add(netlist.outputs, "m_axis", "y", false);
  return ports;
}

std::string port_text(const AxisPort& port) {
  const std::string_view forward = port.is_input ? "input " : "output";
  const std::string_view back = port.is_input ? "output" : "input ";
  return fmt::format(
      ",\n\n  {0} logic {2}_tvalid,\n  {1} logic {2}_tready,\n  {0} logic [{3}:0] {2}_tdata,\n  "
      "{0} "
      "logic {2}_tlast",
      forward, back, port.axis, port.data_bits() - 1);
}

// What is on the two sides of an adaptor: the netlist's wires and those of AXI4-Stream.
std::string adaptor_text(const AxisPort& port) {
  const std::string axis = fmt::format("{{{0}_tlast, {0}_tdata}}", port.axis);
  const std::string_view to = port.is_input ? "y" : "x";
  const std::string_view from = port.is_input ? "x" : "y";
  const char out = port.is_input ? 'o' : 'i';
  const char in = port.is_input ? 'i' : 'o';
  return fmt::format(
      R"(
  logic {inner}_valid, {inner}_ready;
  logic [{last_bit}:0] {inner};

  {module} #(
    .Width     ({bits}),
    .FrameWords({words})
  ) u_{inner} (
    .clk_i (aclk),
    .rst_ni(aresetn),
    .{from}_valid_{in}({axis_port}_tvalid),
    .{from}_ready_{out}({axis_port}_tready),
    .{from}_{in}({axis}),
    .{to}_valid_{out}({inner}_valid),
    .{to}_ready_{in}({inner}_ready),
    .{to}_{out}({inner})
  );
)",
      fmt::arg("inner", port.inner), fmt::arg("last_bit", port.bits - 1),
      fmt::arg("module", port.is_input ? "sl_axis_in" : "sl_axis_out"), fmt::arg("bits", port.bits),
      fmt::arg("words", port.words), fmt::arg("from", from), fmt::arg("to", to), fmt::arg("in", in),
      fmt::arg("out", out), fmt::arg("axis_port", port.axis), fmt::arg("axis", axis));
}

std::string connection_text(const AxisPort& port) {
  const char forward = port.is_input ? 'i' : 'o';
  const char back = port.is_input ? 'o' : 'i';
  return fmt::format(
      ",\n    .{0}_valid_{1}({0}_valid),\n    .{0}_ready_{2}({0}_ready),\n    "
      ".{0}_{1}({0})",
      port.inner, forward, back);
}

}  // namespace

std::string axis_name(const Netlist& netlist) {
  return netlist.name + "_axis";
}

std::string axis_wrapper(const Netlist& netlist, std::string_view head) {
  const std::vector<AxisPort> ports = ports_of(netlist);
  std::string text = fmt::format("{}\nmodule {} (\n  input  logic aclk,\n  input  logic aresetn",
                                 comment_lines(head), axis_name(netlist));
  for (const AxisPort& port : ports) text += port_text(port);
  text += "\n);\n";
  for (const AxisPort& port : ports) text += adaptor_text(port);
  fmt::format_to(std::back_inserter(text),
                 "\n  {} u_network (\n    .clk_i (aclk),\n    .rst_ni(aresetn)", netlist.name);
  for (const AxisPort& port : ports) text += connection_text(port);
  fmt::format_to(std::back_inserter(text), "\n  );\n\nendmodule : {}\n", axis_name(netlist));
  return text;
}

}  // namespace sluice::rtl
