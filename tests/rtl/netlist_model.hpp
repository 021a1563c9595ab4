// SPDX-License-Identifier: Apache-2.0
// What a netlist computes, by the formulas in the heads of the modules, without their cycles: codes
// of one feature map in, codes of every stream out.
#pragma once

#include <algorithm>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include "tests/rtl/instances.hpp"

namespace sluice::rtl::test {

using StreamCodes = std::vector<std::int64_t>;  // word by word, lane 0 first

class NetlistModel {
 public:
  explicit NetlistModel(const Netlist& netlist) : netlist_(netlist) {}

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
                                          {"sl_window_taps", &NetlistModel::window},
                                          {"sl_window_slide", &NetlistModel::window},
                                          {"sl_reduce_max", &NetlistModel::reduce},
                                          {"sl_reduce_sum", &NetlistModel::reduce},
                                          {"sl_frame_sum", &NetlistModel::frame},
                                          {"sl_dot", &NetlistModel::dot},
                                          {"sl_add", &NetlistModel::add},
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

  [[nodiscard]] const StreamCodes& x(const Instance& instance, std::size_t port = 0,
                                     std::size_t stream = 0) const {
    return streams_[instance.inputs[port].streams[stream]];
  }
  [[nodiscard]] const Stream& x_stream(const Instance& instance) const {
    return netlist_.streams[instance.inputs[0].streams[0]];
  }
  [[nodiscard]] std::vector<std::int64_t> memory(const Instance& instance, std::string_view name,
                                                 std::span<const int> widths) const {
    std::string file = parameter(instance, name);
    std::erase(file, '"');
    const auto found = std::ranges::find(netlist_.memories, file, &MemoryFile::name);
    EXPECT_NE(found, netlist_.memories.end()) << file;
    return found == netlist_.memories.end() ? std::vector<std::int64_t>()
                                            : fields_of(found->content, widths);
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

  [[nodiscard]] StreamCodes reduce(const Instance& instance) const {
    const bool is_max = instance.module == "sl_reduce_max";
    const auto lanes = static_cast<std::size_t>(number(instance, "Lanes"));
    const auto words =
        static_cast<std::size_t>(number(instance, "Words") * number(instance, "Parts"));
    StreamCodes y;
    for (std::size_t at = 0; at < x(instance).size(); at += words * lanes) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        std::int64_t result = x(instance)[at + lane];
        for (std::size_t w = 1; w < words; ++w) {
          const std::int64_t code = x(instance)[at + w * lanes + lane];
          result = is_max ? std::max(result, code) : result + code;
        }
        y.push_back(result);
      }
    }
    return y;
  }

  [[nodiscard]] StreamCodes frame(const Instance& instance) const {
    const auto pixel =
        static_cast<std::size_t>(number(instance, "Beats") * number(instance, "Lanes"));
    EXPECT_EQ(x(instance).size(), pixel * static_cast<std::size_t>(number(instance, "Positions")));
    StreamCodes y(pixel, 0);
    for (std::size_t i = 0; i < x(instance).size(); ++i) y[i % pixel] += x(instance)[i];
    return y;
  }

  [[nodiscard]] StreamCodes dot(const Instance& instance) const {
    const auto of = [&](std::string_view name) { return number(instance, name); };
    const std::int64_t lanes_in = of("LanesIn");
    const std::int64_t x_lanes = of("Groups") * lanes_in;
    const std::int64_t lanes_out = of("LanesOut");
    const std::int64_t y_lanes = of("Groups") * lanes_out;
    const std::int64_t fine = of("Fine");
    const std::vector<int> weight_widths(static_cast<std::size_t>(y_lanes * lanes_in * fine),
                                         static_cast<int>(of("WeightWidth")));
    const std::vector<int> bias_widths(static_cast<std::size_t>(y_lanes),
                                       static_cast<int>(of("AccWidth")));
    const auto weights = memory(instance, "WeightsFile", weight_widths);
    const auto biases = memory(instance, "BiasFile", bias_widths);
    const std::int64_t beats = of("Beats");
    const std::int64_t filters = of("Filters");
    const std::int64_t x_words = fine * x_lanes;
    const std::int64_t set_words = beats * x_words;
    const std::int64_t sets = static_cast<std::int64_t>(x(instance).size()) / set_words;
    EXPECT_EQ(static_cast<std::int64_t>(weights.size()),
              of("Sets") * beats * filters * y_lanes * lanes_in * fine);
    EXPECT_EQ(static_cast<std::int64_t>(biases.size()), of("Sets") * filters * y_lanes);
    StreamCodes y;
    for (std::int64_t at = 0; at < sets; ++at) {
      const std::int64_t s = at % of("Sets");
      for (std::int64_t f = 0; f < filters; ++f) {
        for (std::int64_t lane = 0; lane < y_lanes; ++lane) {
          std::int64_t sum = biases[static_cast<std::size_t>((s * filters + f) * y_lanes + lane)];
          for (std::int64_t n = 0; n < beats; ++n) {
            for (std::int64_t i = 0; i < lanes_in; ++i) {
              for (std::int64_t w = 0; w < fine; ++w) {
                const std::int64_t weight =
                    ((((s * beats + n) * filters + f) * y_lanes + lane) * lanes_in + i) * fine + w;
                const std::int64_t word =
                    at * set_words + n * x_words + w * x_lanes + lane / lanes_out * lanes_in + i;
                sum += weights[static_cast<std::size_t>(weight)] *
                       x(instance)[static_cast<std::size_t>(word)];
              }
            }
          }
          y.push_back(sum);
        }
      }
    }
    return y;
  }

  [[nodiscard]] StreamCodes add(const Instance& instance) const {
    const std::int64_t factor_a = number(instance, "FactorA");
    const std::int64_t factor_b = number(instance, "FactorB");
    const std::int64_t constant = number(instance, "Constant");
    StreamCodes y(x(instance).size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = x(instance)[i] * factor_a + x(instance, 1)[i] * factor_b + constant;
    }
    return y;
  }

  [[nodiscard]] StreamCodes clip(const Instance& instance) const {
    return clamped(instance, x(instance));
  }

  static StreamCodes clamped(const Instance& instance, StreamCodes codes) {
    const std::int64_t lowest = number(instance, "Lowest");
    const std::int64_t highest = number(instance, "Highest");
    for (std::int64_t& code : codes) code = std::min(std::max(code, lowest), highest);
    return codes;
  }

  // Of code i of a stream the fields of its lane in its entry.
  static std::span<const std::int64_t> entry_of(std::span<const std::int64_t> fields, std::size_t i,
                                                std::size_t size) {
    return fields.subspan(i * size % fields.size(), size);
  }

  [[nodiscard]] StreamCodes scale(const Instance& instance) const {
    const auto of = [&](std::string_view name) { return static_cast<int>(number(instance, name)); };
    const bool has_negative = of("HasNegative") != 0;
    const bool multiplies = of("MultiplierWidth") > 0;
    std::vector<int> widths;
    for (int lane = 0; lane < of("Lanes"); ++lane) {
      if (multiplies) widths.push_back(of("MultiplierWidth"));
      widths.push_back(of("OffsetWidth"));
      if (has_negative) widths.push_back(of("OffsetWidth"));
      if (of("TieWidth") > 0) widths.push_back(of("TieWidth"));
    }
    const auto fields = memory(instance, "File", widths);
    EXPECT_EQ(fields.size(), widths.size() * static_cast<std::size_t>(of("Depth")));
    const std::size_t size = widths.size() / static_cast<std::size_t>(of("Lanes"));
    const int product_bits = of("ProductWidth");
    const int tie_bits = of("TieWidth");
    const std::int64_t tie_mask = (std::int64_t{1} << tie_bits) - 1;  // it has no sign
    const int parity = of("TieParity");
    const int shift = of("Shift");
    StreamCodes y(x(instance).size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const auto entry = entry_of(fields, i, size);
      const std::int64_t code = x(instance)[i];
      const std::int64_t offset = entry[(multiplies ? 1 : 0) + (has_negative && code < 0 ? 1 : 0)];
      const std::int64_t product = code * (multiplies ? entry[0] : 1) + offset;
      EXPECT_TRUE(fits(product, product_bits, true)) << instance.name;
      y[i] = product >> shift;
      const std::int64_t rest = product - y[i] * (std::int64_t{1} << shift);
      if (tie_bits > 0 && (y[i] & 1) == parity && rest < (entry.back() & tie_mask)) --y[i];
    }
    return clamped(instance, std::move(y));
  }

  [[nodiscard]] StreamCodes shift(const Instance& instance) const {
    const auto of = [&](std::string_view name) { return static_cast<int>(number(instance, name)); };
    const bool has_table = of("ShiftWidth") > 0;
    std::vector<std::int64_t> shifts{of("Shift")};
    if (has_table) {
      // Without a sign.
      std::vector<int> widths(static_cast<std::size_t>(of("Lanes")), of("ShiftWidth"));
      shifts = memory(instance, "File", widths);
      for (std::int64_t& each : shifts) each &= (std::int64_t{1} << of("ShiftWidth")) - 1;
      EXPECT_EQ(shifts.size(), static_cast<std::size_t>(of("Depth") * of("Lanes")));
    }
    const int rounding = of("Rounding");
    const int zero_point = of("ZeroPoint");
    StreamCodes y(x(instance).size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = rounded(x(instance)[i], shifts[i % shifts.size()], rounding) + zero_point;
    }
    return clamped(instance, std::move(y));
  }

  static std::int64_t rounded(std::int64_t x, std::int64_t shift, int rounding) {
    const std::int64_t floor = x >> shift;
    const std::int64_t rest = x - floor * (std::int64_t{1} << shift);
    const std::int64_t half = shift == 0 ? 1 : std::int64_t{1} << (shift - 1);
    const bool is_up = rest > half || (rest == half && (rounding == 1 || floor % 2 != 0));
    return floor + (rounding != 0 && is_up ? 1 : 0);
  }

  const Netlist& netlist_;
  std::vector<StreamCodes> streams_;
};

}  // namespace sluice::rtl::test
