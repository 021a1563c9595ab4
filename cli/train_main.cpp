// SPDX-License-Identifier: Apache-2.0
// sluice-train: `sluice train`, a program of its own because LibTorch takes most of a second to
// start, which no other verb shall wait for.
#include <malloc.h>

#include "cli/run.hpp"
#include "cli/verb.hpp"

int main(int argc, char** argv) {
  // Memory of one step is kept for the next: giving it back to the system and touching it anew
  // costs a third of the time.
  constexpr int kKept = 1 << 30;
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, kKept);
  sluice::cli::Verb verb = sluice::cli::kTrain;
  verb.declare = sluice::cli::declare_train;
  return sluice::cli::run_caught([&] {
    return sluice::cli::run_verb(verb, {argv + 1, argv + argc});
  });
}
