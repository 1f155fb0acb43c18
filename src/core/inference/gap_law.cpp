#include "core/inference/gap_law.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace fairdb {
namespace {

constexpr int kMostCells = 2000;
constexpr int kFewValues = 40;       // of an estimate, told apart among any number of groups
constexpr double kValueTie = 1e-12;  // values that are equal but for rounding

double power(double base, int exponent) noexcept {
  double result = 1;
  for (; exponent > 0; exponent /= 2, base *= base) {
    if (exponent % 2 == 1) result *= base;
  }
  return result;
}

}  // namespace

GapLaw::GapLaw(const std::vector<double>& p,
               const std::vector<Proportion>& family,
               Contrast contrast)
    : contrast_(contrast) {
  // Groups that are alike share the work.
  std::map<std::pair<double, double>, int> known;
  for (std::size_t g = 0; g < family.size(); ++g) ++known[{p[g], family[g].size}];
  const int most = std::max(kFewValues, kMostCells / static_cast<int>(known.size()));
  const double floor = contrast == Contrast::Ratio ? kRatioFloor : 0;
  double least = 1;
  double largest = 0;
  for (const auto& [group, alike] : known) {
    const Estimate& e = estimates_.emplace_back(group.first, group.second, floor, most);
    alike_.push_back(alike);
    none_ *= power(e.none(), alike);
    least = std::min(least, ratio_floor(group.second));
    largest = std::max(largest, ratio_floor(group.second));
  }
  none_ratio_ = least / largest;
}

Within GapLaw::within(double r) const {
  const bool difference = contrast_ == Contrast::Difference;
  const std::size_t k = estimates_.size();
  Within sum{0, 0};
  const std::vector<Cell> list = cells(r);
  if (list.empty()) return {1, 1};
  std::vector<double> reached(k);
  for (std::size_t g = 0; g < k; ++g) reached[g] = estimates_[g].below(list.front().from);
  for (const Cell& cell : list) {
    // The smallest (Difference) or largest estimate (Ratio) lies in the cell, all others between
    // it and the other end.
    const double x = (cell.from + cell.to) / 2;
    const double end = difference ? x + r : x * r;
    Within all{1, 1};
    Within others{1, 1};
    for (std::size_t g = 0; g < k; ++g) {
      const Estimate& e = estimates_[g];
      double before = reached[g];
      if (e.discrete()) before = cell.closed ? e.below(cell.from) : e.up_to(cell.from);
      const double after = cell.closed ? e.up_to(cell.to) : e.below(cell.to);
      reached[g] = after;
      const double end_closed = difference ? e.up_to(end) : e.below(end);
      double end_open = end_closed;
      if (e.discrete()) end_open = difference ? e.below(end) : e.up_to(end);
      const auto between = [&](double at, double other) {
        return power(std::max(0.0, difference ? other - at : at - other), alike_[g]);
      };
      const double outer = difference ? before : after;
      const double inner = difference ? after : before;
      all.closed *= between(outer, end_closed);
      all.open *= between(outer, end_open);
      others.closed *= between(inner, end_closed);
      others.open *= between(inner, end_open);
    }
    sum.closed += all.closed - others.closed;
    sum.open += all.open - others.open;
  }
  if (!difference && none_ > 0) {
    const double rest = std::max(1 - none_, 1e-12);
    constexpr double kTied = 1e-9;
    sum.closed = (sum.closed - (none_ratio_ >= r * (1 - kTied) ? none_ : 0)) / rest;
    sum.open = (sum.open - (none_ratio_ > r * (1 + kTied) ? none_ : 0)) / rest;
  }
  return {std::clamp(sum.closed, 0.0, 1.0), std::clamp(sum.open, 0.0, 1.0)};
}

// Where the smallest or the largest estimate can be: the values of discrete estimates, and
// between them, for the others, cells in which no distribution function bends much.
std::vector<GapLaw::Cell> GapLaw::cells(double r) const {
  constexpr double kReach = 6;
  const bool difference = contrast_ == Contrast::Difference;
  const double inf = std::numeric_limits<double>::infinity();
  double from = difference ? inf : -inf;
  double to = from;
  std::vector<double> values;
  bool smooth = false;
  for (const Estimate& e : estimates_) {
    const double low = e.discrete() ? e.least() : e.quantile(-kReach);
    const double high = e.discrete() ? e.most() : e.quantile(kReach);
    from = difference ? std::min(from, low) : std::max(from, low);
    to = difference ? std::min(to, high) : std::max(to, high);
    if (e.discrete()) e.values(values);
    smooth = smooth || !e.discrete();
  }
  std::erase_if(values, [&](double v) { return v < from - kValueTie || v > to + kValueTie; });
  std::sort(values.begin(), values.end());
  std::vector<Cell> points;
  const double apart = std::max(kValueTie, (to - from) / kMostCells);
  for (const double v : values) {
    const bool near =
        !points.empty() && (v - points.back().to <= kValueTie ||
                            (values.size() > kMostCells && v - points.back().from <= apart));
    if (near) {
      points.back().to = v;
    } else {
      points.push_back({v, v, true});
    }
  }
  if (!smooth) return points;

  const std::vector<double> nodes = smooth_nodes(r, from, to);
  std::vector<Cell> result;
  auto point = points.begin();
  double start = nodes.front();
  for (const double node : nodes) {
    for (; point != points.end() && point->from <= node; ++point) {
      if (point->from > start) result.push_back({start, point->from, false});
      result.push_back(*point);
      start = std::max(start, point->to);
    }
    if (node > start) result.push_back({start, node, false});
    start = std::max(start, node);
  }
  result.insert(result.end(), point, points.end());
  return result;
}

// Steps of a fifth of a standard deviation around each smooth estimate, and where it is at the
// other end, thinned out where they are many.
std::vector<double> GapLaw::smooth_nodes(double r, double from, double to) const {
  constexpr double kStep = 0.2;  // in standard deviations
  constexpr int kSteps = 30;
  constexpr double kMostNodes = 4000;
  const bool difference = contrast_ == Contrast::Difference;
  const double first = angle_at(difference ? from : std::max(from, 0.0));
  const double last = std::max(angle_at(to), first + 1e-12);
  double finest = std::numeric_limits<double>::infinity();
  std::vector<double> nodes;
  for (const Estimate& e : estimates_) {
    if (e.discrete()) continue;
    finest = std::min(finest, kStep / e.scale());
    for (int k = -kSteps; k <= kSteps; ++k) {
      const double y = e.quantile(k * kStep);
      nodes.push_back(angle_at(y));
      nodes.push_back(angle_at(difference ? y - r : r > 0 ? y / r : y));
    }
  }
  std::sort(nodes.begin(), nodes.end());
  const double spacing = std::max(finest, (last - first) / kMostNodes);
  std::vector<double> kept = {first};
  for (const double node : nodes) {
    if (node >= last) break;
    if (node >= kept.back() + spacing) kept.push_back(node);
  }
  kept.push_back(last);
  for (double& node : kept) node = share_at(node);
  return kept;
}

}  // namespace fairdb
