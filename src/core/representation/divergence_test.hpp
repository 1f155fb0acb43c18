// Whether groups of vectors differ by more than chance: a permutation test.
//
// Under the hypothesis that the groups have one law, who is in which group is chance. The groups
// are dealt anew `permutations` times, each with as many rows as it has, and the p-value is the
// share of the deals, the true one among them, whose divergence is at least as large: it holds its
// level exactly, for any number of rows.
//
// Of groups that keep all their rows the rows are dealt, also where many are alike. Of a sample as
// many rows of each group are drawn as its vectors stand for: how many of them are a frequent
// vector is drawn, the others are the kept vectors, each dealt with all its copies. That holds the
// level where no vector has many rows without being known as frequent, which the result tells.
// Source: Gretton et al. 2012, section 5; Phipson, Smyth, "Permutation p-values should never be
// zero", Statistical Applications in Genetics and Molecular Biology 2010.
#pragma once

#include <optional>

#include "core/base/names.hpp"
#include "core/representation/divergences.hpp"
#include "core/representation/sample_measure.hpp"

namespace fairdb {

enum class Divergence : std::uint8_t { Mmd, Energy, Sinkhorn };
template <>
struct NameTable<Divergence> {
  static constexpr std::string_view kWhat = "divergence";
  static constexpr std::pair<Divergence, std::string_view> kNames[] = {
      {Divergence::Mmd, "mmd"}, {Divergence::Energy, "energy"}, {Divergence::Sinkhorn, "sinkhorn"}};
};

struct DivergenceTestOptions {
  Divergence divergence = Divergence::Mmd;
  std::optional<double> bandwidth =
      {};  // of one Gaussian kernel; else the mixture around the median distance
  std::optional<double> epsilon = {};  // relative to the median cost
  std::int32_t permutations = 500;
  std::uint64_t seed = 0;
};
// Errors: InvalidArgument for numbers out of range, and for a parameter that the divergence does
// not have.
void validate(const DivergenceTestOptions& options);

// value: the largest over the pairs of groups; unbiased: the same of the unbiased estimates, which
// may be negative; nullopt for a group of one row, and of the Sinkhorn divergence. p_value: nullopt
// where a sample does not stand for the rows. n_used: the vectors that were compared.
struct DivergenceTest {
  double value;
  std::optional<double> unbiased;
  std::optional<double> p_value;
  Index n_used;
  bool converged;
  double marginal_error;  // the largest of the Sinkhorn iterations; else 0
};

// Vectors of all groups that the test uses at most: its time grows with their square.
inline constexpr Index kTestedVectors = 4000;
inline constexpr Index kTestedVectorsSinkhorn = 1000;

// What the test of a sample needs beside its points.
std::size_t divergence_test_bytes(VectorSample& sample, const DivergenceTestOptions& options);

// sample: of two groups at least. Errors: InvalidArgument.
DivergenceTest test_divergence(VectorSample& sample,
                               const DivergenceTestOptions& options,
                               Monitor& monitor);

}  // namespace fairdb
