// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

#include "sluice/base/interrupt.hpp"
#include "sluice/base/text.hpp"

namespace sluice {
namespace {

Error system_error(std::string_view what, int code) {
  return {ErrorCode::Io, fmt::format("{}: {}", what, std::generic_category().message(code))};
}

// A file without a name, in memory. The program reads and writes such files, not pipes: neither
// side can then block the other.
class NamelessFile {
 public:
  explicit NamelessFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
  NamelessFile(const NamelessFile&) = delete;
  NamelessFile& operator=(const NamelessFile&) = delete;
  ~NamelessFile() {
    if (fd_ >= 0) close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

  Status write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t written = ::write(fd_, text.data(), text.size());
      if (written < 0) return system_error("cannot hand a program its input", errno);
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    lseek(fd_, 0, SEEK_SET);
    return {};
  }

  [[nodiscard]] std::string read() const {
    const off_t size = lseek(fd_, 0, SEEK_END);
    std::string text(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
    const ssize_t got = pread(fd_, text.data(), text.size(), 0);
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    return text;
  }

 private:
  int fd_;
};

struct Files {
  NamelessFile input{"sluice-input"}, output{"sluice-output"}, messages{"sluice-messages"};
};

// Leads a process group of its own, so that all it starts can be killed with it.
Result<pid_t> start(const Program& program, const Files& files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, files.input.fd(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.output.fd(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, files.messages.fd(), STDERR_FILENO);
  const std::string folder = program.folder.string();
  if (!folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> words = program.command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  const int code =
      posix_spawnp(&child, arguments[0], &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (code == 0) return child;
  const std::string name = sluice::quoted(program.command[0]);
  if (code != ENOENT) return system_error(fmt::format("cannot run {}", name), code);
  return Error{ErrorCode::External, fmt::format("{} is not found; {}", name, program.remedy)};
}

// The status with which the child ended.
Result<int> wait_for(pid_t child, const Program& program) {
  const auto deadline = std::chrono::steady_clock::now() + program.time_limit;
  const auto stop = [&](Error error) {
    kill(-child, SIGKILL);
    waitpid(child, nullptr, 0);
    return error;
  };
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) {
      return system_error(fmt::format("cannot wait for {}", sluice::quoted(program.command[0])),
                          errno);
    }
    if (auto asked = check_interrupt(); !asked) return stop(std::move(asked).error());
    if (std::chrono::steady_clock::now() >= deadline) {
      const auto seconds = static_cast<double>(program.time_limit.count()) / 1000;
      return stop({ErrorCode::External,
                   fmt::format("{} took more than {:g} s and was stopped; {}",
                               sluice::quoted(program.command[0]), seconds, program.slow)});
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace

Result<Ended> run_program(const Program& program) {
  const Files files;
  if (std::min({files.input.fd(), files.output.fd(), files.messages.fd()}) < 0) {
    return system_error("cannot make a file in memory", errno);
  }
  SL_TRY_STATUS(files.input.write(program.input));
  SL_TRY(const pid_t child, start(program, files));
  SL_TRY(const int status, wait_for(child, program));
  constexpr int kBySignal = 128;
  return Ended{WIFEXITED(status) ? WEXITSTATUS(status) : kBySignal + WTERMSIG(status),
               files.output.read(), files.messages.read()};
}

Result<Ended> run_successfully(const Program& program) {
  SL_TRY(Ended ended, run_program(program));
  if (ended.exit_code == 0) return ended;
  const std::string& said = ended.messages.empty() ? ended.output : ended.messages;
  return Error{ErrorCode::External,
               fmt::format("{} failed: {}", sluice::quoted(program.command[0]),
                           printable(std::string_view(said).substr(0, said.find('\n')), 200))};
}

bool has_program(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::size_t end = std::min(folders.find(':'), folders.size());
    const auto path = std::filesystem::path(folders.substr(0, end)) / name;
    if (access(path.c_str(), X_OK) == 0) return true;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return false;
}

}  // namespace sluice
