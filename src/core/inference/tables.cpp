#include "core/inference/tables.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "core/base/random.hpp"
#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

struct Margins {
  double successes = 0;
  double size = 0;
};

Margins margins(std::span<const Proportion> groups) noexcept {
  Margins total;
  for (const Proportion& group : groups) {
    total.successes += group.successes();
    total.size += group.size;
  }
  return total;
}

// Binomial probabilities without the cancellation of logarithms of factorials, which would leave
// few digits for counts of billions (Loader 2000, "Fast and accurate computation of binomial
// probabilities").

// ln n! minus Stirling's formula.
double stirling_error(double n) noexcept {
  constexpr double kExact = 15;
  if (n < 1) return n > 0 ? std::lgamma(n + 1) : 0;
  if (n <= kExact) {
    return std::lgamma(n + 1) - (n + 0.5) * std::log(n) + n - std::log(2 * std::numbers::pi) / 2;
  }
  const double nn = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / nn) / nn) / nn) / nn) /
         n;
}

// x ln(x / m) + m - x, also where x is near m.
double deviance(double x, double m) noexcept {
  const double v = (x - m) / (x + m);
  if (std::abs(v) > 0.1) return x * std::log(x / m) + m - x;
  double sum = (x - m) * v;
  double term = 2 * x * v;
  for (int j = 1; j < 100; ++j) {
    term *= v * v;
    const double next = sum + term / (2 * j + 1);
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

// The logarithm of the probability of x of n successes of probability p, q = 1 - p.
double log_binomial(double x, double n, double p, double q) noexcept {
  if (x <= 0) return p < 0.1 ? -deviance(n, n * q) - n * p : n * std::log(q);
  if (x >= n) return q < 0.1 ? -deviance(n, n * p) - n * q : n * std::log(p);
  const double exponent = stirling_error(n) - stirling_error(x) - stirling_error(n - x) -
                          deviance(x, n * p) - deviance(n - x, n * q);
  return exponent - (std::log(2 * std::numbers::pi) + std::log(x) + std::log1p(-x / n)) / 2;
}

// The distribution of a group's successes when all margins are given.
class Hypergeometric {
 public:
  Hypergeometric(double size, double others, double successes) noexcept
      : size_(size),
        others_(others),
        successes_(successes),
        lowest_(std::max(0.0, successes - others)),
        highest_(std::min(size, successes)) {}

  double lowest() const noexcept { return lowest_; }
  double highest() const noexcept { return highest_; }
  double mode() const noexcept {
    const double m = std::floor((size_ + 1) * (successes_ + 1) / (size_ + others_ + 2));
    return std::clamp(m, lowest_, highest_);
  }
  double probability(double x) const noexcept {
    const double n = size_ + others_;
    const double p = successes_ / n;
    const double q = (n - successes_) / n;
    if (!(p > 0) || !(q > 0)) return 1;  // only one table has these margins
    return std::exp(log_binomial(x, size_, p, q) + log_binomial(successes_ - x, others_, p, q) -
                    log_binomial(successes_, n, p, q));
  }
  // probability(x + 1) / probability(x).
  double step(double x) const noexcept {
    return (size_ - x) * (successes_ - x) / ((x + 1) * (others_ - successes_ + x + 1));
  }
  double variance() const noexcept {
    const double n = size_ + others_;
    if (n <= 1) return 0;
    return size_ * successes_ / n * (others_ / n) * ((n - successes_) / (n - 1));
  }
  double mean() const noexcept { return size_ * successes_ / (size_ + others_); }

  // probability(x) from a table of ln k!, to ten digits or so.
  double probability(double x, std::span<const double> ln_factorial) const noexcept {
    const auto ln_choose = [&](double n, double k) {
      const auto at = [&](double v) { return ln_factorial[static_cast<std::size_t>(v)]; };
      return at(n) - at(k) - at(n - k);
    };
    return std::exp(ln_choose(size_, x) + ln_choose(others_, successes_ - x) -
                    ln_choose(size_ + others_, successes_));
  }

  // A draw by inversion from the mode outwards, in some standard deviations' steps; beyond 50 a
  // rounded normal is as good for a statistic of squares, at a cost that does not grow.
  // ln_factorial: of all whole numbers up to that of all rows, or empty.
  double draw(Random& random, std::span<const double> ln_factorial) const noexcept {
    constexpr double kLarge = 2500;
    if (lowest_ == highest_) return lowest_;
    if (variance() > kLarge) return rounded_normal(random);
    double left = random.uniform();
    double down = mode();
    double up = down;
    double p_down = ln_factorial.empty() ? probability(down) : probability(down, ln_factorial);
    double p_up = p_down;
    left -= p_down;
    double result = down;
    while (left > 0 && (down > lowest_ || up < highest_)) {
      if (up < highest_) {
        p_up *= step(up);
        left -= p_up;
        result = ++up;
        if (left <= 0) break;
      }
      if (down > lowest_) {
        --down;
        p_down /= step(down);
        left -= p_down;
        result = down;
      }
    }
    return result;
  }

 private:
  double rounded_normal(Random& random) const noexcept {
    return std::clamp(std::round(mean() + random.normal() * std::sqrt(variance())), lowest_,
                      highest_);
  }

  double size_, others_, successes_, lowest_, highest_;
};

// Pearson's statistic of successes with the given margins.
double statistic(std::span<const double> successes,
                 std::span<const Proportion> groups,
                 const Margins& total) noexcept {
  const double p = total.successes / total.size;
  double sum = 0;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const double residual = successes[g] - groups[g].size * p;
    sum += residual * residual / (groups[g].size * p * (1 - p));
  }
  return sum;
}

bool without_variation(const Margins& total) noexcept {
  return !(total.successes > 0) || !(total.successes < total.size);
}

std::vector<double> observed(std::span<const Proportion> groups, bool whole) {
  std::vector<double> successes;
  for (const Proportion& group : groups) {
    successes.push_back(whole ? std::round(group.successes()) : group.successes());
  }
  return successes;
}

}  // namespace

std::optional<TestResult> chi_square(std::span<const Proportion> groups) {
  const Margins total = margins(groups);
  if (groups.size() < 2 || without_variation(total)) return std::nullopt;
  const double value = statistic(observed(groups, false), groups, total);
  const auto df = static_cast<std::int64_t>(groups.size()) - 1;
  return TestResult{value, df, chi_square_upper(value, df)};
}

std::optional<TestResult> wald(std::span<const Proportion> estimates) noexcept {
  if (estimates.size() < 2) return std::nullopt;
  double weights = 0;
  double sum = 0;
  for (const Proportion& e : estimates) {
    const double variance = e.value * (1 - e.value) / e.size;
    if (!(variance > 0)) return std::nullopt;
    weights += 1 / variance;
    sum += e.value / variance;
  }
  double statistic = 0;
  for (const Proportion& e : estimates) {
    const double d = e.value - sum / weights;
    statistic += d * d * e.size / (e.value * (1 - e.value));
  }
  const auto df = static_cast<std::int64_t>(estimates.size()) - 1;
  return TestResult{statistic, df, chi_square_upper(statistic, df)};
}

double smallest_expected(std::span<const Proportion> groups) noexcept {
  const Margins total = margins(groups);
  double smallest = std::numeric_limits<double>::infinity();
  for (const Proportion& group : groups) smallest = std::min(smallest, group.size);
  return smallest * std::min(total.successes, total.size - total.successes) / total.size;
}

double fisher(std::int64_t successes_a,
              std::int64_t size_a,
              std::int64_t successes_b,
              std::int64_t size_b,
              Fisher form,
              Monitor& monitor) {
  const Hypergeometric law(static_cast<double>(size_a), static_cast<double>(size_b),
                           static_cast<double>(successes_a) + static_cast<double>(successes_b));
  // Tables as likely as the observed one differ from it by rounding only.
  constexpr double kSame = 1e-7;
  constexpr double kNegligible = 1e-18;
  constexpr std::uint32_t kPollPeriod = 1 << 16;
  const auto x = static_cast<double>(successes_a);
  const double mode = law.mode();
  const double at = law.probability(x);
  const auto counts = [&](double k) { return law.probability(k) <= at * (1 + kSame); };

  // Probabilities fall on both sides of the mode, so the tables that count are those up to `low`
  // and those from `high` on.
  double low = counts(mode) ? mode : std::min(x, mode);
  double high = std::max(x, mode + 1);
  if (x > mode) {
    low = mode;
    if (!counts(low)) {
      double inside = law.lowest() - 1;
      while (low - inside > 1) {
        const double middle = std::floor((low + inside) / 2);
        (counts(middle) ? inside : low) = middle;
      }
      low = inside;
    }
  } else if (high <= law.highest() && !counts(high)) {
    double inside = law.highest() + 1;
    while (inside - high > 1) {
      const double middle = std::floor((high + inside) / 2);
      (counts(middle) ? inside : high) = middle;
    }
    high = inside;
  }

  std::uint32_t steps = 0;
  double sum = 0;
  const auto add = [&](double p) {
    if (++steps % kPollPeriod == 0) monitor.poll();
    sum += form == Fisher::MidP && p >= at * (1 - kSame) ? p / 2 : p;
    return p > sum * kNegligible;
  };
  if (low >= law.lowest()) {
    double p = law.probability(low);
    for (double k = low; add(p) && k > law.lowest();) p /= law.step(--k);
  }
  if (high <= law.highest()) {
    double p = law.probability(high);
    for (double k = high; add(p) && k < law.highest();) p *= law.step(k++);
  }
  return std::min(sum, 1.0);
}

namespace {

// Tables with the margins of the observed one, drawn at random.
class RandomTables {
 public:
  RandomTables(std::span<const Proportion> groups, const Margins& total, std::uint64_t seed)
      : groups_(groups),
        size_(total.size),
        successes_(std::round(total.successes)),
        random_(seed),
        drawn_(groups.size()) {
    // Where groups have few rows, rows are drawn; else the number in each group.
    constexpr double kFewRows = 20;
    constexpr double kLargestTable = 1000000;
    if (size_ <= kFewRows * static_cast<double>(groups.size())) {
      for (std::size_t g = 0; g < groups.size(); ++g) {
        urn_.insert(urn_.end(), static_cast<std::size_t>(groups[g].size), g);
      }
    } else if (size_ <= kLargestTable) {
      const auto rows = static_cast<std::size_t>(size_);
      for (std::size_t k = 0; k <= rows; ++k) {
        ln_factorial_.push_back(std::lgamma(static_cast<double>(k) + 1));
      }
    }
  }

  // The successes of each group, valid until the next call.
  std::span<const double> next() {
    if (urn_.empty()) {
      draw_numbers();
    } else {
      draw_rows();
    }
    return drawn_;
  }

 private:
  void draw_numbers() {
    double left_size = size_;
    double left = successes_;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
      left_size -= groups_[g].size;
      drawn_[g] = Hypergeometric(groups_[g].size, left_size, left).draw(random_, ln_factorial_);
      left -= drawn_[g];
    }
  }

  // The first rows of a shuffled urn are successes, or failures when these are fewer.
  void draw_rows() {
    const bool failures = 2 * successes_ > size_;
    for (std::size_t g = 0; g < groups_.size(); ++g) drawn_[g] = failures ? groups_[g].size : 0;
    const auto wanted = static_cast<std::size_t>(failures ? size_ - successes_ : successes_);
    for (std::size_t i = 0; i < wanted; ++i) {
      std::swap(urn_[i], urn_[i + random_.below(urn_.size() - i)]);
      drawn_[urn_[i]] += failures ? -1 : 1;
    }
  }

  std::span<const Proportion> groups_;
  double size_;
  double successes_;
  Random random_;
  std::vector<double> drawn_;
  std::vector<std::size_t> urn_;  // the group of each row
  std::vector<double> ln_factorial_;
};

}  // namespace

PermutationTest permutation_test(std::span<const Proportion> groups,
                                 std::uint64_t seed,
                                 Monitor& monitor) {
  constexpr int kMostTables = 10000;
  constexpr int kFewestTables = 1000;
  constexpr int kDraws = 5000000;  // of all groups of all tables
  constexpr int kEnough = 400;
  constexpr double kSame = 1e-9;
  // Where every group is one row, all tables have the same statistic.
  const auto one_row = [](const Proportion& group) { return group.size == 1; };
  if (std::all_of(groups.begin(), groups.end(), one_row)) return {1, false};
  const int tables =
      std::clamp(kDraws / static_cast<int>(groups.size()), kFewestTables, kMostTables);
  const Margins total = margins(groups);
  const double threshold = statistic(observed(groups, true), groups, total) * (1 - kSame);
  RandomTables random(groups, total, seed);
  int as_large = 1;
  for (int table = 1; table < tables; ++table) {
    monitor.poll();
    if (statistic(random.next(), groups, total) < threshold) continue;
    if (++as_large > kEnough) return {static_cast<double>(kEnough) / table, false};
  }
  return {static_cast<double>(as_large) / tables, as_large == 1};
}

std::vector<double> holm(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> adjusted(p_values.size());
  double largest = 0;
  for (std::size_t k = 0; k < order.size(); ++k) {
    const double times = static_cast<double>(order.size() - k);
    largest = std::max(largest, std::min(1.0, times * p_values[order[k]]));
    adjusted[order[k]] = largest;
  }
  return adjusted;
}

}  // namespace fairdb
