// SPDX-License-Identifier: Apache-2.0
#include "cli/run.hpp"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <optional>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"
#include "sluice/base/threads.hpp"

namespace sluice::cli {
namespace {

// docs/reference/errors.md is the user's copy of this table.
int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::Infeasible:
      return 1;
    case ErrorCode::InvalidArgument:
      return 2;
    case ErrorCode::Parse:
    case ErrorCode::Unsupported:
    case ErrorCode::Verify:
    case ErrorCode::Io:
      return 3;
    case ErrorCode::External:
      return 4;
    case ErrorCode::Interrupted:
      return 130;
    case ErrorCode::Internal:
      break;
  }
  return 70;
}

// The first `--option` of `args` that `app` does not have, as an error with a near miss.
std::optional<Error> unknown_option(const CLI::App& app, const std::vector<std::string>& args) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const std::string& arg : args) {
    const std::string name = arg.substr(0, arg.find('='));
    if (name == "--") break;
    if (!name.starts_with("--") || std::ranges::count(names, name) > 0) continue;
    const std::vector<std::string_view> views(names.begin(), names.end());
    return Error{ErrorCode::InvalidArgument,
                 fmt::format("no option {}{}; see \"sluice help {}\"", sluice::quoted(name),
                             did_you_mean(name, views), app.get_name())};
  }
  return std::nullopt;
}

// One verb's options together with the common ones.
struct Command {
  explicit Command(const Verb& of_verb)
      : verb(of_verb), app(std::string(of_verb.summary), std::string(of_verb.name)) {
    action = verb.declare(app, common);
    app.add_option("--threads", common.threads, "threads to use (default: all processors)")
        ->check(CLI::Range(1, 1024));
    app.add_option("--seed", common.seed, "seed of every random choice (default: 1)");
    app.add_flag("--quiet", common.quiet, "no progress and no notes on standard error");
    app.add_flag("--json", common.json, "print JSON instead of tables");
    app.set_help_flag("--help", "print this help");
    app.footer(fmt::format("Example:\n  {}", verb.example));
  }
  const Verb& verb;
  Common common;
  CLI::App app;
  Action action;
};

}  // namespace

int fail(const Error& error) {
  fmt::print(stderr, "sluice: {}\n", error.text());
  if (error.code == ErrorCode::Internal) {
    fmt::print(stderr, "sluice: this is our bug ({}:{})\n", error.origin.file, error.origin.line);
  }
  return exit_status(error.code);
}

int run_verb(const Verb& verb, std::vector<std::string> args) {
  Command command(verb);
  if (auto error = unknown_option(command.app, args)) return fail(*error);
  std::ranges::reverse(args);  // CLI11 takes them last first
  try {
    command.app.parse(std::move(args));
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", command.app.help());
    return 0;
  } catch (const CLI::ParseError& error) {
    return fail({ErrorCode::InvalidArgument,
                 fmt::format("{}; see \"sluice help {}\"", error.what(), verb.name)});
  }
  if (command.common.threads > 0) set_num_threads(command.common.threads);
  catch_interrupts();
  const Status status = command.action();
  return status ? 0 : fail(status.error());
}

int print_help(const Verb& verb) {
  fmt::print("{}", Command(verb).app.help());
  return 0;
}

int run_caught(const std::function<int()>& run) {
  try {
    return run();
  } catch (const std::bad_alloc&) {
    return fail({ErrorCode::Io, "out of memory; use a smaller --batch"});
  } catch (const std::exception& error) {
    return fail({ErrorCode::Internal, error.what()});
  }
}

}  // namespace sluice::cli
