#include "core/distribution/histogram.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "core/base/error.hpp"
#include "core/base/suppression.hpp"

namespace fairdb {
namespace {

// Of the groups that are shown: the others' ends are theirs.
std::vector<double> edges_of(const std::vector<ScoreLaw>& laws,
                             const std::vector<bool>& hidden,
                             std::int32_t bins) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (std::size_t g = 0; g < laws.size(); ++g) {
    if (laws[g].empty() || hidden[g]) continue;
    low = std::min(low, laws[g].score(0));
    high = std::max(high, laws[g].score(laws[g].size() - 1));
  }
  std::vector<double> edges;
  if (!(low <= high)) return edges;
  for (std::int32_t k = 0; k < bins; ++k) {
    edges.push_back(std::lerp(low, high, static_cast<double>(k) / bins));
  }
  edges.push_back(high);
  return edges;
}

// rows_known: whether weights are numbers of rows; else a bin has at least as many people as
// different scores.
std::vector<HistogramBin> bins_of_law(const ScoreLaw& law,
                                      const std::vector<double>& edges,
                                      bool rows_known,
                                      std::int64_t k) {
  const std::size_t bins = edges.size() - 1;
  std::vector<HistogramBin> result(bins);
  std::vector<std::int64_t> people;
  std::size_t first = 0;
  double before = 0;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t end = bin + 1 == bins ? law.size() : law.lower_bound(edges[bin + 1]);
    const double after = law.below(end);
    result[bin].weight = after - before;
    result[bin].share = (after - before) / law.total();
    const auto points = static_cast<std::int64_t>(end - first);
    people.push_back(points > 0 && rows_known
                         ? std::max<std::int64_t>(1, std::llround(after - before))
                         : points);
    first = end;
    before = after;
  }
  const std::vector<bool> few = hidden_parts(people, k);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    if (few[bin]) result[bin] = {{}, {}, true};
  }
  return result;
}

}  // namespace

Histogram::Histogram(const Distribution& distribution,
                     std::vector<bool> hidden,
                     std::int32_t bins,
                     std::int64_t k)
    : distribution_(distribution),
      hidden_(std::move(hidden)),
      bins_(static_cast<std::size_t>(bins)),
      k_(k) {
  constexpr int kMostBins = 100000;
  if (bins < 1 || bins > kMostBins) {
    throw Error(ErrorKind::InvalidArgument,
                "bins is " + std::to_string(bins) + ", expected 1 to " + std::to_string(kMostBins));
  }
  laws_ = laws_of(distribution);
  edges_ = edges_of(laws_, hidden_, bins);
}

std::vector<HistogramBin> Histogram::bins_of(std::int32_t group) const {
  const auto g = static_cast<std::size_t>(group);
  if (laws_[g].empty() || hidden_[g]) {
    return std::vector<HistogramBin>(bins_, HistogramBin{{}, {}, hidden_[g]});
  }
  const ScoreGroup& of = distribution_.group(group);
  const bool rows_known = of.weight() == static_cast<double>(of.rows);
  return bins_of_law(laws_[g], edges_, rows_known, k_);
}

}  // namespace fairdb
