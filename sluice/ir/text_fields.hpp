// SPDX-License-Identifier: Apache-2.0
// What printing and parsing share: the fields of everything an attribute can be, and the names of
// the grids.
#pragma once

#include <string_view>
#include <tuple>
#include <vector>

#include "sluice/ir/op.hpp"
#include "sluice/numeric/accumulator.hpp"
#include "sluice/numeric/quantization.hpp"

namespace sluice::ir {

// The list of fields of a struct: its own fields(), or one of the below for structs of layers that
// know nothing of fields.
template <class T>
constexpr auto fields_of(const T* /*tag*/) {
  return T::fields();
}
constexpr auto fields_of(const numeric::AffineGrid* /*tag*/) {
  using Grid = numeric::AffineGrid;
  return std::tuple{field("bits", &Grid::bits), field("scale", &Grid::scale),
                    field("zero_point", &Grid::zero_point), field("axis", &Grid::axis)};
}
constexpr auto fields_of(const numeric::FixedGrid* /*tag*/) {
  using Grid = numeric::FixedGrid;
  return std::tuple{field("bits", &Grid::bits), field("fraction_bits", &Grid::fraction_bits),
                    field("is_signed", &Grid::is_signed), field("rounding", &Grid::rounding),
                    field("overflow", &Grid::overflow)};
}
constexpr auto fields_of(const numeric::BlockGrid* /*tag*/) {
  using Grid = numeric::BlockGrid;
  return std::tuple{field("mantissa_bits", &Grid::mantissa_bits),
                    field("block", &Grid::block),
                    field("block_size", &Grid::block_size),
                    field("axis", &Grid::axis),
                    field("batched", &Grid::batched),
                    field("symmetric", &Grid::symmetric),
                    field("rounding", &Grid::rounding)};
}

constexpr auto fields_of(const numeric::Quantization* /*tag*/) {
  using Quantization = numeric::Quantization;
  return std::tuple{field("dtype", &Quantization::dtype), field("scales", &Quantization::scales),
                    field("zero_points", &Quantization::zero_points),
                    field("axis", &Quantization::axis), field("bits", &Quantization::bits)};
}

constexpr auto fields_of(const numeric::Accumulator* /*tag*/) {
  using Accumulator = numeric::Accumulator;
  return std::tuple{field("bits", &Accumulator::bits), field("overflow", &Accumulator::overflow)};
}

// A grid is written `affine {…}`, `fixed {…}` or `block {…}`.
constexpr std::string_view grid_name(const numeric::AffineGrid* /*tag*/) {
  return "affine";
}
constexpr std::string_view grid_name(const numeric::FixedGrid* /*tag*/) {
  return "fixed";
}
constexpr std::string_view grid_name(const numeric::BlockGrid* /*tag*/) {
  return "block";
}

template <class T>
inline constexpr bool kIsVector = false;
template <class T>
inline constexpr bool kIsVector<std::vector<T>> = true;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

}  // namespace sluice::ir
