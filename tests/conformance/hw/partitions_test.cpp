// SPDX-License-Identifier: Apache-2.0
// Partitions against what fpgaConvNet's model recorded of its own: as they were parsed, and with
// other foldings.
#include "tests/conformance/hw/expect_partition.hpp"

namespace sluice::hw {
namespace {

using Partitions = RecordedNetwork;

TEST_P(Partitions, AreThoseThatWereParsed) {
  Partition partition = recorded_partition();
  const Json& recorded = document_["default"]["partition"];
  EXPECT_EQ(recorded["wr_layer"].is_null() ? "" : recorded["wr_layer"].get<std::string>(),
            partition.reloading_layer);
  update(partition, Rules::FpgaConvNet);
  expect_partition(partition, recorded, *by_);
}

TEST_P(Partitions, AreThoseOfOtherFoldings) {
  for (const Json& given : document_.value("random_parallelism", Json::array())) {
    SCOPED_TRACE(given["seed_index"].dump());
    const Json& recorded = given["partition"];
    Partition partition = recorded_partition();
    fold(partition, given["set"]);
    partition.batch_size = recorded["batch_size"];
    partition.slow_down_factor = recorded["slow_down_factor"];
    update(partition, Rules::FpgaConvNet);
    expect_partition(partition, recorded, *by_);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, Partitions, recorded_networks());

}  // namespace
}  // namespace sluice::hw
