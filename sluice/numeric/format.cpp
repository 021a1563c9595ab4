// SPDX-License-Identifier: Apache-2.0
#include "sluice/numeric/format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <iterator>

#include "sluice/base/text.hpp"

namespace sluice::numeric {
namespace {

constexpr std::array kDocs{
    FormatDoc{"float32", "float32", "32-bit floating point, nothing emulated"},
    FormatDoc{"fixedN", "fixed16",
              "N-bit affine grid, one range for all weights and one for all activations (what "
              "fpgaConvNet's tables call fixed point); N 2 to 24"},
    FormatDoc{"bfpN-layer", "bfp8-layer",
              "N-bit affine grid, one range a tensor (their \"BFP layer\"); N 2 to 24"},
    FormatDoc{"bfpN-channel", "bfp8-channel",
              "N-bit affine grid, one range a channel (their \"BFP channel\"); N 2 to 24"},
    FormatDoc{"qN[-ROUNDING][-OVERFLOW]", "q8-trn-wrap",
              "N-bit Q-format: an integer times a power of two that calibration chooses a tensor; "
              "rounding and overflow as in ap_fixed, rnd_conv and sat unless given; uqN: unsigned"},
    FormatDoc{"qI.F[-ROUNDING][-OVERFLOW]", "q8.8",
              "Q-format everywhere the same: I integer bits including the sign, F fraction bits, "
              "I+F in all; uqI.F: unsigned"},
    FormatDoc{"ap_fixed<W,I[,Q[,O]]>", "ap_fixed<16,6,AP_RND_CONV,AP_SAT>",
              "the same as HLS writes it: W bits in all, I integer bits including the sign; AP_TRN "
              "and AP_WRAP unless given; ap_ufixed: unsigned"},
    FormatDoc{
        "sbfpN-layer", "sbfp8-layer",
        "block floating point with a shared exponent: N-bit integers (sign and N-1 bits), one "
        "8-bit exponent a tensor, an image at a time; N 2 to 24"},
    FormatDoc{"sbfpN-channel", "sbfp8-channel", "the same, one exponent a channel"},
    FormatDoc{"sbfpN-K", "sbfp8-16",
              "the same, one exponent for each K consecutive channels at one position"},
    FormatDoc{"mxint8", "mxint8", "OCP MX's 8-bit integers: sbfp8-32"},
};

template <class Value>
struct Named {
  std::string_view name;  // as in ap_fixed, lower case, without "ap_"
  Value value;
};
constexpr std::array kRoundings{
    Named<Rounding>{"trn", Rounding::Floor},
    Named<Rounding>{"trn_zero", Rounding::TowardZero},
    Named<Rounding>{"rnd", Rounding::HalfUp},
    Named<Rounding>{"rnd_zero", Rounding::HalfTowardZero},
    Named<Rounding>{"rnd_inf", Rounding::HalfAwayFromZero},
    Named<Rounding>{"rnd_min_inf", Rounding::HalfDown},
    Named<Rounding>{"rnd_conv", Rounding::HalfToEven},
};
constexpr std::array kOverflows{
    Named<Overflow>{"wrap", Overflow::Wrap},
    Named<Overflow>{"sat", Overflow::Saturate},
    Named<Overflow>{"sat_sym", Overflow::SaturateSymmetric},
    Named<Overflow>{"sat_zero", Overflow::SaturateToZero},
    Named<Overflow>{"wrap_sm", Overflow::WrapSignMagnitude},
};

template <class Table>
auto find_value(const Table& table, std::string_view name)
    -> std::optional<decltype(table[0].value)> {
  const auto found = std::ranges::find(table, name, [](const auto& entry) { return entry.name; });
  if (found == table.end()) return std::nullopt;
  return found->value;
}

template <class Table, class Value>
std::string_view find_name(const Table& table, Value value) {
  return std::ranges::find(table, value, [](const auto& entry) { return entry.value; })->name;
}

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  });
  return result;
}
std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

// ---- printing

std::string print(const Float32Format& /*format*/) {
  return "float32";
}

std::string print(const AffineFormat& format) {
  switch (format.sharing) {
    case Sharing::Network:
      return fmt::format("fixed{}", format.bits);
    case Sharing::Layer:
      return fmt::format("bfp{}-layer", format.bits);
    case Sharing::Channel:
      return fmt::format("bfp{}-channel", format.bits);
  }
  return {};
}

std::string print(const FixedFormat& format) {
  const std::string_view rounding = find_name(kRoundings, format.rounding);
  const std::string_view overflow = find_name(kOverflows, format.overflow);
  const bool has_default_modes =
      format.rounding == Rounding::HalfToEven && format.overflow == Overflow::Saturate;
  const std::string_view u = format.is_signed ? "" : "u";
  if (!format.fraction_bits) {
    if (has_default_modes) return fmt::format("{}q{}", u, format.bits);
    return fmt::format("{}q{}-{}-{}", u, format.bits, rounding, overflow);
  }
  const int integer_bits = format.bits - *format.fraction_bits;
  if (has_default_modes && integer_bits >= 0 && *format.fraction_bits >= 0) {
    return fmt::format("{}q{}.{}", u, integer_bits, *format.fraction_bits);
  }
  return fmt::format("ap_{}fixed<{},{},AP_{},AP_{}>", u, format.bits, integer_bits, upper(rounding),
                     upper(overflow));
}

std::string print(const BlockFormat& format) {
  if (format == BlockFormat{8, BlockShape::Run, 32}) return "mxint8";
  switch (format.block) {
    case BlockShape::Tensor:
      return fmt::format("sbfp{}-layer", format.bits);
    case BlockShape::Channel:
      return fmt::format("sbfp{}-channel", format.bits);
    case BlockShape::Run:
      return fmt::format("sbfp{}-{}", format.bits, format.block_size);
  }
  return {};
}

// ---- parsing

// Takes a name apart from the left.
struct Scanner {
  std::string_view rest;

  bool eat(std::string_view prefix) {
    if (!rest.starts_with(prefix)) return false;
    rest.remove_prefix(prefix.size());
    return true;
  }
  std::optional<int> number() {
    int value = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    if (error != std::errc() || std::abs(value) > 9999) return std::nullopt;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    return value;
  }
  // Up to the first of `stops` or the end.
  std::string_view word(std::string_view stops) {
    const std::string_view found = rest.substr(0, rest.find_first_of(stops));
    rest.remove_prefix(found.size());
    return found;
  }
  [[nodiscard]] bool at_end() const { return rest.empty(); }
};

using Parsed = std::optional<Format>;  // nullopt: not of this kind

Parsed parse_affine(Scanner text) {
  if (text.eat("fixed")) {
    const auto bits = text.number();
    if (!bits || !text.at_end()) return std::nullopt;
    return AffineFormat{*bits, Sharing::Network};
  }
  if (!text.eat("bfp")) return std::nullopt;
  const auto bits = text.number();
  if (!bits) return std::nullopt;
  if (text.rest == "-layer") return AffineFormat{*bits, Sharing::Layer};
  if (text.rest == "-channel") return AffineFormat{*bits, Sharing::Channel};
  return std::nullopt;
}

Parsed parse_block(Scanner text) {
  if (text.rest == "mxint8") return BlockFormat{8, BlockShape::Run, 32};
  if (!text.eat("sbfp")) return std::nullopt;
  const auto bits = text.number();
  if (!bits) return std::nullopt;
  if (text.rest == "-layer") return BlockFormat{*bits, BlockShape::Tensor};
  if (text.rest == "-channel") return BlockFormat{*bits, BlockShape::Channel};
  if (!text.eat("-")) return std::nullopt;
  const auto run = text.number();
  if (!run || !text.at_end()) return std::nullopt;
  return BlockFormat{*bits, BlockShape::Run, *run};
}

// -ROUNDING, -OVERFLOW, both in this order, or neither.
bool parse_modes(Scanner& text, FixedFormat& format) {
  while (text.eat("-")) {
    const std::string_view word = text.word("-");
    if (const auto rounding = find_value(kRoundings, word)) {
      format.rounding = *rounding;
    } else if (const auto overflow = find_value(kOverflows, word)) {
      format.overflow = *overflow;
      break;
    } else {
      return false;
    }
  }
  return text.at_end();
}

Parsed parse_q(Scanner text) {
  FixedFormat format;
  format.is_signed = !text.eat("u");
  if (!text.eat("q")) return std::nullopt;
  const auto bits = text.number();
  if (!bits) return std::nullopt;
  format.bits = *bits;
  if (text.eat(".")) {
    const auto fraction = text.number();
    if (!fraction || *fraction < 0) return std::nullopt;
    format.bits = *bits + *fraction;
    format.fraction_bits = *fraction;
  }
  if (!parse_modes(text, format)) return std::nullopt;
  return format;
}

Parsed parse_ap_fixed(Scanner text) {
  FixedFormat format{.rounding = Rounding::Floor, .overflow = Overflow::Wrap};
  if (!text.eat("ap_")) return std::nullopt;
  format.is_signed = !text.eat("u");
  if (!text.eat("fixed<")) return std::nullopt;
  const auto bits = text.number();
  if (!bits || !text.eat(",")) return std::nullopt;
  const auto integer_bits = text.number();
  if (!integer_bits) return std::nullopt;
  format.bits = *bits;
  format.fraction_bits = *bits - *integer_bits;
  if (text.eat(",ap_")) {
    const auto rounding = find_value(kRoundings, text.word(",>"));
    if (!rounding) return std::nullopt;
    format.rounding = *rounding;
    if (text.eat(",ap_")) {
      const auto overflow = find_value(kOverflows, text.word(",>"));
      if (!overflow) return std::nullopt;
      format.overflow = *overflow;
      text.eat(",0");  // no saturated bits in wrap, the default
    }
  }
  if (!text.eat(">") || !text.at_end()) return std::nullopt;
  return format;
}

// ---- what can be emulated

Status check_width(int bits) {
  if (bits >= 2 && bits <= kMaxGridBits) return {};
  return Error{ErrorCode::Unsupported,
               fmt::format("{} bits: emulation carries values in float32, which holds codes of 2 "
                           "to {} bits exactly",
                           bits, kMaxGridBits)};
}

Status check(const Float32Format& /*format*/) {
  return {};
}
Status check(const AffineFormat& format) {
  return check_width(format.bits);
}
Status check(const FixedFormat& format) {
  SL_TRY_STATUS(check_width(format.bits));
  return check_grid(FixedGrid{format.bits, format.fraction_bits.value_or(0), format.is_signed,
                              format.rounding, format.overflow},
                    {});
}
Status check(const BlockFormat& format) {
  SL_TRY_STATUS(check_width(format.bits));
  if (format.block != BlockShape::Run || (format.block_size >= 2 && format.block_size <= 1024)) {
    return {};
  }
  return Error{ErrorCode::InvalidArgument,
               fmt::format("blocks of {} channels: 2 to 1024 are possible", format.block_size)};
}

std::string suggestion(std::string_view name) {
  std::vector<std::string_view> candidates{"fixed8", "q16", "q8", "sbfp8-32"};
  std::ranges::transform(kDocs, std::back_inserter(candidates), &FormatDoc::example);
  return did_you_mean(name, candidates);
}

}  // namespace

std::string to_string(const Format& format) {
  return std::visit([](const auto& kind) { return print(kind); }, format);
}

Result<Format> parse_format(std::string_view name) {
  std::string text = lower(name);
  std::erase(text, ' ');
  Parsed parsed;
  if (text == "float32") parsed = Float32Format{};
  for (const auto parse : {parse_affine, parse_block, parse_q, parse_ap_fixed}) {
    if (!parsed) parsed = parse(Scanner{text});
  }
  if (!parsed) {
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("no number format {}{}", sluice::quoted(name), suggestion(text))};
  }
  if (auto status = std::visit([](const auto& kind) { return check(kind); }, *parsed); !status) {
    return std::move(status).error().at(fmt::format("format {}", sluice::quoted(name)));
  }
  return *parsed;
}

std::vector<std::string_view> split_formats(std::string_view names) {
  std::vector<std::string_view> result;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= names.size(); ++i) {
    const char c = i < names.size() ? names[i] : ',';
    if (c == '<') ++depth;
    if (c == '>') --depth;
    if (c != ',' || (depth > 0 && i < names.size())) continue;
    result.push_back(names.substr(begin, i - begin));
    begin = i + 1;
  }
  return result;
}

Result<std::vector<Format>> parse_formats(std::string_view names) {
  std::vector<Format> formats;
  for (const std::string_view name : split_formats(names)) {
    SL_TRY(formats.emplace_back(), parse_format(name));
  }
  return formats;
}

bool needs_calibration(const Format& format) noexcept {
  if (const auto* fixed = std::get_if<FixedFormat>(&format)) return !fixed->fraction_bits;
  return std::holds_alternative<AffineFormat>(format);
}

std::span<const FormatDoc> format_docs() noexcept {
  return kDocs;
}

}  // namespace sluice::numeric
