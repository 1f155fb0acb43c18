#include "core/representation/sample_measure.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {
namespace {

struct Frequent {
  SampleMeasure::Point point;
  std::size_t kept;  // its place, or the number of the kept ones
};

std::span<const double> kept_vector(const VectorSample::Group& group,
                                    Index elements,
                                    std::size_t place) {
  const auto width = static_cast<std::size_t>(elements);
  return std::span(group.values).subspan(place * width, width);
}

// Where the vector is kept, or the number of the kept ones.
std::size_t place_of(const FrequentVectors::Found& found,
                     const VectorSample::Group& group,
                     Index elements) {
  const std::size_t kept = group.digest.size();
  auto i = static_cast<std::size_t>(
      std::lower_bound(group.digest.begin(), group.digest.end(), found.digest) -
      group.digest.begin());
  for (; i < kept && group.digest[i] == found.digest; ++i) {
    const std::span<const double> held = kept_vector(group, elements, i);
    if (std::equal(found.vector.begin(), found.vector.end(), held.begin())) return i;
  }
  return kept;
}

// The vectors with a large share of the rows, those with most of them first: of the kept ones where
// these are all, else those that are found among all rows, with their own number of rows where they
// are kept. At most `most`.
// all: receives whether none was missed.
std::vector<Frequent> frequent_of(const VectorSample::Group& group,
                                  Index elements,
                                  Index most,
                                  bool* all) {
  std::vector<Frequent> frequent;
  const std::size_t kept = group.digest.size();
  const auto take = [&](std::size_t place) {
    frequent.push_back(
        {{kept_vector(group, elements, place), static_cast<double>(group.count[place]), true},
         place});
  };
  if (group.exact()) {
    for (std::size_t i = 0; i < kept; ++i) {
      if (static_cast<double>(group.count[i]) > kFrequentShare * static_cast<double>(group.rows))
        take(i);
    }
  }
  const FrequentVectors::FoundVectors found_vectors = group.frequent_vectors();
  *all = found_vectors.all;
  for (const FrequentVectors::Found& found : found_vectors.vectors) {
    const std::size_t place = place_of(found, group, elements);
    if (place < kept) {
      take(place);
    } else {
      frequent.push_back({{found.vector, found.rows, true}, kept});
    }
  }
  std::stable_sort(frequent.begin(), frequent.end(), [](const Frequent& a, const Frequent& b) {
    return a.point.rows > b.point.rows;
  });
  if (static_cast<Index>(frequent.size()) > most) frequent.resize(static_cast<std::size_t>(most));
  return frequent;
}

// all: different vectors that are not frequent.
bool stands(const SampleMeasure& measure, double all) {
  constexpr double kFarOff = 0.25;
  constexpr double kDeviations = 4;  // that the number of different vectors may be off by chance
  constexpr double kFewest = 0.5;    // of the vectors, as many equal ones would tell as much
  constexpr double kLittle = 0.02;
  const double left = measure.rows - measure.frequent_rows;
  if (left <= kLittle * measure.rows) return true;
  if (measure.sampled == 0) return false;
  const auto n = static_cast<double>(measure.sampled);
  const double share = measure.sampled_rows * all / (n * left);
  const double most = 1 + std::max(kFarOff, kDeviations / std::sqrt(n));
  return share < most && share > 1 / most &&
         measure.sampled_rows * measure.sampled_rows > kFewest * measure.sampled_squares * n;
}

}  // namespace

double SampleMeasure::rows_of_sampled_row() const noexcept {
  // Where the frequent ones are overestimated, at least the rows that are there.
  return sampled_rows > 0 ? std::max(sampled_rows, rows - frequent_rows) / sampled_rows : 0;
}

// Of n sampled vectors pairs are in the sample a little less often than the square of the chance of
// one, by 1 / n of it, which is left. With s rows of the group for a sampled one, sum_ij s^2 c_i
// c_j k_ij of different vectors estimates its sum over pairs; of one vector, s c_i (c_i - 1) k_ii
// does.
double SampleMeasure::independent_rows() const noexcept {
  const double s = rows_of_sampled_row();
  const double all = frequent_rows + s * sampled_rows;
  return all * all / (frequent_rows + s * (s - 1) * sampled_squares + s * sampled_rows);
}

SampleMeasure measure_of(const VectorSample::Group& group, Index elements, Index most) {
  SampleMeasure measure;
  measure.rows = static_cast<double>(group.rows);
  measure.all_rows = group.exact() && group.kept() <= most;
  bool all_found = true;
  const std::vector<Frequent> frequent = frequent_of(group, elements, most / 2, &all_found);
  const std::size_t kept = group.digest.size();
  std::vector<bool> is_frequent(kept + 1, false);
  for (const Frequent& one : frequent) {
    is_frequent[one.kept] = true;
    measure.frequent_rows += one.point.rows;
  }
  const Index room = most - static_cast<Index>(frequent.size());
  for (std::size_t i = 0; i < kept; ++i) {
    const auto rows = static_cast<double>(group.count[i]);
    if (!is_frequent[i]) {
      if (measure.sampled == room) continue;
      measure.sampled_rows += rows;
      measure.sampled_squares += rows * rows;
      ++measure.sampled;
    }
    measure.points.push_back({kept_vector(group, elements, i), rows, is_frequent[i]});
  }
  for (const Frequent& one : frequent) {
    if (one.kept == kept) measure.points.push_back(one.point);
  }
  const double others = group.different_vectors() - static_cast<double>(frequent.size());
  measure.stands_for_rows = measure.all_rows || (all_found && stands(measure, others));
  return measure;
}

std::vector<SampleMeasure> measures_of(VectorSample& sample, Index most) {
  std::vector<SampleMeasure> measures;
  for (const auto& [label, group] : sample.groups())
    measures.push_back(measure_of(group, sample.elements(), most));
  return measures;
}

Index points_at_most(const VectorSample::Group& group, Index most) noexcept {
  const Index frequent = group.exact() ? 0 : static_cast<Index>(FrequentVectors::kMost);
  return std::min(most, group.kept() + frequent);
}

PointGroups points_of(const std::vector<SampleMeasure>& measures, Index elements) {
  std::vector<Index> begin = {0};
  for (const SampleMeasure& measure : measures)
    begin.push_back(begin.back() + static_cast<Index>(measure.points.size()));
  RowMatrix x(begin.back(), elements);
  Vector weight(begin.back());
  Index i = 0;
  for (const SampleMeasure& measure : measures) {
    const double each = measure.rows_of_sampled_row();
    for (const SampleMeasure::Point& point : measure.points) {
      x.row(i) = Eigen::Map<const Eigen::RowVectorXd>(point.vector.data(), elements);
      weight(i++) = point.frequent ? point.rows : each * point.rows;
    }
  }
  return {std::move(x), std::move(begin), std::move(weight)};
}

}  // namespace fairdb
