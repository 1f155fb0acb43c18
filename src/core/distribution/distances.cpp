#include "core/distribution/distances.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kStepsPerPoll = 1 << 16;

// f(score, i, j) at each score of either law, ascending: below(i) of a and below(j) of b weigh the
// scores up to it.
template <class F>
void each_score(const ScoreLaw& a, const ScoreLaw& b, Monitor& monitor, F f) {
  std::size_t i = 0;
  std::size_t j = 0;
  for (std::size_t step = 1; i < a.size() || j < b.size(); ++step) {
    if (step % kStepsPerPoll == 0) monitor.poll();
    const bool from_a = i < a.size() && (j == b.size() || a.score(i) <= b.score(j));
    const double score = from_a ? a.score(i) : b.score(j);
    if (from_a) ++i;
    if (j < b.size() && b.score(j) == score) ++j;
    f(score, i, j);
  }
}

// Differences of scores in halves, because that of two finite numbers may be infinite.
double half_difference(double x, double y) noexcept {
  return std::abs(x / 2 - y / 2);
}

double doubled(double half) noexcept {
  constexpr double kLargest = std::numeric_limits<double>::max();
  return half > kLargest / 2 ? kLargest : 2 * half;
}

}  // namespace

Distances distances(const ScoreLaw& a, const ScoreLaw& b, Monitor& monitor) {
  monitor.poll();
  Distances result{0, 0, 0, 0};
  double before = std::min(a.score(0), b.score(0));
  double difference = 0;
  double area = 0;
  each_score(a, b, monitor, [&](double score, std::size_t i, std::size_t j) {
    area += difference * half_difference(score, before);
    before = score;
    difference = std::abs(a.below(i) / a.total() - b.below(j) / b.total());
    result.ks = std::max(result.ks, difference);
  });
  result.wasserstein = doubled(area);

  // Quantiles, over parts of the line from 0 to 1 on which both are constant. The ends of parts are
  // compared as whole numbers where the laws count rows, else to within rounding.
  const bool exact = a.counts_rows() && b.counts_rows() && a.total() * b.total() < 0x1p53;
  const double rounding = exact ? 0 : 1e-14;
  double u = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  double scale = 0;    // the largest half difference so far
  double squares = 0;  // the integral, in units of scale^2
  for (std::size_t step = 1; i < a.size() && j < b.size(); ++step) {
    if (step % kStepsPerPoll == 0) monitor.poll();
    const double end_a = a.below(i + 1) * b.total();
    const double end_b = b.below(j + 1) * a.total();
    const bool together = std::abs(end_a - end_b) <= rounding * std::max(end_a, end_b);
    const double half = half_difference(a.score(i), b.score(j));
    const double next = std::min(end_a, end_b) / a.total() / b.total();
    if (half > scale) {
      squares *= scale / half * (scale / half);
      scale = half;
    }
    if (half > 0) squares += (next - u) * (half / scale) * (half / scale);
    u = next;
    if (together || end_a < end_b) ++i;
    if (together || end_b < end_a) ++j;
  }
  result.wasserstein2 = doubled(scale * std::sqrt(squares));
  result.quantile_gap = doubled(scale);
  return result;
}

void check_pairs(std::size_t groups, std::size_t pairs) {
  if (pairs <= kMostPairs) return;
  throw Error(ErrorKind::TooLarge,
              "the distribution has " + std::to_string(groups) + " groups, which make " +
                  std::to_string(pairs) + " pairs, and " + std::to_string(kMostPairs) +
                  " are compared at most (of 1000 groups)",
              "ks_distance gives the largest distance of any number of groups; is this column "
              "really the sensitive attribute?");
}

std::optional<Distances> largest_distances(const std::vector<ScoreLaw>& laws, Monitor& monitor) {
  const auto filled = static_cast<std::size_t>(
      std::count_if(laws.begin(), laws.end(), [](const ScoreLaw& law) { return !law.empty(); }));
  check_pairs(filled, filled * (filled - std::min<std::size_t>(filled, 1)) / 2);
  std::optional<Distances> largest;
  for (std::size_t g = 0; g < laws.size(); ++g) {
    for (std::size_t h = g + 1; h < laws.size(); ++h) {
      if (laws[g].empty() || laws[h].empty()) continue;
      const Distances d = distances(laws[g], laws[h], monitor);
      if (!largest) largest = d;
      largest->ks = std::max(largest->ks, d.ks);
      largest->wasserstein = std::max(largest->wasserstein, d.wasserstein);
      largest->wasserstein2 = std::max(largest->wasserstein2, d.wasserstein2);
      largest->quantile_gap = std::max(largest->quantile_gap, d.quantile_gap);
    }
  }
  return largest;
}

// The largest |F_g - F_h| at t is (largest F at t) - (smallest F at t), so one sweep over the
// merged scores serves all pairs. F only grows: the largest is a running maximum, the smallest
// comes from a heap with an entry for each group, brought up to date when it surfaces.
std::optional<double> largest_ks(const std::vector<ScoreLaw>& laws, Monitor& monitor) {
  struct Cursor {
    const ScoreLaw* law;
    std::size_t passed = 0;
    double value() const { return law->below(passed) / law->total(); }
  };
  std::vector<Cursor> cursors;
  for (const ScoreLaw& law : laws) {
    if (!law.empty()) cursors.push_back({&law});
  }
  if (cursors.size() < 2) return std::nullopt;

  using Entry = std::pair<double, std::size_t>;
  using MinHeap = std::priority_queue<Entry, std::vector<Entry>, std::greater<>>;
  MinHeap next_score;
  MinHeap smallest_f;
  for (std::size_t c = 0; c < cursors.size(); ++c) {
    next_score.emplace(cursors[c].law->score(0), c);
    smallest_f.emplace(0.0, c);
  }
  double largest_f = 0;
  double distance = 0;
  for (std::size_t step = 1; !next_score.empty(); ++step) {
    if (step % kStepsPerPoll == 0) monitor.poll();
    const double t = next_score.top().first;
    while (!next_score.empty() && next_score.top().first == t) {
      const std::size_t c = next_score.top().second;
      next_score.pop();
      Cursor& cursor = cursors[c];
      ++cursor.passed;
      largest_f = std::max(largest_f, cursor.value());
      if (cursor.passed < cursor.law->size()) {
        next_score.emplace(cursor.law->score(cursor.passed), c);
      }
    }
    while (smallest_f.top().first < cursors[smallest_f.top().second].value()) {
      const std::size_t c = smallest_f.top().second;
      smallest_f.pop();
      smallest_f.emplace(cursors[c].value(), c);
    }
    distance = std::max(distance, largest_f - smallest_f.top().first);
  }
  return distance;
}

namespace {

// Kolmogorov's limit: P(sup |Brownian bridge| > x), by whichever of its two series converges fast.
double kolmogorov_upper(double x) noexcept {
  constexpr double kPi = 3.14159265358979323846;
  if (x < 1e-3) return 1;
  if (x < 1) {
    double sum = 0;
    for (int k = 1; k < 20; k += 2) sum += std::exp(-k * k * kPi * kPi / (8 * x * x));
    return 1 - std::sqrt(2 * kPi) / x * sum;
  }
  double sum = 0;
  for (int k = 1; k < 20; ++k) sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * x * x);
  return sum;
}

// The share of the orders of m and n rows in which the two distribution functions stay closer than
// ks wherever both are read, at the ends of ties. inside[j] is the chance to come to i rows of a
// and j rows of b so, given that as many rows have been passed.
double exact_upper(const ScoreLaw& a, const ScoreLaw& b, double ks, Monitor& monitor) {
  const auto m = static_cast<std::size_t>(a.total());
  const auto n = static_cast<std::size_t>(b.total());
  std::vector<bool> end_of_tie(m + n + 1, false);
  end_of_tie[0] = true;
  each_score(a, b, monitor, [&](double /*score*/, std::size_t i, std::size_t j) {
    end_of_tie[static_cast<std::size_t>(a.below(i) + b.below(j))] = true;
  });
  // Distances are multiples of 1 / (m n): one that rounding made smaller is still reached.
  const double limit = ks * static_cast<double>(m) * static_cast<double>(n) - 0.5;
  const auto reaches = [&](std::size_t i, std::size_t j) {
    const double distance = static_cast<double>(i) * static_cast<double>(n) -
                            static_cast<double>(j) * static_cast<double>(m);
    return end_of_tie[i + j] && std::abs(distance) > limit;
  };
  // outside[j]: the chance that a path to (i, j) has reached the distance.
  std::vector<double> outside(n + 1, 0.0);
  for (std::size_t i = 0; i <= m; ++i) {
    monitor.poll();
    for (std::size_t j = 0; j <= n; ++j) {
      if (i + j == 0) {
        outside[0] = reaches(0, 0) ? 1 : 0;
        continue;
      }
      if (reaches(i, j)) {
        outside[j] = 1;
        continue;
      }
      // A path to (i, j) comes from (i - 1, j) with the chance i / (i + j).
      const auto from_a = static_cast<double>(i);
      const auto from_b = static_cast<double>(j);
      outside[j] = ((i > 0 ? from_a * outside[j] : 0) + (j > 0 ? from_b * outside[j - 1] : 0)) /
                   (from_a + from_b);
    }
  }
  return outside[n];
}

}  // namespace

KsTest ks_test(const ScoreLaw& a, const ScoreLaw& b, double ks, Monitor& monitor) {
  constexpr double kMostPaths = 1e6;
  if (a.counts_rows() && b.counts_rows() && a.total() * b.total() <= kMostPaths) {
    return {std::clamp(exact_upper(a, b, ks, monitor), 0.0, 1.0), true};
  }
  ks = std::max(0.0, ks - a.rank_error() - b.rank_error());
  const double m = a.effective_rows();
  const double n = b.effective_rows();
  return {std::clamp(kolmogorov_upper(ks * std::sqrt(m / (m + n) * n)), 0.0, 1.0), false};
}

}  // namespace fairdb
