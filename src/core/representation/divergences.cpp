#include "core/representation/divergences.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/base/error.hpp"

namespace fairdb {
namespace {

// Their distances take 16 MB and some hundredths of a second.
constexpr Index kMedianPoints = 2000;

void require_positive(const char* name, double value) {
  if (value > 0 && std::isfinite(value)) return;
  throw Error(ErrorKind::InvalidArgument, std::string(name) + " must be a positive number",
              "NULL takes it from the median distance of the vectors.");
}

// Of the vectors that differ. Errors: OutOfRange where most are too near for numbers of their own.
double median_square(const PointGroups& points, Monitor& monitor) {
  constexpr double kNearest = 1e-280;
  const double median = points.median_squared_distance(kMedianPoints, monitor);
  if (median == 0 || median >= kNearest) return median;
  throw Error(ErrorKind::OutOfRange, "the vectors are too near one another for double precision",
              "Vectors in a unit in which they are of moderate size avoid it.");
}

}  // namespace

GaussianSum mmd_kernel(const PointGroups& points,
                       std::optional<double> bandwidth,
                       Monitor& monitor) {
  if (bandwidth) {
    require_positive("bandwidth", *bandwidth);
    constexpr double kFarthest = 1e100;
    if (*bandwidth < 1 / kFarthest || *bandwidth > kFarthest) {
      throw Error(ErrorKind::InvalidArgument, "bandwidth must be between 1e-100 and 1e100");
    }
    return gaussian_of(*bandwidth);
  }
  return gaussian_mixture(median_square(points, monitor));
}

double sinkhorn_epsilon(const PointGroups& points,
                        std::optional<double> relative,
                        Monitor& monitor) {
  require_epsilon(relative.value_or(kDefaultEpsilon));
  const double median = 0.5 * median_square(points, monitor);
  return relative.value_or(kDefaultEpsilon) * (median > 0 ? median : 1);
}

void require_epsilon(double relative) {
  if (relative >= 1e-6 && relative <= 1e6) return;
  throw Error(ErrorKind::InvalidArgument, "epsilon must be between 1e-6 and 1e6",
              "It is a factor of the median cost: at 1e6 the divergence is that of the means, and "
              "one near 0 converges too slowly.");
}

std::size_t median_bytes(Index points) noexcept {
  const auto chosen = static_cast<std::size_t>(std::min(points, kMedianPoints));
  return chosen * chosen / 2 * sizeof(double);
}

Eigen::MatrixXd unbiased_means(Eigen::MatrixXd means, double at_itself, const VectorView& rows) {
  for (Index g = 0; g < means.rows(); ++g) {
    means(g, g) = rows(g) > 1 ? (rows(g) * means(g, g) - at_itself) / (rows(g) - 1) : kUnknown;
  }
  return means;
}

Eigen::MatrixXd divergences_of(const Eigen::MatrixXd& means) {
  Eigen::MatrixXd result = Eigen::MatrixXd::Zero(means.rows(), means.cols());
  for (Index g = 0; g < means.rows(); ++g) {
    for (Index h = 0; h < g; ++h)
      result(g, h) = result(h, g) = means(g, g) + means(h, h) - 2 * means(g, h);
  }
  return result;
}

std::optional<double> largest_of_pairs(const Eigen::MatrixXd& divergences) {
  if (divergences.rows() < 2) return std::nullopt;
  double largest = divergences(1, 0);
  for (Index g = 0; g < divergences.rows(); ++g) {
    for (Index h = 0; h < g; ++h) {
      if (std::isnan(divergences(g, h))) return std::nullopt;
      largest = std::max(largest, divergences(g, h));
    }
  }
  return largest;
}

}  // namespace fairdb
