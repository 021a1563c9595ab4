// SPDX-License-Identifier: Apache-2.0
#include "sluice/rtl/bench.hpp"

#include <fmt/format.h>

namespace sluice::rtl {
namespace {

constexpr std::string_view kHead = R"(// A bench that Sluice wrote.
module sl_bench (input logic clk_i, input logic rst_ni);

  wire moves, done, failed;
  logic [63:0] cycle_q;
  logic [31:0] idle_q, drained_q;

)";

class Writer {
 public:
  std::string write(std::span<const BenchInstance> instances, std::span<const BenchTap> taps,
                    std::int64_t patience_cycles) {
    for (const BenchInstance& instance : instances) add_instance(instance);
    for (const BenchTap& tap : taps) add_tap(tap);
    return fmt::format(
        "{}{}  assign moves = {};\n  assign done = {};\n  assign failed = {};\n\n{}\nendmodule\n",
        kHead, body_, moves_, done_, failed_, end_text(patience_cycles));
  }

 private:
  void add_instance(const BenchInstance& instance) {
    const std::size_t first = count_;
    for (const BenchPort& port : instance.ports) add_end(port);
    body_ += fmt::format("  {} #({}) {} (\n    .clk_i, .rst_ni", instance.module,
                         instance.parameters, instance.name);
    const std::vector<BenchPort>& ports = instance.ports;
    for (std::size_t i = 0; i < ports.size();) {
      std::size_t count = 1;
      while (i + count < ports.size() && ports[i + count].port == ports[i].port &&
             ports[i + count].is_input == ports[i].is_input) {
        ++count;
      }
      const char to = ports[i].is_input ? 'i' : 'o';
      const char back = ports[i].is_input ? 'o' : 'i';
      body_ += fmt::format(",\n    .{0}_valid_{1}({3}), .{0}_ready_{2}({4}), .{0}_{1}({5})",
                           ports[i].port, to, back, joined("valid", first + i, count),
                           joined("ready", first + i, count), joined("data", first + i, count));
      i += count;
    }
    body_ += "\n  );\n\n";
  }

  // The signals of a port's streams, the first in the lowest bits.
  static std::string joined(std::string_view signal, std::size_t first, std::size_t count) {
    std::string text;
    for (std::size_t i = first + count; i-- > first;) {
      text += fmt::format("{}{}_{}", text.empty() ? "" : ", ", signal, i);
    }
    return count == 1 ? text : fmt::format("{{{}}}", text);
  }

  static std::string parameters(const BenchStream& stream) {
    return fmt::format(".Width({}), .Words({}), .File(\"{}\"), .Name(\"{}\"), .FrameWords({})",
                       stream.bits, stream.words, stream.file, stream.name, stream.frame_words);
  }

  // A source or a sink.
  void add_end(const BenchPort& port) {
    const BenchStream& stream = port.stream;
    body_ +=
        fmt::format("  // {0}\n  wire valid_{1}, ready_{1}, done_{1};\n  wire [{2}:0] data_{1};\n",
                    stream.name, count_, stream.bits - 1);
    if (!port.is_input) body_ += fmt::format("  wire failed_{};\n", count_);
    body_ += fmt::format(
        "  sl_bench_{0} #(\n    {1},\n    .Stall({2}), .Seed({3})\n  ) {0}_{4} (\n",
        port.is_input ? "source" : "sink", parameters(stream), stream.stall, count_ + 1, count_);
    if (port.is_input) {
      body_ += fmt::format(
          "    .clk_i, .rst_ni, .cycle_i(cycle_q), .y_valid_o(valid_{0}), .y_ready_i(ready_{0}),\n"
          "    .y_o(data_{0}), .done_o(done_{0}), .words_o()\n  );\n",
          count_);
    } else {
      body_ += fmt::format(
          "    .clk_i, .rst_ni, .cycle_i(cycle_q), .x_valid_i(valid_{0}), .x_ready_o(ready_{0}),\n"
          "    .x_i(data_{0}), .done_o(done_{0}), .failed_o(failed_{0}), .words_o(),\n"
          "    .mismatches_o()\n  );\n",
          count_);
    }
    finish_stream(stream.name, !port.is_input);
  }

  void add_tap(const BenchTap& tap) {
    body_ += fmt::format(
        "  // {0}\n  wire valid_{1}, ready_{1}, done_{1}, failed_{1};\n"
        "  assign valid_{1} = {2}.{3}_valid;\n  assign ready_{1} = {2}.{3}_ready;\n"
        "  sl_bench_monitor #(\n    {4}\n  ) monitor_{1} (\n"
        "    .clk_i, .rst_ni, .cycle_i(cycle_q), .x_valid_i(valid_{1}), .x_ready_i(ready_{1}),\n"
        "    .x_i({2}.{3}), .done_o(done_{1}), .failed_o(failed_{1}), .words_o(),\n"
        "    .mismatches_o()\n  );\n\n",
        tap.stream.name, count_, tap.instance, tap.wires, parameters(tap.stream));
    finish_stream(tap.stream.name, true);
  }

  void finish_stream(std::string_view name, bool can_fail) {
    moves_ += fmt::format("\n    || (valid_{0} && ready_{0})", count_);
    done_ += fmt::format("\n    && done_{}", count_);
    if (can_fail) failed_ += fmt::format("\n    || failed_{}", count_);
    shown_ += fmt::format(
        "        $display(\"SL STREAM {0} valid %b ready %b\", valid_{1}, ready_{1});\n", name,
        count_);
    ++count_;
  }

  [[nodiscard]] std::string end_text(std::int64_t patience_cycles) const {
    return fmt::format(R"(  always @(posedge clk_i) begin
    if (!rst_ni) begin
      cycle_q   <= '0;
      idle_q    <= '0;
      drained_q <= '0;
    end else begin
      cycle_q <= cycle_q + 1;
      idle_q  <= moves ? '0 : idle_q + 1;
      // Words that should not be may come late.
      if (done) drained_q <= drained_q + 1;
      if (drained_q == 200) begin
        if (failed) $display("SL FAIL");
        else $display("SL PASS");
        $finish;
      end else if (idle_q == {}) begin
        $display("SL STALLED in cycle %0d", cycle_q);
{}        $finish;
      end
    end
  end
)",
                       patience_cycles, shown_);
  }

  std::size_t count_ = 0;
  std::string body_, shown_;
  std::string moves_ = "1'b0", done_ = "1'b1", failed_ = "1'b0";
};

}  // namespace

std::string bench_text(std::span<const BenchInstance> instances, std::span<const BenchTap> taps,
                       std::int64_t patience_cycles) {
  return Writer().write(instances, taps, patience_cycles);
}

}  // namespace sluice::rtl
