// SPDX-License-Identifier: Apache-2.0
#include "sluice/api/rtl_vectors.hpp"

#include <gmock/gmock.h>

#include "tests/api/small_emission.hpp"
#include "tests/support/observe.hpp"

#include "sluice/api/builtin.hpp"
#include "sluice/api/quantize.hpp"
#include "sluice/exact/executor.hpp"
#include "sluice/numeric/npy.hpp"

namespace sluice::api {
namespace {

using Seen = std::map<std::string, Tensor>;

// What was given to take, run by run.
std::vector<Seen> vectors_of(const EmitOptions& options, const std::vector<std::string>& tensors) {
  std::vector<Seen> all;
  const auto count = run_for_vectors(options, tensors, [&](const Seen& seen) {
    all.push_back(seen);
    return Status{};
  });
  EXPECT_TRUE(count) << count.error().text();
  if (count) {
    EXPECT_EQ(*count, static_cast<std::int64_t>(all.size()));
  }
  return all;
}

TEST(RtlVectors, AreThoseOfTheExactEngine) {
  const TempFolder folder;
  const EmitOptions options = small_emission(folder);
  const ir::Graph network = small_network();
  std::vector<std::string> names;
  std::vector<ir::ValueId> ids;
  for (const ir::Node& node : network.nodes) {
    ids.push_back(node.outputs[0]);
    names.push_back(network[node.outputs[0]].name);
  }
  const std::string x = network[network.inputs[0].value].name;
  names.push_back(x);
  const std::vector<Seen> all = vectors_of(options, names);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_NE(all[0].at(x), all[1].at(x));
  auto executor = exact::make_reference_executor(network);
  ASSERT_TRUE(executor) << executor.error().text();
  for (const Seen& seen : all) {
    const auto expected = test::observed(**executor, network, {seen.at(x)}, ids);
    for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(seen.at(names[i]), expected.at(ids[i]));
  }
}

TEST(RtlVectors, HaveTheShapesThatAreAskedFor) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  const std::string x = small_network()[small_network().inputs[0].value].name;
  options.input_shapes = {{x, {1, 2, 7, 6}}};
  const std::vector<Seen> all = vectors_of(options, {x});
  ASSERT_EQ(all.size(), 2U);
  for (const Seen& seen : all) EXPECT_EQ(seen.at(x).shape(), (Shape{1, 2, 7, 6}));
}

TEST(RtlVectors, OfAGivenInputAreOfThatAlone) {
  const TempFolder folder;
  EmitOptions options = small_emission(folder);
  const Tensor codes = Tensor::from<std::int8_t>({1, 2, 5, 5}, std::vector<std::int8_t>(50, 7));
  ASSERT_TRUE(numeric::write_npy(folder.path() / "x.npy", codes));
  options.inputs = {{"", folder.path() / "x.npy"}};
  const std::string x = small_network()[small_network().inputs[0].value].name;
  const std::vector<Seen> all = vectors_of(options, {x});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].at(x), codes);
}

TEST(RtlVectors, OfImagesAreTheFirstOnes) {
  const TempFolder folder;
  const Builtin digits = *builtin_digits();
  QuantizeOptions quantized{.model = digits.model, .data = digits.calibration};
  quantized.preprocess = "mnist";
  quantized.images = 16;
  quantized.quiet = true;
  quantized.output = folder.path() / "q.sluice";
  quantized.format = *quant::parse_integer_format("q8");
  ASSERT_TRUE(quantize(quantized));
  EmitOptions options{
      .model = quantized.output, .data = digits.test, .preprocess = "mnist", .images = 3};
  const auto report = emit([&] {
    EmitOptions emission = options;
    emission.output = folder.path() / "e";
    return emission;
  }());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->images, 3);
  const std::vector<std::string> tensors{report->streams[0].tensor, report->streams[1].tensor};
  const std::vector<Seen> all = vectors_of(options, tensors);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_NE(all[0].at(tensors[0]), all[1].at(tensors[0]));
  options.images = 1;
  EXPECT_EQ(vectors_of(options, tensors)[0].at(tensors[1]), all[0].at(tensors[1]));
}

TEST(RtlVectors, AnErrorOfTheTakerEndsTheRuns) {
  const TempFolder folder;
  int runs = 0;
  const auto count = run_for_vectors(small_emission(folder), {}, [&](const Seen&) -> Status {
    ++runs;
    return Error{ErrorCode::Io, "full"};
  });
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().message, "full");
  EXPECT_EQ(runs, 1);
}

TEST(RtlVectors, AskForTensorsThatAreThere) {
  const TempFolder folder;
  const auto count =
      run_for_vectors(small_emission(folder), {"gone"}, [](const Seen&) { return Status{}; });
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ErrorCode::Internal);
}

}  // namespace
}  // namespace sluice::api
