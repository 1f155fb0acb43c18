// The bytes of a model. One function lists the fields, so that writing and reading cannot
// disagree: it is run once with a ByteWriter and once with a ByteReader.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/bytes.hpp"
#include "core/base/error.hpp"
#include "core/model/model.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kLinear = 1;
constexpr std::uint8_t kKernel = 2;

[[noreturn]] void corrupt(const char* what) {
  throw Error(ErrorKind::CorruptValue, what);
}

class Writing {
 public:
  void number(double value) { bytes.f64(value); }
  void unknown_or_number(double value) { bytes.f64(value); }
  void integer(std::int64_t value) { bytes.i64(value); }
  void count(std::int32_t value) { bytes.i64(value); }
  void signed_integer(std::int64_t value) { bytes.i64(value); }
  void digest(std::uint64_t value) { bytes.i64(static_cast<std::int64_t>(value)); }
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
  void unknown_or_number(double& value) {
    value = bytes.f64();
    if (std::isinf(value)) corrupt("a number is infinite");
  }
  void count(std::int32_t& value) {
    std::int64_t wide = 0;
    integer(wide);
    if (wide > std::numeric_limits<std::int32_t>::max()) corrupt("a count is too large");
    value = static_cast<std::int32_t>(wide);
  }
  void signed_integer(std::int64_t& value) { value = bytes.i64(); }
  void digest(std::uint64_t& value) { value = static_cast<std::uint64_t>(bytes.i64()); }
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

template <class Archive, class Group>
void group_fields(Archive& archive, Group& group) {
  archive.text(group.label);
  archive.integer(group.rows);
  archive.number(group.weight);
  archive.number(group.mean_score);
  for (auto& count : group.count) archive.integer(count);
  for (auto& mass : group.mass) archive.number(mass);
  for (auto& deviation : group.deviation) archive.number(deviation);
}
constexpr std::size_t kGroupBytes = 4 + 3 * 8 + 10 * 8 + 8;

template <class Archive, class FactsType>
void facts_fields(Archive& archive, FactsType& facts) {
  archive.list(facts.groups, kGroupBytes, [&](auto& group) {
    std::int64_t attribute = group.attribute;
    archive.integer(attribute);
    if (attribute > 100) corrupt("an attribute is damaged");
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(group)>>) {
      group.attribute = static_cast<std::uint32_t>(attribute);
    }
    group_fields(archive, group);
  });
  archive.integer(facts.rows);
  archive.number(facts.squared_error);
  archive.number(facts.variance);
  for (auto& count : facts.count) archive.integer(count);
  for (auto& mass : facts.mass) archive.number(mass);
}

template <class Archive, class ReportType>
void report_fields(Archive& archive, ReportType& report) {
  archive.choice(report.outcome, Outcome::Finished);
  archive.count(report.iterations);
  archive.count(report.evaluations);
  archive.number(report.objective);
  archive.number(report.gradient_norm);
  archive.number(report.violation);
  archive.list(report.trace, 24, [&](auto& point) {
    archive.integer(point.iteration);
    archive.unknown_or_number(point.objective);
    archive.unknown_or_number(point.residual);
  });
}

template <class Archive, class Fit>
void linear_fields(Archive& archive, Fit& fit) {
  archive.vector(fit.mean);
  archive.vector(fit.scale);
  archive.vector(fit.weights);
  archive.number(fit.intercept);
  std::int64_t free = fit.free_dimensions;
  archive.integer(free);
  if constexpr (!std::is_const_v<Fit>) fit.free_dimensions = free;
  report_fields(archive, fit.report);
}

template <class Archive, class Fit>
void kernel_fields(Archive& archive, Fit& fit) {
  archive.vector(fit.mean);
  archive.vector(fit.scale);
  archive.choice(fit.kernel.kind, KernelKind::Polynomial);
  archive.number(fit.kernel.gamma);
  archive.count(fit.kernel.degree);
  archive.number(fit.kernel.coef0);
  archive.vector(fit.coefficients);
  Vector flat;
  if constexpr (std::is_const_v<Fit>) {
    flat = Eigen::Map<const Vector>(fit.vectors.data(), fit.vectors.size());
  }
  archive.vector(flat);
  if constexpr (!std::is_const_v<Fit>) {
    const Index m = fit.coefficients.size();
    if (flat.size() != m * fit.mean.size()) corrupt("the vectors do not fit the coefficients");
    fit.vectors = Eigen::Map<const RowMatrix>(flat.data(), m, fit.mean.size());
  }
  archive.number(fit.intercept);
  std::int64_t support = fit.support_vectors;
  archive.integer(support);
  if constexpr (!std::is_const_v<Fit>) fit.support_vectors = support;
  archive.unknown_or_number(fit.relative_gap);
  report_fields(archive, fit.report);
}

template <class Archive, class ModelType>
void fields(Archive& archive, ModelType& model) {
  archive.choice(model.options.fairness, Fairness::EqualizedOdds);
  archive.choice(model.options.method, Method::Elimination);
  // An epsilon that allows everything is stored as -1.
  double epsilon = std::isfinite(model.options.epsilon) ? model.options.epsilon : -1;
  archive.number(epsilon);
  if constexpr (!std::is_const_v<ModelType>) {
    model.options.epsilon = epsilon == -1 ? std::numeric_limits<double>::infinity() : epsilon;
  }
  archive.number(model.options.c);
  archive.flag(model.options.standardize);
  archive.flag(model.options.binary);
  archive.flag(model.options.class_weight.balanced);
  archive.number(model.options.class_weight.negative);
  archive.number(model.options.class_weight.positive);
  archive.choice(model.attributes, Attributes::Each);
  archive.choice(model.on_null, OnNull::Impute);
  archive.choice(model.on_unseen, OnUnseen::Ignore);
  archive.text(model.source);
  archive.text(model.target);
  archive.text(model.positive);
  archive.text(model.weight);
  archive.list(model.sensitive, 4, [&](auto& name) { archive.text(name); });
  archive.number(model.held_out_share);
  archive.signed_integer(model.seed);
  archive.list(model.columns, 17, [&](auto& column) {
    archive.text(column.name);
    archive.choice(column.kind, FeatureKind::Array);
    archive.list(column.levels, 4, [&](auto& level) { archive.text(level); });
    std::int64_t elements = column.elements;
    archive.integer(elements);
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(column)>>) {
      column.elements = elements;
    }
  });
  archive.vector(model.impute);
  archive.list(model.edges, 8, [&](auto& edge) { archive.number(edge); });
  facts_fields(archive, model.training);
  facts_fields(archive, model.held_out);
  archive.list(model.constant, 4, [&](auto& name) { archive.text(name); });
  archive.list(model.collinear, 4, [&](auto& name) { archive.text(name); });
  archive.integer(model.skipped);
  archive.digest(model.fingerprint);
  archive.number(model.seconds);
}

void check_facts(const Facts& facts) {
  const auto check_counts = [](const std::array<std::int64_t, 4>& counts) {
    for (const std::int64_t count : counts) {
      if (count > kMaxCount) corrupt("a count is damaged");
    }
  };
  check_counts(facts.count);
  for (std::size_t g = 0; g < facts.groups.size(); ++g) {
    const GroupFacts& group = facts.groups[g];
    check_counts(group.count);
    if (group.weight < 0 || group.rows > kMaxCount) corrupt("a weight is negative");
    if (g > 0 && std::pair(facts.groups[g - 1].attribute, facts.groups[g - 1].label) >=
                     std::pair(group.attribute, group.label)) {
      corrupt("the groups are not sorted");
    }
  }
}

void check(const Model& model) {
  const Index d = model.mean().size();
  for (const FeatureColumn& column : model.columns) {
    if (column.elements < 1 || column.elements > kMaxFeatures ||
        (column.kind != FeatureKind::Array && column.elements != 1)) {
      corrupt("the width of a column is damaged");
    }
    if (std::adjacent_find(column.levels.begin(), column.levels.end(), std::greater_equal<>()) !=
        column.levels.end()) {
      corrupt("the levels of a column are not sorted");
    }
    if (column.kind != FeatureKind::Category && !column.levels.empty()) {
      corrupt("a numeric column has levels");
    }
  }
  if (total_width(model.columns) != d || model.scale().size() != d ||
      (model.is_linear() && model.linear().weights.size() != d) ||
      (model.impute.size() != 0 && model.impute.size() != d)) {
    corrupt("the features do not fit its weights");
  }
  if ((model.on_null == OnNull::Impute) != (model.impute.size() == d && d > 0)) {
    corrupt("the imputed values are damaged");
  }
  if (!(model.options.c > 0) || (model.scale().array() <= 0).any()) {
    corrupt("a scale is not positive");
  }
  if (!(model.options.epsilon >= 0)) corrupt("epsilon is negative");
  if (!model.is_linear()) {
    const Kernel& kernel = model.kernel().kernel;
    if (!(kernel.gamma > 0) || kernel.degree < 1 || kernel.degree > 20 || !(kernel.coef0 >= 0)) {
      corrupt("the kernel is damaged");
    }
  }
  check_facts(model.training);
  check_facts(model.held_out);
}

}  // namespace

std::vector<std::byte> encode(const Model& model) {
  Writing archive;
  archive.bytes.u8(kVersion);
  archive.bytes.u8(model.is_linear() ? kLinear : kKernel);
  archive.bytes.text(name(model.options.loss));
  if (model.is_linear()) {
    linear_fields(archive, model.linear());
  } else {
    kernel_fields(archive, model.kernel());
  }
  fields(archive, model);
  return archive.bytes.bytes();
}

Model decode_model(std::span<const std::byte> bytes) {
  Reading archive(bytes);
  const std::uint8_t version = archive.bytes.u8();
  const std::uint8_t kind = archive.bytes.u8();
  if (version != kVersion || (kind != kLinear && kind != kKernel)) {
    corrupt("unknown version or kind");
  }
  Model model;
  const std::string loss = archive.bytes.text();
  if (std::none_of(std::begin(kLosses), std::end(kLosses),
                   [&](const AnyLoss& known) { return name(known) == loss; })) {
    corrupt("the loss is unknown");
  }
  model.options.loss = loss_named(loss);
  if (kind == kLinear) {
    linear_fields(archive, model.fit.emplace<LinearFit>());
  } else {
    kernel_fields(archive, model.fit.emplace<KernelFit>());
  }
  fields(archive, model);
  if (!archive.bytes.at_end()) corrupt("there are bytes behind its end");
  check(model);
  return model;
}

}  // namespace fairdb
