// SPDX-License-Identifier: Apache-2.0
#include "sluice/base/interrupt.hpp"

#include <csignal>
#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(Interrupt, ARequestIsSeenUntilItIsCleared) {
  EXPECT_TRUE(check_interrupt());
  request_interrupt();
  EXPECT_TRUE(interrupted());
  const Status status = check_interrupt();
  clear_interrupt();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::Interrupted);
  EXPECT_FALSE(interrupted());
}

TEST(InterruptDeathTest, TheFirstSignalOnlySetsTheFlag) {
  EXPECT_EXIT(
      {
        catch_interrupts();
        std::raise(SIGTERM);
        std::exit(interrupted() ? 7 : 8);
      },
      testing::ExitedWithCode(7), "");
}

TEST(InterruptDeathTest, TheSecondSignalEndsTheProcess) {
  EXPECT_EXIT(
      {
        catch_interrupts();
        std::raise(SIGINT);
        std::raise(SIGINT);
        std::exit(0);
      },
      testing::KilledBySignal(SIGINT), "");
}

}  // namespace
}  // namespace sluice
