// SPDX-License-Identifier: Apache-2.0
// Compiled once an instruction set; `V` is a vector of float32. Every step is the float32 (or
// exact) step of the plain definition, so lanes and scalars agree bit for bit.
#include "sluice/numeric/snap_kernels.hpp"

#include <cstdint>
#include <cstring>
#include <limits>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "sluice/numeric/snap_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace sluice::numeric::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;
using VI = hn::Vec<DI>;

HWY_INLINE V splat(float x) {
  return hn::Set(D(), x);
}

// NaN lanes of x in result become the default quiet NaN.
HWY_INLINE V keep_nan(V x, V result) {
  return hn::IfThenElse(hn::IsNaN(x), splat(std::numeric_limits<float>::quiet_NaN()), result);
}

HWY_INLINE V clamp(V x, V low, V high) {
  return hn::Min(hn::Max(x, low), high);
}

// n elements vector by vector; the rest goes through a padded buffer.
template <class Function>
HWY_INLINE void for_each_vector(const Function& function, const float* in, float* out,
                                std::size_t n) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) hn::StoreU(function(hn::LoadU(d, in + i)), d, out + i);
  if (i == n) return;
  HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
  std::memcpy(rest, in + i, (n - i) * sizeof(float));
  hn::Store(function(hn::Load(d, rest)), d, rest);
  std::memcpy(out + i, rest, (n - i) * sizeof(float));
}

// ---- affine

HWY_INLINE V snap_affine(V x, V scale, V zero_point, V low, V high) {
  const V code = clamp(hn::Round(hn::Sub(hn::Mul(scale, x), zero_point)), low, high);
  return keep_nan(x, hn::Div(hn::Add(code, zero_point), scale));
}

struct Affine {
  V scale, zero_point, low, high;
  HWY_INLINE V operator()(V x) const { return snap_affine(x, scale, zero_point, low, high); }
};

void affine(const AffineParams& params, int bits, const float* in, float* out, std::size_t n) {
  const float half = static_cast<float>(1 << (bits - 1));
  const Affine function{splat(params.scale), splat(params.zero_point), splat(-half),
                        splat(half - 1)};
  for_each_vector(function, in, out, n);
}

void affine_channels_last(int bits, const float* scale, const float* zero_point,
                          std::size_t channels, const float* in, float* out, std::size_t n) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  const float half = static_cast<float>(1 << (bits - 1));
  const std::size_t whole = channels - channels % lanes;
  // The channels after the last whole vector; the lanes beyond them are thrown away.
  HWY_ALIGN float last_scale[hn::MaxLanes(d)];
  HWY_ALIGN float last_zero_point[hn::MaxLanes(d)] = {};
  hn::Store(splat(1), d, last_scale);
  std::memcpy(last_scale, scale + whole, (channels - whole) * sizeof(float));
  std::memcpy(last_zero_point, zero_point + whole, (channels - whole) * sizeof(float));
  const Affine last{hn::Load(d, last_scale), hn::Load(d, last_zero_point), splat(-half),
                    splat(half - 1)};
  for (std::size_t row = 0; row < n; row += channels) {
    for (std::size_t c = 0; c < whole; c += lanes) {
      const Affine function{hn::LoadU(d, scale + c), hn::LoadU(d, zero_point + c), splat(-half),
                            splat(half - 1)};
      hn::StoreU(function(hn::LoadU(d, in + row + c)), d, out + row + c);
    }
    if (whole < channels) {
      const std::size_t rest = channels - whole;
      HWY_ALIGN float part[hn::MaxLanes(d)] = {};
      std::memcpy(part, in + row + whole, rest * sizeof(float));
      hn::Store(last(hn::Load(d, part)), d, part);
      std::memcpy(out + row + whole, part, rest * sizeof(float));
    }
  }
}

// ---- rounding

// round_to_integer on lanes. v − Trunc(v) is exact.
template <Rounding mode>
HWY_INLINE V round_lanes(V v) {
  if constexpr (mode == Rounding::HalfToEven) {
    return hn::Round(v);
  } else if constexpr (mode == Rounding::Floor) {
    return hn::Floor(v);
  } else if constexpr (mode == Rounding::TowardZero) {
    return hn::Trunc(v);
  } else {
    const V truncated = hn::Trunc(v);
    const V fraction = hn::Abs(hn::Sub(v, truncated));
    const auto above = hn::Gt(fraction, splat(0.5F));
    const auto half = hn::Eq(fraction, splat(0.5F));
    const auto negative = hn::Lt(v, hn::Zero(D()));
    auto away = above;
    if constexpr (mode == Rounding::HalfAwayFromZero) away = hn::Or(above, half);
    if constexpr (mode == Rounding::HalfUp) away = hn::Or(above, hn::AndNot(negative, half));
    if constexpr (mode == Rounding::HalfDown) away = hn::Or(above, hn::And(negative, half));
    return hn::Add(truncated, hn::IfThenElseZero(away, hn::CopySign(splat(1), v)));
  }
}

// scaled = x times a power of two. Where that underflowed, rounding down must still see that x
// was not 0; no other mode cares about values so small.
template <Rounding mode>
HWY_INLINE V round_scaled(V x, V scaled) {
  if constexpr (mode == Rounding::Floor) {
    const V zero = hn::Zero(D());
    const auto vanished = hn::And(hn::Eq(scaled, zero), hn::Ne(x, zero));
    const V tiny = hn::CopySign(splat(std::numeric_limits<float>::min()), x);
    return hn::Floor(hn::IfThenElse(vanished, tiny, scaled));
  } else {
    return round_lanes<mode>(scaled);
  }
}

// Calls the function with a std::integral_constant of the mode.
template <class Function>
HWY_INLINE void with_rounding(Rounding mode, const Function& function) {
  switch (mode) {
    case Rounding::Floor:
      return function.template run<Rounding::Floor>();
    case Rounding::TowardZero:
      return function.template run<Rounding::TowardZero>();
    case Rounding::HalfUp:
      return function.template run<Rounding::HalfUp>();
    case Rounding::HalfTowardZero:
      return function.template run<Rounding::HalfTowardZero>();
    case Rounding::HalfAwayFromZero:
      return function.template run<Rounding::HalfAwayFromZero>();
    case Rounding::HalfDown:
      return function.template run<Rounding::HalfDown>();
    case Rounding::HalfToEven:
      return function.template run<Rounding::HalfToEven>();
  }
}

// 2^exponent, exponent in [−126, 127].
HWY_INLINE float power_of_two(int exponent) {
  const std::uint32_t pattern = static_cast<std::uint32_t>(exponent + 127) << 23;
  float value;
  std::memcpy(&value, &pattern, sizeof(value));
  return value;
}

// ---- fixed

// fit_to_bits on integral lanes, modulus = 2^bits.
struct Fit {
  V low, high, modulus, inverse_modulus, half_modulus;
  bool is_signed;
  Overflow mode;

  // v less the nearest multiple of size, exactly; values without low bits, infinities too, give 0.
  HWY_INLINE V residue(V v, V size, V inverse_size) const {
    const V turns = hn::Mul(v, inverse_size);
    const V part = hn::Sub(turns, hn::Round(turns));
    return hn::Mul(hn::IfThenElseZero(hn::Lt(hn::Abs(turns), splat(0x1p24F)), part), size);
  }

  HWY_INLINE V operator()(V v) const {
    switch (mode) {
      case Overflow::Saturate:
      case Overflow::SaturateSymmetric:
        return clamp(v, low, high);
      case Overflow::SaturateToZero:
        return hn::IfThenZeroElse(hn::Or(hn::Lt(v, low), hn::Gt(v, high)), v);
      case Overflow::Wrap: {
        const V code = residue(v, modulus, inverse_modulus);
        if (is_signed) {
          return hn::IfThenElse(hn::Ge(code, half_modulus), hn::Sub(code, modulus), code);
        }
        return hn::IfThenElse(hn::Lt(code, hn::Zero(D())), hn::Add(code, modulus), code);
      }
      case Overflow::WrapSignMagnitude: {
        // A triangle wave of period 2·modulus: codes rise to half, fall to −half, rise again.
        const V phase =
            residue(v, hn::Add(modulus, modulus), hn::Mul(inverse_modulus, splat(0.5F)));
        const V signed_modulus = hn::CopySign(modulus, phase);
        const V falling = hn::Sub(hn::Sub(signed_modulus, phase), splat(1));
        const auto rises =
            hn::And(hn::Ge(phase, hn::Neg(half_modulus)), hn::Lt(phase, half_modulus));
        return hn::IfThenElse(rises, phase, falling);
      }
    }
    return v;
  }
};

template <Rounding mode>
struct Fixed {
  V scale, inverse_scale;
  Fit fit;
  HWY_INLINE V operator()(V x) const {
    const V code = fit(round_scaled<mode>(x, hn::Mul(x, scale)));
    const V unsigned_zero = hn::Add(code, hn::Zero(D()));  // −0 + 0 = +0, as the integer code
    return keep_nan(x, hn::Mul(unsigned_zero, inverse_scale));
  }
};

struct RunFixed {
  const FixedGrid& grid;
  const float* in;
  float* out;
  std::size_t n;
  template <Rounding mode>
  HWY_INLINE void run() const {
    const CodeRange codes = code_range(grid.bits, grid.is_signed);
    const bool symmetric = grid.is_signed && grid.overflow == Overflow::SaturateSymmetric;
    const auto low = static_cast<float>(symmetric ? -codes.highest : codes.lowest);
    const Fit fit{splat(low),
                  splat(static_cast<float>(codes.highest)),
                  splat(power_of_two(grid.bits)),
                  splat(power_of_two(-grid.bits)),
                  splat(power_of_two(grid.bits - 1)),
                  grid.is_signed,
                  grid.overflow};
    const Fixed<mode> function{splat(power_of_two(grid.fraction_bits)),
                               splat(power_of_two(-grid.fraction_bits)), fit};
    for_each_vector(function, in, out, n);
  }
};

void fixed(const FixedGrid& grid, const float* in, float* out, std::size_t n) {
  with_rounding(grid.rounding, RunFixed{grid, in, out, n});
}

// ---- block

// |x| with NaN as 0 and infinities as the largest float.
HWY_INLINE V magnitude(V x) {
  const V finite = hn::Min(hn::Abs(x), splat(std::numeric_limits<float>::max()));
  return hn::IfThenElseZero(hn::Eq(x, x), finite);
}

// The largest magnitude, in every lane; at least `most`.
HWY_INLINE V largest_of(V most, const float* in, std::size_t n) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) most = hn::Max(most, magnitude(hn::LoadU(d, in + i)));
  if (i < n) {
    HWY_ALIGN float rest[hn::MaxLanes(d)] = {};
    std::memcpy(rest, in + i, (n - i) * sizeof(float));
    most = hn::Max(most, magnitude(hn::Load(d, rest)));
  }
  return hn::MaxOfLanes(d, most);
}

float largest(float start, const float* in, std::size_t n) {
  return hn::GetLane(largest_of(splat(start), in, n));
}

// 2^exponent in two normal factors, exponent in [−150, 150].
struct Power {
  V first, second;
  explicit HWY_INLINE Power(VI exponent) {
    const DI di;
    const VI half = hn::ShiftRight<1>(exponent);
    const VI bias = hn::Set(di, 127);
    first = hn::BitCast(D(), hn::ShiftLeft<23>(hn::Add(half, bias)));
    second = hn::BitCast(D(), hn::ShiftLeft<23>(hn::Add(hn::Sub(exponent, half), bias)));
  }
  HWY_INLINE V times(V v) const { return hn::Mul(hn::Mul(v, first), second); }
};

// Snaps lanes to blocks whose exponents are `exponent`.
template <Rounding mode>
struct BlockLanes {
  Power scale, inverse_scale;
  V low, high;

  HWY_INLINE BlockLanes(const BlockGrid& grid, VI exponent)
      : scale(hn::Sub(hn::Set(DI(), grid.mantissa_bits - 1), exponent)),
        inverse_scale(hn::Sub(exponent, hn::Set(DI(), grid.mantissa_bits - 1))),
        high(splat(power_of_two(grid.mantissa_bits) - 1)) {
    const V symmetric = hn::Neg(high);
    low = grid.symmetric
              ? symmetric
              : hn::IfThenElse(
                    hn::RebindMask(D(), hn::Eq(exponent, hn::Set(DI(), kMaxBlockExponent))),
                    symmetric, hn::Sub(symmetric, splat(1)));
  }

  HWY_INLINE V operator()(V x) const {
    const V code = clamp(round_scaled<mode>(x, scale.times(x)), low, high);
    const V unsigned_zero = hn::Add(code, hn::Zero(D()));
    return keep_nan(x, inverse_scale.times(unsigned_zero));
  }
};

struct RunBlock {
  const BlockGrid& grid;
  int exponent;
  const float* in;
  float* out;
  std::size_t n;
  template <Rounding mode>
  HWY_INLINE void run() const {
    for_each_vector(BlockLanes<mode>(grid, hn::Set(DI(), exponent)), in, out, n);
  }
};

void block(const BlockGrid& grid, int exponent, const float* in, float* out, std::size_t n) {
  with_rounding(grid.rounding, RunBlock{grid, exponent, in, out, n});
}

// block_exponent of lanes that magnitude() made: the exponent field; a denormal's is 0.
HWY_INLINE VI exponent_of(V v) {
  const DI di;
  return hn::Sub(hn::ShiftRight<23>(hn::BitCast(di, v)), hn::Set(di, 127));
}

struct RunBlockRows {
  const BlockGrid& grid;
  const float* in;
  float* out;
  std::size_t run_length, channels, n;

  template <Rounding mode>
  HWY_INLINE void run() const {
    for (std::size_t row = 0; row < n; row += channels) {
      for (std::size_t c = 0; c < channels; c += run_length) {
        const std::size_t length = channels - c < run_length ? channels - c : run_length;
        const V most = largest_of(hn::Zero(D()), in + row + c, length);
        for_each_vector(BlockLanes<mode>(grid, exponent_of(most)), in + row + c, out + row + c,
                        length);
      }
    }
  }
};

void block_rows(const BlockGrid& grid, const float* in, float* out, std::size_t run,
                std::size_t channels, std::size_t n) {
  with_rounding(grid.rounding, RunBlockRows{grid, in, out, run, channels, n});
}

struct RunBlockColumns {
  const BlockGrid& grid;
  const float* in;
  float* out;
  std::size_t run_length, stride, positions;

  template <Rounding mode>
  HWY_INLINE void column(std::size_t first, std::size_t count) const {
    const D d;
    HWY_ALIGN float part[hn::MaxLanes(d)] = {};
    const bool is_whole = count == hn::Lanes(d);
    const auto load = [&](const float* from) HWY_ATTR {
      if (is_whole) return hn::LoadU(d, from);
      std::memcpy(part, from, count * sizeof(float));
      return hn::Load(d, part);
    };
    V most = hn::Zero(d);
    for (std::size_t c = 0; c < run_length; ++c) {
      most = hn::Max(most, magnitude(load(in + first + c * stride)));
    }
    const BlockLanes<mode> function(grid, exponent_of(most));
    for (std::size_t c = 0; c < run_length; ++c) {
      const std::size_t at = first + c * stride;
      const V result = function(load(in + at));
      if (is_whole) {
        hn::StoreU(result, d, out + at);
      } else {
        hn::Store(result, d, part);
        std::memcpy(out + at, part, count * sizeof(float));
      }
    }
  }

  template <Rounding mode>
  HWY_INLINE void run() const {
    const std::size_t lanes = hn::Lanes(D());
    for (std::size_t p = 0; p < positions; p += lanes) {
      column<mode>(p, positions - p < lanes ? positions - p : lanes);
    }
  }
};

void block_columns(const BlockGrid& grid, const float* in, float* out, std::size_t run,
                   std::size_t stride, std::size_t positions) {
  with_rounding(grid.rounding, RunBlockColumns{grid, in, out, run, stride, positions});
}

const SnapKernels* table() {
  static constexpr SnapKernels kKernels{affine, affine_channels_last, fixed,        largest,
                                        block,  block_rows,           block_columns};
  return &kKernels;
}

}  // namespace sluice::numeric::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace sluice::numeric {

HWY_EXPORT(table);

const SnapKernels& snap_kernels() {
  return *HWY_DYNAMIC_DISPATCH(table)();
}

}  // namespace sluice::numeric
#endif
