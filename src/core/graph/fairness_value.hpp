// An embedding's fairness as a part of its value.
#pragma once

#include "core/base/archive.hpp"
#include "core/base/error.hpp"
#include "core/base/json_writer.hpp"
#include "core/graph/fairness.hpp"

namespace fairdb {

namespace detail {

// Beyond what vectors hold, and within single precision; and maps, which may divide by deviations.
inline constexpr double kMostOfVectors = 1e30;
inline constexpr double kMostOfMap = 1e60;
// Rows of `columns` numbers each, of at most `most`. Errors: CorruptValue; OutOfRange, to write.
template <class Archive, class Matrix>
void matrix_field(Archive& archive, Matrix& matrix, Index columns, double most) {
  using Plain = std::remove_const_t<Matrix>;
  Vector numbers;
  if constexpr (Archive::kReads) {
    archive.vector(numbers);
    if (numbers.size() % columns != 0) corrupt("a matrix of the value has no full rows");
    if (!(numbers.array().abs() <= most).all()) {
      corrupt("a number of a matrix is too large");
    }
    matrix = Eigen::Map<const RowMatrix>(numbers.data(), numbers.size() / columns, columns)
                 .template cast<typename Plain::Scalar>();
  } else {
    numbers = Eigen::Map<const Eigen::Matrix<typename Plain::Scalar, Eigen::Dynamic, 1>>(
                  matrix.data(), matrix.size())
                  .template cast<double>();
    if (!(numbers.array().abs() <= most).all()) {
      throw Error(ErrorKind::OutOfRange,
                  "a number of what is remembered for new persons is too large for a value");
    }
    archive.vector(numbers);
  }
}

template <class Archive, class Relation>
void relation_field(Archive& archive, Relation& relation) {
  archive.text(relation.name);
  archive.flag(relation.inverse);
}

}  // namespace detail

// d: dimensions of the vectors. What was read is to be checked by check_fairness().
template <class Archive, class Fairness>
void fairness_fields(Archive& archive, Fairness& fairness, Index d) {
  archive.choice(fairness.debias);
  archive.choice(fairness.target);
  archive.choice(fairness.reduction);
  archive.count(fairness.persons);
  archive.list(fairness.attributes, 25, [&](auto& attribute) {
    detail::relation_field(archive, attribute.relation);
    archive.list(attribute.values, 4, [&](auto& value) { archive.text(value); });
    archive.number(attribute.weight);
    archive.list(attribute.target, 8, [&](auto& share) { archive.number(share); });
    detail::matrix_field(archive, attribute.vectors, d, detail::kMostOfVectors);
    archive.flag(attribute.of_erasure);
  });
  archive.list(fairness.whitelist, 17, [&](auto& entry) {
    archive.count(entry.attribute);
    detail::relation_field(archive, entry.relation);
    bool one = false;
    std::string other;
    if constexpr (!Archive::kReads) {
      one = entry.other.has_value();
      other = entry.other.value_or("");
    }
    archive.flag(one);
    archive.text(other);
    if constexpr (Archive::kReads) {
      if (one) entry.other = std::move(other);
    }
  });
  archive.list(fairness.divergences, 8, [&](auto& value) { archive.number(value); });
  archive.list(fairness.maps, 37, [&](auto& step) {
    archive.choice(step.kind);
    archive.list(step.relations, 5, [&](auto& r) { detail::relation_field(archive, r); });
    archive.list(step.values, 8, [&](auto& count) { archive.count(count); });
    detail::matrix_field(archive, step.map.left, d, detail::kMostOfMap);
    detail::matrix_field(archive, step.map.right, d, detail::kMostOfMap);
    archive.vector(step.map.constant);
    archive.vector(step.map.reach);
    archive.count(step.persons);
    archive.number(step.share_kept);
  });
}
// Errors: CorruptValue where parts do not fit each other.
void check_fairness(const GraphFairness& fairness);

// Bytes of the fields, more or less, for vectors of d dimensions.
std::size_t fairness_bytes(const GraphFairness& fairness, Index d) noexcept;

// An object.
void describe(const GraphFairness& fairness, Index dimensions, JsonWriter& json);

}  // namespace fairdb
