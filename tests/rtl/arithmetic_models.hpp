// SPDX-License-Identifier: Apache-2.0
// What the modules that compute make of the codes of their streams.
#pragma once

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <span>
#include <string>
#include <vector>

#include "tests/rtl/instances.hpp"

namespace sluice::rtl::test {

using StreamCodes = std::vector<std::int64_t>;  // word by word, lane 0 first

class ArithmeticModels {
 protected:
  explicit ArithmeticModels(const Netlist& netlist) : netlist_(netlist) {}

  [[nodiscard]] const StreamCodes& x(const Instance& instance, std::size_t port = 0,
                                     std::size_t stream = 0) const {
    return streams_[instance.inputs[port].streams[stream]];
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

  [[nodiscard]] StreamCodes reduce(const Instance& instance) const {
    const bool is_max = instance.module == "sl_reduce_max";
    const std::int64_t constant = is_max ? 0 : number(instance, "Constant");
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
        y.push_back(result + constant);
      }
    }
    return y;
  }

  [[nodiscard]] StreamCodes frame(const Instance& instance) const {
    const auto pixel =
        static_cast<std::size_t>(number(instance, "Beats") * number(instance, "Lanes"));
    EXPECT_EQ(x(instance).size(), pixel * static_cast<std::size_t>(number(instance, "Positions")));
    const bool is_max = instance.module == "sl_frame_max";
    StreamCodes y(x(instance).begin(), x(instance).begin() + static_cast<std::int64_t>(pixel));
    for (std::size_t i = pixel; i < x(instance).size(); ++i) {
      std::int64_t& whole = y[i % pixel];
      whole = is_max ? std::max(whole, x(instance)[i]) : whole + x(instance)[i];
    }
    const std::int64_t constant = is_max ? 0 : number(instance, "Constant");
    for (std::int64_t& whole : y) whole += constant;
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

  [[nodiscard]] StreamCodes mul(const Instance& instance) const {
    const StreamCodes& a = x(instance);
    const StreamCodes& b = x(instance, 1);
    EXPECT_EQ(a.size(), b.size()) << instance.name;
    StreamCodes y(a.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      y[i] = (a[i] - number(instance, "AZero")) * (b[i] - number(instance, "BZero"));
    }
    return y;
  }

  [[nodiscard]] StreamCodes table(const Instance& instance) const {
    const std::array<int, 1> widths{static_cast<int>(number(instance, "YWidth"))};
    std::vector<std::int64_t> words = memory(instance, "File", widths);
    EXPECT_EQ(words.size(), std::size_t{1} << number(instance, "XWidth"));
    const bool is_signed = netlist_.streams[instance.outputs[0].streams[0]].word.is_signed;
    StreamCodes y;
    y.reserve(x(instance).size());
    for (const std::int64_t code : x(instance)) {
      const auto at = static_cast<std::size_t>(code) & (words.size() - 1);
      const std::int64_t mask = (std::int64_t{1} << widths[0]) - 1;
      y.push_back(is_signed ? words[at] : words[at] & mask);
    }
    return y;
  }

  [[nodiscard]] StreamCodes bisect(const Instance& instance) const {
    const auto of = [&](std::string_view name) { return number(instance, name); };
    const auto lanes = static_cast<std::size_t>(of("Lanes"));
    const auto x_bits = static_cast<int>(of("XWidth"));
    const std::vector<int> widths(lanes, x_bits + 1);
    const auto thresholds = memory(instance, "File", widths);
    const auto depth = static_cast<std::size_t>(of("Depth"));
    EXPECT_EQ(thresholds.size(), (lanes * depth) << of("Step"));
    const std::int64_t x_mask = (std::int64_t{1} << x_bits) - 1;
    StreamCodes y;
    y.reserve(x(instance).size());
    for (std::size_t i = 0; i < x(instance).size(); ++i) {
      const std::int64_t word = x(instance)[i];
      const bool is_first = of("Step") == 0;
      const std::int64_t found = is_first ? 0 : word >> x_bits;
      std::int64_t sum = word & x_mask;
      if (of("XSigned") != 0 && sum >> (x_bits - 1) != 0) sum -= x_mask + 1;
      const std::size_t group = i / lanes % depth;
      const auto at = ((group << of("Step")) + static_cast<std::size_t>(found)) * lanes + i % lanes;
      std::int64_t threshold = thresholds[at];
      if (of("XSigned") == 0) threshold &= 2 * x_mask + 1;
      const std::int64_t count = 2 * found + (sum >= threshold ? 1 : 0);
      y.push_back(of("IsLast") != 0 ? of("Lowest") + count : count << x_bits | (sum & x_mask));
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
