// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/explore.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <span>

#include "sluice/api/explore_journal.hpp"
#include "sluice/api/hardware.hpp"
#include "sluice/base/file.hpp"
#include "sluice/base/interrupt.hpp"
#include "sluice/base/parse.hpp"
#include "sluice/base/progress.hpp"
#include "sluice/base/sha256.hpp"
#include "sluice/base/text.hpp"
#include "sluice/dse/verify.hpp"
#include "sluice/hw/config/fpgaconvnet.hpp"

namespace sluice::api {
namespace {

constexpr std::array<std::string_view, 4> kObjectives{"throughput", "latency", "resources",
                                                      "energy"};
constexpr std::array<std::string_view, 4> kEnded{"proven", "rounds", "budget", "interrupted"};

// What there are ceilings of, and the least that one may be: without any memory nothing comes in.
constexpr double kLeastShare = 0.01;
struct CeilingKind {
  std::string_view name;
  double dse::Ceilings::*share;
  double least = 0;
};
constexpr std::array<CeilingKind, 6> kCeilings{{{"lut", &dse::Ceilings::lut},
                                                {"ff", &dse::Ceilings::ff},
                                                {"dsp", &dse::Ceilings::dsp},
                                                {"bram18", &dse::Ceilings::bram18},
                                                {"uram", &dse::Ceilings::uram},
                                                {"memory", &dse::Ceilings::memory, kLeastShare}}};

Result<double> parse_share(std::string_view text, std::string_view of, double least) {
  // A share that is not a number is in no range.
  const auto share = parse_whole<double>(text);
  if (share && *share >= least && *share <= 1) return *share;
  return Error{ErrorCode::InvalidArgument,
               fmt::format("{} is no share of {}: give a number from {:g} to 1",
                           sluice::quoted(text), of, least)};
}

Result<const CeilingKind*> ceiling_named(std::string_view name) {
  std::array<std::string_view, kCeilings.size()> names;
  std::ranges::transform(kCeilings, names.begin(), &CeilingKind::name);
  const auto* found = std::ranges::find(names, name);
  if (found != names.end()) return &kCeilings[static_cast<std::size_t>(found - names.begin())];
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no resource {}{}; shares are of lut, ff, dsp, bram18, uram and memory",
                           sluice::quoted(name), did_you_mean(name, names))};
}

dse::Problem problem_of(const ExploreOptions& options, hw::Graph graph, const hw::Device& device,
                        const hw::Coefficients& by, const hw::EnergyCoefficients& energy) {
  const bool is_latency = options.objective == dse::Objective::Latency;
  return {.graph = std::move(graph),
          .device = device,
          .coefficients = &by,
          .rules = options.rules,
          .clock_mhz = options.clock_mhz > 0 ? options.clock_mhz : device.clock_mhz,
          .batch_size = is_latency ? 1 : options.batch_size,
          .objective = options.objective,
          .ceilings = options.ceilings,
          .required_fps = options.required_fps,
          .energy = &energy,
          .max_partitions = options.max_partitions};
}

// The search that a journal is of: all that decides its answer.
Result<std::string> identity_of(const ExploreOptions& options, const dse::Problem& problem,
                                const std::string& model_sha256) {
  Json about = api::identity_of(problem.device);
  about["model"] = model_sha256;
  about["coefficients"] = problem.coefficients->provenance();
  about["rules"] = hw::rules_name(problem.rules);
  about["clock_mhz"] = problem.clock_mhz;
  about["batch_size"] = problem.batch_size;
  about["objective"] = kObjectives[static_cast<std::size_t>(problem.objective)];
  about["required_fps"] = problem.required_fps;
  about["max_partitions"] = problem.max_partitions;
  about["seed"] = options.seed;
  const dse::Ceilings& shares = problem.ceilings;
  about["shares"] = {shares.lut, shares.ff, shares.dsp, shares.bram18, shares.uram, shares.memory};
  Json layers = Json::array();
  for (const hw::Node& node : problem.graph.nodes()) {
    const hw::FeatureMap map = hw::map_in(node.layer);
    layers.push_back({node.name, map.rows, map.cols, map.depth, map.channels});
  }
  about["layers"] = std::move(layers);
  if (!options.coefficients.empty()) {
    SL_TRY(about["coefficients_file"], sha256_file(options.coefficients));
  }
  const std::string text = about.dump();
  return sha256(std::as_bytes(std::span(text)));
}

// What the line on the terminal says.
std::string status_text(const dse::SearchStatus& status, double seconds, int width) {
  std::string text = fmt::format("explore {:.0f} s", seconds);
  if (status.interval_cycles > 0) {
    text += fmt::format("  interval {:.0f}", status.interval_cycles);
    if (status.least_interval_cycles > 0) {
      text += fmt::format(" (gap {:.1f} %)",
                          100 * (status.interval_cycles / status.least_interval_cycles - 1));
    }
  }
  if (status.temperature > 0) {
    text += fmt::format("  temperature {:.1e}  accepted {:.0f} %", status.temperature,
                        100 * status.acceptance);
  }
  if (status.evaluations > 0) {
    text += fmt::format("  {:.2g} M evaluations/s",
                        static_cast<double>(status.evaluations) / seconds / 1e6);
  }
  return text.substr(0, static_cast<std::size_t>(std::max(width, 0)));
}

// The device of the fewest LUTs that comes with the program and for which there is a mapping.
std::string nearest_device(const dse::Problem& problem) {
  constexpr double kMostSeconds = 10;
  const auto names = hw::device_names();
  if (!names) return {};
  std::vector<hw::Device> devices;
  for (const std::string& name : *names) {
    auto device = hw::find_device(name);
    // The unit device is for tests.
    if (device && device->resources.lut > 1) devices.push_back(*std::move(device));
  }
  std::ranges::stable_sort(devices, {}, [](const hw::Device& d) { return d.resources.lut; });
  const auto start = std::chrono::steady_clock::now();
  for (const hw::Device& device : devices) {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
    if (interrupted() || passed.count() > kMostSeconds) return {};
    dse::Problem other = problem;
    other.device = device;
    const dse::ExploreOptions first_round{
        .budget_s = kMostSeconds - passed.count(), .rounds = 1, .is_cancelled = interrupted};
    if (dse::explore(other, first_round).best) return device.name;
  }
  return {};
}

Error infeasible(const dse::Problem& problem, const std::vector<std::string>& lacking) {
  if (lacking.empty()) {
    return {ErrorCode::Infeasible,
            "no mapping was found in the time there was; give --budget more, or leave it out",
            problem.device.name};
  }
  std::string text = "no mapping fits: ";
  for (std::size_t i = 0; i < lacking.size(); ++i) text += (i > 0 ? "; " : "") + lacking[i];
  const std::string nearest = nearest_device(problem);
  text += nearest.empty() ? "; no device that comes with Sluice was found that would"
                          : fmt::format("; {} would do", nearest);
  return {ErrorCode::Infeasible, text, problem.device.name};
}

// What a search goes on from: the mapping that was noted, with what is derived of it.
Result<dse::Checkpoint> checkpoint_of(const ExploreNote& note, const dse::Problem& problem) {
  SL_TRY(hw::HardwareNetwork network, hw::apply(note.design, problem.graph));
  std::vector<hw::PartitionEstimate> claimed;
  claimed.reserve(network.partitions.size());
  for (hw::Partition& partition : network.partitions) {
    hw::update(partition, problem.rules);
    claimed.push_back(hw::estimate(partition, *problem.coefficients, problem.rules));
  }
  const auto wrong = dse::violations(problem, network, claimed);
  if (!wrong.empty()) {
    return Error{ErrorCode::InvalidArgument, "the journal's design does not hold: " + wrong[0] +
                                                 "; delete the file to start afresh"};
  }
  return dse::Checkpoint{dse::solution_of(problem, std::move(network), note.least_interval_cycles),
                         note.rounds};
}

std::string why_ended(const ExploreReport& report) {
  switch (report.ended) {
    case dse::Ended::Proven:
      return "nothing faster is possible";
    case dse::Ended::Rounds:
      return "--budget SECONDS looks for better";
    case dse::Ended::Budget:
      return fmt::format("the time is over, in round {}; --resume goes on", report.rounds + 1);
    case dse::Ended::Cancelled:
      return fmt::format("interrupted, in round {}", report.rounds + 1);
  }
  return {};
}

hw::Design design_about(const ExploreOptions& options, const dse::Problem& problem,
                        const std::string& sha256, const hw::HardwareNetwork& network) {
  hw::Design about;
  about.model_name = options.model.filename().string();
  about.model_sha256 = sha256;
  about.device = options.device;
  about.clock_mhz = problem.clock_mhz;
  about.rules = problem.rules;
  about.coefficients = problem.coefficients->provenance();
  return hw::design_of(network, about);
}

}  // namespace

Result<dse::Objective> objective_from_string(std::string_view name) {
  const auto* found = std::ranges::find(kObjectives, name);
  if (found != kObjectives.end()) return static_cast<dse::Objective>(found - kObjectives.begin());
  return Error{ErrorCode::InvalidArgument,
               fmt::format("no objective {}{}; there are throughput, latency, resources and energy",
                           sluice::quoted(name), did_you_mean(name, kObjectives))};
}

Result<std::vector<std::size_t>> front_kinds_from_string(std::string_view list) {
  std::vector<std::string_view> names;
  names.reserve(hw::kResourceKinds.size());
  for (const hw::ResourceKind& kind : hw::kResourceKinds) names.push_back(kind.name);
  std::vector<std::size_t> result;
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    const std::string_view name = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (name == "fps") continue;
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("no resource {}{}; a front is of fps and lut, ff, dsp, bram18, uram",
                               sluice::quoted(name), did_you_mean(name, names))};
    }
    result.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  if (!result.empty()) return result;
  return Error{ErrorCode::InvalidArgument, "a front needs a resource: fps,dsp"};
}

Result<dse::Ceilings> ceilings_from_string(std::string_view list) {
  dse::Ceilings result;
  std::vector<const CeilingKind*> given;
  given.reserve(kCeilings.size());
  const auto entries = parts_of_list(list);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string_view entry = entries[i];
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) {
      SL_TRY(const double share, parse_share(entry, "the device", kLeastShare));
      if (i > 0) {
        return Error{ErrorCode::InvalidArgument,
                     fmt::format("{} is of every resource: give it first, or name one, dsp={}",
                                 sluice::quoted(entry), entry)};
      }
      for (const CeilingKind& kind : kCeilings) result.*kind.share = share;
      continue;
    }
    SL_TRY(const CeilingKind* kind, ceiling_named(entry.substr(0, equals)));
    if (std::ranges::count(given, kind) > 0) {
      return Error{ErrorCode::InvalidArgument,
                   fmt::format("{} has two shares: give one", kind->name)};
    }
    given.push_back(kind);
    SL_TRY(result.*kind->share, parse_share(entry.substr(equals + 1), kind->name, kind->least));
  }
  return result;
}

Result<ExploreReport> explore(const ExploreOptions& options) {
  SL_TRY(const hw::Device device, hw::find_device(options.device));
  SL_TRY(const hw::Coefficients by, coefficients_from(options.coefficients));
  SL_TRY(hw::Graph graph, hardware_graph(options.model, options.input_shapes, options.rules));
  SL_TRY(const std::string sha256, sha256_file(options.model));
  SL_TRY(const hw::EnergyCoefficients energy, hw::default_energy_coefficients());
  const dse::Problem problem = problem_of(options, std::move(graph), device, by, energy);
  SL_TRY(std::string identity, identity_of(options, problem, sha256));
  SL_TRY(ExploreJournal journal,
         ExploreJournal::open(options.journal, std::move(identity), options.resume));
  const auto start = std::chrono::steady_clock::now();
  dse::ExploreOptions searching{
      .budget_s = options.budget_s, .seed = options.seed, .is_cancelled = interrupted};
  StatusLine line(options.quiet);
  searching.report = [&](const dse::SearchStatus& status) {
    line.update([&](int width) { return status_text(status, line.seconds(), width); });
  };
  Status saved;
  searching.save = [&](const dse::Checkpoint& checkpoint) {
    const hw::Design design = design_about(options, problem, sha256, checkpoint.best.network);
    saved = journal.record({checkpoint.rounds, checkpoint.best.least_interval_cycles, design});
  };
  if (const auto& noted = journal.noted()) {
    SL_TRY(searching.resumed, checkpoint_of(*noted, problem));
  }
  dse::Exploration found = dse::explore(problem, searching);
  SL_TRY_STATUS(std::move(saved));
  if (!found.best) {
    SL_TRY_STATUS(check_interrupt());
    return infeasible(problem, found.lacking);
  }
  const auto design = [&](const hw::HardwareNetwork& network) {
    return design_about(options, problem, sha256, network);
  };
  ExploreReport report;
  report.estimate.model_sha256 = sha256;
  report.ended = found.ended;
  report.rounds = found.rounds;
  report.seed = options.seed;
  if (!options.front_kinds.empty() && !interrupted()) {
    for (const dse::Solution& each : dse::pareto_front(problem, options.front_kinds, searching)) {
      report.front.push_back({each.estimate.frames_per_s, each.estimate.partitions[0].resources,
                              design(each.network)});
    }
  }
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  found.best->network.name = options.model.stem().string();
  report.design = design(found.best->network);
  if (auto text = hw::write_fpgaconvnet(found.best->network)) report.configuration = *text;
  report.least_interval_cycles = found.best->least_interval_cycles;
  SL_TRY(report.estimate.figures,
         figures_of(found.best->network, device, by, {problem.clock_mhz, options.rules}));
  const bool may_go_on = found.ended == dse::Ended::Budget || found.ended == dse::Ended::Cancelled;
  if (!may_go_on) journal.finish();
  return report;
}

std::string to_text(const ExploreReport& report, Level level) {
  std::string text = to_text(report.estimate, level);
  const report::DesignFigures& figures = report.estimate.figures;
  if (report.least_interval_cycles > 0) {
    const double found = figures.partitions[0].interval_cycles;
    text += fmt::format("\ninterval {:.0f} cycles; none below {:.0f} is possible (gap {:.1f} %)\n",
                        found, report.least_interval_cycles,
                        100 * (found / report.least_interval_cycles - 1));
  }
  text += fmt::format("searched for {:.3f} s: {}\n", report.seconds, why_ended(report));
  if (report.front.empty()) return text;
  text += "\n        fps      lut       ff    dsp  bram18  uram\n";
  for (const FrontPoint& point : report.front) {
    const hw::Resources& taken = point.resources;
    text += fmt::format("{:11.6g} {:8.0f} {:8.0f} {:6.0f} {:7.0f} {:5.0f}\n", point.fps, taken.lut,
                        taken.ff, taken.dsp, taken.bram18, taken.uram);
  }
  return text;
}

Json to_json(const ExploreReport& report) {
  Json front = Json::array();
  for (const FrontPoint& point : report.front) {
    Json resources;
    for (const hw::ResourceKind& kind : hw::kResourceKinds) {
      resources[std::string(kind.name)] = point.resources.*kind.count;
    }
    front.push_back(
        {{"fps", point.fps}, {"resources", resources}, {"design", hw::to_json(point.design)}});
  }
  return {{"format", "sluice.exploration/1"},
          {"least_interval_cycles", report.least_interval_cycles},
          {"search_s", report.seconds},
          {"ended", kEnded[static_cast<std::size_t>(report.ended)]},
          {"rounds", report.rounds},
          {"seed", report.seed},
          {"design", hw::to_json(report.design)},
          {"estimate", to_json(report.estimate)},
          {"front", std::move(front)}};
}

}  // namespace sluice::api
