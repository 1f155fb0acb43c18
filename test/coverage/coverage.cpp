// How often the intervals of metrics() contain the true gap.
//
//   coverage exact                  two groups, every pair of counts weighed by its probability
//   coverage simulate [TABLES [SEED]]   many groups, random counts
//
// Both print one line a case: how often the true value is within the 95 % interval, and how often
// it is nearer to parity than the interval and farther from it. A table without a value (a ratio of
// groups without successes) is left out. The last line names the smallest and the largest figure.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>

#include "core/inference/range.hpp"

namespace fairdb {
namespace {

constexpr double kLevel = 0.95;

struct Tally {
  double within = 0;
  double nearer = 0;  // the truth is nearer to parity than the interval
  double farther_off = 0;

  void add(const std::optional<Interval>& interval,
           Contrast contrast,
           double truth,
           double weight) {
    constexpr double kRounding = 1e-9;
    if (!interval) return;
    const bool below = truth < interval->lower - kRounding;
    const bool above = truth > interval->upper + kRounding;
    const bool difference = contrast == Contrast::Difference;
    (below   ? (difference ? nearer : farther_off)
     : above ? (difference ? farther_off : nearer)
             : within) += weight;
  }
  // An interval contains the gaps that the test accepts: asking it of the truth alone is quicker.
  void test(const Families& families, Contrast contrast, double truth) {
    const double seen = worst_gap(families, contrast);
    if (std::isnan(seen)) return;
    const bool accepted = gap_p_value(families, contrast, truth) > 1 - kLevel;
    (accepted ? within : farther(seen, truth, contrast) ? nearer : farther_off) += 1;
  }
  double total() const { return within + nearer + farther_off; }
};

class Extremes {
 public:
  void add(const Tally& tally, const std::string& name) {
    const double share = tally.within / tally.total();
    if (share < low_) low_ = share, low_name_ = name;
    if (share > high_) high_ = share, high_name_ = name;
  }
  void print(const char* what) const {
    std::printf("%s: between %.4f (%s) and %.4f (%s)\n", what, low_, low_name_.c_str(), high_,
                high_name_.c_str());
  }

 private:
  double low_ = 2, high_ = -1;
  std::string low_name_, high_name_;
};

std::string shown(const Tally& t) {
  char text[80];
  std::snprintf(text, sizeof text, "%.4f  %.4f  %.4f", t.within / t.total(), t.nearer / t.total(),
                t.farther_off / t.total());
  return text;
}

double gap(const std::vector<double>& rates, Contrast contrast) {
  const auto [low, high] = std::minmax_element(rates.begin(), rates.end());
  return contrast == Contrast::Difference ? *high - *low : *low / *high;
}

Families families_of(const std::vector<double>& sizes, const std::vector<double>& counts) {
  Families families(1);
  for (std::size_t g = 0; g < sizes.size(); ++g) {
    families[0].push_back({counts[g] / sizes[g], sizes[g]});
  }
  return families;
}

std::optional<Interval> interval_of(const std::vector<double>& sizes,
                                    const std::vector<double>& counts,
                                    Contrast contrast) {
  const Families families = families_of(sizes, counts);
  if (std::isnan(worst_gap(families, contrast))) return std::nullopt;
  Monitor monitor;
  return gap_interval(families, contrast, kLevel, monitor);
}

std::vector<double> binomial(int n, double p) {
  std::vector<double> law;
  for (int x = 0; x <= n; ++x) {
    law.push_back(std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0) +
                           x * std::log(p) + (n - x) * std::log1p(-p)));
  }
  return law;
}

void exact(const std::vector<std::pair<int, int>>& sizes, const std::vector<double>& rates) {
  constexpr double kNegligible = 1e-7;
  std::printf("%-6s %-6s %-7s %-7s %-26s %-26s\n", "n", "n", "rate", "rate",
              "difference: in nearer far", "ratio: in nearer far");
  Extremes extremes[2];
  for (const auto& [na, nb] : sizes) {
    std::map<std::pair<int, int>, std::optional<Interval>> known[2];
    for (std::size_t i = 0; i < rates.size(); ++i) {
      for (std::size_t j = na == nb ? i : 0; j < rates.size(); ++j) {
        const auto a = binomial(na, rates[i]);
        const auto b = binomial(nb, rates[j]);
        Tally tallies[2];
        for (int x = 0; x <= na; ++x) {
          for (int y = 0; y <= nb; ++y) {
            const double weight = a[static_cast<std::size_t>(x)] * b[static_cast<std::size_t>(y)];
            if (weight < kNegligible) continue;
            for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
              const auto c = static_cast<std::size_t>(contrast);
              const bool swapped = na == nb && x > y;
              const std::pair<int, int> key = swapped ? std::pair(y, x) : std::pair(x, y);
              auto found = known[c].find(key);
              if (found == known[c].end()) {
                found = known[c]
                            .emplace(key,
                                     interval_of({double(na), double(nb)},
                                                 {double(key.first), double(key.second)}, contrast))
                            .first;
              }
              tallies[c].add(found->second, contrast, gap({rates[i], rates[j]}, contrast), weight);
            }
          }
        }
        std::printf("%-6d %-6d %-7g %-7g %-26s %-26s\n", na, nb, rates[i], rates[j],
                    shown(tallies[0]).c_str(), shown(tallies[1]).c_str());
        std::fflush(stdout);
        char name[80];
        std::snprintf(name, sizeof name, "n %d and %d, rates %g and %g", na, nb, rates[i],
                      rates[j]);
        for (int c = 0; c < 2; ++c) extremes[c].add(tallies[c], name);
      }
    }
  }
  extremes[0].print("difference");
  extremes[1].print("ratio");
}

struct Case {
  std::string name;
  std::vector<double> sizes;
  std::vector<double> rates;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  const auto add = [&](const std::string& sizes_name, const std::vector<double>& sizes) {
    const std::size_t k = sizes.size();
    const auto put = [&](const char* what, auto rate) {
      Case c{"k " + std::to_string(k) + ", n " + sizes_name + ", " + what, sizes, {}};
      for (std::size_t g = 0; g < k; ++g) c.rates.push_back(rate(static_cast<double>(g)));
      list.push_back(std::move(c));
    };
    const double last = static_cast<double>(k - 1);
    put("all .1", [](double) { return 0.1; });
    put("all .3", [](double) { return 0.3; });
    put("one .1, others .02", [](double g) { return g == 0 ? 0.1 : 0.02; });
    put("last .1, others .02", [&](double g) { return g == last ? 0.1 : 0.02; });
    put("one .2, others .35", [](double g) { return g == 0 ? 0.2 : 0.35; });
    put("half .2, half .35", [](double g) { return std::fmod(g, 2) == 0 ? 0.2 : 0.35; });
    put("from .3 to .5", [&](double g) { return 0.3 + 0.2 * g / last; });
    put("from .6 to .9", [&](double g) { return 0.6 + 0.3 * g / last; });
  };
  for (const std::size_t k : {2U, 4U, 8U, 12U, 20U}) {
    for (const double n : {50.0, 100.0, 1000.0}) {
      add(std::to_string(static_cast<int>(n)), std::vector<double>(k, n));
    }
    std::vector<double> unequal(k, 1000);
    for (std::size_t g = 0; g < k; ++g) unequal[g] = g % 2 == 0 ? 100 : 1000;
    add("100 beside 1000", unequal);
  }
  return list;
}

void simulate(int tables, std::uint64_t seed) {
  std::printf("%d tables a case, seed %llu; one standard error is %.4f\n", tables,
              static_cast<unsigned long long>(seed), std::sqrt(kLevel * (1 - kLevel) / tables));
  std::printf("%-48s %-26s %-26s\n", "", "difference: in nearer far", "ratio: in nearer far");
  Extremes extremes[2];
  for (const Case& c : cases()) {
    std::mt19937_64 random(seed);
    Tally tallies[2];
    for (int t = 0; t < tables; ++t) {
      std::vector<double> counts;
      for (std::size_t g = 0; g < c.sizes.size(); ++g) {
        counts.push_back(static_cast<double>(
            std::binomial_distribution<int>(static_cast<int>(c.sizes[g]), c.rates[g])(random)));
      }
      for (const Contrast contrast : {Contrast::Difference, Contrast::Ratio}) {
        tallies[static_cast<std::size_t>(contrast)].test(families_of(c.sizes, counts), contrast,
                                                         gap(c.rates, contrast));
      }
    }
    std::printf("%-48s %-26s %-26s\n", c.name.c_str(), shown(tallies[0]).c_str(),
                shown(tallies[1]).c_str());
    std::fflush(stdout);
    for (int i = 0; i < 2; ++i) extremes[i].add(tallies[i], c.name);
  }
  extremes[0].print("difference");
  extremes[1].print("ratio");
}

}  // namespace
}  // namespace fairdb

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "exact") {
    const std::vector<double> rates = {.005, .01, .02, .05, .1, .3, .5};
    fairdb::exact({{10, 10},
                   {20, 20},
                   {50, 50},
                   {200, 200},
                   {10, 20},
                   {10, 50},
                   {10, 200},
                   {20, 50},
                   {20, 200},
                   {50, 200}},
                  rates);
    std::puts("rare events");
    fairdb::exact({{1000, 1000}}, {.0005, .001, .0025});
  } else if (what == "simulate") {
    fairdb::simulate(argc > 2 ? std::atoi(argv[2]) : 2000,
                     argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1);
  } else {
    std::fputs("usage: coverage exact | simulate [TABLES [SEED]]\n", stderr);
    return 2;
  }
  return 0;
}
