// train_moments: a linear model with the squared loss, from moments alone.
#include "core/model/fair_model.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/models/model_value.hpp"
#include "pg/models/moments_value.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(train_moments) {
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  MemoryContext const memory = CurrentMemoryContext;
  const Arguments arguments(fcinfo);
  MomentsValue value = moments_argument(fcinfo, 0);
  FairModel model;
  FairOptions& options = model.options;
  options.loss = Squared{};
  options.fairness = named<Fairness>(arguments.text("fairness"));
  options.epsilon = arguments.number("epsilon");
  options.c = arguments.number("c");
  options.standardize = arguments.boolean("standardize");
  options.method = named<Method>(arguments.text("method"));
  options.binary =
      options.fairness != Fairness::None && options.fairness != Fairness::DemographicParity;
  validate(options);
  const auto names = arguments.names_or_none("features");
  if (!names.empty() && static_cast<Index>(names.size()) != value.columns()) {
    throw Error(ErrorKind::InvalidArgument, "features names " + std::to_string(names.size()) +
                                                " columns, the moments have " +
                                                std::to_string(value.columns()));
  }
  for (Index j = 0; j < value.columns(); ++j) {
    model.columns.push_back(
        {names.empty() ? "x" + std::to_string(j + 1) : names[static_cast<std::size_t>(j)],
         FeatureKind::Number,
         {},
         1});
  }
  model.target = "target";
  model.positive = options.binary ? "1" : "";
  model.sensitive = {"sensitive"};
  BackendMonitor monitor;
  fit_moments(model, value, monitor);
  About about;
  about.skipped = value.skipped();
  return model_value(model_of(std::move(model), std::move(about)), memory);
}

}  // namespace fairdb::pg
