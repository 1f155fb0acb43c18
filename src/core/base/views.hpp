// The shapes in which numbers travel: views go in, plain owning types come out.
//
// One storage order everywhere: rows of a matrix are rows of a table (row-major). A column-major
// argument would bind to MatrixView too, by a silent copy; the unit tests forbid that copy.
#pragma once

#ifdef POSTGRES_H
#error "include the core before the server: core headers must not see PostgreSQL"
#endif

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <span>

namespace fairdb {

using Index = Eigen::Index;
using Vector = Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using VectorView = Eigen::Ref<const Vector>;
using VectorSpan = Eigen::Ref<Vector>;
using MatrixView = Eigen::Ref<const RowMatrix, 0, Eigen::OuterStride<>>;

// The group of each row: an index into a list of groups, or kUnknownGroup.
using GroupView = std::span<const std::int32_t>;
inline constexpr std::int32_t kUnknownGroup = -1;

// "Not computed" inside a Report. A number that a user sees is a std::optional instead.
inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

}  // namespace fairdb
