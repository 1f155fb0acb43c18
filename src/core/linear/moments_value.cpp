#include "core/linear/moments_value.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/features/encoding.hpp"
#include "core/linear/train.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

MomentsValue::MomentsValue(Index columns) : columns_(columns), summary_(columns, 1, {}) {
  if (columns < 1 || columns > kMaxFeatures) {
    throw Error(ErrorKind::TooLarge, std::to_string(columns) + " features, expected 1 to " +
                                         std::to_string(kMaxFeatures));
  }
  buffer_.values.resize(kBuffered, columns + 1);
  buffer_.weight.resize(kBuffered);
}

std::int32_t MomentsValue::code(std::string_view group) {
  const auto it = std::find(names_.begin(), names_.end(), group);
  if (it != names_.end()) return static_cast<std::int32_t>(it - names_.begin());
  check_trained_groups(names_.size() + 1);
  names_.emplace_back(group);
  return static_cast<std::int32_t>(names_.size()) - 1;
}

void MomentsValue::add(double target,
                       std::optional<std::string_view> group,
                       const VectorView& features,
                       double weight) {
  if (features.size() != columns_) {
    throw Error(ErrorKind::InvalidData, "a row has " + std::to_string(features.size()) +
                                            " features, others have " + std::to_string(columns_));
  }
  if (!std::isfinite(target) || !features.allFinite()) {
    throw Error(ErrorKind::OutOfRange, "a target or a feature is not finite",
                "Leave NaN and infinite values out.");
  }
  if (!(weight == 0 || (weight >= 1e-16 && weight <= 1e12))) {
    std::ostringstream text;
    text << "a weight is " << weight << ", expected 0 or a number from 1e-16 to 1e12";
    throw Error(ErrorKind::InvalidData, text.str());
  }
  const std::int32_t g = group ? code(*group) : kUnknownGroup;
  buffer_.values.row(buffered_).head(columns_) = features.transpose();
  buffer_.values(buffered_, columns_) = target;
  buffer_.weight(buffered_) = weight;
  buffer_.group.push_back(g);
  zero_ = zero_ || target == 0;
  minus_one_ = minus_one_ || target == -1;
  other_ = other_ || (target != 0 && target != 1 && target != -1);
  if (++buffered_ == kBuffered) flush();
}

void MomentsValue::flush() {
  if (buffered_ == 0) return;
  if (buffered_ == kBuffered) {
    summary_.add(buffer_);
  } else {
    std::vector<Index> rows(static_cast<std::size_t>(buffered_));
    std::iota(rows.begin(), rows.end(), Index{0});
    summary_.add(select_rows(buffer_, rows));
  }
  buffer_.group.clear();
  buffered_ = 0;
}

void MomentsValue::name_group(std::string_view name) {
  FAIRDB_ASSERT(names_.size() <= 1);
  if (!names_.empty()) names_[0] = name;  // or there are no rows
}

void MomentsValue::merge(const MomentsValue& other) {
  MomentsValue copy = other;
  copy.flush();
  flush();
  if (copy.columns_ != columns_) {
    throw Error(ErrorKind::InvalidData, "moments of " + std::to_string(columns_) + " and of " +
                                            std::to_string(copy.columns_) +
                                            " features cannot be joined");
  }
  std::vector<std::int32_t> codes;
  codes.reserve(copy.names_.size());
  for (const std::string& name : copy.names_) codes.push_back(code(name));
  summary_.joint().merge(copy.summary_.joint());
  summary_.attributes()[0].merge(copy.summary_.attributes()[0], codes);
  summary_.set_class_weights(summary_.class_weight(0) + copy.summary_.class_weight(0),
                             summary_.class_weight(1) + copy.summary_.class_weight(1));
  skipped_ += copy.skipped_;
  zero_ = zero_ || copy.zero_;
  minus_one_ = minus_one_ || copy.minus_one_;
  other_ = other_ || copy.other_;
}

const Summary& MomentsValue::summary() {
  flush();
  return summary_;
}

Summary MomentsValue::binary_summary() {
  flush();
  if (other_ || (zero_ && minus_one_)) {
    throw Error(ErrorKind::InvalidData, "the target has other values than 0 and 1, or -1 and 1",
                "Use fairness => 'demographic_parity' or 'none' for a number, or a target of two "
                "classes such as (y = 'yes')::int.");
  }
  Summary result = summary_;
  if (zero_) {  // y = 2 y - 1
    const Moments& joint = summary_.joint();
    Vector mean = joint.mean();
    mean(columns_) = 2 * mean(columns_) - 1;
    Eigen::MatrixXd scatter = joint.scatter();
    scatter.row(columns_) *= 2;
    scatter.col(columns_) *= 2;
    result.joint() = Moments(joint.rows(), joint.weight(), std::move(mean), std::move(scatter));
  }
  return result;
}

std::vector<std::byte> MomentsValue::encode() {
  flush();
  ByteWriter out;
  out.u8(kVersion);
  out.u8(static_cast<std::uint8_t>((zero_ ? 1 : 0) + (minus_one_ ? 2 : 0) + (other_ ? 4 : 0)));
  out.u32(static_cast<std::uint32_t>(columns_));
  out.i64(skipped_);
  const Moments& joint = summary_.joint();
  out.i64(joint.rows());
  out.f64(joint.weight());
  out.f64(summary_.class_weight(0));
  out.f64(summary_.class_weight(1));
  out.vector(joint.mean());
  const Eigen::MatrixXd scatter = joint.scatter();
  // The squares of finite means are finite, so those of the groups are too.
  if (!joint.mean().allFinite() || !scatter.allFinite()) {
    throw Error(ErrorKind::OutOfRange, "the moments exceed the range of double precision",
                "Use a smaller unit for the largest features.");
  }
  for (Index j = 0; j <= columns_; ++j) out.vector(scatter.col(j).tail(columns_ + 1 - j));
  std::vector<std::size_t> order(names_.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return names_[a] < names_[b]; });
  out.u32(static_cast<std::uint32_t>(order.size()));
  const GroupSums& sums = summary_.attributes()[0];
  for (const std::size_t g : order) {
    out.text(names_[g]);
    for (int k = 0; k < 2; ++k) {
      const GroupSums::Cell cell = static_cast<std::int32_t>(g) < sums.groups()
                                       ? sums.cell(static_cast<std::int32_t>(g), k)
                                       : GroupSums::Cell{};
      out.i64(cell.rows);
      out.f64(cell.weight);
      out.vector(cell.mean);
    }
  }
  return out.bytes();
}

MomentsValue MomentsValue::decode(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  const auto count = [&] {
    const std::int64_t value = in.i64();
    if (value < 0 || value > (std::int64_t{1} << 45)) corrupt("a count is damaged");
    return value;
  };
  const auto weight = [&] {
    const double value = in.finite();
    if (value < 0) corrupt("a weight is negative");
    return value;
  };
  if (in.u8() != kVersion) corrupt("its version is unknown");
  const std::uint8_t flags = in.u8();
  if (flags > 7) corrupt("a flag is damaged");
  const std::uint32_t columns = in.u32();
  if (columns < 1 || columns > static_cast<std::uint32_t>(kMaxFeatures)) {
    corrupt("the number of features is damaged");
  }
  const auto d = static_cast<Index>(columns);
  // A forged width must not make the reader allocate more than the value's own size.
  if (static_cast<std::size_t>(d * d) * 4 > bytes.size()) corrupt("it ends too early");
  MomentsValue value(d);
  value.zero_ = (flags & 1U) != 0;
  value.minus_one_ = (flags & 2U) != 0;
  value.other_ = (flags & 4U) != 0;
  value.skipped_ = count();
  const std::int64_t rows = count();
  const double total = weight();
  const double negative = weight();
  const double positive = weight();
  value.summary_.set_class_weights(negative, positive);
  Vector mean = in.finite_vector();
  if (mean.size() != d + 1) corrupt("the mean does not fit the features");
  Eigen::MatrixXd scatter = Eigen::MatrixXd::Zero(d + 1, d + 1);
  for (Index j = 0; j <= d; ++j) {
    const Vector column = in.finite_vector();
    if (column.size() != d + 1 - j) corrupt("the scatter does not fit the features");
    if (column(0) < 0) corrupt("a variance is negative");
    scatter.col(j).tail(d + 1 - j) = column;
  }
  value.summary_.joint() = Moments(rows, total, std::move(mean), std::move(scatter));
  const std::uint32_t groups = in.count(4 + 2 * 20);
  if (groups > static_cast<std::uint32_t>(kMaxTrainedGroups)) corrupt("there are too many groups");
  for (std::uint32_t g = 0; g < groups; ++g) {
    std::string name = in.text();
    if (g > 0 && value.names_.back() >= name) corrupt("the groups are not sorted");
    value.names_.push_back(std::move(name));
    for (int k = 0; k < 2; ++k) {
      GroupSums::Cell cell;
      cell.rows = count();
      cell.weight = weight();
      cell.mean = in.finite_vector();
      if (cell.mean.size() != d && (cell.mean.size() != 0 || cell.weight > 0)) {
        corrupt("a group's mean does not fit the features");
      }
      value.summary_.attributes()[0].put(static_cast<std::int32_t>(g), k, std::move(cell));
    }
  }
  if (!in.at_end()) corrupt("there are bytes behind its end");
  return value;
}

}  // namespace fairdb
