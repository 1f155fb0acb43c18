// mmd, energy_distance and sinkhorn_divergence, of rows or of a value; distances pair by pair;
// divergence_test.
#include "core/representation/divergences.hpp"

#include <algorithm>

#include "core/representation/divergence_test.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/owned.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/representation/vector_sample_aggregates.hpp"

namespace fairdb::pg {
namespace {

// What helps where a sample does not stand for the rows.
std::string clump_hint(VectorSample& sample) {
  double most = 0;
  for (const auto& [label, group] : sample.groups())
    most = std::max(most, group.different_vectors());
  const auto size = static_cast<Index>(1.1 * most);
  if (size <= kMaxSampleSize) {
    return "vector_sample_agg(vector, sensitive, " + std::to_string(size) +
           ") keeps all of about " + std::to_string(static_cast<Index>(most)) +
           " different vectors.";
  }
  return "vector_sample_agg of a random part of the rows, with fewer different vectors than " +
         std::to_string(kMaxSampleSize) + ", keeps them all.";
}

// Of samples in which vectors that are not frequent have many rows.
void warn_of_clumps(VectorSample& sample, const char* consequence) {
  const std::string hint = clump_hint(sample);
  backend([&] {
    ereport(WARNING, (errmsg("many vectors have several of the rows, and a sample of the vectors "
                             "does not stand for the rows: %s",
                             consequence),
                      errhint("%s", hint.c_str())));
  });
}

// A sample whose groups are compared, with its points.
struct Compared {
  explicit Compared(VectorSample& sample_to_compare)
      : sample(sample_to_compare),
        measures(checked_measures(sample)),
        points(points_of(measures, sample.elements())) {
    if (!std::all_of(measures.begin(), measures.end(),
                     [](const SampleMeasure& measure) { return measure.stands_for_rows; }))
      warn_of_clumps(sample, "the result is an estimate of unknown error");
  }

  Vector independent_rows() const {
    Vector result(points.groups());
    Index g = 0;
    for (const SampleMeasure& measure : measures) result(g++) = measure.independent_rows();
    return result;
  }
  Eigen::MatrixXd means(const PairKernel& kernel) { return kernel_means(points, kernel, monitor); }

  VectorSample& sample;
  std::vector<SampleMeasure> measures;
  PointGroups points;
  BackendMonitor monitor;

 private:
  // The measures and points stand beside the sample.
  static std::vector<SampleMeasure> checked_measures(VectorSample& sample) {
    Index points = 0;
    for (const auto& [label, group] : sample.groups()) points += points_at_most(group, kAllPoints);
    check_memory(4 * sample.bytes() + median_bytes(points),
                 "the comparison of a sample of vectors");
    return measures_of(sample, kAllPoints);
  }
};

bool comparable(VectorSample& sample) {
  return sample.groups().size() >= 2;
}

Datum number_or_null(std::optional<double> value, FunctionCallInfo fcinfo) {
  if (!value) PG_RETURN_NULL();
  PG_RETURN_FLOAT8(*value);
}

// The largest of the pairs; what rounding leaves below 0 of a biased one is 0.
Datum largest(const Eigen::MatrixXd& divergences, FunctionCallInfo fcinfo) {
  return number_or_null(largest_of_pairs(divergences.cwiseMax(0)), fcinfo);
}

Datum mmd(VectorSample& sample,
          std::optional<double> bandwidth,
          bool unbiased,
          FunctionCallInfo fcinfo) {
  if (!comparable(sample)) PG_RETURN_NULL();
  Compared compared(sample);
  const PairKernel kernel = mmd_kernel(compared.points, bandwidth, compared.monitor);
  const Eigen::MatrixXd means = compared.means(kernel);
  if (!unbiased) return largest(divergences_of(means), fcinfo);
  return number_or_null(largest_of_pairs(divergences_of(
                            unbiased_means(means, at_itself(kernel), compared.independent_rows()))),
                        fcinfo);
}

Datum energy(VectorSample& sample, FunctionCallInfo fcinfo) {
  if (!comparable(sample)) PG_RETURN_NULL();
  Compared compared(sample);
  return largest(divergences_of(compared.means(NegativeDistance{})), fcinfo);
}

void warn_not_converged(double marginal_error) {
  backend([&] {
    ereport(WARNING, (errmsg("the Sinkhorn iterations have not converged: the marginals of the "
                             "transport are off by %.2g",
                             marginal_error),
                      errhint("A larger epsilon converges faster.")));
  });
}

SinkhornValue sinkhorn_of(Compared& compared,
                          std::optional<double> epsilon,
                          Eigen::MatrixXd& divergences) {
  Index most = 0;
  for (Index g = 0; g < compared.points.groups(); ++g)
    most = std::max(most, compared.points.size(g));
  check_memory(4 * compared.sample.bytes() + sinkhorn_bytes(most, most),
               "the transport between " + std::to_string(most) + " vectors and as many");
  const SinkhornValue value = sinkhorn_divergences(
      compared.points, {sinkhorn_epsilon(compared.points, epsilon, compared.monitor)}, divergences,
      compared.monitor);
  if (!value.converged) warn_not_converged(value.marginal_error);
  return value;
}

Datum sinkhorn(VectorSample& sample, std::optional<double> epsilon, FunctionCallInfo fcinfo) {
  if (!comparable(sample)) PG_RETURN_NULL();
  Compared compared(sample);
  Eigen::MatrixXd divergences;
  sinkhorn_of(compared, epsilon, divergences);
  return largest(divergences, fcinfo);
}

VectorSample* sample_of_state(FunctionCallInfo fcinfo) {
  if (PG_ARGISNULL(0)) return nullptr;
  return aggregate_state<SampleState>(fcinfo).sample.get();
}

}  // namespace

FAIRDB_FUNCTION(mmd) {
  const Arguments arguments(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  VectorSample sample = vector_sample_argument(fcinfo, 0);
  return mmd(sample, arguments.optional_number("bandwidth"), arguments.boolean("unbiased"), fcinfo);
}

FAIRDB_FUNCTION(mmd_final) {
  VectorSample* const sample = sample_of_state(fcinfo);
  if (sample == nullptr) PG_RETURN_NULL();
  return mmd(*sample, std::nullopt, false, fcinfo);
}

FAIRDB_FUNCTION(energy_distance) {
  VectorSample sample = vector_sample_argument(fcinfo, 0);
  return energy(sample, fcinfo);
}

FAIRDB_FUNCTION(energy_distance_final) {
  VectorSample* const sample = sample_of_state(fcinfo);
  if (sample == nullptr) PG_RETURN_NULL();
  return energy(*sample, fcinfo);
}

FAIRDB_FUNCTION(sinkhorn_divergence) {
  const Arguments arguments(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  VectorSample sample = vector_sample_argument(fcinfo, 0);
  return sinkhorn(sample, arguments.optional_number("epsilon"), fcinfo);
}

FAIRDB_FUNCTION(sinkhorn_divergence_final) {
  VectorSample* const sample = sample_of_state(fcinfo);
  if (sample == nullptr) PG_RETURN_NULL();
  return sinkhorn(*sample, std::nullopt, fcinfo);
}

FAIRDB_FUNCTION(vector_distances) {
  RowWriter out(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Arguments arguments(fcinfo);
  VectorSample sample = vector_sample_argument(fcinfo, 0);
  if (comparable(sample)) {
    Compared compared(sample);
    const PairKernel kernel =
        mmd_kernel(compared.points, arguments.optional_number("bandwidth"), compared.monitor);
    const Eigen::MatrixXd means = compared.means(kernel);
    const Eigen::MatrixXd mmds = divergences_of(means).cwiseMax(0);
    const Eigen::MatrixXd unbiased =
        divergences_of(unbiased_means(means, at_itself(kernel), compared.independent_rows()));
    const Eigen::MatrixXd energies = divergences_of(compared.means(NegativeDistance{})).cwiseMax(0);
    Eigen::MatrixXd transports;
    const bool converged =
        sinkhorn_of(compared, arguments.optional_number("epsilon"), transports).converged;
    const std::vector<bool> hidden = hidden_groups_of(sample);
    std::vector<std::string_view> labels;
    for (const auto& [label, group] : sample.groups()) labels.push_back(label);
    for (std::size_t a = 0; a < labels.size(); ++a) {
      for (std::size_t b = a + 1; b < labels.size(); ++b) {
        const auto i = static_cast<Index>(a);
        const auto j = static_cast<Index>(b);
        const bool suppressed = hidden[a] || hidden[b];
        const auto shown = [&](double value) {
          return suppressed || std::isnan(value) ? std::nullopt : std::optional(value);
        };
        out.text(labels[a]).text(labels[b]).number(shown(mmds(i, j))).number(shown(unbiased(i, j)));
        out.number(shown(energies(i, j)))
            .number(shown(std::max(0.0, transports(i, j))))
            .boolean(converged);
        out.boolean(suppressed).end_row();
      }
    }
  }
  out.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(divergence_test) {
  RowWriter out(fcinfo);
  const Arguments arguments(fcinfo);
  DivergenceTestOptions options;
  options.divergence = named<Divergence>(arguments.text("divergence"));
  options.permutations = arguments.small_integer("permutations");
  options.seed = static_cast<std::uint64_t>(arguments.integer("seed"));
  options.bandwidth = arguments.optional_number("bandwidth");
  options.epsilon = arguments.optional_number("epsilon");
  validate(options);
  VectorSample sample = PG_ARGISNULL(0) ? VectorSample() : vector_sample_argument(fcinfo, 0);
  if (comparable(sample)) {
    check_memory(4 * sample.bytes() + divergence_test_bytes(sample, options),
                 "the permutation test");
    BackendMonitor monitor;
    const DivergenceTest test = test_divergence(sample, options, monitor);
    if (!test.converged) warn_not_converged(test.marginal_error);
    if (!test.p_value) warn_of_clumps(sample, "there is no p-value");
    out.number(test.value).number(test.unbiased).number(test.p_value);
    out.integer(test.n_used).boolean(test.converged).end_row();
  } else {
    out.number(std::nullopt).number(std::nullopt).number(std::nullopt);
    out.integer(std::nullopt).boolean(std::nullopt).end_row();
  }
  out.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
