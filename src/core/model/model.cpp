#include "core/model/model.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace fairdb {

OnUnseen on_unseen_named(std::string_view wanted) {
  for (const OnUnseen o : {OnUnseen::Error, OnUnseen::Null, OnUnseen::Ignore}) {
    if (wanted == name(o)) return o;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown on_unseen \"" + std::string(wanted) + "\"",
              "Known: error, null, ignore.");
}

std::string_view name(OnUnseen on_unseen) noexcept {
  switch (on_unseen) {
    case OnUnseen::Error:
      return "error";
    case OnUnseen::Null:
      return "null";
    case OnUnseen::Ignore:
      return "ignore";
  }
  return "unknown";
}

Attributes attributes_named(std::string_view wanted) {
  for (const Attributes a : {Attributes::Intersection, Attributes::Each}) {
    if (wanted == name(a)) return a;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown attributes \"" + std::string(wanted) + "\"",
              "Known: intersection, each.");
}

std::string_view name(Attributes attributes) noexcept {
  return attributes == Attributes::Intersection ? "intersection" : "each";
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

RawCoefficients raw_coefficients(const LinearFit& fit) {
  RawCoefficients raw;
  raw.coefficients = fit.weights.cwiseQuotient(fit.scale);
  raw.constant = fit.intercept - raw.coefficients.dot(fit.mean);
  return raw;
}

RawCoefficients raw_coefficients(const Model& model) {
  if (!model.is_linear()) {
    throw Error(ErrorKind::InvalidArgument, "a kernel model has no coefficients",
                "explain(model, row) tells what each column contributes to a row's score.");
  }
  return raw_coefficients(model.linear());
}

double score(const Model& model, const VectorView& features) {
  const Vector z = (features - model.mean()).cwiseQuotient(model.scale());
  if (model.is_linear()) return model.linear().weights.dot(z) + model.linear().intercept;
  Monitor quiet;
  return scores(model.kernel(), z.transpose(), quiet)(0);
}

namespace {

// The groups of an attribute as the audit chapter holds them, so that gaps have one definition.
GroupCells cells_of(const std::array<std::int64_t, 4>& count, const std::array<double, 4>& mass) {
  Cells cells{};
  GroupCells group;
  for (std::size_t k = 0; k < 4; ++k) {
    const auto label = k / 2 == 1 ? Truth::Positive : Truth::Negative;
    const auto prediction = k % 2 == 1 ? Truth::Positive : Truth::Negative;
    cells.at(label, prediction) = count[k];
  }
  group = group_of(std::nullopt, cells);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto label = k / 2 == 1 ? Truth::Positive : Truth::Negative;
    const auto prediction = k % 2 == 1 ? Truth::Positive : Truth::Negative;
    group.masses.mass[cell(label, prediction)] = mass[k];
  }
  return group;
}

std::uint32_t attribute_count(const Facts& facts) {
  std::uint32_t count = 0;
  for (const GroupFacts& group : facts.groups) count = std::max(count, group.attribute + 1);
  return count;
}

Confusion confusion_of(const Facts& facts, std::uint32_t attribute) {
  Confusion confusion;
  for (const GroupFacts& group : facts.groups) {
    if (group.attribute != attribute) continue;
    confusion.groups.push_back(cells_of(group.count, group.mass));
    confusion.groups.back().label = group.label;
  }
  return confusion;
}

}  // namespace

std::optional<double> accuracy(const Facts& facts, bool binary) {
  if (!binary) return std::nullopt;
  return rate(cells_of(facts.count, facts.mass).masses, Rate::Accuracy);
}

std::optional<double> selection_rate(const Facts& facts, bool binary) {
  if (!binary) return std::nullopt;
  return rate(cells_of(facts.count, facts.mass).masses, Rate::SelectionRate);
}

std::optional<double> facts_gap(const Facts& facts, bool binary, Gap which) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; binary && a < attribute_count(facts); ++a) {
    const std::optional<double> value = gap(confusion_of(facts, a), which);
    if (value && (!worst || *value > *worst)) worst = value;
  }
  return worst;
}

std::optional<double> false_positive_gap(const Facts& facts) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; a < attribute_count(facts); ++a) {
    const std::optional<double> value =
        aggregate(confusion_of(facts, a), Rate::FalsePositiveRate, Aggregate::Difference);
    if (value && (!worst || *value > *worst)) worst = value;
  }
  return worst;
}

std::optional<double> mean_score_gap(const Facts& facts) {
  std::optional<double> worst;
  for (std::uint32_t a = 0; a < attribute_count(facts); ++a) {
    std::vector<double> means;
    for (const GroupFacts& group : facts.groups) {
      if (group.attribute == a && group.weight > 0) means.push_back(group.mean_score);
    }
    if (means.size() < 2) continue;
    const auto [low, high] = std::minmax_element(means.begin(), means.end());
    worst = std::max(worst.value_or(0), *high - *low);
  }
  return worst;
}

std::optional<double> relaxation_error(const Facts& facts, Fairness fairness, bool binary) {
  if (!binary || fairness == Fairness::None || fairness == Fairness::DemographicParity) {
    return std::nullopt;
  }
  std::optional<double> worst;
  for (const int k : compared_classes(fairness, TargetClasses{})) {
    for (std::uint32_t a = 0; a < attribute_count(facts); ++a) {
      // The pair that deviates most together.
      std::vector<double> deviations;
      for (const GroupFacts& group : facts.groups) {
        if (group.attribute != a) continue;
        deviations.push_back(std::abs(group.deviation[static_cast<std::size_t>(k)]));
      }
      if (deviations.size() < 2) continue;
      std::partial_sort(deviations.begin(), deviations.begin() + 2, deviations.end(),
                        std::greater<>());
      worst = std::max(worst.value_or(0), 0.5 * (deviations[0] + deviations[1]));
    }
  }
  return worst;
}

Vector block_scores(const std::variant<LinearFit, KernelFit>& fit,
                    const Standard& stored,
                    const RowBlock& block,
                    Monitor& monitor) {
  if (const auto* linear = std::get_if<LinearFit>(&fit)) {
    const Restandardised standardised(stored, {linear->mean, linear->scale});
    const Vector weights = linear->weights.cwiseProduct(standardised.scale);
    return (block.x() * weights).array() +
           (linear->intercept - linear->weights.dot(standardised.shift));
  }
  const auto& kernel = std::get<KernelFit>(fit);
  const Restandardised standardised(stored, {kernel.mean, kernel.scale});
  return scores(kernel, standardised(block.x()), monitor);
}

Evaluation::Evaluation(bool binary, Index attributes)
    : binary_(binary), groups_(static_cast<std::size_t>(attributes)) {}

void Evaluation::add(const RowBlock& block, const VectorView& scores) {
  for (Index i = 0; i < block.rows(); ++i) {
    const double y = block.y(i);
    const double f = scores(i);
    const double w = block.w(i);
    ++total_.rows;
    weight_ += w;
    const double residual = f - y;
    squared_errors_ += w * residual * residual;
    if (w > 0) {
      const double delta = y - mean_;
      mean_ += delta * (w / weight_);
      squares_ += w * delta * (y - mean_);
    }
    const std::size_t cell = (y > 0 ? 2 : 0) + (f >= 0 ? 1 : 0);
    const double deviation = (f >= 0 ? 1.0 : -1.0) - f;
    if (binary_) {
      ++total_.count[cell];
      total_.mass[cell] += w;
    }
    for (std::size_t a = 0; a < groups_.size(); ++a) {
      // Rows of unknown group are gathered before the groups and dropped by finish().
      const auto g = static_cast<std::size_t>(block.code(i, static_cast<Index>(a)) - kUnknownGroup);
      if (g >= groups_[a].size()) groups_[a].resize(g + 1);
      GroupFacts& facts = groups_[a][g];
      ++facts.rows;
      facts.weight += w;
      if (w > 0) facts.mean_score += (f - facts.mean_score) * (w / facts.weight);
      if (!binary_) continue;
      ++facts.count[cell];
      facts.mass[cell] += w;
      facts.deviation[cell / 2] += w * deviation;
    }
  }
}

namespace {

void sort_groups(std::vector<GroupFacts>& groups) {
  std::sort(groups.begin(), groups.end(), [](const GroupFacts& a, const GroupFacts& b) {
    return a.attribute != b.attribute ? a.attribute < b.attribute : a.label < b.label;
  });
}

}  // namespace

Facts Evaluation::finish(const GroupNames& names) const {
  Facts facts = total_;
  for (std::size_t a = 0; a < groups_.size(); ++a) {
    for (std::size_t g = 1; g < groups_[a].size(); ++g) {
      if (groups_[a][g].rows == 0) continue;
      GroupFacts group = groups_[a][g];
      group.attribute = static_cast<std::uint32_t>(a);
      group.label = names[a][g - 1];
      for (std::size_t k = 0; k < 2; ++k) {
        const double weight = group.mass[2 * k] + group.mass[2 * k + 1];
        group.deviation[k] = weight > 0 ? group.deviation[k] / weight : 0;
      }
      facts.groups.push_back(std::move(group));
    }
  }
  sort_groups(facts.groups);
  if (weight_ > 0) {
    facts.squared_error = squared_errors_ / weight_;
    facts.variance = squares_ / weight_;
  }
  return facts;
}

Facts facts_of_numbers(const Summary& summary,
                       const GroupNames& names,
                       const LinearFit& fit,
                       double c) {
  const Moments& joint = summary.joint();
  const Index d = fit.weights.size();
  Facts facts;
  facts.rows = joint.rows();
  facts.variance = joint.scatter()(d, d) / joint.weight();
  // objective = 1/2 |w|^2 + c/2 sum weight (f - y)^2; a perfect fit may come out below 0 by
  // rounding.
  const double loss = fit.report.objective - 0.5 * fit.weights.squaredNorm();
  facts.squared_error = std::max(0.0, 2 * loss / (c * joint.weight()));
  for (std::size_t a = 0; a < summary.attributes().size(); ++a) {
    const GroupSums& sums = summary.attributes()[a];
    for (std::int32_t g = 0; g < sums.groups(); ++g) {
      const GroupSums::Cell total = sums.total(g);
      if (total.rows == 0) continue;
      GroupFacts group;
      group.label = names[a][static_cast<std::size_t>(g)];
      group.attribute = static_cast<std::uint32_t>(a);
      group.rows = total.rows;
      group.weight = total.weight;
      if (total.weight > 0) {
        group.mean_score =
            (total.mean - fit.mean).cwiseQuotient(fit.scale).dot(fit.weights) + fit.intercept;
      }
      facts.groups.push_back(std::move(group));
    }
  }
  sort_groups(facts.groups);
  return facts;
}

}  // namespace fairdb
