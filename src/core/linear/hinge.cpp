#include "core/linear/hinge.hpp"

#include <algorithm>
#include <cmath>

#include "core/linear/margin_rows.hpp"
#include "core/optimize/interior_point.hpp"

namespace fairdb {
namespace {

// Rows that are solved for, and what the others add on their sides: constant - <gradient, (t, b)>.
struct Part {
  RowBlocks rows;
  std::vector<double> cost;
  Vector gradient;  // in stored units, d + 1
  double constant = 0;

  explicit Part(Index columns) : rows(columns), gradient(Vector::Zero(columns + 1)) {}
};

Report solve(const Part& part,
             const Coordinates& coordinates,
             const Inequalities& slack,
             Vector& v,
             Monitor& monitor) {
  const MarginRows margins(part.rows, part.rows.rows(), coordinates, slack.a, monitor);
  PiecewiseProblem problem;
  problem.q = Eigen::MatrixXd::Zero(margins.columns(), margins.columns());
  problem.q.diagonal().head(coordinates.free()).setOnes();
  problem.linear = Vector::Zero(margins.columns());
  problem.linear.head(coordinates.free() + 1) = -coordinates.reduce(part.gradient);
  problem.constant = part.constant;
  problem.beta = Vector::Ones(margins.size());
  problem.beta.tail(slack.beta.size()) = slack.beta;
  problem.cost = Vector::Constant(margins.size(), std::numeric_limits<double>::infinity());
  std::copy(part.cost.begin(), part.cost.end(), problem.cost.data());
  Vector multipliers;
  Vector x;
  Report report = minimize_piecewise(problem, margins, x, multipliers,
                                     {.max_iterations = 500, .tolerance = 1e-9}, monitor);
  v = x.head(coordinates.free() + 1);
  return report;
}

// y_i f_i of all rows.
Vector margins_at(const RowStore& rows,
                  Index count,
                  const Coordinates& coordinates,
                  const Vector& v,
                  Monitor& monitor) {
  return MarginRows(rows, count, coordinates, RowMatrix(0, 0), monitor).times(v);
}

void append(RowBlock& block, Index* filled, const RowBlock& from, Index row) {
  block.values.row(*filled) = from.values.row(row);
  ++*filled;
}

// The rows that `near` marks, and the others on the sides where `margins` sees them. A cost of 0
// would leave the interior: such a row takes no part.
Part split(const RowStore& rows,
           const RowCosts& costs,
           const std::vector<bool>& near,
           const Vector& margins,
           double scale,
           Monitor& monitor) {
  Part part(rows.columns());
  const Index d = rows.columns();
  Index offset = 0;
  Vector slopes;
  rows.each([&](const RowBlock& block) {
    monitor.poll();
    RowBlock kept;
    kept.values.resize(block.rows(), d + 1);
    Index filled = 0;
    slopes = Vector::Zero(block.rows());
    for (Index i = 0; i < block.rows(); ++i, ++offset) {
      const double cost = scale * costs.of(block.y(i), block.w(i));
      if (!(cost > 0)) continue;
      if (near[static_cast<std::size_t>(offset)]) {
        append(kept, &filled, block, i);
        part.cost.push_back(cost);
      } else if (margins.size() > 0 && margins(offset) < 1) {
        slopes(i) = cost * block.y(i);
        part.constant += cost;
      }
    }
    part.gradient.head(d).noalias() += block.x().transpose() * slopes;
    part.gradient(d) += slopes.sum();
    if (filled > 0) {
      kept.values.conservativeResize(filled, d + 1);
      part.rows.append(std::move(kept));
    }
  });
  return part;
}

// Marks the `wanted` rows whose margins are nearest to 1.
void mark_nearest(const Vector& margins, Index wanted, std::vector<bool>& near) {
  if (wanted >= margins.size()) {
    near.assign(near.size(), true);
    return;
  }
  Vector distance = (margins.array() - 1).abs();
  std::nth_element(distance.data(), distance.data() + wanted, distance.data() + distance.size());
  const double limit = distance(wanted);
  for (Index i = 0; i < margins.size(); ++i) {
    if (std::abs(margins(i) - 1) <= limit) near[static_cast<std::size_t>(i)] = true;
  }
}

}  // namespace

Report minimize_hinge(const RowStore& rows,
                      Index count,
                      const Coordinates& coordinates,
                      const Inequalities& slack,
                      const RowCosts& costs,
                      Vector& v,
                      Monitor& monitor) {
  const Index small = std::max<Index>(4000, 10 * coordinates.columns());
  std::vector<bool> near(static_cast<std::size_t>(count), true);
  if (count <= 2 * small) {
    const Part all = split(rows, costs, near, Vector(), 1, monitor);
    return solve(all, coordinates, slack, v, monitor);
  }
  // A sample for the first guess, each row standing for `stride` ones.
  const Index stride = count / small;
  for (Index i = 0; i < count; ++i) near[static_cast<std::size_t>(i)] = i % stride == 0;
  const auto scale = static_cast<double>(stride);
  Report report =
      solve(split(rows, costs, near, Vector(), scale, monitor), coordinates, slack, v, monitor);
  near.assign(near.size(), false);
  std::int32_t iterations = report.iterations;
  Index wanted = std::max<Index>(small, count / 10);
  while (true) {
    const Vector margins = margins_at(rows, count, coordinates, v, monitor);
    mark_nearest(margins, wanted, near);
    report = solve(split(rows, costs, near, margins, 1, monitor), coordinates, slack, v, monitor);
    iterations += report.iterations;
    if (report.outcome != Outcome::Converged && report.outcome != Outcome::Stalled) break;
    const Vector after = margins_at(rows, count, coordinates, v, monitor);
    Index crossed = 0;
    for (Index i = 0; i < count; ++i) {
      if (near[static_cast<std::size_t>(i)]) continue;
      if ((margins(i) < 1) != (after(i) < 1)) {
        near[static_cast<std::size_t>(i)] = true;
        ++crossed;
      }
    }
    if (crossed == 0) break;
    wanted = 2 * wanted;
  }
  report.iterations = iterations;
  return report;
}

}  // namespace fairdb
