// The bytes of a linear model. One function lists the fields, so that writing and reading cannot
// disagree: it is run once with a ByteWriter and once with a ByteReader.
#include <algorithm>
#include <cmath>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/linear/model.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kLinear = 1;

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorKind::CorruptValue, what);
}

class Writing {
 public:
  void number(double value) { bytes.f64(value); }
  void integer(std::int64_t value) { bytes.i64(value); }
  void text(const std::string& value) { bytes.text(value); }
  void vector(const Vector& value) { bytes.vector(value); }
  void flag(bool value) { bytes.u8(value ? 1 : 0); }
  template <class Enum>
  void choice(Enum value, Enum /*last*/) {
    bytes.u8(static_cast<std::uint8_t>(value));
  }
  template <class Item, class Body>
  void list(const std::vector<Item>& items, std::size_t /*bytes_each*/, Body body) {
    bytes.u32(static_cast<std::uint32_t>(items.size()));
    for (const Item& item : items) body(item);
  }

  ByteWriter bytes;
};

class Reading {
 public:
  explicit Reading(std::span<const std::byte> from) : bytes(from) {}
  void number(double& value) { value = bytes.finite(); }
  void integer(std::int64_t& value) {
    value = bytes.i64();
    if (value < 0) corrupt("a count is negative");
  }
  void text(std::string& value) { value = bytes.text(); }
  void vector(Vector& value) { value = bytes.finite_vector(); }
  void flag(bool& value) {
    const std::uint8_t byte = bytes.u8();
    if (byte > 1) corrupt("a flag is damaged");
    value = byte == 1;
  }
  template <class Enum>
  void choice(Enum& value, Enum last) {
    const std::uint8_t byte = bytes.u8();
    if (byte > static_cast<std::uint8_t>(last)) corrupt("an option is unknown");
    value = static_cast<Enum>(byte);
  }
  template <class Item, class Body>
  void list(std::vector<Item>& items, std::size_t bytes_each, Body body) {
    items.resize(bytes.count(bytes_each));
    for (Item& item : items) body(item);
  }

  ByteReader bytes;
};

template <class Archive, class Model>
void fields(Archive& archive, Model& model) {
  archive.choice(model.options.fairness, Fairness::EqualizedOdds);
  archive.number(model.options.c);
  archive.flag(model.options.standardize);
  archive.flag(model.options.binary);
  archive.choice(model.on_null, OnNull::Impute);
  archive.choice(model.on_unseen, OnUnseen::Null);
  archive.text(model.source);
  archive.text(model.target);
  archive.text(model.positive);
  archive.list(model.sensitive, 4, [&](auto& name) { archive.text(name); });
  archive.list(model.columns, 9, [&](auto& column) {
    archive.text(column.name);
    archive.choice(column.kind, FeatureKind::Category);
    archive.list(column.levels, 4, [&](auto& level) { archive.text(level); });
  });
  archive.vector(model.impute);
  archive.vector(model.fit.mean);
  archive.vector(model.fit.scale);
  archive.vector(model.fit.weights);
  archive.number(model.fit.intercept);
  archive.list(model.groups, 92, [&](auto& group) {
    archive.text(group.label);
    archive.integer(group.rows);
    archive.number(group.mean_score);
    for (auto& count : group.cells.count) archive.integer(count);
  });
  archive.integer(model.rows);
  archive.integer(model.skipped);
  archive.number(model.squared_error);
  archive.number(model.variance);
  archive.choice(model.fit.report.outcome, Outcome::Finished);
  archive.number(model.fit.report.objective);
  archive.number(model.fit.report.gradient_norm);
  archive.number(model.fit.report.violation);
}

void check(const LinearModel& model) {
  const Index d = model.fit.weights.size();
  if (total_width(model.columns) != d || model.fit.mean.size() != d ||
      model.fit.scale.size() != d || (model.impute.size() != 0 && model.impute.size() != d)) {
    corrupt("the features do not fit its weights");
  }
  if ((model.on_null == OnNull::Impute) != (model.impute.size() == d && d > 0)) {
    corrupt("the imputed values are damaged");
  }
  if (!(model.options.c > 0) || (model.fit.scale.array() <= 0).any()) {
    corrupt("a scale is not positive");
  }
  for (const FeatureColumn& column : model.columns) {
    if (std::adjacent_find(column.levels.begin(), column.levels.end(), std::greater_equal<>()) !=
        column.levels.end()) {
      corrupt("the levels of a column are not sorted");
    }
    if (column.kind != FeatureKind::Category && !column.levels.empty()) {
      corrupt("a numeric column has levels");
    }
  }
  for (std::size_t g = 0; g < model.groups.size(); ++g) {
    if (g > 0 && model.groups[g - 1].label >= model.groups[g].label) {
      corrupt("the groups are not sorted");
    }
    for (const std::int64_t count : model.groups[g].cells.count) {
      if (count > kMaxCount) corrupt("a count is damaged");
    }
  }
}

}  // namespace

std::vector<std::byte> encode(const LinearModel& model) {
  Writing archive;
  archive.bytes.u8(kVersion);
  archive.bytes.u8(kLinear);
  archive.bytes.text(name(model.options.loss));
  archive.bytes.u32(static_cast<std::uint32_t>(model.fit.free_dimensions));
  archive.bytes.u32(static_cast<std::uint32_t>(model.fit.report.iterations));
  archive.bytes.u32(static_cast<std::uint32_t>(model.fit.report.evaluations));
  fields(archive, model);
  return archive.bytes.bytes();
}

LinearModel decode_linear_model(std::span<const std::byte> bytes) {
  Reading archive(bytes);
  if (archive.bytes.u8() != kVersion || archive.bytes.u8() != kLinear) {
    corrupt("unknown version or kind");
  }
  LinearModel model;
  const std::string loss = archive.bytes.text();
  if (loss != Logistic::kName && loss != Squared::kName) corrupt("the loss is unknown");
  model.options.loss = loss_named(loss);
  model.fit.free_dimensions = archive.bytes.u32();
  model.fit.report.iterations = static_cast<std::int32_t>(archive.bytes.u32() & 0x7FFFFFFF);
  model.fit.report.evaluations = static_cast<std::int32_t>(archive.bytes.u32() & 0x7FFFFFFF);
  fields(archive, model);
  if (!archive.bytes.at_end()) corrupt("there are bytes behind its end");
  check(model);
  return model;
}

}  // namespace fairdb
