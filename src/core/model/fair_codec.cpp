// The bytes of a fair model's body. The first version that was released is 2.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/model/fair_model.hpp"
#include "core/model/fields.hpp"

namespace fairdb {
namespace {

constexpr std::uint8_t kBodyVersion = 2;
constexpr std::uint8_t kLinear = 1;
constexpr std::uint8_t kKernel = 2;

template <class Archive, class Fit>
void linear_fields(Archive& archive, Fit& fit) {
  archive.vector(fit.mean);
  archive.vector(fit.scale);
  archive.vector(fit.weights);
  archive.number(fit.intercept);
  archive.count(fit.free_dimensions);
}

template <class Archive, class Fit>
void kernel_fields(Archive& archive, Fit& fit) {
  archive.vector(fit.mean);
  archive.vector(fit.scale);
  archive.choice(fit.kernel.kind);
  archive.number(fit.kernel.gamma);
  archive.count(fit.kernel.degree);
  archive.number(fit.kernel.coef0);
  archive.vector(fit.coefficients);
  Vector flat;
  if constexpr (!Archive::kReads) {
    flat = Eigen::Map<const Vector>(fit.vectors.data(), fit.vectors.size());
  }
  archive.vector(flat);
  if constexpr (Archive::kReads) {
    const Index m = fit.coefficients.size();
    if (flat.size() != m * fit.mean.size()) corrupt("the vectors do not fit the coefficients");
    fit.vectors = Eigen::Map<const RowMatrix>(flat.data(), m, fit.mean.size());
  }
  archive.number(fit.intercept);
  archive.count(fit.support_vectors);
  archive.unknown_or_number(fit.relative_gap);
}

template <class Archive, class Loss>
void loss_fields(Archive& archive, Loss& loss) {
  std::string named(name(loss));
  archive.text(named);
  if constexpr (Archive::kReads) {
    const auto* const known =
        std::find_if(std::begin(kLosses), std::end(kLosses),
                     [&](const AnyLoss& candidate) { return name(candidate) == named; });
    if (known == std::end(kLosses)) corrupt("the loss is unknown");
    loss = *known;
  }
  if (!parameter(loss)) return;
  double value = *parameter(loss);
  archive.number(value);
  if constexpr (Archive::kReads) {
    if (!(value > 0)) corrupt("the parameter of the loss is damaged");
    loss = with_parameter(loss, value);
  }
}

template <class Archive, class Options>
void option_fields(Archive& archive, Options& options) {
  archive.choice(options.fairness);
  archive.choice(options.method);
  // An epsilon that allows everything is stored as -1.
  double epsilon = std::isfinite(options.epsilon) ? options.epsilon : -1;
  archive.number(epsilon);
  if constexpr (Archive::kReads) {
    options.epsilon = epsilon == -1 ? std::numeric_limits<double>::infinity() : epsilon;
  }
  archive.number(options.c);
  archive.flag(options.standardize);
  archive.flag(options.binary);
  archive.flag(options.class_weight.balanced);
  archive.number(options.class_weight.negative);
  archive.number(options.class_weight.positive);
}

template <class Archive, class ModelType>
void fair_fields(Archive& archive, ModelType& model) {
  option_fields(archive, model.options);
  archive.choice(model.grouping);
  archive.choice(model.on_null);
  archive.choice(model.on_unseen);
  archive.text(model.target);
  archive.text(model.positive);
  archive.text(model.weight);
  archive.list(model.sensitive, 4, [&](auto& name) { archive.text(name); });
  archive.number(model.held_out_share);
  archive.integer(model.seed);
  column_fields(archive, model.columns);
  archive.vector(model.impute);
  archive.list(model.edges, 8, [&](auto& edge) { archive.number(edge); });
  performance_fields(archive, model.training);
  performance_fields(archive, model.held_out);
  archive.list(model.constant, 4, [&](auto& name) { archive.text(name); });
  archive.list(model.collinear, 4, [&](auto& name) { archive.text(name); });
}

void check(const FairModel& model) {
  check_columns(model.columns);
  const Index d = model.mean().size();
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
  check_performance(model.training);
  check_performance(model.held_out);
}

template <class Archive>
void read_fit(Archive& archive, std::uint8_t form, FairFit& fit) {
  if (form == kLinear) {
    linear_fields(archive, fit.emplace<LinearFit>());
  } else if (form == kKernel) {
    kernel_fields(archive, fit.emplace<KernelFit>());
  } else {
    corrupt("its form is unknown");
  }
}

std::unique_ptr<ModelBody> read_fair_model(ByteReader& bytes, std::uint8_t version) {
  if (version < kBodyVersion) corrupt("its version is unknown");
  ReadingArchive archive(bytes, version);
  auto model = std::make_unique<FairModel>();
  read_fit(archive, bytes.u8(), model->fit);
  loss_fields(archive, model->options.loss);
  fair_fields(archive, *model);
  check(*model);
  return model;
}

}  // namespace

const ModelKind FairModel::kKind = {1, "linear or kernel", kBodyVersion, read_fair_model};

void FairModel::write(ByteWriter& bytes) const {
  WritingArchive archive(bytes, kBodyVersion);
  bytes.u8(is_linear() ? kLinear : kKernel);
  if (is_linear()) {
    linear_fields(archive, linear());
  } else {
    kernel_fields(archive, kernel());
  }
  loss_fields(archive, options.loss);
  fair_fields(archive, *this);
}

}  // namespace fairdb
