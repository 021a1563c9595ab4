// SPDX-License-Identifier: Apache-2.0
// What a netlist computes, by the formulas in the heads of the modules, without their cycles: codes
// of one feature map in, codes of every stream out.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <vector>

#include "tests/rtl/arithmetic_models.hpp"

namespace sluice::rtl::test {

class NetlistModel : ArithmeticModels {
 public:
  explicit NetlistModel(const Netlist& netlist) : ArithmeticModels(netlist) {}

  // Of each stream, for the codes of each input.
  std::vector<StreamCodes> run(const std::vector<StreamCodes>& inputs) {
    streams_.assign(netlist_.streams.size(), {});
    for (std::size_t i = 0; i < inputs.size(); ++i) give(netlist_.inputs[i].stream, inputs[i]);
    for (const Block& block : netlist_.blocks) {
      for (const Instance& instance : block.instances) take(instance);
    }
    return streams_;
  }

 private:
  struct Module {
    std::string_view name;
    StreamCodes (NetlistModel::*compute)(const Instance&) const;
  };

  // A whole feature map, each code of which its words can hold.
  void give(StreamId id, StreamCodes codes) {
    const Stream& stream = netlist_.streams[id];
    EXPECT_EQ(static_cast<std::int64_t>(codes.size()), stream.beats * stream.lanes) << stream.name;
    for (const std::int64_t code : codes) {
      if (fits(code, stream.word.bits, stream.word.is_signed)) continue;
      ADD_FAILURE() << code << " is more than " << stream.word.bits << " bits of " << stream.name;
      break;
    }
    streams_[id] = std::move(codes);
  }

  void take(const Instance& instance) {
    const auto& outputs = instance.outputs[0].streams;
    if (instance.module == "sl_fork") {
      for (const StreamId id : outputs) give(id, x(instance));
    } else if (instance.module == "sl_chop") {
      chop(instance);
    } else {
      give(outputs[0], computed(instance));
    }
  }

  [[nodiscard]] StreamCodes computed(const Instance& instance) const {
    static constexpr Module kModules[] = {{"sl_fifo", &NetlistModel::x_of},
                                          {"sl_parts", &NetlistModel::x_of},
                                          {"sl_regroup", &NetlistModel::x_of},
                                          {"sl_stage", &NetlistModel::x_of},
                                          {"sl_concat", &NetlistModel::concat},
                                          {"sl_repeat", &NetlistModel::repeat},
                                          {"sl_pixel_shift", &NetlistModel::pixel_shift},
                                          {"sl_shuffle", &NetlistModel::shuffle},
                                          {"sl_spread", &NetlistModel::spread},
                                          {"sl_window_taps", &NetlistModel::window},
                                          {"sl_window_slide", &NetlistModel::window},
                                          {"sl_reduce_max", &NetlistModel::reduce},
                                          {"sl_reduce_sum", &NetlistModel::reduce},
                                          {"sl_frame_max", &NetlistModel::frame},
                                          {"sl_frame_sum", &NetlistModel::frame},
                                          {"sl_dot", &NetlistModel::dot},
                                          {"sl_add", &NetlistModel::add},
                                          {"sl_mul", &NetlistModel::mul},
                                          {"sl_table", &NetlistModel::table},
                                          {"sl_bisect", &NetlistModel::bisect},
                                          {"sl_clip", &NetlistModel::clip},
                                          {"sl_requantize", &NetlistModel::scale},
                                          {"sl_shift_round", &NetlistModel::shift}};
    const auto* const found = std::ranges::find(kModules, instance.module, &Module::name);
    if (found == std::end(kModules)) {
      ADD_FAILURE() << "no model of " << instance.module;
      return {};
    }
    return (this->*found->compute)(instance);
  }

  [[nodiscard]] StreamCodes x_of(const Instance& instance) const { return x(instance); }

  [[nodiscard]] StreamCodes concat(const Instance& instance) const {
    const std::int64_t lanes = number(instance, "Lanes");
    const std::vector<std::int64_t> beats = numbers(instance, "Beats");
    EXPECT_EQ(static_cast<std::int64_t>(beats.size()), number(instance, "Inputs"));
    const std::size_t pixels = x(instance).size() / static_cast<std::size_t>(beats[0] * lanes);
    StreamCodes y;
    for (std::size_t p = 0; p < pixels; ++p) {
      for (std::size_t i = 0; i < beats.size(); ++i) {
        const std::int64_t count = beats[i] * lanes;
        const auto from = x(instance, 0, i).begin() + static_cast<std::int64_t>(p) * count;
        y.insert(y.end(), from, from + count);
      }
    }
    return y;
  }

  void chop(const Instance& instance) {
    const std::int64_t lanes = number(instance, "Lanes");
    const std::vector<std::int64_t> beats = numbers(instance, "Beats");
    std::vector<StreamCodes> parts(beats.size());
    auto from = x(instance).begin();
    while (from != x(instance).end()) {
      for (std::size_t i = 0; i < beats.size(); ++i) {
        parts[i].insert(parts[i].end(), from, from + beats[i] * lanes);
        from += beats[i] * lanes;
      }
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
      give(instance.outputs[0].streams[i], std::move(parts[i]));
    }
  }

  [[nodiscard]] StreamCodes repeat(const Instance& instance) const {
    const std::int64_t rows = number(instance, "Rows");
    const std::int64_t cols = number(instance, "Cols");
    const std::int64_t pixel = number(instance, "Beats") * number(instance, "Lanes");
    const std::int64_t row_scale = number(instance, "RowScale");
    const std::int64_t col_scale = number(instance, "ColScale");
    StreamCodes y;
    for (std::int64_t r = 0; r < rows * row_scale; ++r) {
      for (std::int64_t c = 0; c < cols * col_scale; ++c) {
        const auto from = x(instance).begin() + (r / row_scale * cols + c / col_scale) * pixel;
        y.insert(y.end(), from, from + pixel);
      }
    }
    return y;
  }

  [[nodiscard]] StreamCodes spread(const Instance& instance) const {
    const std::int64_t rows = number(instance, "Rows");
    const std::int64_t cols = number(instance, "Cols");
    const std::int64_t pixel = number(instance, "Beats") * number(instance, "Lanes");
    const std::int64_t row_step = number(instance, "RowStep");
    const std::int64_t col_step = number(instance, "ColStep");
    const std::int64_t cols_out = (cols - 1) * col_step + 1;
    StreamCodes y(static_cast<std::size_t>(((rows - 1) * row_step + 1) * cols_out * pixel),
                  number(instance, "Fill"));
    for (std::int64_t p = 0; p < rows * cols; ++p) {
      const std::int64_t to = p / cols * row_step * cols_out + p % cols * col_step;
      std::copy_n(x(instance).begin() + p * pixel, pixel, y.begin() + to * pixel);
    }
    return y;
  }

  [[nodiscard]] StreamCodes pixel_shift(const Instance& instance) const {
    const std::int64_t rows = number(instance, "Rows"), cols = number(instance, "Cols");
    const std::int64_t channels = number(instance, "Beats") * number(instance, "Lanes");
    const std::int64_t fill = number(instance, "Fill");
    const std::string taps = parameter(instance, "Taps");  // the first digit is the last tap
    const auto period = static_cast<std::size_t>(number(instance, "Period"));
    EXPECT_TRUE(taps.starts_with(std::to_string(4 * period) + "'h")) << taps;
    StreamCodes y;
    for (std::int64_t i = 0; i < rows * cols * channels; ++i) {
      const std::int64_t c = i % channels;
      const std::int64_t tap = taps[taps.size() - 1 - static_cast<std::size_t>(c) % period] - '0';
      const std::int64_t row = i / channels / cols + tap / 3 - 1;
      const std::int64_t col = i / channels % cols + tap % 3 - 1;
      const bool is_inside = row >= 0 && row < rows && col >= 0 && col < cols;
      const auto from = static_cast<std::size_t>((row * cols + col) * channels + c);
      y.push_back(is_inside ? x(instance)[from] : fill);
    }
    return y;
  }

  [[nodiscard]] StreamCodes shuffle(const Instance& instance) const {
    const auto channels = static_cast<std::size_t>(number(instance, "Channels"));
    const auto groups = static_cast<std::size_t>(number(instance, "Groups"));
    StreamCodes y(x(instance).size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t c = i % channels;
      y[i] = x(instance)[i - c + c % groups * (channels / groups) + c / groups];
    }
    return y;
  }

  // Of the windows modules: where they look, and what lies outside.
  struct Window {
    std::int64_t lanes, rows, cols, beats, kernel_rows, kernel_cols, pad;
  };

  [[nodiscard]] StreamCodes window(const Instance& instance) const {
    const auto of = [&](std::string_view name) { return number(instance, name); };
    const Window w{of("Lanes"),      of("Rows"),       of("Cols"),   of("Beats"),
                   of("KernelRows"), of("KernelCols"), of("PadWord")};
    const StreamCodes& codes = x(instance);
    StreamCodes y;
    for (std::int64_t oy = 0; oy < of("OutRows"); ++oy) {
      for (std::int64_t ox = 0; ox < of("OutCols"); ++ox) {
        for (std::int64_t beat = 0; beat < w.beats; ++beat) {
          for (std::int64_t t = 0; t < w.kernel_rows * w.kernel_cols; ++t) {
            const std::int64_t row =
                oy * of("StrideRows") - of("PadTop") + t % w.kernel_rows * of("DilationRows");
            const std::int64_t col =
                ox * of("StrideCols") - of("PadLeft") + t / w.kernel_rows * of("DilationCols");
            const bool is_inside = row >= 0 && row < w.rows && col >= 0 && col < w.cols;
            for (std::int64_t lane = 0; lane < w.lanes; ++lane) {
              const std::int64_t at = ((row * w.cols + col) * w.beats + beat) * w.lanes + lane;
              y.push_back(is_inside ? codes[static_cast<std::size_t>(at)] : w.pad);
            }
          }
        }
      }
    }
    return y;
  }
};

}  // namespace sluice::rtl::test
