// SPDX-License-Identifier: Apache-2.0
// Bench: a module between sources and sinks of words, as SystemVerilog that any simulator runs
// without Sluice: it compares every word by itself. rtl/bench/ has its parts.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sluice/rtl/netlist.hpp"

namespace sluice::rtl {

// The words of a stream: what a source sends, a sink expects, or a monitor sees go by.
struct BenchStream {
  std::string name;  // in what the bench prints
  std::int64_t bits = 8;
  std::int64_t words = 1;
  std::int64_t frame_words = 0;  // the cycles of each so many words are printed; 0: of all
  std::string file;              // for $readmemh
  int stall = 0;                 // of 256 cycles, those in which it holds back
};

// A port of the module under test; several of one name are its elements, the first lowest.
struct BenchPort {
  std::string port;
  bool is_input = true;
  BenchStream stream;
};

struct BenchInstance {
  std::string module, name;
  std::string parameters;        // ".Width(8), .Lanes(2)"
  std::vector<BenchPort> ports;  // inputs first, those of one name behind one another
};

// A stream within an instance.
struct BenchTap {
  std::string instance;  // of the bench
  std::string wires;     // of the stream's words; those beside it end in _valid and _ready
  BenchStream stream;
};

// The module sl_bench (clk_i, rst_ni): it prints the marks of its parts, then SL PASS or SL FAIL
// when all words have come, or SL STALLED and each stream's valid and ready when none has moved
// for `patience_cycles`, and ends the simulation.
[[nodiscard]] std::string bench_text(std::span<const BenchInstance> instances,
                                     std::span<const BenchTap> taps,
                                     std::int64_t patience_cycles = 20000);

}  // namespace sluice::rtl
