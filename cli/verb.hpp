// SPDX-License-Identifier: Apache-2.0
// A verb of the command line: `sluice VERB …`. Each cmd_<verb>.cpp declares its options and returns
// the action that fills the API's options and calls it.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "sluice/base/result.hpp"

namespace sluice::cli {

// Options every verb has.
struct Common {
  int threads = 0;  // 0: all processors
  std::uint32_t seed = 1;
  bool quiet = false;
  bool json = false;
};

using Action = std::function<Status()>;

struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view example;  // one worked line for `sluice help VERB`
  Action (*declare)(CLI::App& app, const Common& common);
  std::string_view program = {};  // beside this one, that has the verb; empty: this one has it
};

Action declare_info(CLI::App& app, const Common& common);
Action declare_run(CLI::App& app, const Common& common);
Action declare_quantize(CLI::App& app, const Common& common);
Action declare_eval(CLI::App& app, const Common& common);
Action declare_flow(CLI::App& app, const Common& common);
Action declare_golden(CLI::App& app, const Common& common);
Action declare_diff(CLI::App& app, const Common& common);
Action declare_simulate(CLI::App& app, const Common& common);
Action declare_sparsity(CLI::App& app, const Common& common);
Action declare_estimate(CLI::App& app, const Common& common);
Action declare_explore(CLI::App& app, const Common& common);
Action declare_cosim(CLI::App& app, const Common& common);
Action declare_emit(CLI::App& app, const Common& common);
Action declare_synth(CLI::App& app, const Common& common);
Action declare_encode(CLI::App& app, const Common& common);
Action declare_prune(CLI::App& app, const Common& common);
Action declare_zoo(CLI::App& app, const Common& common);
Action declare_train(CLI::App& app, const Common& common);  // in sluice-train

inline constexpr Verb kTrain{
    "train", "a network trained or fine-tuned on labelled images",
    "sluice train resnet20.onnx --data data_batch_1.bin --validation test_batch.bin --preprocess "
    "cifar10 --augment crop=4,flip --epochs 20 -o resnet20_trained",
    nullptr, "sluice-train"};

inline constexpr std::array kVerbs{
    Verb{"info", "layers, shapes, parameters and multiply-accumulates of a network",
         "sluice info resnet20.onnx", declare_info},
    Verb{"run", "one forward pass, in float32 or emulating a number format",
         "sluice run resnet20.onnx --input image.npy -o logits.npy", declare_run},
    Verb{"eval", "accuracy on labelled images, one row a number format",
         "sluice eval resnet20.onnx --data test_batch.bin --preprocess cifar10 "
         "--calibration data_batch_1.bin --formats float32,fixed16,fixed8,bfp8-layer,bfp8-channel",
         declare_eval},
    Verb{"quantize", "from a float32 network and sample data to a network on codes",
         "sluice quantize resnet20.onnx --data data_batch_1.bin --preprocess cifar10 --format int8 "
         "-o resnet20_int8.onnx",
         declare_quantize},
    Verb{"flow", "every step in order; without arguments on the built-in digits network",
         "sluice flow", declare_flow},
    Verb{"golden", "what every layer of an integer network reads, sums and makes, for testbenches",
         "sluice golden resnet8_int8.tflite --input image.npy --fold 4 -o golden", declare_golden},
    Verb{"diff", "two results of an integer network layer by layer, and why they differ",
         "sluice diff resnet8_int8.tflite dump --arithmetic detect", declare_diff},
    Verb{"simulate", "an integer network bit by bit, and how wide its accumulators must be",
         "sluice simulate resnet8_int8.tflite --accumulators --data test_2000.bin "
         "--preprocess cifar10-raw",
         declare_simulate},
    Verb{"sparsity", "how many products of each convolution are zero, on real images",
         "sluice sparsity resnet20.onnx --data test_batch.bin --preprocess cifar10 --formats "
         "fixed16 "
         "--calibration data_batch_1.bin",
         declare_sparsity},
    Verb{"estimate", "speed and cost of a network on a device, and a drawing of the design",
         "sluice estimate resnet20.onnx --device zcu104 --config resnet20.json --draw design.html",
         declare_estimate},
    Verb{"explore", "the best mapping of a network to a device, and its design",
         "sluice explore resnet20.onnx --device zcu104 -o design.json --draw design.html",
         declare_explore},
    Verb{"emit", "a mapped integer network as SystemVerilog, with a bench that checks itself",
         "sluice emit resnet8_int8.tflite --design design.json --data test_batch.bin --preprocess "
         "cifar10-raw -o resnet8_rtl",
         declare_emit},
    Verb{"cosim", "an emitted network in a simulator: every word, and cycles beside the model's",
         "sluice cosim resnet8_int8.tflite --design design.json --data test_batch.bin --preprocess "
         "cifar10-raw --images 2",
         declare_cosim},
    Verb{"synth",
         "an emitted network through Yosys: LUTs, flip-flops, DSPs and memories beside the model's",
         "sluice synth resnet8_int8.tflite --design design.json --family xilinx7 -o resnet8_synth",
         declare_synth},
    Verb{"encode", "what weights and activations take, run-length or Huffman coded",
         "sluice encode resnet20.onnx --formats fixed8,bfp8-channel --data test_batch.bin "
         "--preprocess cifar10 --limit 100 --codes huffman,rle4",
         declare_encode},
    Verb{"prune", "zeros for small weights, fewer channels, thresholds in ReLUs",
         "sluice prune resnet20.onnx --sparsity 0.5 -o resnet20_half.onnx", declare_prune},
    Verb{"zoo", "networks by name, with random weights or those of a checkpoint",
         "sluice zoo export resnet20 --from resnet20-12fca82f.th -o resnet20.onnx", declare_zoo},
    kTrain,
};

}  // namespace sluice::cli
