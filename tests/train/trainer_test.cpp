// SPDX-License-Identifier: Apache-2.0
#include "sluice/train/trainer.hpp"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <limits>

#include "tests/support/net.hpp"

#include "sluice/base/rng.hpp"
#include "sluice/base/threads.hpp"

namespace sluice::train {
namespace {

using test::Net;

// Two classes of 4 x 4 images.
ir::Graph two_classes(std::int64_t classes = 2) {
  Net net;
  const auto x = net.input({8, 1, 4, 4});
  ir::Conv conv;
  conv.window = {.kernel = {3, 3}, .pads = {1, 1, 1, 1}};
  const auto y = net.add(conv, {x, net.weight({6, 1, 3, 3})});
  const auto z = net.add(ir::Dropout{.ratio = 0.1F}, {net.add(ir::Relu{}, {net.batch_norm(y, 6)})});
  const auto flat = net.add(ir::Flatten{}, {net.add(ir::GlobalAveragePool{}, {z})});
  return net.finish({net.add(ir::Gemm{}, {flat, net.weight({6, classes}), net.weight({classes})})});
}

struct Images {
  Tensor images;
  std::vector<std::int64_t> labels;
};

// Bright images against dark ones, with noise.
Images batch_of(std::int64_t step) {
  Rng rng(100 + static_cast<std::uint64_t>(step));
  Images batch{Tensor(DType::Float32, {8, 1, 4, 4}), {}};
  const auto pixels = batch.images.mutable_data<float>();
  for (std::size_t i = 0; i < 8; ++i) {
    const std::int64_t label = rng.integer(0, 1);
    batch.labels.push_back(label);
    for (std::size_t p = 0; p < 16; ++p) {
      pixels[i * 16 + p] = static_cast<float>(rng.normal() + (label == 1 ? 1 : -1));
    }
  }
  return batch;
}

Recipe recipe(std::int64_t steps) {
  Recipe result;
  result.schedule = {.rate = 0.1, .decay = Decay::Cosine, .steps = steps, .warm_up_steps = 2};
  result.device = DeviceChoice::Cpu;
  return result;
}

void train(Trainer& trainer, std::int64_t until) {
  while (trainer.next_step() < until) {
    const Images batch = batch_of(trainer.next_step());
    const auto result = trainer.step(batch.images, batch.labels);
    ASSERT_TRUE(result) << result.error().text();
  }
}

std::int64_t right_of(const Trainer& trainer) {
  std::int64_t right = 0;
  for (std::int64_t step = 1000; step < 1010; ++step) {
    const Images batch = batch_of(step);
    const Tensor scores = *trainer.scores(batch.images);
    for (std::size_t i = 0; i < 8; ++i) {
      const auto row = scores.data<float>().subspan(i * 2, 2);
      right += (row[1] > row[0]) == (batch.labels[i] == 1) ? 1 : 0;
    }
  }
  return right;
}

TEST(Trainer, AlgebraTakesTheThreadsThatWereAskedForToo) {
  auto* const threads_of_blas =
      reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  if (threads_of_blas == nullptr) GTEST_SKIP() << "LibTorch's BLAS is not OpenBLAS";
  const int before = num_threads();
  for (const int threads : {2, 1}) {
    set_num_threads(threads);
    ASSERT_TRUE(Trainer::create(two_classes(), recipe(30)));
    EXPECT_EQ(threads_of_blas(), threads);
  }
  set_num_threads(before);
}

TEST(Trainer, LearnsWhatCanBeLearnt) {
  for (const Method method : {Method::Sgd, Method::Adam, Method::AdamW}) {
    Recipe how = recipe(60);
    how.optimizer.method = method;
    if (method != Method::Sgd) how.schedule.rate = 0.02;
    auto trainer = Trainer::create(two_classes(), how);
    ASSERT_TRUE(trainer) << trainer.error().text();
    train(*trainer, 60);
    EXPECT_GE(right_of(*trainer), 76) << to_string(method);
  }
}

TEST(Trainer, TheGraphGivesTheScores) {
  auto trainer = Trainer::create(two_classes(), recipe(20));
  ASSERT_TRUE(trainer);
  train(*trainer, 20);
  const Images batch = batch_of(5);
  test::expect_near({*trainer->scores(batch.images)},
                    test::reference_outputs(trainer->graph(), {batch.images}), 1e-5F);
}

TEST(Trainer, StateAndRestoreChangeNoBit) {
  Recipe how = recipe(30);
  how.average_decay = 0.9;
  how.mixup_alpha = 0.2;
  how.max_gradient_norm = 1;
  auto whole = Trainer::create(two_classes(), how);
  ASSERT_TRUE(whole);
  train(*whole, 30);
  auto first = Trainer::create(two_classes(), how);
  ASSERT_TRUE(first);
  train(*first, 13);
  const TrainerState state = first->state();
  auto second = Trainer::create(two_classes(), how);
  ASSERT_TRUE(second);
  ASSERT_TRUE(second->restore(state));
  EXPECT_EQ(second->next_step(), 13);
  train(*second, 30);
  const TrainerState a = whole->state(), b = second->state();
  ASSERT_EQ(a.tensors.size(), b.tensors.size());
  for (std::size_t i = 0; i < a.tensors.size(); ++i) {
    EXPECT_EQ(a.tensors[i], b.tensors[i]) << a.tensors[i].name;
  }
}

TEST(Trainer, AStateOfAnotherNetworkIsRefused) {
  auto trainer = Trainer::create(two_classes(), recipe(5));
  auto other = Trainer::create(two_classes(3), recipe(5));
  ASSERT_TRUE(trainer && other);
  const TrainerState before = trainer->state();
  const Status status = trainer->restore(other->state());
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::InvalidArgument);
  EXPECT_EQ(trainer->state().tensors, before.tensors);
}

TEST(Trainer, ALossThatIsNoNumberStopsBeforeTheWeightsAreLost) {
  auto trainer = Trainer::create(two_classes(), recipe(5));
  ASSERT_TRUE(trainer);
  train(*trainer, 2);
  const Tensor weights = trainer->state().tensors[0].tensor;
  Images batch = batch_of(2);
  batch.images.mutable_data<float>()[3] = std::numeric_limits<float>::quiet_NaN();
  const auto result = trainer->step(batch.images, batch.labels);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::Infeasible);
  EXPECT_NE(result.error().message.find("at step 2"), std::string::npos);
  EXPECT_NE(result.error().message.find("lower learning rate"), std::string::npos);
  EXPECT_EQ(trainer->state().tensors[0].tensor, weights);
}

TEST(Trainer, ATeacherTeachesWithoutLabels) {
  auto teacher = Trainer::create(two_classes(), recipe(60));
  ASSERT_TRUE(teacher);
  train(*teacher, 60);
  auto student = Trainer::create(two_classes(), recipe(60), teacher->graph());
  ASSERT_TRUE(student) << student.error().text();
  while (student->next_step() < 60) {
    Images batch = batch_of(student->next_step());
    std::ranges::fill(batch.labels, 0);  // of no use
    const auto result = student->step(batch.images, batch.labels);
    ASSERT_TRUE(result) << result.error().text();
  }
  EXPECT_GE(right_of(*student), 76);
}

TEST(Trainer, ATeacherOfOtherClassesIsRefused) {
  auto student = Trainer::create(two_classes(), recipe(5), two_classes(3));
  ASSERT_TRUE(student);
  const Images batch = batch_of(0);
  const auto result = student->step(batch.images, batch.labels);
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("3 classes"), std::string::npos);
}

TEST(Trainer, TheAverageLagsBehindAndIsWhatIsShown) {
  Recipe how = recipe(10);
  how.average_decay = 1;  // stays where it began
  auto trainer = Trainer::create(two_classes(), how);
  ASSERT_TRUE(trainer);
  const ir::Graph before = trainer->graph();
  train(*trainer, 10);
  const ir::Graph after = trainer->graph();
  for (std::size_t v = 0; v < before.values.size(); ++v) {
    const bool is_weight = before.values[v].constant && before.values[v].constant->rank() == 4;
    if (!is_weight) continue;
    EXPECT_EQ(*before.values[v].constant, *after.values[v].constant);
  }
}

TEST(Trainer, ImagesOfAnotherShapeAreAnErrorNotACrash) {
  auto trainer = Trainer::create(two_classes(), recipe(5));
  ASSERT_TRUE(trainer);
  const auto result =
      trainer->step(Tensor(DType::Float32, {2, 3, 4, 4}), std::vector<std::int64_t>{0, 1});
  ASSERT_FALSE(result);
}

}  // namespace
}  // namespace sluice::train
