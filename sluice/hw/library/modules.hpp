// SPDX-License-Identifier: Apache-2.0
// The modules of rtl/ that layers become, by their parameters, which have the names of the
// SystemVerilog ones, and what each takes of a device: DSP blocks and block RAMs as counts, LUTs
// and flip-flops as features, whose coefficients are fitted to synthesis
// (benchmarks/model_error/README.md). DSP blocks multiply 25 by 18 bits, block RAMs have 18 Kbit:
// AMD's.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "sluice/base/result.hpp"

namespace sluice::hw::library {

// Numbers to which a resource is proportional.
class Features {
 public:
  static constexpr std::size_t kMost = 12;
  Features(std::initializer_list<double> values);
  [[nodiscard]] std::span<const double> values() const { return {values_.data(), size_}; }

 private:
  std::array<double, kMost> values_{};
  std::size_t size_ = 0;
};

struct Cost {
  Features lut, ff;
  std::int64_t dsp = 0;
  std::int64_t bram18 = 0;
};

// Of a product of words of so many bits, signs among them.
[[nodiscard]] std::int64_t product_dsp(std::int64_t a_bits, std::int64_t b_bits);

struct Add {
  std::int64_t a_width = 8, b_width = 8, lanes = 1, factor_a = 1, factor_b = 1, constant = 0,
               sum_width = 9;
};

struct Bisect {
  std::int64_t x_width = 24, lanes = 1, depth = 1, step = 0, is_last = 0, y_width = 8;
};

struct Chop {
  std::int64_t width = 8, lanes = 1, outputs = 2;
};

struct Clip {
  std::int64_t width = 8, lanes = 1;
};

struct Concat {
  std::int64_t width = 8, lanes = 1, inputs = 2;
};

struct Dot {
  std::int64_t x_width = 8, weight_width = 8, acc_width = 24;
  std::int64_t fine = 1, groups = 1, lanes_in = 1, lanes_out = 1;
  std::int64_t beats = 9, filters = 4, sets = 1;
  // That the weights are in the memories that the module has for them.
  bool has_weights = true;
};

struct Fifo {
  std::int64_t width = 8, depth = 16;
};

struct Fork {
  std::int64_t width = 8, outputs = 2;
};

struct FrameMax {
  std::int64_t width = 8, lanes = 1, positions = 16, beats = 4;
};

struct FrameSum {
  std::int64_t width = 8, lanes = 1, positions = 16, beats = 4, sum_width = 12;
};

struct Mul {
  std::int64_t a_width = 8, a_zero = 0, b_width = 8, b_zero = 0, lanes = 1, product_width = 16;
};

struct Parts {
  std::int64_t width = 8, parts = 2;
};

struct PixelShift {
  std::int64_t width = 8, lanes = 1, rows = 4, cols = 4, beats = 5;
};

struct ReduceMax {
  std::int64_t width = 8, lanes = 1, words = 9, parts = 1;
};

struct ReduceSum {
  std::int64_t width = 8, lanes = 1, words = 9, parts = 1, sum_width = 12;
};

struct Register {
  std::int64_t width = 8;
};

struct Regroup {
  std::int64_t width = 8, lanes_in = 4, lanes_out = 2, beats = 1;
};

struct Repeat {
  std::int64_t width = 8, lanes = 1, cols = 4, beats = 1, row_scale = 2;
};

struct Requantize {
  std::int64_t x_width = 24, y_width = 8, lanes = 1, depth = 1, multiplier_width = 16,
               offset_width = 32, has_negative = 0, tie_width = 0, product_width = 41, shift = 16;
};

struct ShiftRound {
  std::int64_t x_width = 24, y_width = 8, lanes = 1, depth = 1, shift_width = 0, shift = 8,
               rounding = 2;
};

struct Shuffle {
  std::int64_t width = 8, lanes = 1, channels = 8, groups = 2;
};

struct Spread {
  std::int64_t width = 8, lanes = 1, rows = 4, cols = 4, beats = 1, row_step = 2, col_step = 2;
};

struct Stage {
  std::int64_t width = 8;
};

struct Table {
  std::int64_t x_width = 8, y_width = 8, lanes = 1;
};

struct WindowSlide {
  std::int64_t width = 8, lanes = 1, rows = 4, cols = 4, beats = 1, kernel_rows = 3,
               kernel_cols = 3, stride_rows = 1, stride_cols = 1, dilation_rows = 1,
               dilation_cols = 1, pad_top = 1, pad_left = 1, out_rows = 4, out_cols = 4,
               spare_rows = 0;
};

struct WindowTaps {
  std::int64_t width = 8, lanes = 1, rows = 4, cols = 4, beats = 1, kernel_rows = 3,
               kernel_cols = 3, stride_rows = 1, stride_cols = 1, dilation_rows = 1,
               dilation_cols = 1, pad_top = 1, pad_left = 1, out_rows = 4, out_cols = 4,
               spare_rows = 0, columns = 0;
};

// In the order of their names.
using Module =
    std::variant<Add, Bisect, Chop, Clip, Concat, Dot, Fifo, Fork, FrameMax, FrameSum, Mul, Parts,
                 PixelShift, ReduceMax, ReduceSum, Register, Regroup, Repeat, Requantize,
                 ShiftRound, Shuffle, Spread, Stage, Table, WindowSlide, WindowTaps>;
inline constexpr std::size_t kNumModules = std::variant_size_v<Module>;
inline constexpr std::array<std::string_view, kNumModules> kModuleNames{
    "sl_add",          "sl_bisect",      "sl_chop",       "sl_clip",      "sl_concat",  "sl_dot",
    "sl_fifo",         "sl_fork",        "sl_frame_max",  "sl_frame_sum", "sl_mul",     "sl_parts",
    "sl_pixel_shift",  "sl_reduce_max",  "sl_reduce_sum", "sl_register",  "sl_regroup", "sl_repeat",
    "sl_requantize",   "sl_shift_round", "sl_shuffle",    "sl_spread",    "sl_stage",   "sl_table",
    "sl_window_slide", "sl_window_taps"};

[[nodiscard]] inline std::string_view name_of(const Module& module) {
  return kModuleNames[module.index()];
}

[[nodiscard]] Cost cost_of(const Module& module);

// A module of the defaults.
[[nodiscard]] Module module_of_index(std::size_t index);

// By the parameters that its file in rtl/ has; others than those here are passed over, those that
// are left out have the defaults. InvalidArgument for a name that is none of them.
[[nodiscard]] Result<Module> module_of(std::string_view name,
                                       const std::map<std::string, std::int64_t>& parameters);

}  // namespace sluice::hw::library
