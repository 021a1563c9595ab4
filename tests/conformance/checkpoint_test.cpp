// SPDX-License-Identifier: Apache-2.0
// Somebody else's checkpoint, and the network it was published with.
#include "sluice/import/checkpoint.hpp"

#include <gtest/gtest.h>

#include "tests/support/data_folder.hpp"

#include "sluice/zoo/catalog.hpp"
#include "sluice/zoo/weights.hpp"

namespace sluice::test {
namespace {

class PublishedCheckpoint : public testing::Test {
 protected:
  void SetUp() override {
    const auto path = data_folder() / "models/cifar10/resnet20-12fca82f.th";
    if (!std::filesystem::exists(path)) {
      GTEST_SKIP() << path << " is not there: set SLUICE_DATA to the published models";
    }
    auto read = importer::read_checkpoint(path);
    ASSERT_TRUE(read) << read.error().text();
    checkpoint_ = *std::move(read);
  }
  [[nodiscard]] const importer::Checkpoint& checkpoint() const { return checkpoint_; }

 private:
  importer::Checkpoint checkpoint_;
};

TEST_F(PublishedCheckpoint, HoldsTheWeightsUnderTheirNames) {
  std::int64_t parameters = 0;
  for (const NamedTensor& tensor : checkpoint().tensors) {
    const bool measured = tensor.name.find("running_") != std::string::npos;
    parameters += measured ? 0 : tensor.tensor.num_elements();
  }
  EXPECT_EQ(parameters, 269'722);
  EXPECT_EQ(checkpoint().tensors.front().name, "conv1.weight");
  EXPECT_EQ(checkpoint().find("layer3.2.conv2.weight")->shape(), (Shape{64, 64, 3, 3}));
  ASSERT_EQ(checkpoint().scalars.size(), 1U);
  EXPECT_EQ(checkpoint().scalars[0].name, "best_prec1");
}

TEST_F(PublishedCheckpoint, FitsItsNetworkAndNoOther) {
  auto network = zoo::build("resnet20");
  ASSERT_TRUE(network) << network.error().text();
  const Status status = zoo::load_weights(*network, checkpoint());
  EXPECT_TRUE(status) << status.error().text();
  for (const zoo::Parameter& parameter : network->parameters) {
    EXPECT_EQ(*network->graph[parameter.value].constant, *checkpoint().find(parameter.name))
        << parameter.name;
  }
  auto more_classes = zoo::build("resnet20", {.classes = 100});
  ASSERT_TRUE(more_classes);
  EXPECT_FALSE(zoo::load_weights(*more_classes, checkpoint()));
  auto deeper = zoo::build("resnet56");
  ASSERT_TRUE(deeper);
  EXPECT_FALSE(zoo::load_weights(*deeper, checkpoint()));
}

}  // namespace
}  // namespace sluice::test
