// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/process.hpp"

#include <gmock/gmock.h>
#include <thread>

#include "tests/support/temp_folder.hpp"

namespace sluice {
namespace {

using testing::HasSubstr;

Program shell(std::string script) {
  return {.command = {"sh", "-c", std::move(script)}, .remedy = "install a shell"};
}

TEST(Process, GivesInputAndTakesOutputAndMessages) {
  Program program = shell("cat; echo words >&2; exit 3");
  program.input = "a\nb";
  const auto ended = run_program(program);
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->output, "a\nb");
  EXPECT_EQ(ended->messages, "words\n");
  EXPECT_EQ(ended->exit_code, 3);
}

TEST(Process, RunsInItsFolder) {
  const TempFolder folder;
  folder.write("here", "");
  Program program = shell("ls");
  program.folder = folder.path();
  const auto ended = run_program(program);
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->output, "here\n");
}

TEST(Process, SaysHowToInstallWhatIsMissing) {
  const auto ended = run_program({.command = {"no-such-program"}, .remedy = "install it"});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::External);
  EXPECT_THAT(ended.error().text(), HasSubstr("\"no-such-program\" is not found; install it"));
}

TEST(Process, TellsTheFirstLineOfAFailure) {
  const auto ended = run_successfully(shell("echo first >&2; echo second >&2; exit 1"));
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, ErrorCode::External);
  EXPECT_THAT(ended.error().text(), HasSubstr("\"sh\" failed: first"));
  EXPECT_THAT(ended.error().text(), testing::Not(HasSubstr("second")));
}

TEST(Process, CountsASignalFrom128) {
  const auto ended = run_program(shell("kill -9 $$"));
  ASSERT_TRUE(ended) << ended.error().text();
  EXPECT_EQ(ended->exit_code, 128 + 9);
}

TEST(Process, KillsAllThatASlowOneStarted) {
  const TempFolder folder;
  Program program = shell("(sleep 1; touch late) & wait");
  program.folder = folder.path();
  program.time_limit = std::chrono::milliseconds(100);
  program.slow = "it sleeps";
  const auto ended = run_program(program);
  ASSERT_FALSE(ended);
  EXPECT_THAT(ended.error().text(), HasSubstr("took more than 0.1 s and was stopped; it sleeps"));
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "late"));
}

TEST(Process, FindsProgramsInThePath) {
  EXPECT_TRUE(has_program("sh"));
  EXPECT_FALSE(has_program("no-such-program"));
}

}  // namespace
}  // namespace sluice
