// SPDX-License-Identifier: Apache-2.0
#include "sluice/hw/compat/matrices.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::hw::compat {
namespace {

using Matrix = Matrices::Matrix;

// Of each element, where both matrices have the shape of `a`.
template <class Function>
Matrix combined(const Matrix& a, const Matrix& b, Function of) {
  Matrix result = a;
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[i].size(); ++j) result[i][j] = of(a[i][j], b[i][j]);
  }
  return result;
}

double product(double a, double b) {
  return a * b;
}

double quotient(double a, double b) {
  return b == 0 ? 0 : a / b;
}

}  // namespace

template <class In, class Out>
Matrices::Ends Matrices::ends(In in, Out out) const {
  Ends result;
  for (const Node& node : graph_->nodes()) {
    result.in.push_back(in(node.layer));
    result.out.push_back(out(node.layer));
  }
  return result;
}

Matrices::Matrices(const Graph& graph) : graph_(&graph) {
  for (const NodeId id : graph.input_nodes()) edges_.push_back({std::nullopt, id});
  for (NodeId id = 0; id < graph.size(); ++id) {
    for (const NodeId to : graph.sorted(graph[id].successors)) edges_.push_back({id, to});
  }
  for (const NodeId id : graph.output_nodes()) edges_.push_back({id, std::nullopt});

  const auto one = [](const Layer&) { return 1.0; };
  connections_ = ends(one, one);
  streams_ = ends([](const Layer& layer) { return real(hw::streams_in(layer)); },
                  [](const Layer& layer) { return real(hw::streams_out(layer)); });
  const auto timing = [](const Layer& layer) { return timing_of(layer, Rules::FpgaConvNet); };
  rates_ = ends([&](const Layer& layer) { return timing(layer).rate_in; },
                [&](const Layer& layer) { return timing(layer).rate_out; });
  workload_ = ends([](const Layer& layer) { return real(map_in(layer).words()); },
                   [](const Layer& layer) { return real(map_out(layer).words()); });
}

std::vector<std::string> Matrices::column_names() const {
  std::vector<std::string> result{"input"};
  for (const Node& node : graph_->nodes()) result.push_back(node.name);
  result.emplace_back("output");
  return result;
}

Matrix Matrices::filled(const Ends& with) const {
  const std::size_t columns = graph_->size() + 2;
  Matrix result(edges_.size(), std::vector<double>(columns));
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const auto& [from, to] = edges_[i];
    const double given = from ? with.out[*from] : with.in[*to];
    const double taken = to ? with.in[*to] : with.out[*from];
    result[i][from ? *from + 1 : 0] = given;
    result[i][to ? *to + 1 : columns - 1] = -taken;
  }
  return result;
}

Matrix Matrices::connections() const {
  return filled(connections_);
}

Matrix Matrices::streams() const {
  return filled(streams_);
}

Matrix Matrices::rates() const {
  return filled(rates_);
}

Matrix Matrices::workload() const {
  return filled(workload_);
}

Matrix Matrices::interval() const {
  const Matrix words_per_cycle = combined(streams(), rates(), product);
  return combined(workload(), words_per_cycle,
                  [](double words, double rate) { return std::abs(quotient(words, rate)); });
}

double Matrices::interval_cycles() const {
  double result = 0;
  for (const auto& row : interval()) result = std::max(result, std::ranges::max(row));
  return result;
}

Matrix Matrices::balanced_rates() const {
  const double interval = interval_cycles();
  const Matrix places = combined(streams(), connections(), [&](double streams, double connection) {
    return interval * connection * streams;
  });
  return combined(workload(), places, quotient);
}

}  // namespace sluice::hw::compat
