// SPDX-License-Identifier: Apache-2.0
#include "sluice/sparse/channel_map.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>
#include <optional>
#include <span>
#include <utility>

#include "sluice/ir/infer.hpp"
#include "sluice/sparse/weight_layers.hpp"

namespace sluice::sparse {
namespace {

using Positions = std::vector<std::size_t>;

// Along axis 1 of a value that is followed: a small file can name any size.
constexpr std::int64_t kMostPositions = 1 << 22;

// Units that become one when their values meet.
class UnitSets {
 public:
  std::size_t add(std::optional<MadeChannel> made) {
    parent_.push_back(parent_.size());
    made_.push_back(made);
    kept_because_.emplace_back();
    return parent_.back();
  }

  std::size_t find(std::size_t unit) {
    while (parent_[unit] != unit) {
      parent_[unit] = parent_[parent_[unit]];
      unit = parent_[unit];
    }
    return unit;
  }

  void join(std::size_t a, std::size_t b) {
    a = find(a);
    b = find(b);
    if (a == b) return;
    if (kept_because_[a].empty()) kept_because_[a] = std::move(kept_because_[b]);
    parent_[b] = a;
  }

  // The first reason counts.
  void keep(std::size_t unit, const std::string& because) {
    std::string& reason = kept_because_[find(unit)];
    if (reason.empty()) reason = because;
  }

  // One Unit a set, and every position by the number of its set.
  std::vector<Unit> finish(std::vector<Positions>& positions) {
    std::vector<Unit> units;
    std::vector<std::size_t> number(parent_.size());
    for (std::size_t u = 0; u < parent_.size(); ++u) {
      if (find(u) != u) continue;
      number[u] = units.size();
      units.push_back({{}, std::move(kept_because_[u])});
    }
    for (std::size_t u = 0; u < parent_.size(); ++u) {
      if (made_[u]) units[number[find(u)]].made.push_back(*made_[u]);
    }
    for (Positions& of_value : positions) {
      for (std::size_t& unit : of_value) unit = number[find(unit)];
    }
    return units;
  }

 private:
  std::vector<std::size_t> parent_;
  std::vector<std::optional<MadeChannel>> made_;
  std::vector<std::string> kept_because_;  // of a set, at its root
};

bool is_behind_channels(const std::vector<std::int64_t>& axes) {
  return std::ranges::all_of(axes, [](std::int64_t axis) { return axis > 1; });
}

// Goes through the nodes in order.
class Follower {
 public:
  explicit Follower(const ir::Graph& graph)
      : graph_(graph), producers_(ir::producers(graph)), positions_(graph.values.size()) {}

  ChannelMap run() {
    for (const ir::GraphInput& input : graph_.inputs) {
      make(input.value, ir::kNoNode);
      keep(input.value, "is an input of the network");
    }
    for (std::size_t n = 0; n < graph_.nodes.size(); ++n) {
      id_ = ir::NodeId{static_cast<std::int32_t>(n)};
      std::visit(*this, static_cast<const ir::OpVariant&>(node().op));
    }
    for (const ir::ValueId output : graph_.outputs) keep(output, "is an output of the network");
    map_.units = units_.finish(positions_);
    map_.positions = std::move(positions_);
    return std::move(map_);
  }

  // ---- layers that make channels

  void operator()(const ir::Conv& op) { convolution(op.group, 0, 1); }
  void operator()(const ir::ConvTranspose& op) { convolution(op.group, 1, 0); }

  void operator()(const ir::Gemm& op) {
    if (op.trans_a || !is_stored(2)) return stop();
    product(op.trans_b ? 0 : 1);
    if (has(2) && !size_of(2).empty()) cut(2, size_of(2).size() - 1, out());
  }
  void operator()(const ir::MatMul& /*op*/) { product(1); }

  // ---- what keeps channels apart

  void operator()(const ir::BatchNormalization& op) {
    if (op.training_mode || node().outputs.size() > 1) return stop();
    pass_with_parameters(4);
  }
  void operator()(const ir::InstanceNormalization& /*op*/) { pass_with_parameters(2); }

#define SL_PASSES(Name)                     \
  void operator()(const ir::Name& /*op*/) { \
    pass();                                 \
  }
  SL_PASSES(Abs)
  SL_PASSES(AveragePool)
  SL_PASSES(Cast)
  SL_PASSES(Clip)
  SL_PASSES(Elu)
  SL_PASSES(Erf)
  SL_PASSES(Exp)
  SL_PASSES(Gelu)
  SL_PASSES(GlobalAveragePool)
  SL_PASSES(GlobalMaxPool)
  SL_PASSES(HardSigmoid)
  SL_PASSES(HardSwish)
  SL_PASSES(Identity)
  SL_PASSES(LeakyRelu)
  SL_PASSES(Log)
  SL_PASSES(LpPool)
  SL_PASSES(MaxPool)
  SL_PASSES(Mish)
  SL_PASSES(Neg)
  SL_PASSES(Relu)
  SL_PASSES(Round)
  SL_PASSES(Selu)
  SL_PASSES(Sigmoid)
  SL_PASSES(Softplus)
  SL_PASSES(Sqrt)
  SL_PASSES(Tanh)
  SL_PASSES(ThresholdedRelu)
#undef SL_PASSES

  // In training its draws go by position.
  void operator()(const ir::Dropout& /*op*/) {
    has(2) ? stop() : pass();
  }

  // ---- what makes channels meet

#define SL_MEETS(Name)                      \
  void operator()(const ir::Name& /*op*/) { \
    meet();                                 \
  }
  SL_MEETS(Add)
  SL_MEETS(Div)
  SL_MEETS(Equal)
  SL_MEETS(Max)
  SL_MEETS(Min)
  SL_MEETS(Mul)
  SL_MEETS(PRelu)
  SL_MEETS(Pow)
  SL_MEETS(Sub)
  SL_MEETS(Where)
#undef SL_MEETS

  // ---- what moves channels

  void operator()(const ir::Concat& op) {
    const bool followed = std::ranges::all_of(
        node().inputs, [&](ir::ValueId id) { return !positions_[index(id)].empty(); });
    if (!followed) return stop();
    if (axis_of(op.axis) != 1) return meet();
    for (const ir::ValueId id : node().inputs) {
      const Positions& part = positions_[index(id)];
      at(out()).insert(at(out()).end(), part.begin(), part.end());
    }
  }

  void operator()(const ir::Split& op) {
    if (is_followed(1)) return stop();
    auto from = at(in(0)).begin();
    const bool along_channels = axis_of(op.axis) == 1;
    for (const ir::ValueId part : node().outputs) {
      if (!is_followed(0)) break;
      const auto size = along_channels ? graph_.type(part).shape[1] : channels(in(0));
      at(part) = Positions(from, from + size);
      if (along_channels) from += size;
    }
    if (along_channels && is_followed(0)) edit({id_, EditKind::SplitSizes});
  }

  void operator()(const ir::Slice& /*op*/) {
    const auto starts = integers(1);
    const auto ends = integers(2);
    const auto axes = axes_at(3);
    const auto steps = integers(4);
    if (!is_followed(0) || !starts || !ends || (has(3) && !axes) || (has(4) && !steps)) {
      return stop();
    }
    for (std::size_t i = 0; i < starts->size(); ++i) {
      const std::int64_t axis = axes ? (*axes)[i] : static_cast<std::int64_t>(i);
      if (axis != 1) continue;
      if (steps && (*steps)[i] != 1) return stop();
      const std::int64_t size = channels(in(0));
      const auto place = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
      };
      const std::int64_t begin = place((*starts)[i]);
      const std::int64_t end = std::max(begin, place((*ends)[i]));
      const auto from = at(in(0)).begin();
      at(out()) = Positions(from + begin, from + end);
      return edit({id_, EditKind::SliceBounds, i, begin, end});
    }
    pass();
  }

  void operator()(const ir::Flatten& op) {
    if (axis_of(op.axis) != 1) return stop();
    flatten();
  }

  void operator()(const ir::Reshape& /*op*/) {
    const auto shape = integers(1);
    const Shape& from = graph_.type(in(0)).shape;
    const Shape& to = graph_.type(out()).shape;
    if (!is_followed(0) || !shape || to.size() < 2 || from[0] != to[0]) return stop();
    if (to[1] != from[1] && to.size() != 2) return stop();
    to[1] == from[1] ? pass() : flatten();
    if ((*shape)[1] > 0) edit({id_, EditKind::ReshapeSize});
  }

  void operator()(const ir::Squeeze& /*op*/) {
    const auto axes = axes_at(1);
    axes&& is_behind_channels(*axes) ? pass() : stop();
  }
  void operator()(const ir::Unsqueeze& /*op*/) {
    const auto axes = axes_at(1, graph_.type(out()).shape.size());
    axes&& is_behind_channels(*axes) ? pass() : stop();
  }
  void operator()(const ir::Transpose& op) {
    const auto& order = op.permutation;
    order.size() > 1 && order[0] == 0 && order[1] == 1 ? pass() : stop();
  }
  // Channels that are padded, the shortcuts of small residual networks, are units nobody makes.
  void operator()(const ir::Pad& op) {
    const auto pads = integers(1);
    if (!is_followed(0) || !pads || has(3) || is_followed(2)) return stop();
    const std::size_t rank = pads->size() / 2;
    const std::int64_t before = (*pads)[1];
    const std::int64_t after = (*pads)[rank + 1];
    if ((*pads)[0] != 0 || (*pads)[rank] != 0) return stop();
    if (before == 0 && after == 0) return pass();
    const bool adds = op.mode == ir::PadMode::Constant && before >= 0 && after >= 0;
    if (!adds || channels(in(0)) + before + after > kMostPositions) return stop();
    const auto add_units = [&](std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) at(out()).push_back(units_.add({}));
    };
    add_units(before);
    at(out()).insert(at(out()).end(), at(in(0)).begin(), at(in(0)).end());
    add_units(after);
    edit({id_, EditKind::PadSizes, rank + 1, before, after});
  }

  void operator()(const ir::ReduceMax& /*op*/) {
    reduce();
  }
  void operator()(const ir::ReduceMean& /*op*/) {
    reduce();
  }
  void operator()(const ir::ReduceMin& /*op*/) {
    reduce();
  }
  void operator()(const ir::ReduceSum& /*op*/) {
    reduce();
  }

  // Sizes that are asked for name the channels too.
  void operator()(const ir::Resize& op) {
    const Tensor* scales = stored(2);
    const bool leaves_channels = !op.axes.empty() && is_behind_channels(op.axes);
    const bool scales_by_one = op.axes.empty() && scales != nullptr && scales->num_elements() > 1 &&
                               scales->data<float>()[1] == 1;
    const bool crops = op.coordinate_mode == ir::CoordinateMode::TfCropAndResize;
    !crops && (leaves_channels || scales_by_one) ? pass() : stop();
  }

  // Everything else may do anything with channels.
  template <class Other>
  void operator()(const Other& /*op*/) {
    stop();
  }

 private:
  const ir::Node& node() const {
    return graph_[id_];
  }
  bool has(std::size_t i) const {
    return i < node().inputs.size() && node().inputs[i] != ir::kNoValue;
  }
  ir::ValueId in(std::size_t i) const {
    return has(i) ? node().inputs[i] : ir::kNoValue;
  }
  ir::ValueId out() const {
    return node().outputs[0];
  }
  Positions& at(ir::ValueId id) {
    return positions_[index(id)];
  }
  bool is_followed(std::size_t i) const {
    return has(i) && !positions_[index(in(i))].empty();
  }
  std::int64_t channels(ir::ValueId id) const {
    return static_cast<std::int64_t>(positions_[index(id)].size());
  }
  const Shape& size_of(std::size_t i) const {
    return graph_.type(in(i)).shape;
  }

  std::int64_t axis_of(std::int64_t axis) const {
    return axis < 0 ? axis + static_cast<std::int64_t>(size_of(0).size()) : axis;
  }

  const Tensor* stored(std::size_t i) const {
    const ir::ValueId id = stored_constant(graph_, producers_, in(i));
    return id == ir::kNoValue ? nullptr : &*graph_[id].constant;
  }
  // Whether input i is constant or absent.
  bool is_stored(std::size_t i) const {
    return !has(i) || stored(i) != nullptr;
  }

  // The numbers of constant input i.
  std::optional<std::vector<std::int64_t>> integers(std::size_t i) const {
    const Tensor* tensor = stored(i);
    if (tensor == nullptr) return std::nullopt;
    auto numbers = ir::integers(*tensor, "");
    return numbers ? std::optional(*std::move(numbers)) : std::nullopt;
  }
  // The same for axes of a tensor of the rank; 0: of input 0.
  std::optional<std::vector<std::int64_t>> axes_at(std::size_t i, std::size_t rank = 0) const {
    auto axes = integers(i);
    if (!axes) return std::nullopt;
    const auto dims = static_cast<std::int64_t>(rank == 0 ? size_of(0).size() : rank);
    for (std::int64_t& axis : *axes) axis += axis < 0 ? dims : 0;
    return axes;
  }

  void cut(std::size_t input, std::size_t axis, ir::ValueId by) {
    // A single number serves all positions.
    if (size_of(input)[axis] == channels(by)) map_.cuts.push_back({id_, input, axis, by});
  }
  void edit(const Edit& what) {
    map_.edits.push_back(what);
  }

  void keep(ir::ValueId id, const std::string& because) {
    for (const std::size_t unit : at(id)) units_.keep(unit, because);
  }

  // New units for the positions of a value.
  void make(ir::ValueId id, ir::NodeId by) {
    const Shape& shape = graph_.type(id).shape;
    if (shape.size() < 2 || shape[1] > kMostPositions) return;
    at(id).reserve(static_cast<std::size_t>(shape[1]));
    for (std::int64_t c = 0; c < shape[1]; ++c) {
      at(id).push_back(units_.add(by == ir::kNoNode ? std::optional<MadeChannel>()
                                                    : std::optional(MadeChannel{by, c})));
    }
  }

  // All channels that come here stay.
  void stop() {
    for (const ir::ValueId id : node().inputs) {
      if (id == ir::kNoValue) continue;
      keep(id, fmt::format("reaches {}, through which channels are not followed",
                           ir::place_of(node())));
    }
  }

  // Output 0 has the channels of input 0, and nothing else has any.
  void pass() {
    bool is_single = is_followed(0) && node().outputs.size() == 1;
    for (std::size_t i = 1; i < node().inputs.size(); ++i) is_single = is_single && !is_followed(i);
    if (!is_single) return stop();
    at(out()) = at(in(0));
  }

  // The same with `count` vectors of parameters behind input 0, one number a channel.
  void pass_with_parameters(std::size_t count) {
    for (std::size_t i = 1; i <= count; ++i) {
      if (!is_stored(i)) return stop();
    }
    pass();
    if (at(out()).empty()) return;
    for (std::size_t i = 1; i <= count; ++i) cut(i, 0, out());
  }

  void reduce() {
    const auto axes = axes_at(1);
    axes && !axes->empty() && is_behind_channels(*axes) ? pass() : stop();
  }

  void flatten() {
    if (!is_followed(0)) return stop();
    const Shape& shape = size_of(0);
    const std::int64_t places = num_elements(std::span(shape).subspan(2));
    if (places * channels(in(0)) > kMostPositions) return stop();
    for (const std::size_t unit : at(in(0))) {
      at(out()).insert(at(out()).end(), static_cast<std::size_t>(places), unit);
    }
  }

  void convolution(std::int64_t group, std::size_t out_axis, std::size_t in_axis) {
    if (!is_stored(1) || !is_stored(2)) {
      make(out(), id_);
      keep(out(), fmt::format("is made by {}, whose weights are computed", ir::place_of(node())));
      return stop();
    }
    const bool is_depthwise = group > 1 && is_followed(0) && group == channels(in(0));
    if (is_depthwise) {
      const auto times = static_cast<std::size_t>(graph_.type(out()).shape[1] / group);
      for (const std::size_t unit : at(in(0))) {
        at(out()).insert(at(out()).end(), times, unit);
      }
      // Either convolution has its weights by the channels of axis 0: outputs, or inputs.
      cut(1, 0, out_axis == 0 ? out() : in(0));
      edit({id_, EditKind::Group});
    } else {
      make(out(), id_);
      if (group > 1 || stored(1)->dtype() != DType::Float32) {
        const std::string because =
            fmt::format("belongs to {}, whose {}", ir::place_of(node()),
                        group > 1 ? "groups must stay alike" : "weights are not float32");
        keep(out(), because);
        if (is_followed(0)) keep(in(0), because);
        return;
      }
      cut(1, out_axis, out());
      if (is_followed(0)) cut(1, in_axis, in(0));
    }
    if (has(2)) cut(2, 0, out());
  }

  // A matrix product with constant weights of rank 2.
  void product(std::size_t out_axis) {
    const Tensor* weights = stored(1);
    const bool fits = weights != nullptr && weights->rank() == 2 && size_of(0).size() == 2 &&
                      weights->dtype() == DType::Float32;
    if (!fits) return stop();
    make(out(), id_);
    cut(1, out_axis, out());
    if (is_followed(0)) cut(1, 1 - out_axis, in(0));
  }

  // Values of the same channels meet position by position.
  void meet() {
    const Shape& shape = graph_.type(out()).shape;
    Positions* met = nullptr;
    for (std::size_t i = 0; i < node().inputs.size(); ++i) {
      if (is_followed(i)) {
        if (size_of(i).size() != shape.size()) return stop();
        // One channel beside many serves them all.
        if (size_of(i)[1] != shape[1]) {
          keep(in(i), fmt::format("is broadcast by {}", ir::place_of(node())));
          continue;
        }
        if (met == nullptr) met = &at(in(i));
        for (std::size_t c = 0; c < met->size(); ++c) units_.join((*met)[c], at(in(i))[c]);
      } else if (!is_stored(i) || size_of(i).size() > shape.size()) {
        return stop();
      }
    }
    if (met == nullptr) return stop();
    at(out()) = *met;
    for (std::size_t i = 0; i < node().inputs.size(); ++i) {
      // The axis of a constant that meets axis 1 of the result.
      const std::size_t rank = has(i) ? size_of(i).size() : 0;
      if (!is_followed(i) && rank + 1 >= shape.size()) cut(i, rank + 1 - shape.size(), out());
    }
  }

  const ir::Graph& graph_;
  std::vector<ir::NodeId> producers_;
  ir::NodeId id_ = ir::kNoNode;
  UnitSets units_;
  std::vector<Positions> positions_;
  ChannelMap map_;
};

}  // namespace

ChannelMap map_channels(const ir::Graph& graph) {
  return Follower(graph).run();
}

}  // namespace sluice::sparse
