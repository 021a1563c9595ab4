// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/window_zeros.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "sluice/base/assert.hpp"
#include "sluice/base/threads.hpp"
#include "sluice/runtime/reference/index.hpp"
#include "sluice/sparse/bit_kernels.hpp"
#include "sluice/sparse/channel_bits.hpp"
#include "sluice/sparse/mask_counts.hpp"

namespace sluice::sparse {
namespace {

// Counting windows by the places of their zeros costs about as much as counting those of so many
// kernels one after another; and 2^10 counts a channel are as many as the cache is good for.
constexpr std::size_t kManyKernels = 6;
constexpr std::size_t kMostTapsOfMasks = 10;

std::size_t unsigned_of(std::int64_t n) {
  return static_cast<std::size_t>(n);
}

ZeroHistogram empty_histogram(const ConvWindows& conv) {
  ZeroHistogram result;
  result.channels = conv.channels;
  result.kernel_size = conv.kernel_size();
  result.counts.resize(unsigned_of(conv.channels * (result.kernel_size + 1)));
  return result;
}

// Which numbers of some images are not zero, looked at one by one.
class PlainImages {
 public:
  PlainImages(const ConvWindows& conv, const Tensor& images)
      : conv_(conv), strides_(strides_of(images.shape())) {
    const auto count = unsigned_of(images.num_elements());
    const std::size_t slice = unsigned_of(num_elements(conv.spatial));
    nonzero_.resize(count);
    const std::size_t bytes = storage_bytes(images.dtype());
    for (std::size_t i = 0; i < count; ++i) {
      const auto channel = static_cast<std::int64_t>(i / slice) % conv.channels;
      std::uint64_t bit = 0;
      pack_nonzero(images.dtype(), images.bytes().data() + i * bytes, 1, conv.input_zero(channel),
                   &bit);
      nonzero_[i] = bit != 0;
    }
  }

  // The element k of the window at output position y: whether it is not zero.
  [[nodiscard]] bool operator()(std::int64_t image, std::int64_t channel, const ir::Dims& y,
                                const ir::Dims& k) const {
    const ir::ResolvedWindow& window = conv_.window;
    std::int64_t at = image * strides_[0] + channel * strides_[1];
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::int64_t x =
          y[i] * window.strides[i] + k[i] * window.dilations[i] - window.pad_begin[i];
      if (x < 0 || x >= conv_.spatial[i]) return false;
      at += x * strides_[i + 2];
    }
    return nonzero_[unsigned_of(at)];
  }

 private:
  const ConvWindows& conv_;
  Shape strides_;
  std::vector<bool> nonzero_;
};

}  // namespace

std::span<const std::uint64_t> ZeroHistogram::channel(std::int64_t c) const {
  return std::span(counts).subspan(unsigned_of(c * (kernel_size + 1)),
                                   unsigned_of(kernel_size + 1));
}

std::span<std::uint64_t> ZeroHistogram::channel(std::int64_t c) {
  return std::span(counts).subspan(unsigned_of(c * (kernel_size + 1)),
                                   unsigned_of(kernel_size + 1));
}

ZeroHistogram count_zeros_plainly(const ConvWindows& conv, const Tensor& images) {
  ZeroHistogram result = empty_histogram(conv);
  const PlainImages is_nonzero(conv, images);
  const auto count_window = [&](std::int64_t image, std::int64_t c, const ir::Dims& y) {
    for (std::int64_t filter = 0; filter < conv.filters_a_group(); ++filter) {
      const auto kernel = conv.kernel(c, filter);
      std::size_t zeros = 0;
      for (std::int64_t k = 0; k < conv.kernel_size(); ++k) {
        const bool is_zero =
            kernel[unsigned_of(k)] == 0 ||
            !is_nonzero(image, c, y, runtime::reference::index_of(k, conv.window.kernel));
        zeros += is_zero ? 1 : 0;
      }
      ++result.channel(c)[zeros];
    }
  };
  for (std::int64_t image = 0; image < images.shape()[0]; ++image) {
    for (std::int64_t c = 0; c < conv.channels; ++c) {
      for (std::int64_t y = 0; y < conv.windows(); ++y) {
        count_window(image, c, runtime::reference::index_of(y, conv.window.output));
      }
    }
  }
  return result;
}

// What is counted of one channel.
struct ChannelCounter {
  // Kernels with their weights at the same places.
  struct Kernels {
    std::vector<std::size_t> taps;      // of the weights that are not zero
    std::uint64_t filters = 0;          // how many have them there
    std::vector<std::uint64_t> counts;  // of windows by how many of these taps are not zero
  };
  ZeroShare inputs;
  std::vector<Kernels> kernels;
  // In place of it: windows and kernels by mask. The windows are counted in 32 bits at first.
  MaskCounts window_masks, kernel_masks;
  std::vector<std::uint32_t> fresh_masks;
  std::uint64_t num_fresh = 0;  // windows counted there

  ChannelCounter(const ConvWindows& conv, std::int64_t channel,
                 const std::vector<std::size_t>& taps) {
    std::map<std::vector<std::size_t>, std::uint64_t> filters_by_taps;
    for (std::int64_t filter = 0; filter < conv.filters_a_group(); ++filter) {
      const auto kernel = conv.kernel(channel, filter);
      std::vector<std::size_t> nonzero;
      for (std::size_t k = 0; k < taps.size(); ++k) {
        if (kernel[k] != 0) nonzero.push_back(k);
      }
      ++filters_by_taps[nonzero];
    }
    if (filters_by_taps.size() >= kManyKernels && taps.size() <= kMostTapsOfMasks) {
      window_masks.resize(std::size_t{1} << taps.size());
      kernel_masks.resize(window_masks.size());
      fresh_masks.resize(kMaskTables * window_masks.size());
      for (const auto& [nonzero, filters] : filters_by_taps) {
        std::size_t mask = 0;
        for (const std::size_t k : nonzero) mask |= std::size_t{1} << k;
        kernel_masks[mask] = filters;
      }
      return;
    }
    kernels.reserve(filters_by_taps.size());
    for (const auto& [nonzero, filters] : filters_by_taps) {
      Kernels& same = kernels.emplace_back();
      same.filters = filters;
      same.counts.resize(nonzero.size() + 1);
      same.taps.reserve(nonzero.size());
      for (const std::size_t k : nonzero) same.taps.push_back(taps[k]);
    }
  }

  // One image of so many windows.
  void add(const ChannelBits& layout, const std::uint64_t* string, std::int64_t windows) {
    if (!window_masks.empty()) {
      constexpr std::uint64_t kMost = std::uint64_t{1} << 31;
      if (num_fresh + unsigned_of(windows) > kMost) age();
      num_fresh += unsigned_of(windows);
      count_masks(layout.starts(), string, layout.taps(), fresh_masks);
    }
    for (Kernels& same : kernels) {
      count_taps(layout.starts(), string, same.taps, same.counts.data());
    }
  }

  // Moves the fresh counts to the others.
  void age() {
    for (std::size_t i = 0; i < fresh_masks.size(); ++i) {
      window_masks[i % window_masks.size()] += std::exchange(fresh_masks[i], 0);
    }
    num_fresh = 0;
  }

  // counts[z]: meetings with z zeros.
  void sum(std::span<std::uint64_t> counts) {
    if (!window_masks.empty()) {
      age();
      std::ranges::copy(count_zeros(intersect(window_masks, kernel_masks)), counts.begin());
    }
    for (const Kernels& same : kernels) {
      for (std::size_t n = 0; n < same.counts.size(); ++n) {
        counts[counts.size() - 1 - n] += same.counts[n] * same.filters;
      }
    }
  }
};

struct ZeroCounter::State {
  ConvWindows conv;
  ChannelBits layout;
  std::vector<ChannelCounter> channels;

  explicit State(ConvWindows windows) : conv(std::move(windows)), layout(conv) {
    channels.reserve(unsigned_of(conv.channels));
    for (std::int64_t c = 0; c < conv.channels; ++c) channels.emplace_back(conv, c, layout.taps());
  }

  // Channels [begin, end) of all images.
  void add(const Tensor& images, std::int64_t begin, std::int64_t end) {
    const std::size_t size = unsigned_of(num_elements(conv.spatial));
    ChannelString string(conv, layout);
    for (std::int64_t c = begin; c < end; ++c) {
      for (std::int64_t image = 0; image < images.shape()[0]; ++image) {
        const std::size_t num_nonzero = string.read(images, image, c);
        ChannelCounter& channel = channels[unsigned_of(c)];
        channel.inputs.numbers += size;
        channel.inputs.zeros += size - num_nonzero;
        channel.add(layout, string.bits(), conv.windows());
      }
    }
  }
};

ZeroCounter::ZeroCounter(ConvWindows conv) : state_(std::make_unique<State>(std::move(conv))) {}
ZeroCounter::ZeroCounter(ZeroCounter&&) noexcept = default;
ZeroCounter& ZeroCounter::operator=(ZeroCounter&&) noexcept = default;
ZeroCounter::~ZeroCounter() = default;

void ZeroCounter::add(const Tensor& images) {
  const Shape& shape = images.shape();
  SL_ASSERT(shape.size() == state_->conv.spatial.size() + 2 && shape[1] == state_->conv.channels &&
                std::equal(shape.begin() + 2, shape.end(), state_->conv.spatial.begin()),
            "images of the convolution's input");
  constexpr std::int64_t kElementsPerTask = 1 << 16;
  const std::int64_t elements = std::max<std::int64_t>(1, images.num_elements() / shape[1]);
  parallel_for(shape[1], std::max<std::int64_t>(1, kElementsPerTask / elements),
               [&](std::int64_t begin, std::int64_t end) { state_->add(images, begin, end); });
}

const ConvWindows& ZeroCounter::conv() const {
  return state_->conv;
}

ZeroHistogram ZeroCounter::histogram() const {
  ZeroHistogram result = empty_histogram(state_->conv);
  for (std::int64_t c = 0; c < result.channels; ++c) {
    state_->channels[unsigned_of(c)].sum(result.channel(c));
  }
  return result;
}

ZeroShare ZeroCounter::inputs() const {
  ZeroShare result;
  for (const ChannelCounter& channel : state_->channels) {
    result.numbers += channel.inputs.numbers;
    result.zeros += channel.inputs.zeros;
  }
  return result;
}

}  // namespace sluice::sparse
