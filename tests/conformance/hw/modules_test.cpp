// SPDX-License-Identifier: Apache-2.0
// The hardware model against what fpgaConvNet's answered: memory blocks and modules, one by one.
// Its coefficients are loaded as a user's file would be.
#include <map>
#include <optional>

#include "tests/conformance/hw/expect_layer.hpp"
#include "tests/conformance/hw/golden.hpp"

#include "sluice/hw/memory_blocks.hpp"
#include "sluice/hw/modules/kinds.hpp"

namespace sluice::hw {
namespace {

TEST_F(HardwareGolden, MemoryBlocksAreThose) {
  std::map<std::string, int> compared;
  for (const Json& line : lines("primitives.jsonl")) {
    const std::string function = line["fn"];
    const Json& args = line["args"];
    const auto integer = [&](std::size_t i) { return args[i].get<std::int64_t>(); };
    std::int64_t found = 0;
    if (function == "bram" || function == "bram_forced") {
      const auto kind = args[2] == "fifo" ? MemoryKind::Fifo : MemoryKind::Memory;
      found = bram18_blocks(integer(0), args[1].get<double>(), kind, function == "bram_forced");
    } else if (function == "uram") {
      const auto shape = args[2].get<bool>() ? UramShape::Narrow : UramShape::Whole;
      found = uram_blocks(integer(0), integer(1), shape);
    } else if (function == "lutram") {
      found = lutram_arrays(integer(0), integer(1));
    } else if (function == "dsp") {
      found = dsp_blocks(integer(0), integer(1));
    } else if (function == "int2bits" && line["value"].is_number()) {
      found = count_bits(integer(0));
    } else {
      continue;
    }
    ++compared[function];
    ASSERT_EQ(found, line["value"].get<std::int64_t>()) << line.dump();
  }
  EXPECT_EQ(compared["bram"], 864);
  EXPECT_EQ(compared["bram_forced"], 797);
  EXPECT_EQ(compared["uram"], 864);
  EXPECT_EQ(compared["lutram"], 432);
  EXPECT_EQ(compared["dsp"], 512);
}

// A module's parameters: those it was made with, and what was set afterwards.
class Parameters {
 public:
  explicit Parameters(const Json& line) : line_(&line) {}

  std::int64_t get(const char* key, std::int64_t otherwise) const {
    for (const char* from : {"set", "kwargs"}) {
      if (line_->contains(from) && (*line_)[from].contains(key)) return (*line_)[from][key];
    }
    return otherwise;
  }
  std::string text(const char* key) const { return (*line_)["kwargs"].value(key, ""); }
  bool flag(const char* key) const { return (*line_)["kwargs"].value(key, false); }
  // "kernel_size": [rows, cols], or "kernel_rows" and so on.
  Extent extent(const char* list, const std::string& stem) const {
    const Json& kwargs = (*line_)["kwargs"];
    if (kwargs.contains(list)) return {kwargs[list][0], kwargs[list][1], 1};
    return {get((stem + "_rows").c_str(), 1), get((stem + "_cols").c_str(), 1),
            get((stem + "_depth").c_str(), 1)};
  }
  Extent kernel() const { return extent("kernel_size", "kernel"); }
  Extent step() const { return extent("stride", "stride"); }
  Padding padding() const {
    return {get("pad_top", 0),   get("pad_bottom", 0), get("pad_left", 0),
            get("pad_right", 0), get("pad_front", 0),  get("pad_back", 0)};
  }
  Stream stream() const {
    const std::string module = (*line_)["module"];
    return {.map = {get("rows", 1), get("cols", 1), get("depth", 1), get("channels", 1)},
            .is_3d = module.ends_with("3D"),
            .data_bits = get("data_width", 16),
            .streams = get("streams", 1),
            .rules = Rules::FpgaConvNet};
  }

 private:
  const Json* line_;
};

struct Answer {
  Timing timing;
  std::optional<ModuleResources> resources;
};

template <class Module>
Answer answer(const Module& module, const Coefficients& by) {
  return {module.timing(), module.resources(by)};
}

Function function_of(const std::string& name) {
  if (name == "sigmoid") return Function::Sigmoid;
  return name == "silu" ? Function::Silu : Function::Relu;
}

// Resize, which it cannot count, aside: by the module's name without its dimensions.
std::optional<Answer> answer_of(const std::string& name, const Parameters& with,
                                const Coefficients& by) {
  const Stream stream = with.stream();
  const std::int64_t filters = with.get("filters", 1);
  if (name == "Pad") return answer(Pad{stream, with.padding()}, by);
  if (name == "SlidingWindow") {
    return answer(SlidingWindow{stream, with.kernel(), with.step(), with.padding()}, by);
  }
  if (name == "Fork") return answer(Fork{stream, with.kernel(), with.get("coarse", 1)}, by);
  if (name == "VectorDot") {
    return answer(VectorDot{stream, filters, with.get("fine", 1), with.get("weight_width", 16),
                            with.get("acc_width", 32)},
                  by);
  }
  if (name == "Accum") return answer(Accum{stream, filters, with.get("groups", 1)}, by);
  if (name == "Glue") {
    return answer(Glue{stream, filters, with.get("coarse_in", 1), with.get("coarse_out", 1),
                       with.get("coarse_group", 1)},
                  by);
  }
  if (name == "Bias") return answer(Bias{stream, filters}, by);
  if (name == "ShiftScale") return answer(ShiftScale{stream}, by);
  if (name == "Pool") return answer(Pool{stream, with.kernel()}, by);
  if (name == "GlobalPool") return answer(GlobalPool{stream, with.get("acc_width", 32)}, by);
  if (name == "ReLU" || name == "ThresholdedReLU") return answer(Activation{stream}, by);
  if (name == "Hardswish") return answer(Activation{stream, Function::HardSwish}, by);
  if (name == "Activation") {
    return answer(Activation{stream, function_of(with.text("activation_type"))}, by);
  }
  if (name == "EltWise") {
    const auto op = with.text("eltwise_type") == "mul" ? Eltwise::Mul : Eltwise::Add;
    return answer(EltwiseModule{stream, op, with.flag("broadcast")}, by);
  }
  if (name == "Squeeze") {
    return answer(Squeeze{stream, with.get("coarse_in", 1), with.get("coarse_out", 1)}, by);
  }
  return std::nullopt;
}

void expect_timing(const Timing& timing, const Json& result, bool is_3d) {
  EXPECT_EQ(shape_of(timing.in, is_3d), result["shape_in"].get<std::vector<std::int64_t>>());
  EXPECT_EQ(shape_of(timing.out, is_3d), result["shape_out"].get<std::vector<std::int64_t>>());
  EXPECT_EQ(timing.rate_in, result["rate_in"].get<double>());
  EXPECT_EQ(timing.rate_out, result["rate_out"].get<double>());
  EXPECT_EQ(timing.latency_cycles, result["latency"].get<double>());
  EXPECT_EQ(timing.pipeline_depth, result["pipeline_depth"].get<std::int64_t>());
}

void expect_resources(const ModuleResources& found, const Json& counts) {
  const auto expect = [&](const char* key, std::int64_t value) {
    if (counts.contains(key)) {
      EXPECT_EQ(value, counts[key].get<std::int64_t>()) << key;
    }
  };
  expect("Logic_LUT", found.logic_lut);
  expect("LUT_RAM", found.lut_ram);
  expect("LUT_SR", found.lut_sr);
  expect("LUT", found.lut);
  expect("FF", found.ff);
  expect("DSP", found.dsp);
  expect("BRAM", found.bram18);
}

TEST_F(HardwareGolden, ModulesHaveItsTimingAndResources) {
  const auto by = coefficients();
  ASSERT_TRUE(by) << by.error().text();
  int compared = 0;
  for (const Json& line : lines("random_modules.jsonl")) {
    // What it refuses, and the modules of its other back end.
    if (line.contains("error") || line["backend"] == "hls" || line["module"] == "ReSize") continue;
    std::string name = line["module"];
    if (name.ends_with("3D")) name.resize(name.size() - 2);
    const Parameters with(line);
    const auto found = answer_of(name, with, *by);
    ASSERT_TRUE(found) << name;
    SCOPED_TRACE(line.dump().substr(0, 600));
    expect_timing(found->timing, line["result"], with.stream().is_3d);
    if (line["regression_model"] == "linear_regression") {
      expect_resources(*found->resources, line["result"]["rsc"]);
    }
    ++compared;
    if (HasFailure()) return;
  }
  EXPECT_EQ(compared, 316);
}

TEST_F(HardwareGolden, ResizeHasItsTiming) {
  for (const Json& line : lines("random_modules.jsonl")) {
    if (line["module"] != "ReSize") continue;
    const Json& scales = line["kwargs"]["scales"];
    const Resize module{Parameters(line).stream(), scales[0], scales[1], 1, scales[2]};
    SCOPED_TRACE(line.dump().substr(0, 300));
    expect_timing(module.timing(), line["result"], false);
  }
}

}  // namespace
}  // namespace sluice::hw
