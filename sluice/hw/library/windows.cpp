// SPDX-License-Identifier: Apache-2.0
// Windows over rows that are kept: sl_window_taps and, by columns of it, sl_window_slide.
#include "sluice/hw/library/kinds.hpp"
#include "sluice/hw/library/memories.hpp"

namespace sluice::hw::library {

Cost cost_of(const WindowTaps& of) {
  const std::int64_t word = of.lanes * of.width;
  const std::int64_t row_words = of.cols * of.beats;
  const std::int64_t reach = (of.kernel_rows - 1) * of.dilation_rows + 1;
  const std::int64_t slots = reach + of.stride_rows + of.spare_rows;
  const bool by_columns = of.columns != 0;
  const std::int64_t memories = by_columns ? slots : 1;
  const std::int64_t depth = by_columns ? row_words : slots * row_words;
  const std::int64_t reach_cols = (of.kernel_cols - 1) * of.dilation_cols + 1;
  // Words ahead of a row, places in memory, and, with a sign, rows and columns with their padding.
  const double ahead_bits = counter_bits((slots + of.pad_top) * row_words + 1);
  const double address_bits = counter_bits(depth);
  const double row_bits =
      counter_bits((of.out_rows + 2) * of.stride_rows + reach + of.rows + of.pad_top) + 1;
  const double col_bits =
      counter_bits(of.out_cols * of.stride_cols + reach_cols + of.cols + of.pad_left) + 1;
  const double walk_bits = counter_bits(by_columns ? 1 : of.kernel_rows) +
                           counter_bits(of.kernel_cols) + counter_bits(of.beats) +
                           counter_bits(of.out_cols) + counter_bits(of.out_rows);
  const double columns = by_columns ? real(of.kernel_rows) : 0;
  const double slot_bits = counter_bits(slots);
  const double memory_luts = real(memories) * ram_luts(word, depth);
  const double out = is_in_luts(word, depth) ? real(memories * word) : 0;
  return {.lut = {memory_luts, by_columns ? 0 : real(word),
                  by_columns ? columns * real(word) * (choice_luts(slots) + 1) : 0,
                  columns * row_bits, columns * slot_bits, row_bits, ahead_bits, address_bits,
                  col_bits, walk_bits, by_columns ? real(slots) : 0, 1},
          .ff = {out, real(memories * word), columns * slot_bits, row_bits, ahead_bits,
                 address_bits, col_bits, walk_bits, columns, by_columns ? real(slots) : 0, 1},
          .bram18 = memories * memory_bram18(word, depth)};
}

// Columns of the kernel, one before another, and those that came before them.
Cost cost_of(const WindowSlide& of) {
  const std::int64_t reach_cols = (of.kernel_cols - 1) * of.dilation_cols + 1;
  const std::int64_t column = of.kernel_rows * of.lanes * of.width;
  const std::int64_t history = (reach_cols - 1) * column;
  const WindowTaps taps{.width = of.width,
                        .lanes = of.lanes,
                        .rows = of.rows,
                        .cols = of.cols,
                        .beats = of.beats,
                        .kernel_rows = of.kernel_rows,
                        .kernel_cols = 1,
                        .stride_rows = of.stride_rows,
                        .stride_cols = 1,
                        .dilation_rows = of.dilation_rows,
                        .dilation_cols = 1,
                        .pad_top = of.pad_top,
                        .pad_left = 0,
                        .out_rows = of.out_rows,
                        .out_cols = (of.out_cols - 1) * of.stride_cols + reach_cols - of.pad_left,
                        .spare_rows = of.spare_rows,
                        .columns = 1};
  const Cost by_columns = cost_of(taps);
  const auto first = [](const Features& features, std::size_t n) { return features.values()[n]; };
  const bool in_memory = of.beats > 1;
  const double window = real(of.kernel_cols * column);
  const double history_bits = real(history);
  // 4 LUTs hold 32 words of 6 bits; more beats are read from several and chosen.
  const double history_luts =
      in_memory ? 4 * real((history + 5) / 6) * real((of.beats + 31) / 32) : 0;
  const double sweep = counter_bits(taps.out_cols + reach_cols);
  return {.lut = {first(by_columns.lut, 0), first(by_columns.lut, 2), first(by_columns.lut, 3),
                  first(by_columns.lut, 4), first(by_columns.lut, 5), first(by_columns.lut, 6),
                  first(by_columns.lut, 7), history_luts, of.pad_left > 0 ? history_bits : 0,
                  in_memory && of.beats > 32 ? history_bits : 0,
                  sweep + counter_bits(of.beats) + counter_bits(of.stride_cols), 1},
          .ff = {first(by_columns.ff, 0), first(by_columns.ff, 1), first(by_columns.ff, 2),
                 first(by_columns.ff, 3), first(by_columns.ff, 4), first(by_columns.ff, 5), window,
                 in_memory ? 0 : history_bits, sweep + counter_bits(of.beats),
                 first(by_columns.ff, 8), first(by_columns.ff, 9), 1},
          .bram18 = by_columns.bram18};
}

}  // namespace sluice::hw::library
