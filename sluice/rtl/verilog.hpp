// SPDX-License-Identifier: Apache-2.0
// Netlists as SystemVerilog.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/rtl/netlist.hpp"

namespace sluice::rtl {

// The module: clk_i, rst_ni, a stream of ports for each input and output (x, or x0, x1, … and y),
// and nothing but wires and instances inside. `head`: lines for the comment at its beginning.
[[nodiscard]] std::string to_verilog(const Netlist& netlist, std::string_view head);

// Lines as comments.
[[nodiscard]] std::string comment_lines(std::string_view text);

// "x" of the only one, else "x0", "x1", …
[[nodiscard]] std::string port_name(std::string_view prefix, std::size_t index, std::size_t count);

// A name as an identifier of SystemVerilog: what is not a letter, digit or underscore becomes an
// underscore, at most 24 characters of the end, with an "n" before a digit.
[[nodiscard]] std::string identifier(std::string_view name);
// The same for a module, which may be longer, and is called neither like a keyword nor like what
// the library may have.
[[nodiscard]] std::string module_name(std::string_view name);
// Whether that changes nothing.
[[nodiscard]] bool is_module_name(std::string_view name);

}  // namespace sluice::rtl
