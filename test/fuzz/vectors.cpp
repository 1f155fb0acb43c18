// Stored bytes of a sample of vectors: what is read can be merged, weighed and compared.
#include "core/representation/divergences.hpp"
#include "core/representation/sample_measure.hpp"

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace fairdb;
  return fuzz::attempt([&] {
    const std::vector<std::byte> bytes = fuzz::copy(data, size);
    Monitor monitor;
    VectorSample sample = VectorSample::decode(bytes, monitor);
    fuzz::require(sample.encode() == bytes, "a value that is read is written as it was");
    VectorSample twice(sample.size());
    twice.merge(sample);
    twice.merge(sample);
    fuzz::require(twice.groups().size() == sample.groups().size(),
                  "a merged value has the same groups");
    if (sample.groups().empty()) return;
    const std::vector<SampleMeasure> measures = measures_of(sample, kAllPoints);
    for (const SampleMeasure& measure : measures) {
      fuzz::require(!measure.points.empty() && measure.rows_of_sampled_row() >= 0 &&
                        measure.independent_rows() > 0,
                    "a group weighs something");
    }
    const PointGroups points = points_of(measures, sample.elements());
    const Eigen::MatrixXd means = kernel_means(points, gaussian_of(1), monitor);
    fuzz::require(divergences_of(means).minCoeff() > -1e-6, "a divergence is not negative");
  });
}
