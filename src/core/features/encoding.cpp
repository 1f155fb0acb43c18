#include "core/features/encoding.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace fairdb {

Index FeatureColumn::find(std::string_view level) const noexcept {
  const auto it = std::lower_bound(levels.begin(), levels.end(), level);
  return it != levels.end() && *it == level ? it - levels.begin() : -1;
}

std::string_view description(FeatureKind kind) noexcept {
  switch (kind) {
    case FeatureKind::Category:
      return "a text or an enum";
    case FeatureKind::Time:
      return "a date or a timestamp";
    case FeatureKind::Interval:
      return "an interval or a time";
    case FeatureKind::Array:
      return "an array of numbers";
    case FeatureKind::Number:
    case FeatureKind::Boolean:
      break;
  }
  return "a number or a boolean";
}

std::string_view name(FeatureKind kind) noexcept {
  switch (kind) {
    case FeatureKind::Number:
      return "number";
    case FeatureKind::Boolean:
      return "boolean";
    case FeatureKind::Category:
      return "category";
    case FeatureKind::Time:
      return "time";
    case FeatureKind::Interval:
      return "interval";
    case FeatureKind::Array:
      return "array";
  }
  return "unknown";
}

std::string FeatureColumn::part(Index k) const {
  if (kind == FeatureKind::Category) return levels[static_cast<std::size_t>(k)];
  if (kind == FeatureKind::Array) return std::to_string(k + 1);
  return {};
}

Index total_width(std::span<const FeatureColumn> columns) {
  Index width = 0;
  const FeatureColumn* widest = nullptr;
  for (const FeatureColumn& column : columns) {
    width += column.width();
    if (widest == nullptr || column.width() > widest->width()) widest = &column;
  }
  if (width > kMaxFeatures) {
    throw Error(
        ErrorKind::TooLarge,
        std::to_string(width) + " features are too many, the limit is " +
            std::to_string(kMaxFeatures),
        widest->kind == FeatureKind::Category
            ? "Column \"" + widest->name + "\" alone has " + std::to_string(widest->width()) +
                  " levels; leave out identifiers and free text with features => array[...]."
            : "Name fewer columns with features => array[...].");
  }
  return width;
}

OnNull on_null_named(std::string_view wanted) {
  for (const OnNull o : {OnNull::Error, OnNull::Skip, OnNull::Impute}) {
    if (wanted == name(o)) return o;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown on_null \"" + std::string(wanted) + "\"",
              "Known: error, skip, impute.");
}

std::string_view name(OnNull on_null) noexcept {
  switch (on_null) {
    case OnNull::Error:
      return "error";
    case OnNull::Skip:
      return "skip";
    case OnNull::Impute:
      return "impute";
  }
  return "unknown";
}

Encoder::Encoder(std::span<const FeatureColumn> columns,
                 OnNull on_null,
                 Vector impute,
                 Index attributes,
                 bool weighted)
    : columns_(columns),
      on_null_(on_null),
      impute_(std::move(impute)),
      attributes_(attributes),
      weighted_(weighted),
      width_(total_width(columns)) {
  for (const FeatureColumn& column : columns) {
    if (column.kind == FeatureKind::Category) {
      level_of_code_.emplace_back();
    } else {
      numbers_ += column.elements;
    }
  }
}

void Encoder::learn(Index category, std::span<const std::string_view> labels) {
  Index seen = -1;
  const auto column = std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) {
    return c.kind == FeatureKind::Category && ++seen == category;
  });
  auto& known = level_of_code_[static_cast<std::size_t>(category)];
  for (std::size_t code = known.size(); code < labels.size(); ++code) {
    const Index level = column->find(labels[code]);
    if (level < 0) {
      throw Error(ErrorKind::InvalidData,
                  "column \"" + column->name + "\" has the level \"" + std::string(labels[code]) +
                      "\", which the first reading of the source has not met",
                  "A source must return the same rows each time it is read, and rows that a "
                  "preprocessing is applied to must have its levels.");
    }
    known.push_back(level);
  }
}

bool Encoder::keep(const RawRows& rows, Index row) const {
  if (std::isnan(rows.numbers(row, numbers_))) return false;  // the target
  if (weighted_ && std::isnan(rows.numbers(row, numbers_ + 1))) return false;
  if (on_null_ != OnNull::Skip) return true;
  const auto codes = rows.codes.subspan(static_cast<std::size_t>(row * rows.label_columns),
                                        static_cast<std::size_t>(rows.label_columns));
  return !rows.numbers.row(row).hasNaN() &&
         std::none_of(codes.begin(), codes.end(), [](std::int32_t code) { return code < 0; });
}

namespace {

std::string short_text(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

void check_weights(const VectorView& weight) {
  constexpr double kSmallest = 1e-16;
  constexpr double kLargest = 1e12;
  for (Index i = 0; i < weight.size(); ++i) {
    const double w = weight(i);
    if (w == 0 || (w >= kSmallest && w <= kLargest)) continue;
    throw Error(ErrorKind::InvalidData,
                "a weight is " + short_text(w) + ", expected 0 or a number from 1e-16 to 1e12");
  }
}

}  // namespace

RowBlock Encoder::encode(const RawRows& rows) {
  RowBlock block;
  block.attributes = attributes_;
  if (level_of_code_.empty() && !rows.nulls) {
    block.values = rows.numbers.leftCols(width_ + 1);
    block.group.assign(rows.codes.begin(), rows.codes.end());
    if (weighted_) block.weight = rows.numbers.col(width_ + 1);
    check_weights(block.weight);
    return block;
  }
  std::vector<Index> kept;
  for (Index i = 0; i < rows.numbers.rows(); ++i) {
    if (!rows.nulls || keep(rows, i)) kept.push_back(i);
  }
  skipped_ += rows.numbers.rows() - static_cast<Index>(kept.size());
  block.values = RowMatrix::Zero(static_cast<Index>(kept.size()), width_ + 1);
  if (weighted_) block.weight.resize(static_cast<Index>(kept.size()));
  block.group.reserve(kept.size() * static_cast<std::size_t>(attributes_));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::int32_t* const codes = rows.codes.data() + kept[i] * rows.label_columns;
    encode_row(rows.numbers.row(kept[i]).data(), codes,
               block.values.row(static_cast<Index>(i)).data());
    block.group.insert(block.group.end(), codes + rows.label_columns - attributes_,
                       codes + rows.label_columns);
    if (weighted_) block.weight(static_cast<Index>(i)) = rows.numbers(kept[i], numbers_ + 1);
  }
  check_weights(block.weight);
  return block;
}

// numbers, codes: one raw row. values: width + 1 zeros, filled with the features and the target.
void Encoder::encode_row(const double* numbers, const std::int32_t* codes, double* values) const {
  std::size_t category = 0;
  Index feature = 0;
  for (const FeatureColumn& column : columns_) {
    if (column.kind != FeatureKind::Category) {
      for (Index k = feature; k < feature + column.elements; ++k) {
        const double number = *numbers++;
        values[k] = std::isnan(number) ? impute_(k) : number;
      }
    } else if (const std::int32_t code = codes[category]; code >= 0) {
      values[feature + level_of_code_[category][static_cast<std::size_t>(code)]] = 1;
      ++category;
    } else {
      std::copy_n(impute_.data() + feature, column.width(), values + feature);
      ++category;
    }
    feature += column.width();
  }
  values[feature] = *numbers;
}

Survey::Survey(std::span<const FeatureColumn> columns, bool weighted) : weighted_(weighted) {
  for (const FeatureColumn& column : columns) {
    if (column.kind == FeatureKind::Category) {
      codes_.emplace_back();
    } else {
      sums_.resize(sums_.size() + static_cast<std::size_t>(column.elements));
      known_.resize(sums_.size());
    }
  }
}

void Survey::add(const RawRows& rows) {
  for (Index i = 0; i < rows.numbers.rows(); ++i) {
    double weight = 1;
    if (weighted_) {
      weight = rows.numbers(i, static_cast<Index>(sums_.size()) + 1);
      if (!(weight >= 0)) weight = 0;
    }
    for (std::size_t j = 0; j < sums_.size(); ++j) {
      const double number = rows.numbers(i, static_cast<Index>(j));
      if (std::isnan(number)) continue;
      sums_[j] += weight * number;
      known_[j] += weight;
    }
    for (std::size_t k = 0; k < codes_.size(); ++k) {
      const std::int32_t code = rows.codes[static_cast<std::size_t>(i * rows.label_columns) + k];
      if (code < 0) continue;
      if (static_cast<std::size_t>(code) >= codes_[k].size()) {
        codes_[k].resize(static_cast<std::size_t>(code) + 1);
      }
      codes_[k][static_cast<std::size_t>(code)] += weight;
    }
  }
}

Vector Survey::finish(std::span<const std::vector<std::string_view>> labels,
                      std::vector<FeatureColumn>& columns) const {
  std::size_t category = 0;
  for (FeatureColumn& column : columns) {
    if (column.kind != FeatureKind::Category) continue;
    column.levels.assign(labels[category].begin(), labels[category].end());
    std::sort(column.levels.begin(), column.levels.end());
    ++category;
  }
  Vector means = Vector::Zero(total_width(columns));
  std::size_t number = 0;
  category = 0;
  Index feature = 0;
  for (const FeatureColumn& column : columns) {
    if (column.kind != FeatureKind::Category) {
      for (Index k = feature; k < feature + column.elements; ++k, ++number) {
        if (known_[number] > 0) means(k) = sums_[number] / known_[number];
      }
    } else {
      const auto& counts = codes_[category];
      double total = 0;
      for (const double weight : counts) total += weight;
      for (std::size_t code = 0; total > 0 && code < counts.size(); ++code) {
        means(feature + column.find(labels[category][code])) = counts[code] / total;
      }
      ++category;
    }
    feature += column.width();
  }
  return means;
}

}  // namespace fairdb
