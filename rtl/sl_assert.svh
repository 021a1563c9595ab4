// SPDX-License-Identifier: Apache-2.0
//
// Assertions in one place, so that a module states its contract in one line and each tool is told
// once how to treat it. Properties are checked where SL_ASSERTIONS is defined: by Verilator with
// --assert. Icarus and Yosys know no `|=>` and do not define it.
`ifndef SL_ASSERT_SVH
`define SL_ASSERT_SVH

// A check of parameters at elaboration. Icarus and Yosys have no elaboration-time $error; there an
// instance of a module that does not exist stops elaboration and shows the check's name.
`ifdef __ICARUS__
  `define SL_ASSERT_PARAM(name, cond) \
    if (!(cond)) begin : gen_``name``_failed \
      parameter_check_failed_``name u_failed (); \
    end
`elsif YOSYS
  `define SL_ASSERT_PARAM(name, cond) \
    if (!(cond)) begin : gen_``name``_failed \
      parameter_check_failed_``name u_failed (); \
    end
`else
  `define SL_ASSERT_PARAM(name, cond) \
    if (!(cond)) begin : gen_``name``_failed \
      $error("the parameters do not pass the check of this line"); \
    end
`endif

`ifdef SL_ASSERTIONS
  `define SL_ASSERT(name, prop) \
    name : assert property (@(posedge clk_i) disable iff (!rst_ni) (prop)) \
      else $error("%m: assertion failed");
  // valid must hold, with stable data, until ready.
  `define SL_ASSERT_STREAM(name, valid, ready, data) \
    `SL_ASSERT(name``_hold, (valid) && !(ready) |=> (valid)) \
    `SL_ASSERT(name``_stable, (valid) && !(ready) |=> $stable(data))
`else
  `define SL_ASSERT(name, prop)
  `define SL_ASSERT_STREAM(name, valid, ready, data)
`endif

`endif  // SL_ASSERT_SVH
