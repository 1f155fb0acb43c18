#include "core/linear/model.hpp"

#include <algorithm>

#include "core/base/error.hpp"

namespace fairdb {

OnUnseen on_unseen_named(std::string_view wanted) {
  for (const OnUnseen o : {OnUnseen::Error, OnUnseen::Null}) {
    if (wanted == name(o)) return o;
  }
  throw Error(ErrorKind::InvalidArgument, "unknown on_unseen \"" + std::string(wanted) + "\"",
              "Known: error, null.");
}

std::string_view name(OnUnseen on_unseen) noexcept {
  return on_unseen == OnUnseen::Error ? "error" : "null";
}

RawCoefficients raw_coefficients(const LinearModel& model) {
  RawCoefficients raw;
  raw.coefficients = model.fit.weights.cwiseQuotient(model.fit.scale);
  raw.constant = model.fit.intercept - raw.coefficients.dot(model.fit.mean);
  return raw;
}

namespace {

// The groups as the audit chapter holds them, so that gaps have one definition.
Confusion confusion_of(const LinearModel& model) {
  Confusion confusion;
  for (const GroupFacts& group : model.groups) {
    confusion.groups.push_back(group_of(group.label, group.cells));
  }
  return confusion;
}

}  // namespace

std::optional<double> accuracy(const LinearModel& model) {
  if (!model.options.binary) return std::nullopt;
  return rate(total(confusion_of(model)).masses, Rate::Accuracy);
}

std::optional<double> training_gap(const LinearModel& model, Gap which) {
  if (!model.options.binary) return std::nullopt;
  return gap(confusion_of(model), which);
}

Evaluation::Evaluation(const LinearFit& fit, bool standardised, bool binary)
    : binary_(binary),
      coefficients_(standardised ? fit.weights : Vector(fit.weights.cwiseQuotient(fit.scale))),
      constant_(standardised ? fit.intercept : fit.intercept - coefficients_.dot(fit.mean)) {}

void Evaluation::add(const RowBlock& block) {
  scores_.noalias() = block.x() * coefficients_;
  for (Index i = 0; i < block.rows(); ++i) {
    const double y = block.y(i);
    const double f = scores_(i) + constant_;
    const double residual = f - y;
    squared_errors_ += residual * residual;
    ++rows_;
    const double delta = y - mean_;
    mean_ += delta / static_cast<double>(rows_);
    squares_ += delta * (y - mean_);
    // Rows of unknown group are gathered behind the groups and dropped by finish().
    const auto g = static_cast<std::size_t>(block.group[static_cast<std::size_t>(i)]) + 1;
    if (g >= groups_.size()) groups_.resize(g + 1);
    GroupFacts& facts = groups_[g];
    ++facts.rows;
    facts.mean_score += (f - facts.mean_score) / static_cast<double>(facts.rows);
    if (binary_) {
      ++facts.cells.at(y > 0 ? Truth::Positive : Truth::Negative,
                       f >= 0 ? Truth::Positive : Truth::Negative);
    }
  }
}

namespace {

void sort_by_label(std::vector<GroupFacts>& groups) {
  std::sort(groups.begin(), groups.end(),
            [](const GroupFacts& a, const GroupFacts& b) { return a.label < b.label; });
}

}  // namespace

void Evaluation::finish(std::span<const std::string> labels, LinearModel& model) const {
  model.groups.clear();
  for (std::size_t g = 1; g < groups_.size(); ++g) {
    if (groups_[g].rows == 0) continue;
    model.groups.push_back(groups_[g]);
    model.groups.back().label = labels[g - 1];
  }
  sort_by_label(model.groups);
  model.rows = rows_;
  model.squared_error = squared_errors_ / static_cast<double>(rows_);
  model.variance = squares_ / static_cast<double>(rows_);
}

void evaluate_numbers(const Moments& joint,
                      const GroupSums& sums,
                      std::span<const std::string> labels,
                      LinearModel& model) {
  const LinearFit& fit = model.fit;
  const auto n = static_cast<double>(joint.rows());
  const Index d = fit.weights.size();
  model.rows = joint.rows();
  model.variance = joint.scatter()(d, d) / n;
  // objective = 1/2 |w|^2 + c/2 sum (f - y)^2; a perfect fit may come out below 0 by rounding.
  const double loss = fit.report.objective - 0.5 * fit.weights.squaredNorm();
  model.squared_error = std::max(0.0, 2 * loss / (model.options.c * n));
  const RowMatrix means = sums.all_means(fit.mean, fit.scale);
  model.groups.clear();
  for (std::int32_t g = 0; g < sums.groups(); ++g) {
    GroupFacts facts;
    facts.label = labels[static_cast<std::size_t>(g)];
    facts.rows = sums.count(g, 0) + sums.count(g, 1);
    if (facts.rows == 0) continue;
    facts.mean_score = means.row(g).dot(fit.weights) + fit.intercept;
    model.groups.push_back(std::move(facts));
  }
  sort_by_label(model.groups);
}

}  // namespace fairdb
