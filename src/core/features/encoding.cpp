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

std::string FeatureColumn::part(Index k) const {
  if (kind == FeatureKind::Category) return levels[static_cast<std::size_t>(k)];
  if (kind == FeatureKind::Array) return std::to_string(k + 1);
  return {};
}

std::string feature_name(std::span<const FeatureColumn> columns, Index j) {
  for (const FeatureColumn& column : columns) {
    if (j < column.width()) {
      const std::string part = column.part(j);
      return part.empty() ? column.name : column.name + "[" + part + "]";
    }
    j -= column.width();
  }
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

Index categories_of(std::span<const FeatureColumn> columns) noexcept {
  return std::count_if(columns.begin(), columns.end(),
                       [](const auto& c) { return c.kind == FeatureKind::Category; });
}

Index numbers_of(std::span<const FeatureColumn> columns) noexcept {
  Index numbers = 0;
  for (const FeatureColumn& column : columns) {
    if (column.kind != FeatureKind::Category) numbers += column.elements;
  }
  return numbers;
}

RowRoles::RowRoles(std::span<const FeatureColumn> columns,
                   OnNull on_null,
                   bool weighted,
                   bool binary,
                   double held_out_share,
                   std::uint64_t seed,
                   Index targets)
    : on_null_(on_null),
      weighted_(weighted),
      binary_(binary),
      held_out_share_(held_out_share),
      seed_(seed),
      numbers_(numbers_of(columns)),
      targets_(targets),
      labels_(static_cast<std::size_t>(categories_of(columns))) {}

void RowRoles::learn(Index category, std::span<const std::string_view> labels) {
  auto& known = labels_[static_cast<std::size_t>(category)];
  for (std::size_t code = known.size(); code < labels.size(); ++code) {
    known.push_back(fairdb::digest(labels[code]));
  }
}

bool RowRoles::left_out(const RawRows& rows, Index row) const {
  if (!rows.nulls) return false;
  if (rows.numbers.row(row).segment(numbers_, targets_).array().isNaN().all()) return true;
  if (weighted_ && std::isnan(rows.numbers(row, numbers_ + targets_))) return true;
  if (on_null_ != OnNull::Skip) return false;
  const auto codes = rows.codes.subspan(static_cast<std::size_t>(row * rows.label_columns),
                                        static_cast<std::size_t>(rows.label_columns));
  return rows.numbers.row(row).head(numbers_).hasNaN() ||
         std::any_of(codes.begin(), codes.end(), [](std::int32_t code) { return code < 0; });
}

std::uint64_t RowRoles::digest(const RawRows& rows, Index row) const {
  constexpr double kNull = std::numeric_limits<double>::quiet_NaN();  // of one bit pattern
  ContentDigest content;
  for (Index j = 0; j < numbers_; ++j) {
    const double number = rows.numbers(row, j);
    content.add(std::isnan(number) ? kNull : number);
  }
  for (Index k = numbers_; k < numbers_ + targets_; ++k) {
    const double target = rows.numbers(row, k);
    content.add(std::isnan(target) ? kNull : !binary_ ? target : target > 0 ? 1.0 : -1.0);
  }
  content.add(weighted_ ? rows.numbers(row, numbers_ + targets_) : 1.0);
  for (std::size_t k = 0; k < labels_.size(); ++k) {
    const std::int32_t code = rows.codes[static_cast<std::size_t>(row * rows.label_columns) + k];
    content.add(code < 0 ? std::uint64_t{1} : labels_[k][static_cast<std::size_t>(code)]);
  }
  return content.value();
}

bool RowRoles::held_out(std::uint64_t digest) const noexcept {
  return held_out_share_ > 0 &&
         seeded(digest, seed_) < static_cast<std::uint64_t>(held_out_share_ * 0x1.0p64);
}

RowRoles::Role RowRoles::of(const RawRows& rows, Index row) const {
  if (left_out(rows, row)) return Role::LeftOut;
  if (held_out_share_ == 0) return Role::Trains;
  return held_out(digest(rows, row)) ? Role::HeldOut : Role::Trains;
}

Encoder::Encoder(std::span<const FeatureColumn> columns,
                 Vector impute,
                 Index attributes,
                 RowRoles roles,
                 Unseen unseen,
                 bool digests)
    : columns_(columns),
      impute_(std::move(impute)),
      attributes_(attributes),
      roles_(std::move(roles)),
      unseen_(unseen),
      digests_(digests),
      width_(total_width(columns)),
      numbers_(numbers_of(columns)),
      level_of_code_(static_cast<std::size_t>(categories_of(columns))) {}

void Encoder::learn(Index category, std::span<const std::string_view> labels) {
  if (digests_) roles_.learn(category, labels);
  Index seen = -1;
  const auto column = std::find_if(columns_.begin(), columns_.end(), [&](const auto& c) {
    return c.kind == FeatureKind::Category && ++seen == category;
  });
  auto& known = level_of_code_[static_cast<std::size_t>(category)];
  for (std::size_t code = known.size(); code < labels.size(); ++code) {
    const Index level = column->find(labels[code]);
    if (level < 0) unseen_levels_[{category, code}] = labels[code];
    known.push_back(level);
  }
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
  marks_.clear();
  block.attributes = attributes_;
  block.targets = roles_.targets();
  if (level_of_code_.empty() && !rows.nulls) {
    block.values = rows.numbers.leftCols(width_ + block.targets);
    block.group.assign(rows.codes.begin(), rows.codes.end());
    if (roles_.weighted()) block.weight = rows.numbers.col(width_ + block.targets);
    check_weights(block.weight);
    for (Index i = 0; digests_ && i < block.rows(); ++i) {
      block.digest.push_back(roles_.digest(rows, i));
    }
    return block;
  }
  std::vector<Index> kept;
  for (Index i = 0; i < rows.numbers.rows(); ++i) {
    if (!roles_.left_out(rows, i)) kept.push_back(i);
  }
  skipped_ += rows.numbers.rows() - static_cast<Index>(kept.size());
  block.values = RowMatrix::Zero(static_cast<Index>(kept.size()), width_ + block.targets);
  if (roles_.weighted()) block.weight.resize(static_cast<Index>(kept.size()));
  block.group.reserve(kept.size() * static_cast<std::size_t>(attributes_));
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const std::int32_t* const codes = rows.codes.data() + kept[i] * rows.label_columns;
    const auto unknown = encode_row(rows.numbers.row(kept[i]).data(), codes,
                                    block.values.row(static_cast<Index>(i)).data());
    if (unknown) {
      if (unseen_ == Unseen::Error) {
        throw Error(ErrorKind::InvalidData, text_of(*unknown) + ", which no row that trains has",
                    "Nothing is known of such rows: leave them out, for example with apply_to => "
                    "$$SELECT ... WHERE ...$$.");
      }
      marks_.emplace(static_cast<Index>(i), *unknown);
    }
    if (digests_) block.digest.push_back(roles_.digest(rows, kept[i]));
    block.group.insert(block.group.end(), codes + rows.label_columns - attributes_,
                       codes + rows.label_columns);
    if (roles_.weighted())
      block.weight(static_cast<Index>(i)) = rows.numbers(kept[i], numbers_ + block.targets);
  }
  check_weights(block.weight);
  return block;
}

// numbers, codes: one raw row. values: zeros, filled with the features and the targets, but for a
// row with an unknown level, of which it tells.
std::optional<Encoder::Mark> Encoder::encode_row(const double* numbers,
                                                 const std::int32_t* codes,
                                                 double* values) {
  std::size_t category = 0;
  Index feature = 0;
  for (const FeatureColumn& column : columns_) {
    if (column.kind != FeatureKind::Category) {
      for (Index k = feature; k < feature + column.elements; ++k) {
        const double number = *numbers++;
        values[k] = std::isnan(number) ? impute_(k) : number;
      }
    } else if (const std::int32_t code = codes[category]; code >= 0) {
      const Index level = level_of_code_[category][static_cast<std::size_t>(code)];
      if (level < 0) return Mark{&column, static_cast<Index>(category), code};
      values[feature + level] = 1;
      ++category;
    } else {
      std::copy_n(impute_.data() + feature, column.width(), values + feature);
      ++category;
    }
    feature += column.width();
  }
  std::copy_n(numbers, roles_.targets(), values + width_);
  return std::nullopt;
}

std::string Encoder::text_of(const Mark& mark) const {
  const auto& level = unseen_levels_.at({mark.category, static_cast<std::size_t>(mark.code)});
  return "column \"" + mark.column->name + "\" has the level \"" + level + "\"";
}

std::string Encoder::mark(Index row) const {
  return text_of(marks_.at(row));
}

Survey::Survey(std::span<const FeatureColumn> columns, RowRoles roles, bool targets)
    : roles_(std::move(roles)),
      keeps_targets_(targets),
      sums_(static_cast<std::size_t>(numbers_of(columns))),
      known_(sums_.size()),
      codes_(static_cast<std::size_t>(categories_of(columns))) {}

void Survey::add(const RawRows& rows) {
  constexpr double kNotSeen = -1;
  const auto numbers = static_cast<Index>(sums_.size());
  for (Index i = 0; i < rows.numbers.rows(); ++i) {
    if (roles_.of(rows, i) != RowRoles::Role::Trains) continue;
    const double weight = roles_.weighted() ? rows.numbers(i, numbers + roles_.targets()) : 1;
    if (!(weight > 0)) continue;  // no row, or one that the encoder will refuse
    ++rows_;
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
        codes_[k].resize(static_cast<std::size_t>(code) + 1, kNotSeen);
      }
      double& seen = codes_[k][static_cast<std::size_t>(code)];
      seen = std::max(0.0, seen) + weight;
    }
    if (keeps_targets_) targets_.emplace_back(rows.numbers(i, numbers), weight);
  }
}

Vector Survey::finish(std::span<const std::vector<std::string_view>> labels,
                      std::vector<FeatureColumn>& columns) const {
  std::size_t category = 0;
  for (FeatureColumn& column : columns) {
    if (column.kind != FeatureKind::Category) continue;
    const auto& seen = codes_[category];
    for (std::size_t code = 0; code < seen.size(); ++code) {
      if (seen[code] >= 0) column.levels.emplace_back(labels[category][code]);
    }
    std::sort(column.levels.begin(), column.levels.end());
    ++category;
  }
  Vector means = Vector::Constant(total_width(columns), kUnknown);
  std::size_t number = 0;
  category = 0;
  Index feature = 0;
  for (const FeatureColumn& column : columns) {
    if (column.kind != FeatureKind::Category) {
      for (Index k = feature; k < feature + column.elements; ++k, ++number) {
        if (known_[number] > 0) means(k) = sums_[number] / known_[number];
      }
    } else {
      const auto& seen = codes_[category];
      double total = 0;
      for (const double weight : seen) total += std::max(0.0, weight);
      for (std::size_t code = 0; total > 0 && code < seen.size(); ++code) {
        if (seen[code] < 0) continue;
        means(feature + column.find(labels[category][code])) = seen[code] / total;
      }
      ++category;
    }
    feature += column.width();
  }
  return means;
}

std::vector<double> quantile_edges(std::vector<std::pair<double, double>> values,
                                   std::int32_t bins) {
  std::vector<double> edges;
  std::sort(values.begin(), values.end());
  double total = 0;
  for (const auto& [value, weight] : values) total += weight;
  double below = 0;
  std::int32_t k = 1;
  for (const auto& [value, weight] : values) {
    below += weight;
    // As percentile_disc: the first value that so much is at most.
    for (; k < bins && below >= total * k / bins * (1 - 1e-12); ++k) {
      if (edges.empty() || value > edges.back()) edges.push_back(value);
    }
  }
  return edges;
}

}  // namespace fairdb
