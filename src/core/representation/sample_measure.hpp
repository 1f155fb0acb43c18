// A group of a sample as a measure: vectors, each with the rows that it stands for.
//
// A vector with a large share of the rows stands for its own rows. The others are a sample: they
// share what is left, each in proportion to the rows that it has. Source: Horvitz, Thompson, "A
// generalization of sampling without replacement from a finite universe", JASA 1952, as a ratio.
#pragma once

#include <span>
#include <vector>

#include "core/representation/point_groups.hpp"
#include "core/representation/vector_sample.hpp"

namespace fairdb {

struct SampleMeasure {
  struct Point {
    std::span<const double> vector;  // valid as long as the group
    double rows;                     // that it has, estimated for a frequent one that is not kept
    bool frequent;                   // has a large share of the rows
  };
  std::vector<Point> points;  // the frequent ones and, of the others, those with the smallest
                              // digests; never empty
  double rows = 0;            // of the group
  double frequent_rows = 0;
  double sampled_rows = 0;     // of the points that are not frequent
  double sampled_squares = 0;  // the sum of the squared rows of each
  Index sampled = 0;           // their number
  bool all_rows = false;       // the points have all rows of the group
  // Whether the sampled points stand for about their share of the rows: they do not where few
  // vectors have many of the rows and are not known to be frequent.
  bool stands_for_rows = true;

  // Of the group's rows that are not frequent, for each that the sampled points have.
  double rows_of_sampled_row() const noexcept;
  // How many rows the means over pairs of points are of, as far as pairs of a row with itself go:
  // of n independent rows these are 1 in n. Of a sample they count by the chance that two of a
  // vector's rows are in it together, which is that of one of them.
  double independent_rows() const noexcept;
};

// Of a group whose vectors have `elements` numbers at most `most` points, at least 2.
SampleMeasure measure_of(const VectorSample::Group& group, Index elements, Index most);

// All groups of the sample, in their order.
std::vector<SampleMeasure> measures_of(VectorSample& sample, Index most);
inline constexpr Index kAllPoints = 2 * kMaxSampleSize;

// The most points that a measure of this group can have.
Index points_at_most(const VectorSample::Group& group, Index most) noexcept;

// There is a group.
PointGroups points_of(const std::vector<SampleMeasure>& measures, Index elements);

}  // namespace fairdb
