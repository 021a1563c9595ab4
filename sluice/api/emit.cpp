// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/emit.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "sluice/api/hardware.hpp"
#include "sluice/api/rtl_vectors.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/folder.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/shipped.hpp"
#include "sluice/base/text.hpp"
#include "sluice/exact/code_function.hpp"
#include "sluice/hw/design.hpp"
#include "sluice/report/table.hpp"
#include "sluice/rtl/axis.hpp"
#include "sluice/rtl/bench.hpp"
#include "sluice/rtl/emit.hpp"
#include "sluice/rtl/memory_words.hpp"
#include "sluice/rtl/tensors.hpp"
#include "sluice/rtl/verilog.hpp"

namespace sluice::api {
namespace {

namespace fs = std::filesystem;

// What building and running the bench, and synthesis, leave beside what was emitted.
constexpr std::array<std::string_view, 6> kFolders{"library", "bench",   "memories",
                                                   "vectors", "obj_dir", "synth"};
constexpr std::array<std::string_view, 6> kBenchParts{"sl_bench_icarus.sv", "sl_bench_main.cpp",
                                                      "sl_bench_marker.sv", "sl_bench_monitor.sv",
                                                      "sl_bench_random.sv", "sl_bench_sink.sv"};

// The pauses of sources and sinks, of 256 cycles.
constexpr int kStall = 64;

Result<std::string> read_text(const fs::path& path) {
  SL_TRY(const MappedFile file, MappedFile::open(path));
  return std::string(file.text());
}

// The network and the one partition that it is mapped to.
struct Mapped {
  ir::Graph network;
  hw::HardwareNetwork hardware;
  std::string model_sha256;
  std::vector<std::string> notes;
};

Status check_partition(const hw::HardwareNetwork& network, const std::string& place) {
  const auto refuse = [&](std::string what) {
    return Error{ErrorCode::Unsupported, std::move(what), place};
  };
  if (network.partitions.size() != 1) {
    return refuse(
        fmt::format("has {} partitions, and one module is emitted; explore it with "
                    "--partitions 1",
                    network.partitions.size()));
  }
  const hw::Partition& partition = network.partitions[0];
  if (partition.reloading_factor != 1) {
    return refuse("loads weights in several passes, which the modules cannot; explore it without");
  }
  return {};
}

// Modules hold all of their weights: that changes no word and no cycle, but memory on the device.
void note_weights(const hw::Graph& graph, std::vector<std::string>& notes) {
  for (const hw::Node& node : graph.nodes()) {
    if (node.layer.weights.blocks_off_chip == 0) continue;
    notes.push_back(fmt::format("the design has weights of {} off chip; the module holds them",
                                sluice::quoted(node.name)));
  }
}

Result<Mapped> map_model(const EmitOptions& options) {
  Mapped result;
  SL_TRY(result.network, load_for_hardware(options.model, options.input_shapes, hw::Rules::Sluice));
  if (!ir::is_quantized(result.network)) {
    return Error{ErrorCode::InvalidArgument,
                 "is not quantized, and hardware is of integers; \"sluice quantize\" makes it so",
                 options.model.string()};
  }
  SL_TRY(const hw::BuildOptions building, build_options(options.model, hw::Rules::Sluice));
  auto built = hardware_of(result.network, building);
  if (!built) return std::move(built).error().at(options.model.string());
  hw::Graph graph = *std::move(built);
  SL_TRY(result.model_sha256, sha256_file(options.model));
  if (options.design.empty()) {
    result.hardware =
        whole_network(options.model.stem().string(), std::move(graph), 1, hw::Rules::Sluice);
    return result;
  }
  SL_TRY(const Json document, read_json(options.design));
  const std::string place = options.design.string();
  auto design = hw::parse_design(document);
  if (!design) return std::move(design).error().at(place);
  if (design->rules != hw::Rules::Sluice) {
    return Error{ErrorCode::Unsupported,
                 "is a design by fpgaConvNet's rules; explore the network without --compat", place};
  }
  if (design->model_sha256 != result.model_sha256) {
    result.notes.emplace_back("the design was made for another version of the model");
  }
  auto network = hw::apply(*design, graph);
  if (!network) return std::move(network).error().at(place);
  result.hardware = *std::move(network);
  hw::update(result.hardware, hw::Rules::Sluice);
  if (auto status = check_partition(result.hardware, place); !status) {
    return std::move(status).error();
  }
  note_weights(result.hardware.partitions[0].graph, result.notes);
  return result;
}

// A folder's files as they are written, each once.
class Files {
 public:
  explicit Files(fs::path folder) : folder_(std::move(folder)) {}

  Status add(const std::string& name, std::string_view content) {
    std::error_code error;
    fs::create_directories((folder_ / name).parent_path(), error);
    SL_TRY_STATUS(write_file(folder_ / name, content));
    names_.push_back(name);
    bytes_ += static_cast<std::int64_t>(content.size());
    return {};
  }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::int64_t bytes() const { return bytes_; }

 private:
  fs::path folder_;
  std::vector<std::string> names_;
  std::int64_t bytes_ = 0;
};

// The modules of the library by its manifest, in its order.
Result<std::vector<std::string>> library_modules(const fs::path& library) {
  SL_TRY(const std::string manifest, read_text(library / "sl.f"));
  std::vector<std::string> files;
  std::istringstream lines(manifest);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && !line.starts_with("//")) files.push_back(line);
  }
  return files;
}

EmittedStream stream_of(const rtl::Netlist& netlist, const rtl::Carried& carried, std::string name,
                        std::string kind) {
  const rtl::Stream& stream = netlist.streams[carried.stream];
  return {std::move(name), std::move(kind),  carried.tensor,        carried.layer, stream.name,
          stream.lanes,    stream.word.bits, stream.word.is_signed, stream.beats};
}

std::vector<EmittedStream> streams_of(const rtl::Netlist& netlist, bool taps) {
  std::vector<EmittedStream> result;
  const auto add_ports = [&](const std::vector<rtl::Carried>& ports, const char* prefix,
                             const char* kind) {
    for (std::size_t i = 0; i < ports.size(); ++i) {
      result.push_back(stream_of(netlist, ports[i], rtl::port_name(prefix, i, ports.size()), kind));
    }
  };
  add_ports(netlist.inputs, "x", "input");
  add_ports(netlist.outputs, "y", "output");
  if (!taps) return result;
  for (const rtl::Carried& tap : netlist.taps) {
    // What leaves is compared where it leaves.
    if (std::ranges::count(netlist.outputs, tap.stream, &rtl::Carried::stream) > 0) continue;
    const std::string& wires = netlist.streams[tap.stream].name;
    result.push_back(stream_of(netlist, tap, "tap_" + wires, "tap"));
  }
  return result;
}

std::string vector_file(const EmittedStream& stream) {
  return fmt::format("vectors/{}.mem", stream.name);
}

// The words of all streams on all images.
Result<std::int64_t> write_vectors(const EmitOptions& options,
                                   const std::vector<EmittedStream>& streams, Files& files) {
  std::vector<std::string> tensors;
  tensors.reserve(streams.size());
  for (const EmittedStream& stream : streams) tensors.push_back(stream.tensor);
  std::vector<std::string> texts(streams.size());
  SL_TRY(const std::int64_t images,
         run_for_vectors(options, tensors, [&](const std::map<std::string, Tensor>& seen) {
           for (std::size_t i = 0; i < streams.size(); ++i) {
             texts[i] += rtl::words_of_stream(rtl::in_stream_order(seen.at(streams[i].tensor)),
                                              streams[i].lanes, streams[i].bits);
           }
           return Status{};
         }));
  for (std::size_t i = 0; i < streams.size(); ++i) {
    SL_TRY_STATUS(files.add(vector_file(streams[i]), texts[i]));
  }
  return images;
}

rtl::BenchStream bench_stream(const EmittedStream& stream, std::int64_t images) {
  return {.name = stream.name,
          .bits = stream.lanes * stream.bits,
          .words = stream.frame_words * images,
          .frame_words = stream.frame_words,
          .file = vector_file(stream),
          .stall = kStall};
}

// How long nothing may move: as long as the slowest layer may take without giving a word.
std::int64_t patience_cycles(const EmitReport& report) {
  return 20000 + static_cast<std::int64_t>(report.model_latency_cycles);
}

std::string bench_of(const rtl::Netlist& netlist, const EmitReport& report) {
  rtl::BenchInstance module{.module = netlist.name, .name = "dut", .parameters = {}, .ports = {}};
  std::vector<rtl::BenchTap> taps;
  for (const EmittedStream& stream : report.streams) {
    const rtl::BenchStream words = bench_stream(stream, report.images);
    if (stream.kind == "tap") {
      taps.push_back({"dut", stream.wires, words});
    } else {
      module.ports.push_back({stream.name, stream.kind == "input", words});
    }
  }
  return rtl::bench_text({&module, 1}, taps, patience_cycles(report));
}

std::string makefile_of(const std::string& name) {
  return fmt::format(
      R"(# Checks {0} against the words in vectors/, with either simulator; SL PASS is what they print.
.PHONY: verilator icarus clean

verilator:
	verilator --cc --exe --build -j 0 --no-timing -O3 -fno-reloop -Wno-fatal -Wno-WIDTH -Wno-UNUSED \
	  --assert -DSL_ASSERTIONS -Ilibrary --top-module sl_bench -o bench -f files.f \
	  bench/sl_bench_main.cpp
	obj_dir/bench

icarus:
	iverilog -g2012 -Ilibrary -s sl_bench_icarus -o bench.vvp bench/sl_bench_icarus.sv \
	  $$(cat files.f)
	vvp -n bench.vvp

clean:
	rm -rf obj_dir bench.vvp
)",
      name);
}

std::string readme_of(const rtl::Netlist& netlist, const EmitReport& report,
                      const EmitOptions& options) {
  report::Table streams({{"stream", report::Align::Left},
                         {"kind", report::Align::Left},
                         {"lanes"},
                         {"bits"},
                         {"words a map"},
                         {"tensor", report::Align::Left}});
  for (const EmittedStream& stream : report.streams) {
    streams.add_row({stream.name, stream.kind, std::to_string(stream.lanes),
                     fmt::format("{}{}", stream.is_signed ? "s" : "u", stream.bits),
                     report::with_commas(stream.frame_words), stream.tensor});
  }
  return fmt::format(
      R"(# {0}

The integer network {1} in SystemVerilog, as sluice {2} emitted it.

- `{0}.sv`: the top: instances of the modules in `library/` and the streams between them, nothing else.
- `memories/`: what weights, biases and scales begin with (`$readmemh`; paths are seen from this folder).
- `bench/`, `vectors/`: a bench that checks itself: {3} image(s), every word of every stream below.
- `files.f`: all modules, for simulators and synthesis.
- `{4}`: what is here, for programs.

`make verilator` or `make icarus` builds and runs the bench; it prints `SL PASS`.

Streams have a valid and a ready; a word moves at a rising edge of `clk_i` at which both are high. Words are the
pixels of a feature map row by row, channels innermost, lane 0 in the lowest bits. `rst_ni` is synchronous, active low.

```
{5}```

The hardware model says {6:.0f} cycles between feature maps and {7:.0f} from the first word in to the last one out.
)",
      netlist.name, options.model.filename().string(), SLUICE_VERSION, report.images, kEmissionName,
      streams.text(), report.model_interval_cycles, report.model_latency_cycles);
}

Result<std::set<std::string>> names_in(const fs::path& folder) {
  SL_TRY(const Json manifest, read_json(folder / kEmissionName));
  std::set<std::string> names(kFolders.begin(), kFolders.end());
  names.insert("bench.vvp");
  const auto files = manifest.find("files");
  if (files == manifest.end() || !files->is_array()) {
    return Error{ErrorCode::Parse, "lists no files", (folder / kEmissionName).string()};
  }
  for (const Json& file : *files) {
    if (file.is_string()) names.insert(file.get<std::string>());
  }
  return names;
}

Json json_of(const EmittedStream& stream) {
  return {{"name", stream.name},
          {"kind", stream.kind},
          {"tensor", stream.tensor},
          {"layer", stream.layer},
          {"wires", stream.wires},
          {"lanes", stream.lanes},
          {"bits", stream.bits},
          {"is_signed", stream.is_signed},
          {"frame_words", stream.frame_words}};
}

// Everything but vectors and what counts them.
Status write_modules(const rtl::Netlist& netlist, const EmitOptions& options, const Mapped& mapped,
                     Files& files) {
  SL_TRY(const fs::path library, find_shipped("rtl"));
  SL_TRY(const std::vector<std::string> modules, library_modules(library));
  std::string list;
  for (const std::string& module : modules) {
    SL_TRY(const std::string text, read_text(library / module));
    SL_TRY_STATUS(files.add("library/" + module, text));
    list += fmt::format("library/{}\n", module);
  }
  SL_TRY(const std::string macros, read_text(library / "sl_assert.svh"));
  SL_TRY_STATUS(files.add("library/sl_assert.svh", macros));
  std::vector<std::string_view> parts(kBenchParts.begin(), kBenchParts.end());
  parts.emplace_back("sl_bench_source.sv");
  for (const std::string_view part : parts) {
    SL_TRY(const std::string text, read_text(library / "bench" / part));
    SL_TRY_STATUS(files.add(fmt::format("bench/{}", part), text));
    const bool is_common = part.ends_with(".sv") && part != "sl_bench_icarus.sv";
    if (is_common) list += fmt::format("bench/{}\n", part);
  }
  const std::string head = fmt::format(
      "{}: written by sluice {} of {} (SHA-256 {}).\nDo not edit: emit it again.", netlist.name,
      SLUICE_VERSION, options.model.filename().string(), mapped.model_sha256);
  SL_TRY_STATUS(files.add(netlist.name + ".sv", rtl::to_verilog(netlist, head)));
  for (const rtl::MemoryFile& memory : netlist.memories) {
    SL_TRY_STATUS(files.add(memory.name, memory.content));
  }
  list += fmt::format("{}.sv\n", netlist.name);
  if (options.axis) {
    const std::string name = rtl::axis_name(netlist) + ".sv";
    SL_TRY_STATUS(files.add(name, rtl::axis_wrapper(netlist, head)));
    list += name + '\n';
  }
  list += "bench/sl_bench.sv\n";
  SL_TRY_STATUS(files.add("files.f", list));
  return files.add("Makefile", makefile_of(netlist.name));
}

void count(const rtl::Netlist& netlist, EmitReport& report) {
  for (const rtl::Block& block : netlist.blocks) {
    report.instances += static_cast<std::int64_t>(block.instances.size());
  }
  report.memories = static_cast<std::int64_t>(netlist.memories.size());
}

}  // namespace

Result<EmitReport> emit(const EmitOptions& options) {
  SL_TRY(const Mapped mapped, map_model(options));
  const std::string name =
      options.name.empty() ? rtl::module_name(options.model.stem().string()) : options.name;
  if (!rtl::is_module_name(name)) {
    return Error{
        ErrorCode::InvalidArgument,
        fmt::format(
            "{} is no name of a module: give letters, digits and underscores, no keyword of "
            "SystemVerilog, and not sl_ first",
            sluice::quoted(name))};
  }
  auto netlist = rtl::emit_netlist(mapped.network, mapped.hardware.partitions[0].graph, name,
                                   exact::code_function);
  if (!netlist) return std::move(netlist).error().at(options.model.string());
  EmitReport report{
      .name = name, .notes = mapped.notes, .partition = mapped.hardware.partitions[0]};
  SL_TRY(const hw::Coefficients by, hw::default_coefficients());
  const hw::PartitionEstimate figures = hw::estimate(mapped.hardware.partitions[0], by);
  report.model_interval_cycles = figures.interval_cycles;
  report.model_latency_cycles = figures.interval_cycles + figures.pipeline_depth_cycles;
  report.streams = streams_of(*netlist, options.taps);
  if (options.axis) report.axis_module = rtl::axis_name(*netlist);
  count(*netlist, report);

  SL_TRY_STATUS(check_replaceable(options.output, {"an emission", kEmissionName, names_in}));
  SL_TRY(NewFolder folder, NewFolder::beside(options.output));
  Files files(folder.path());
  SL_TRY_STATUS(write_modules(*netlist, options, mapped, files));
  SL_TRY(report.images, write_vectors(options, report.streams, files));
  SL_TRY_STATUS(files.add("bench/sl_bench.sv", bench_of(*netlist, report)));
  SL_TRY_STATUS(files.add("README.md", readme_of(*netlist, report, options)));
  report.files = static_cast<std::int64_t>(files.names().size()) + 1;
  report.bytes = files.bytes();
  Json manifest = to_json(report);
  manifest["model"] = {{"name", options.model.filename().string()},
                       {"sha256", mapped.model_sha256}};
  manifest["files"] = files.names();
  SL_TRY_STATUS(files.add(std::string(kEmissionName), dump_json(manifest)));
  SL_TRY_STATUS(folder.keep());
  for (rtl::MemoryFile& memory : netlist->memories) memory.content.clear();
  report.netlist = *std::move(netlist);
  return report;
}

std::string to_text(const EmitReport& report, const fs::path& folder) {
  return fmt::format(
      "{}: module {}, {} instances, {} memories, {} streams, {} images; {} files, {}B\n"
      "the model says {} cycles a feature map, {} from the first word in to the last out\n",
      folder.string(), report.name, report.instances, report.memories, report.streams.size(),
      report.images, report.files, report::with_prefix(static_cast<double>(report.bytes)),
      report::with_commas(static_cast<std::int64_t>(report.model_interval_cycles)),
      report::with_commas(static_cast<std::int64_t>(report.model_latency_cycles)));
}

Json to_json(const EmitReport& report) {
  Json json{{"format", "sluice.emission/1"},
            {"tool", "sluice " SLUICE_VERSION},
            {"name", report.name},
            {"images", report.images},
            {"instances", report.instances},
            {"memories", report.memories},
            {"model_interval_cycles", report.model_interval_cycles},
            {"model_latency_cycles", report.model_latency_cycles},
            {"streams", Json::array()}};
  if (!report.axis_module.empty()) json["axis_module"] = report.axis_module;
  for (const EmittedStream& stream : report.streams) json["streams"].push_back(json_of(stream));
  return json;
}

}  // namespace sluice::api
