// SPDX-License-Identifier: Apache-2.0
// The names of the enumerations that attributes are made of, for text and messages. A switch a
// type, so that the compiler names a forgotten enumerator.
#pragma once

#include <optional>
#include <string_view>

#include "sluice/ir/op.hpp"

namespace sluice::ir {

#define SL_CASE(Name) \
  case Enum::Name:    \
    return #Name

constexpr std::string_view enum_name(AutoPad value) noexcept {
  using Enum = AutoPad;
  switch (value) {
    SL_CASE(NotSet);
    SL_CASE(SameUpper);
    SL_CASE(SameLower);
    SL_CASE(Valid);
  }
  return {};
}

constexpr std::string_view enum_name(PadMode value) noexcept {
  using Enum = PadMode;
  switch (value) {
    SL_CASE(Constant);
    SL_CASE(Reflect);
    SL_CASE(Edge);
    SL_CASE(Wrap);
  }
  return {};
}

constexpr std::string_view enum_name(ResizeMode value) noexcept {
  using Enum = ResizeMode;
  switch (value) {
    SL_CASE(Nearest);
    SL_CASE(Linear);
    SL_CASE(Cubic);
  }
  return {};
}

constexpr std::string_view enum_name(CoordinateMode value) noexcept {
  using Enum = CoordinateMode;
  switch (value) {
    SL_CASE(HalfPixel);
    SL_CASE(HalfPixelSymmetric);
    SL_CASE(PytorchHalfPixel);
    SL_CASE(AlignCorners);
    SL_CASE(Asymmetric);
    SL_CASE(TfCropAndResize);
    SL_CASE(TfHalfPixelForNn);
  }
  return {};
}

constexpr std::string_view enum_name(NearestMode value) noexcept {
  using Enum = NearestMode;
  switch (value) {
    SL_CASE(RoundPreferFloor);
    SL_CASE(RoundPreferCeil);
    SL_CASE(Floor);
    SL_CASE(Ceil);
  }
  return {};
}

constexpr std::string_view enum_name(AspectRatioPolicy value) noexcept {
  using Enum = AspectRatioPolicy;
  switch (value) {
    SL_CASE(Stretch);
    SL_CASE(NotLarger);
    SL_CASE(NotSmaller);
  }
  return {};
}

constexpr std::string_view enum_name(numeric::PowerRounding value) noexcept {
  using Enum = numeric::PowerRounding;
  switch (value) {
    SL_CASE(Up);
    SL_CASE(Down);
    SL_CASE(Nearest);
  }
  return {};
}

constexpr std::string_view enum_name(numeric::Rounding value) noexcept {
  using Enum = numeric::Rounding;
  switch (value) {
    SL_CASE(Floor);
    SL_CASE(TowardZero);
    SL_CASE(HalfUp);
    SL_CASE(HalfTowardZero);
    SL_CASE(HalfAwayFromZero);
    SL_CASE(HalfDown);
    SL_CASE(HalfToEven);
  }
  return {};
}

constexpr std::string_view enum_name(numeric::Overflow value) noexcept {
  using Enum = numeric::Overflow;
  switch (value) {
    SL_CASE(Wrap);
    SL_CASE(Saturate);
    SL_CASE(SaturateSymmetric);
    SL_CASE(SaturateToZero);
    SL_CASE(WrapSignMagnitude);
  }
  return {};
}

constexpr std::string_view enum_name(numeric::BlockShape value) noexcept {
  using Enum = numeric::BlockShape;
  switch (value) {
    SL_CASE(Tensor);
    SL_CASE(Channel);
    SL_CASE(Run);
  }
  return {};
}

#undef SL_CASE

// The enumerator of that name. Enumerators count from 0 without a gap.
template <class Enum>
constexpr std::optional<Enum> enum_from_name(std::string_view name) noexcept {
  for (int i = 0;; ++i) {
    const auto value = static_cast<Enum>(i);
    if (enum_name(value).empty()) return std::nullopt;
    if (enum_name(value) == name) return value;
  }
}

}  // namespace sluice::ir
