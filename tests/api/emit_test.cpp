// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/emit.hpp"

#include <gmock/gmock.h>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/api/small_emission.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/hw/design.hpp"

namespace sluice::api {
namespace {

using testing::HasSubstr;

// Every file below a folder, by its name there.
std::map<std::string, std::string> emitted_files(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    files[std::filesystem::relative(entry.path(), folder).string()] =
        std::string(MappedFile::open(entry.path())->text());
  }
  return files;
}

std::string emit_error(const EmitOptions& options) {
  const auto report = emit(options);
  return report ? "" : report.error().text();
}

TEST(Emit, WritesAFolderThatIsListedInFull) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  const auto report = emit(options);
  ASSERT_TRUE(report) << report.error().text();
  const auto files = emitted_files(options.output);
  for (const char* name : {"tiny.sv", "files.f", "Makefile", "README.md", "emission.json",
                           "library/sl_dot.sv", "library/sl_assert.svh", "bench/sl_bench.sv",
                           "bench/sl_bench_main.cpp", "vectors/x.mem", "vectors/y.mem"}) {
    EXPECT_TRUE(files.contains(name)) << name;
  }
  const Json manifest = Json::parse(files.at("emission.json"));
  EXPECT_EQ(manifest["format"], "sluice.emission/1");
  EXPECT_EQ(manifest["model"]["name"], "tiny.sluice");
  EXPECT_EQ(manifest["model"]["sha256"], *sha256_file(options.model));
  EXPECT_EQ(manifest["files"].size() + 1, files.size());
  for (const Json& file : manifest["files"]) {
    EXPECT_TRUE(files.contains(file.get<std::string>())) << file;
  }
  EXPECT_EQ(report->files, static_cast<std::int64_t>(files.size()));
}

TEST(Emit, ListsTheModulesInAnOrderThatSimulatorsTake) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  ASSERT_EQ(emit_error(options), "");
  const std::string list = emitted_files(options.output).at("files.f");
  std::istringstream lines(list);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(std::filesystem::exists(options.output / line)) << line;
  }
  EXPECT_TRUE(list.ends_with("tiny.sv\nbench/sl_bench.sv\n"));
}

TEST(Emit, GivesTheSameBytesForTheSameInput) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  ASSERT_EQ(emit_error(options), "");
  const auto first = emitted_files(options.output);
  options.output = folder.path() / "again";
  ASSERT_EQ(emit_error(options), "");
  EXPECT_EQ(emitted_files(options.output), first);
  options.seed = 2;
  ASSERT_EQ(emit_error(options), "");  // over the one before
  auto other = emitted_files(options.output);
  EXPECT_NE(other.at("vectors/x.mem"), first.at("vectors/x.mem"));
  EXPECT_EQ(other.at("tiny.sv"), first.at("tiny.sv"));
}

TEST(Emit, VectorsHaveAWordALineForEachStream) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  const auto report = emit(options);
  ASSERT_TRUE(report) << report.error().text();
  const auto files = emitted_files(options.output);
  EXPECT_EQ(report->images, 2);
  std::int64_t taps = 0;
  for (const EmittedStream& stream : report->streams) {
    const std::string& words = files.at("vectors/" + stream.name + ".mem");
    EXPECT_EQ(std::ranges::count(words, '\n'), stream.frame_words * report->images) << stream.name;
    taps += stream.kind == "tap" ? 1 : 0;
  }
  EXPECT_EQ(taps, 2);  // the convolution and the sum
  EXPECT_EQ(report->streams[0].frame_words, 50);
  EXPECT_EQ(report->streams[0].kind, "input");
  EXPECT_EQ(report->streams[1].frame_words, 2);

  options.taps = false;
  const auto ends = emit(options);
  ASSERT_TRUE(ends);
  EXPECT_EQ(ends->streams.size(), 2U);
  EXPECT_THAT(emitted_files(options.output).at("bench/sl_bench.sv"),
              testing::Not(HasSubstr("sl_bench_monitor")));
}

TEST(Emit, NamesTheModuleAfterTheFileUnlessTold) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  options.name = "other";
  const auto report = emit(options);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->name, "other");
  EXPECT_THAT(emitted_files(options.output).at("other.sv"), HasSubstr("\nmodule other ("));
  options.name = "no-name";
  EXPECT_THAT(emit_error(options), HasSubstr("\"no-name\" is no name of a module"));
}

TEST(Emit, NamesNoModuleByAKeyword) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  const auto large = folder.path() / "large.sluice";
  ASSERT_TRUE(exporter::write_sluice(small_network(), large));
  options.model = large;
  const auto report = emit(options);
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->name, "net_large");
  options.name = "large";
  EXPECT_THAT(emit_error(options), HasSubstr("no keyword of SystemVerilog"));
}

TEST(Emit, SaysNothingOfWhenAndWhere) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  ASSERT_EQ(emit_error(options), "");
  for (const auto& [name, content] : emitted_files(options.output)) {
    EXPECT_EQ(content.find(folder.path().string()), std::string::npos) << name;
  }
}

TEST(Emit, LeavesAFolderWithOtherThingsAlone) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  folder.write("emission/notes.txt", "mine");
  const auto report = emit(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(emitted_files(options.output).size(), 1U);
  std::filesystem::remove(options.output / "notes.txt");
  ASSERT_EQ(emit_error(options), "");
  folder.write("emission/notes.txt", "mine");
  EXPECT_THAT(emit_error(options), HasSubstr("notes.txt"));
  EXPECT_TRUE(std::filesystem::exists(options.output / "tiny.sv"));
}

// What running the bench leaves goes with the emission.
TEST(Emit, ReplacesAnEmissionThatHasBeenSimulated) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  ASSERT_EQ(emit_error(options), "");
  folder.write("emission/bench.vvp", "");
  folder.write("emission/obj_dir/bench", "");
  EXPECT_EQ(emit_error(options), "");
  EXPECT_FALSE(std::filesystem::exists(options.output / "obj_dir"));
}

TEST(Emit, RefusesANetworkOfRealNumbers) {
  const TempFolder folder;
  const auto report = emit({.model = builtin_digits()->model, .output = folder.path() / "e"});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(report.error().text(), HasSubstr("sluice quantize"));
  EXPECT_THAT(report.error().text(), HasSubstr("digits.onnx"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "e"));
}

// A design of the small network, each layer with the least parallelism but as `change` says.
template <class Change>
std::filesystem::path design_with(const TempFolder& folder, const EmitOptions& options,
                                  const Change& change) {
  const auto graph = hardware_graph(options.model, {}, hw::Rules::Sluice);
  EXPECT_TRUE(graph) << graph.error().text();
  hw::HardwareNetwork network = whole_network("small", *graph, 1, hw::Rules::Sluice);
  hw::Design about;
  about.model_name = "small";
  about.model_sha256 = *sha256_file(options.model);
  about.device = "zcu104";
  about.clock_mhz = 200;
  about.coefficients = "made up";
  hw::Design design = hw::design_of(network, about);
  change(design);
  return folder.write("design.json", dump_json(hw::to_json(design)));
}

TEST(Emit, FoldsAsTheDesignSays) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  const auto plain = emit(options);
  ASSERT_TRUE(plain) << plain.error().text();
  options.design = design_with(folder, options, [](hw::Design& design) {
    for (hw::LayerDesign& layer : design.partitions[0].layers) {
      layer.folding.coarse_in = layer.folding.coarse_out = 2;
    }
  });
  const auto folded = emit(options);
  ASSERT_TRUE(folded) << folded.error().text();
  EXPECT_TRUE(folded->notes.empty());
  EXPECT_LT(folded->model_interval_cycles, plain->model_interval_cycles);
  const auto tap = std::ranges::find(folded->streams, "tap", &EmittedStream::kind);
  ASSERT_NE(tap, folded->streams.end());
  EXPECT_EQ(tap->lanes, 2);
}

TEST(Emit, NotesADesignOfAnotherVersionOfTheModel) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  options.design = design_with(
      folder, options, [](hw::Design& design) { design.model_sha256 = std::string(64, 'a'); });
  const auto report = emit(options);
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->notes.size(), 1U);
  EXPECT_THAT(report->notes[0], HasSubstr("another version of the model"));
}

TEST(Emit, RefusesADesignOfAnotherNetwork) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  options.design = design_with(folder, options, [](hw::Design& design) {
    design.partitions[0].layers[0].name = "elsewhere";
  });
  const auto report = emit(options);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::InvalidArgument);
  EXPECT_THAT(report.error().text(), HasSubstr("design.json"));
}

TEST(Emit, RefusesDesignsOfSeveralPartitionsOrPasses) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  options.design = design_with(folder, options,
                               [](hw::Design& design) { design.rules = hw::Rules::FpgaConvNet; });
  EXPECT_THAT(emit_error(options), HasSubstr("explore the network without --compat"));
  options.design = design_with(folder, options, [](hw::Design& design) {
    hw::PartitionDesign& first = design.partitions[0];
    hw::PartitionDesign second = first;
    second.layers.assign(first.layers.end() - 1, first.layers.end());
    first.layers.pop_back();
    first.streams_out = {1};
    second.streams_in = {1};
    design.partitions.push_back(second);
  });
  EXPECT_THAT(emit_error(options), HasSubstr("has 2 partitions"));
}

TEST(Emit, NamesTheLayerThatHasNoModule) {
  const TempFolder folder;
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 4, 4});
  const ir::ValueId y =
      net.add_like(ir::AveragePool{.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}}}, {x});
  net.graph().nodes.back().name = "gate";
  const auto model = folder.path() / "gated.sluice";
  ASSERT_TRUE(exporter::write_sluice(net.finish({y}), model));
  const auto report = emit({.model = model, .output = folder.path() / "e"});
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::Unsupported);
  EXPECT_THAT(report.error().text(), HasSubstr("gate"));
  EXPECT_THAT(report.error().text(), HasSubstr("gated.sluice"));
}

// The table of a sigmoid has what the exact engine makes of each code.
TEST(Emit, WritesFunctionsOfCodesAsTables) {
  const TempFolder folder;
  test::QuantizedNet net(1);
  const ir::ValueId x = net.input({1, 2, 4, 4});
  const ir::ValueId y = net.add(ir::Sigmoid{}, {x}, net.grid());
  const auto model = folder.path() / "gated.sluice";
  ASSERT_TRUE(exporter::write_sluice(net.finish({y}), model));
  const auto report = emit({.model = model, .axis = true, .output = folder.path() / "e"});
  ASSERT_TRUE(report) << report.error().text();
  ASSERT_EQ(report->netlist.memories.size(), 1U);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "e" / report->netlist.memories[0].name));
  EXPECT_EQ(report->axis_module, "gated_axis");
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "e" / "gated_axis.sv"));
}

TEST(Emit, TextAndJsonSayTheSame) {
  const TempFolder folder;
  const auto report = emit(small_emission(folder));
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_GT(report->instances, 3);
  const Json json = to_json(*report);
  EXPECT_EQ(json["name"], "tiny");
  EXPECT_EQ(json["streams"].size(), report->streams.size());
  EXPECT_EQ(json["streams"][0]["kind"], "input");
  EXPECT_EQ(json["instances"], report->instances);
  const std::string text = to_text(*report, "out");
  EXPECT_THAT(text,
              HasSubstr("out: module tiny, " + std::to_string(report->instances) + " instances"));
  EXPECT_THAT(text, HasSubstr("2 images"));
}

}  // namespace
}  // namespace sluice::api
