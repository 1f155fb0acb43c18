#include "core/representation/divergence_test.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/random.hpp"

namespace fairdb {
namespace {

// How many of `draws` things, taken without return from `good` and `bad` ones, are good: by
// inversion from the mode, and of many, where that takes long and the logarithms of factorials lose
// digits, by the normal law of the same mean and variance. Source: Devroye, "Non-uniform random
// variate generation", 1986, chapter II.2.
std::int64_t hypergeometric(Random& random,
                            std::int64_t good,
                            std::int64_t bad,
                            std::int64_t draws) {
  constexpr double kManyVariance = 1e4;
  const std::int64_t least = std::max<std::int64_t>(0, draws - bad);
  const std::int64_t most = std::min(draws, good);
  if (least == most) return least;
  if (draws == 1) return random.below(good + bad) < good ? 1 : 0;
  const auto real = [](std::int64_t n) { return static_cast<double>(n); };
  const double share = real(good) / (real(good) + real(bad));
  const double variance = real(draws) * share * (1 - share) *
                          (real(good) + real(bad) - real(draws)) / (real(good) + real(bad) - 1);
  if (variance > kManyVariance) {
    const double drawn = real(draws) * share + std::sqrt(variance) * random.normal();
    return std::clamp(static_cast<std::int64_t>(std::llround(drawn)), least, most);
  }
  const auto factorial = [](std::int64_t n) {  // its logarithm, of large numbers by all its digits
    return std::lgamma(static_cast<long double>(n) + 1);
  };
  const auto choose = [&](std::int64_t n, std::int64_t k) {
    return factorial(n) - factorial(k) - factorial(n - k);
  };
  const auto mode = std::clamp(static_cast<std::int64_t>((real(draws) + 1) * (real(good) + 1) /
                                                         (real(good) + real(bad) + 2)),
                               least, most);
  const double at_mode = static_cast<double>(
      std::exp(choose(good, mode) + choose(bad, draws - mode) - choose(good + bad, draws)));
  double rest = random.uniform() - at_mode;
  double up = at_mode;
  double down = at_mode;
  std::int64_t above = mode;
  std::int64_t below = mode;
  constexpr double kNothing = 1e-18;  // what is left then is rounding
  while (rest > 0 && (above < most || below > least) && up + down > kNothing) {
    if (above < most) {
      up *= real(good - above) * real(draws - above) /
            (real(above + 1) * real(bad - draws + above + 1));
      ++above;
      rest -= up;
      if (rest <= 0) return above;
    }
    if (below > least) {
      down *= real(below) * real(bad - draws + below) /
              (real(good - below + 1) * real(draws - below + 1));
      --below;
      rest -= down;
      if (rest <= 0) return below;
    }
  }
  return mode;
}

// What is dealt: vectors, each with the rows that are dealt one by one, and the weight of such a
// row.
struct Deal {
  std::vector<std::int64_t> units;   // of each vector
  std::vector<double> weight;        // of a unit
  std::vector<std::int64_t> places;  // of each group, in units

  // mass: n x groups, receives each group's weight on each vector, of sum 1.
  void shuffle(Random& random, Eigen::MatrixXd& mass, Monitor& monitor) const {
    std::vector<std::int64_t> left = places;
    std::int64_t all = std::accumulate(left.begin(), left.end(), std::int64_t{0});
    mass.setZero();
    for (std::size_t i = 0; i < units.size(); ++i) {
      monitor.poll();
      std::int64_t here = units[i];
      std::int64_t others = all;
      for (std::size_t g = 0; g < left.size() && here > 0; ++g) {
        others -= left[g];
        const std::int64_t drawn = hypergeometric(random, left[g], others, here);
        mass(static_cast<Index>(i), static_cast<Index>(g)) = weight[i] * static_cast<double>(drawn);
        here -= drawn;
        // The next group is drawn from among the others alone.
        left[g] -= drawn;
        all -= drawn;
      }
    }
    for (Index g = 0; g < mass.cols(); ++g) mass.col(g) /= mass.col(g).sum();
  }
};

// How many rows of the group are drawn: so many that the sampled vectors, one a row, are enough for
// all but about one draw in a thousand.
std::int64_t drawn_rows(const SampleMeasure& measure) {
  const double sampled_share = 1 - measure.frequent_rows / measure.rows;
  if (measure.sampled == 0 || sampled_share <= 0) return std::llround(measure.rows);
  constexpr double kDeviations = 3;
  const double spread = kDeviations * std::sqrt(1 - sampled_share);
  const double root =
      0.5 * (std::sqrt(spread * spread + 4 * static_cast<double>(measure.sampled)) - spread);
  const double rows = std::floor(root * root / sampled_share * (1 + 1e-12));
  return std::llround(std::clamp(rows, 1.0, measure.rows));
}

// Whether the sampled vectors are as independent as rows: each is about one row, or they are few of
// all. Of many rows a vector, and most vectors of the other groups too, they are a sample without
// return of the same vectors, and differ by less than rows do.
bool are_rows(const SampleMeasure& measure, double different_vectors) {
  constexpr double kCopies = 1.1;
  constexpr double kFew = 0.1;
  const auto sampled = static_cast<double>(measure.sampled);
  return measure.sampled_rows <= kCopies * sampled || sampled <= kFew * different_vectors;
}

// The rows that the test has of a sample's group, each of about the weight of one row, as those of
// a group that keeps them all are. Receives them in the place of the group's own.
void draw_rows(SampleMeasure& measure, Deal& deal, Random& random) {
  std::int64_t left = drawn_rows(measure);
  std::int64_t group_rows = std::llround(measure.rows);
  const double copies =
      measure.sampled > 0 ? measure.sampled_rows / static_cast<double>(measure.sampled) : 1;
  SampleMeasure drawn;
  drawn.stands_for_rows = measure.stands_for_rows;
  std::int64_t places = 0;
  const auto take = [&](const SampleMeasure::Point& point, std::int64_t units, double weight) {
    if (units == 0) return;
    const double rows = static_cast<double>(units) * weight;
    drawn.points.push_back({point.vector, rows, false});
    drawn.sampled_rows += rows;
    deal.units.push_back(units);
    deal.weight.push_back(weight);
    places += units;
    left -= units;
  };
  // The frequent ones first: the others have the rows that are left.
  for (const SampleMeasure::Point& point : measure.points) {
    if (!point.frequent) continue;
    const std::int64_t rows = std::min<std::int64_t>(group_rows, std::llround(point.rows));
    take(point, hypergeometric(random, rows, group_rows - rows, left), 1);
    group_rows -= rows;
  }
  for (const SampleMeasure::Point& point : measure.points) {
    if (!point.frequent && left > 0) take(point, 1, point.rows / copies);
  }
  drawn.rows = drawn.sampled_rows;
  measure = std::move(drawn);
  deal.places.push_back(places);
}

// All rows of a group that keeps them all.
void take_rows(const SampleMeasure& measure, Deal& deal) {
  for (const SampleMeasure::Point& point : measure.points) {
    deal.units.push_back(std::llround(point.rows));
    deal.weight.push_back(1);
  }
  deal.places.push_back(std::llround(measure.rows));
}

// Rows of a group that keeps them all, as many as points are allowed.
SampleMeasure drawn_of_all(const VectorSample::Group& group,
                           Index elements,
                           Index most,
                           Random& random) {
  SampleMeasure measure = measure_of(group, elements, group.kept());
  std::int64_t others = group.rows;
  std::int64_t left = std::min<std::int64_t>(most, group.rows);
  measure.rows = static_cast<double>(left);
  measure.sampled_rows = measure.rows;
  measure.frequent_rows = 0;
  std::vector<SampleMeasure::Point> drawn;
  for (const SampleMeasure::Point& point : measure.points) {
    const std::int64_t here = std::llround(point.rows);
    others -= here;
    const std::int64_t rows = hypergeometric(random, here, others, left);
    left -= rows;
    if (rows > 0) drawn.push_back({point.vector, static_cast<double>(rows), false});
  }
  measure.points = std::move(drawn);
  return measure;
}

// Tells samples apart, so that with one seed each gets draws of its own.
std::uint64_t content_of(VectorSample& sample) {
  std::uint64_t content = 0;
  for (const auto& [label, group] : sample.groups()) {
    content = seeded(content ^ static_cast<std::uint64_t>(group.rows), group.digest.front());
    content ^= group.digest.back();
  }
  return content;
}

// What the test deals of each group.
std::vector<SampleMeasure> dealt_rows(VectorSample& sample,
                                      Index most,
                                      Deal& deal,
                                      Random& random) {
  std::vector<SampleMeasure> measures;
  for (const auto& [label, group] : sample.groups()) {
    if (group.exact()) {
      measures.push_back(group.kept() <= most
                             ? measure_of(group, sample.elements(), most)
                             : drawn_of_all(group, sample.elements(), most, random));
      take_rows(measures.back(), deal);
    } else {
      SampleMeasure measure = measure_of(group, sample.elements(), most);
      measure.stands_for_rows =
          measure.stands_for_rows && are_rows(measure, group.different_vectors());
      draw_rows(measure, deal, random);
      measures.push_back(std::move(measure));
    }
  }
  return measures;
}

// Of divergences that are all numbers.
double known_largest(const Eigen::MatrixXd& divergences) {
  const std::optional<double> largest = largest_of_pairs(divergences);
  FAIRDB_ASSERT(largest.has_value());
  return *largest;
}

// How many deals' masses are multiplied at once, and how many vectors of each group are dealt.
Index deals_at_once(Index groups) {
  return std::max<Index>(1, 256 / groups);
}
Index vectors_of_group(Divergence divergence, Index groups) {
  return std::max<Index>(
      2, (divergence == Divergence::Sinkhorn ? kTestedVectorsSinkhorn : kTestedVectors) / groups);
}

// The largest divergences of all deals: the kernel's matrix, tile by tile, against many of them at
// once.
std::vector<double> dealt_divergences(const PointGroups& points,
                                      const PairKernel& kernel,
                                      const Deal& deal,
                                      std::int32_t permutations,
                                      Random& random,
                                      Monitor& monitor) {
  const Index k = static_cast<Index>(deal.places.size());
  const Index n = points.points();
  const Index at_once = deals_at_once(k);
  std::vector<double> result;
  result.reserve(static_cast<std::size_t>(permutations));
  std::vector<double> value(static_cast<std::size_t>(kTilePoints * kTilePoints));
  std::vector<double> slope(value.size());
  Eigen::MatrixXd mass(n, k);
  while (static_cast<std::int32_t>(result.size()) < permutations) {
    const Index deals = std::min<Index>(at_once, permutations - static_cast<Index>(result.size()));
    RowMatrix masses(n, deals * k);
    for (Index p = 0; p < deals; ++p) {
      monitor.poll();
      deal.shuffle(random, mass, monitor);
      masses.middleCols(p * k, k) = mass;
    }
    RowMatrix products(n, deals * k);  // the kernel's matrix times the masses
    for (Index i = 0; i < n; i += kTilePoints) {
      const Index rows = std::min(kTilePoints, n - i);
      for (Index j = 0; j < n; j += kTilePoints) {
        monitor.poll();
        const PairTile tile{i, rows, j, std::min(kTilePoints, n - j)};
        kernel_tile(points, kernel, tile, value.data(), slope.data(), kTilePoints);
        product(Strided<double>{value.data(), rows, tile.columns, kTilePoints, 1},
                strided(masses.middleRows(j, tile.columns)), products.row(i).data(), deals * k,
                j == 0 ? Into::Set : Into::Add);
      }
    }
    for (Index p = 0; p < deals; ++p) {
      const Eigen::MatrixXd means =
          masses.middleCols(p * k, k).transpose() * products.middleCols(p * k, k);
      result.push_back(known_largest(divergences_of(0.5 * (means + means.transpose()))));
    }
  }
  return result;
}

// The vectors of each group that have some of its mass.
PointGroups dealt_points(const PointGroups& points, const Eigen::MatrixXd& mass) {
  std::vector<Index> rows;
  std::vector<double> weight;
  std::vector<Index> begin = {0};
  for (Index g = 0; g < mass.cols(); ++g) {
    for (Index i = 0; i < mass.rows(); ++i) {
      if (mass(i, g) == 0) continue;
      rows.push_back(i);
      weight.push_back(mass(i, g));
    }
    begin.push_back(static_cast<Index>(rows.size()));
  }
  RowMatrix x(begin.back(), points.dimensions());
  for (Index i = 0; i < x.rows(); ++i) x.row(i) = points.x().row(rows[static_cast<std::size_t>(i)]);
  const Vector weights = Eigen::Map<const Vector>(weight.data(), x.rows());
  return {std::move(x), std::move(begin), weights};
}

// Shares of deals at least as far apart, up to rounding.
double share_beyond(const std::vector<double>& dealt, double value) {
  constexpr double kRounding = 1e-10;
  const double least = value - kRounding * std::abs(value) - 1e-14;
  const auto beyond =
      std::count_if(dealt.begin(), dealt.end(), [&](double v) { return v >= least; });
  return static_cast<double>(1 + beyond) / static_cast<double>(1 + dealt.size());
}

}  // namespace

void validate(const DivergenceTestOptions& options) {
  if (options.permutations < 1 || options.permutations > 100000) {
    throw Error(ErrorKind::InvalidArgument, "permutations must be 1 to 100000");
  }
  const auto refuse = [&](bool given, const char* parameter, Divergence has) {
    if (!given || options.divergence == has) return;
    throw Error(ErrorKind::InvalidArgument, std::string("divergence => '") +
                                                std::string(name(options.divergence)) +
                                                "' has no " + parameter);
  };
  refuse(options.bandwidth.has_value(), "bandwidth", Divergence::Mmd);
  refuse(options.epsilon.has_value(), "epsilon", Divergence::Sinkhorn);
}

std::size_t divergence_test_bytes(VectorSample& sample, const DivergenceTestOptions& options) {
  const bool sinkhorn = options.divergence == Divergence::Sinkhorn;
  const auto k = static_cast<Index>(sample.groups().size());
  const Index each = vectors_of_group(options.divergence, k);
  Index n = 0;
  for (const auto& [label, group] : sample.groups()) n += points_at_most(group, each);
  if (sinkhorn) return median_bytes(n) + sinkhorn_bytes(n, n);  // any group may get all vectors
  return median_bytes(n) + 2 * static_cast<std::size_t>(n * deals_at_once(k) * k) * sizeof(double);
}

DivergenceTest test_divergence(VectorSample& sample,
                               const DivergenceTestOptions& options,
                               Monitor& monitor) {
  const bool sinkhorn = options.divergence == Divergence::Sinkhorn;
  const auto k = static_cast<Index>(sample.groups().size());
  FAIRDB_ASSERT(k >= 2);
  Random random(options.seed);
  Random draws(seeded(content_of(sample), options.seed));
  Deal deal;
  const std::vector<SampleMeasure> measures =
      dealt_rows(sample, vectors_of_group(options.divergence, k), deal, draws);
  const PointGroups points = points_of(measures, sample.elements());
  Vector rows(k);
  bool stands = true;
  for (Index g = 0; g < k; ++g) {
    const SampleMeasure& measure = measures[static_cast<std::size_t>(g)];
    rows(g) = measure.rows;
    stands = stands && measure.stands_for_rows;
  }
  DivergenceTest test{0, std::nullopt, std::nullopt, points.points(), true, 0};
  std::vector<double> dealt;
  if (sinkhorn) {
    const SinkhornOptions sinkhorn_options{sinkhorn_epsilon(points, options.epsilon, monitor), 1e-6,
                                           1000};
    Eigen::MatrixXd divergences;
    SinkhornValue value = sinkhorn_divergences(points, sinkhorn_options, divergences, monitor);
    test.value = std::max(0.0, value.value);
    test.converged = value.converged;
    test.marginal_error = value.marginal_error;
    Eigen::MatrixXd mass(points.points(), k);
    for (std::int32_t p = 0; stands && p < options.permutations; ++p) {
      deal.shuffle(random, mass, monitor);
      value =
          sinkhorn_divergences(dealt_points(points, mass), sinkhorn_options, divergences, monitor);
      test.converged = test.converged && value.converged;
      test.marginal_error = std::max(test.marginal_error, value.marginal_error);
      dealt.push_back(value.value);
    }
  } else {
    const PairKernel kernel = options.divergence == Divergence::Mmd
                                  ? PairKernel(mmd_kernel(points, options.bandwidth, monitor))
                                  : PairKernel(NegativeDistance{});
    const Eigen::MatrixXd means = kernel_means(points, kernel, monitor);
    test.value = known_largest(divergences_of(means).cwiseMax(0));
    test.unbiased =
        largest_of_pairs(divergences_of(unbiased_means(means, at_itself(kernel), rows)));
    if (stands)
      dealt = dealt_divergences(points, kernel, deal, options.permutations, random, monitor);
  }
  if (stands) test.p_value = share_beyond(dealt, test.value);
  return test;
}

}  // namespace fairdb
