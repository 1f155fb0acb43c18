// Tests on tables of counts: groups against successes and failures.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/base/monitor.hpp"
#include "core/inference/proportion.hpp"

namespace fairdb {

struct TestResult {
  double statistic;
  std::int64_t df;
  double p_value;
};

// Pearson's chi-square test that all proportions are equal. nullopt with fewer than two proportions
// or when all rows are successes or all failures: then nothing speaks against equality, and nothing
// for it.
[[nodiscard]] std::optional<TestResult> chi_square(std::span<const Proportion> groups);

// Wald's chi-square test that independent estimates are equal, each with the variance of a
// proportion of its value and size. nullopt when one has no variance.
[[nodiscard]] std::optional<TestResult> wald(std::span<const Proportion> estimates) noexcept;

// The smallest expected count of that test's table: below 5 its approximation is not trusted.
[[nodiscard]] double smallest_expected(std::span<const Proportion> groups) noexcept;

// A two-sided p-value of Fisher's exact test of a table of two groups: the probability, given the
// margins, of all tables that are at most as likely as the observed one. The mid-p form counts
// tables exactly as likely by half (Lancaster 1961), which takes away the test's conservatism.
enum class Fisher : std::uint8_t { Exact, MidP };
[[nodiscard]] double fisher(std::int64_t successes_a,
                            std::int64_t size_a,
                            std::int64_t successes_b,
                            std::int64_t size_b,
                            Fisher form,
                            Monitor& monitor);

// The share of 10000 tables (fewer for very many groups) with the same margins, drawn at random
// from a fixed seed, whose chi-square is as large as the observed one (which counts as one of
// them). Drawing ends at 400 such tables: their share is then known to a twentieth (Besag and
// Clifford 1991, "Sequential Monte Carlo p-values"). For tables in which the approximation is not
// trusted. Successes and sizes are whole numbers.
struct PermutationTest {
  double p_value;
  bool at_floor;  // no drawn table is as large: one more of them would make p_value smaller
};
[[nodiscard]] PermutationTest permutation_test(std::span<const Proportion> groups,
                                               std::uint64_t seed,
                                               Monitor& monitor);

// Holm's adjustment of many p-values (Holm 1979): adjusted values below 0.05 reject with a chance
// of at most 5 % that any of them is wrong.
[[nodiscard]] std::vector<double> holm(std::span<const double> p_values);

}  // namespace fairdb
