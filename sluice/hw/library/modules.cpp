// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/library/modules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "sluice/base/assert.hpp"
#include "sluice/base/text.hpp"
#include "sluice/hw/library/kinds.hpp"

namespace sluice::hw::library {
namespace {

// A parameter's name in rtl/, and where it is.
template <class Kind>
using Field = std::pair<std::string_view, std::int64_t Kind::*>;

std::vector<Field<Add>> fields(const Add*) {
  return {{"AWidth", &Add::a_width},    {"BWidth", &Add::b_width},   {"Lanes", &Add::lanes},
          {"FactorA", &Add::factor_a},  {"FactorB", &Add::factor_b}, {"Constant", &Add::constant},
          {"SumWidth", &Add::sum_width}};
}
std::vector<Field<Bisect>> fields(const Bisect*) {
  return {{"XWidth", &Bisect::x_width}, {"Lanes", &Bisect::lanes},    {"Depth", &Bisect::depth},
          {"Step", &Bisect::step},      {"IsLast", &Bisect::is_last}, {"YWidth", &Bisect::y_width}};
}
std::vector<Field<Chop>> fields(const Chop*) {
  return {{"Width", &Chop::width}, {"Lanes", &Chop::lanes}, {"Outputs", &Chop::outputs}};
}
std::vector<Field<Clip>> fields(const Clip*) {
  return {{"Width", &Clip::width}, {"Lanes", &Clip::lanes}};
}
std::vector<Field<Concat>> fields(const Concat*) {
  return {{"Width", &Concat::width}, {"Lanes", &Concat::lanes}, {"Inputs", &Concat::inputs}};
}
std::vector<Field<Dot>> fields(const Dot*) {
  return {{"XWidth", &Dot::x_width},     {"WeightWidth", &Dot::weight_width},
          {"AccWidth", &Dot::acc_width}, {"Fine", &Dot::fine},
          {"Groups", &Dot::groups},      {"LanesIn", &Dot::lanes_in},
          {"LanesOut", &Dot::lanes_out}, {"Beats", &Dot::beats},
          {"Filters", &Dot::filters},    {"Sets", &Dot::sets}};
}
std::vector<Field<Fifo>> fields(const Fifo*) {
  return {{"Width", &Fifo::width}, {"Depth", &Fifo::depth}};
}
std::vector<Field<Fork>> fields(const Fork*) {
  return {{"Width", &Fork::width}, {"Outputs", &Fork::outputs}};
}
std::vector<Field<FrameMax>> fields(const FrameMax*) {
  return {{"Width", &FrameMax::width},
          {"Lanes", &FrameMax::lanes},
          {"Positions", &FrameMax::positions},
          {"Beats", &FrameMax::beats}};
}
std::vector<Field<FrameSum>> fields(const FrameSum*) {
  return {{"Width", &FrameSum::width},
          {"Lanes", &FrameSum::lanes},
          {"Positions", &FrameSum::positions},
          {"Beats", &FrameSum::beats},
          {"SumWidth", &FrameSum::sum_width}};
}
std::vector<Field<Mul>> fields(const Mul*) {
  return {{"AWidth", &Mul::a_width}, {"AZero", &Mul::a_zero},
          {"BWidth", &Mul::b_width}, {"BZero", &Mul::b_zero},
          {"Lanes", &Mul::lanes},    {"ProductWidth", &Mul::product_width}};
}
std::vector<Field<Parts>> fields(const Parts*) {
  return {{"Width", &Parts::width}, {"Parts", &Parts::parts}};
}
std::vector<Field<PixelShift>> fields(const PixelShift*) {
  return {{"Width", &PixelShift::width},
          {"Lanes", &PixelShift::lanes},
          {"Rows", &PixelShift::rows},
          {"Cols", &PixelShift::cols},
          {"Beats", &PixelShift::beats}};
}
std::vector<Field<ReduceMax>> fields(const ReduceMax*) {
  return {{"Width", &ReduceMax::width},
          {"Lanes", &ReduceMax::lanes},
          {"Words", &ReduceMax::words},
          {"Parts", &ReduceMax::parts}};
}
std::vector<Field<ReduceSum>> fields(const ReduceSum*) {
  return {{"Width", &ReduceSum::width},
          {"Lanes", &ReduceSum::lanes},
          {"Words", &ReduceSum::words},
          {"Parts", &ReduceSum::parts},
          {"SumWidth", &ReduceSum::sum_width}};
}
std::vector<Field<Register>> fields(const Register*) {
  return {{"Width", &Register::width}};
}
std::vector<Field<Regroup>> fields(const Regroup*) {
  return {{"Width", &Regroup::width},
          {"LanesIn", &Regroup::lanes_in},
          {"LanesOut", &Regroup::lanes_out},
          {"Beats", &Regroup::beats}};
}
std::vector<Field<Repeat>> fields(const Repeat*) {
  return {{"Width", &Repeat::width},
          {"Lanes", &Repeat::lanes},
          {"Cols", &Repeat::cols},
          {"Beats", &Repeat::beats},
          {"RowScale", &Repeat::row_scale}};
}
std::vector<Field<Requantize>> fields(const Requantize*) {
  return {{"XWidth", &Requantize::x_width},
          {"YWidth", &Requantize::y_width},
          {"Lanes", &Requantize::lanes},
          {"Depth", &Requantize::depth},
          {"MultiplierWidth", &Requantize::multiplier_width},
          {"OffsetWidth", &Requantize::offset_width},
          {"HasNegative", &Requantize::has_negative},
          {"TieWidth", &Requantize::tie_width},
          {"ProductWidth", &Requantize::product_width},
          {"Shift", &Requantize::shift}};
}
std::vector<Field<ShiftRound>> fields(const ShiftRound*) {
  return {{"XWidth", &ShiftRound::x_width},
          {"YWidth", &ShiftRound::y_width},
          {"Lanes", &ShiftRound::lanes},
          {"Depth", &ShiftRound::depth},
          {"ShiftWidth", &ShiftRound::shift_width},
          {"Shift", &ShiftRound::shift},
          {"Rounding", &ShiftRound::rounding}};
}
std::vector<Field<Shuffle>> fields(const Shuffle*) {
  return {{"Width", &Shuffle::width},
          {"Lanes", &Shuffle::lanes},
          {"Channels", &Shuffle::channels},
          {"Groups", &Shuffle::groups}};
}
std::vector<Field<Spread>> fields(const Spread*) {
  return {{"Width", &Spread::width},     {"Lanes", &Spread::lanes}, {"Rows", &Spread::rows},
          {"Cols", &Spread::cols},       {"Beats", &Spread::beats}, {"RowStep", &Spread::row_step},
          {"ColStep", &Spread::col_step}};
}
std::vector<Field<Stage>> fields(const Stage*) {
  return {{"Width", &Stage::width}};
}
std::vector<Field<Table>> fields(const Table*) {
  return {{"XWidth", &Table::x_width}, {"YWidth", &Table::y_width}, {"Lanes", &Table::lanes}};
}
template <class Window>
std::vector<Field<Window>> window_fields() {
  return {{"Width", &Window::width},
          {"Lanes", &Window::lanes},
          {"Rows", &Window::rows},
          {"Cols", &Window::cols},
          {"Beats", &Window::beats},
          {"KernelRows", &Window::kernel_rows},
          {"KernelCols", &Window::kernel_cols},
          {"StrideRows", &Window::stride_rows},
          {"StrideCols", &Window::stride_cols},
          {"DilationRows", &Window::dilation_rows},
          {"DilationCols", &Window::dilation_cols},
          {"PadTop", &Window::pad_top},
          {"PadLeft", &Window::pad_left},
          {"OutRows", &Window::out_rows},
          {"OutCols", &Window::out_cols},
          {"SpareRows", &Window::spare_rows}};
}
std::vector<Field<WindowSlide>> fields(const WindowSlide*) {
  return window_fields<WindowSlide>();
}
std::vector<Field<WindowTaps>> fields(const WindowTaps*) {
  auto result = window_fields<WindowTaps>();
  result.emplace_back("Columns", &WindowTaps::columns);
  return result;
}

template <std::size_t... index>
Module module_at(std::size_t wanted, std::index_sequence<index...> /*all*/) {
  Module result;
  const bool found = ((wanted == index && (result.emplace<index>(), true)) || ...);
  SL_ASSERT(found, "one of the modules");
  return result;
}

}  // namespace

Features::Features(std::initializer_list<double> values) : size_(values.size()) {
  SL_ASSERT(size_ <= kMost, "features");
  std::ranges::copy(values, values_.begin());
}

Cost cost_of(const Module& module) {
  return std::visit([](const auto& kind) { return cost_of(kind); }, module);
}

Module module_of_index(std::size_t index) {
  return module_at(index, std::make_index_sequence<kNumModules>());
}

Result<Module> module_of(std::string_view name,
                         const std::map<std::string, std::int64_t>& parameters) {
  const auto* const found = std::ranges::find(kModuleNames, name);
  if (found == kModuleNames.end()) {
    return Error{ErrorCode::InvalidArgument, fmt::format("{} has no model", sluice::quoted(name))};
  }
  Module module = module_of_index(static_cast<std::size_t>(found - kModuleNames.begin()));
  std::visit(
      [&](auto& kind) {
        for (const auto& [key, member] : fields(&kind)) {
          const auto given = parameters.find(std::string(key));
          if (given != parameters.end()) kind.*member = given->second;
        }
      },
      module);
  return module;
}

}  // namespace sluice::hw::library
