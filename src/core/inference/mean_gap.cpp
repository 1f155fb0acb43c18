#include "core/inference/mean_gap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "core/inference/tails.hpp"

namespace fairdb {
namespace {

constexpr double kFewestRows = 10;

bool compares(const MeanEstimate& e) noexcept {
  return e.rows >= kFewestRows && e.error > 0 && std::isfinite(e.error);
}

// Quantiles of Student's law by whole degrees of freedom.
class Quantiles {
 public:
  explicit Quantiles(double level) : level_(level) {}
  double operator()(double df) {
    const auto [place, added] = known_.try_emplace(static_cast<std::int64_t>(df), 0);
    if (added) place->second = student_two_sided_quantile(level_, df);
    return place->second;
  }

 private:
  double level_;
  std::unordered_map<std::int64_t, double> known_;
};

// Welch and Satterthwaite; the whole number below.
double degrees_of_freedom(const MeanEstimate& a, const MeanEstimate& b) noexcept {
  const double larger = std::max(a.error, b.error);
  const double va = a.error / larger * (a.error / larger);
  const double vb = b.error / larger * (b.error / larger);
  constexpr double kMany = 100000;
  return std::floor(
      std::min(kMany, (va + vb) * (va + vb) / (va * va / (a.rows - 1) + vb * vb / (b.rows - 1))));
}

// Between which numbers low / high lies, or high / low where that is smaller: the rho for which
// low - rho high is no farther from 0 than t of its standard errors.
Interval ratio_of(const MeanEstimate& low, const MeanEstimate& high, double t) noexcept {
  const double a = low.value / high.value;
  const double sa = t * low.error / high.value;
  const double sb = t * high.error / high.value;
  const double leading = 1 - sb * sb;
  if (!(leading > 0)) return {0, 1};  // the larger one may be 0
  const double root = std::sqrt(std::max(0.0, a * a * sb * sb + sa * sa * leading));
  const double least = std::max(0.0, (a - root) / leading);
  const double most = (a + root) / leading;
  return {std::min(least, 1 / std::max(1.0, most)), std::min(1.0, most)};
}

}  // namespace

MeanGap mean_gap(const std::vector<MeanEstimate>& estimates, double level, Monitor& monitor) {
  MeanGap gap;
  std::vector<MeanEstimate> compared;
  for (std::size_t g = 0; g < estimates.size(); ++g) {
    if (estimates[g].value < estimates[gap.low].value) gap.low = g;
    if (estimates[g].value > estimates[gap.high].value) gap.high = g;
    if (compares(estimates[g])) compared.push_back(estimates[g]);
  }
  const std::size_t n = compared.size();
  gap.compared = n;
  if (n < estimates.size()) {
    gap.difference.upper = std::numeric_limits<double>::infinity();
    gap.ratio.lower = 0;
  }
  if (n < 2) return gap;
  std::sort(compared.begin(), compared.end(),
            [](const MeanEstimate& a, const MeanEstimate& b) { return a.value < b.value; });
  const double pairs = static_cast<double>(n) * static_cast<double>(n - 1) / 2;
  Quantiles quantile(1 - (1 - level) / pairs);
  double p = 1;
  double largest_t = 0;  // of the pair that p is of, and its degrees of freedom
  double its_df = 0;
  constexpr std::size_t kPollPeriod = 1 << 12;
  std::size_t polled = 0;
  for (std::size_t g = 0; g < n; ++g) {
    for (std::size_t h = g + 1; h < n; ++h) {
      if (++polled % kPollPeriod == 0) monitor.poll();
      const MeanEstimate& low = compared[g];
      const MeanEstimate& high = compared[h];
      const double apart = high.value - low.value;
      const double error = std::hypot(low.error, high.error);
      const double df = degrees_of_freedom(low, high);
      const double t = quantile(df);
      gap.difference.lower = std::max(gap.difference.lower, apart - t * error);
      gap.difference.upper = std::max(gap.difference.upper, apart + t * error);
      const Interval ratio = high.value > 0 ? ratio_of(low, high, t) : Interval{0, 1};
      gap.ratio.lower = std::min(gap.ratio.lower, ratio.lower);
      gap.ratio.upper = std::min(gap.ratio.upper, ratio.upper);
      // A smaller t with no more degrees of freedom has a larger p.
      const double this_t = apart / error;
      if (this_t <= largest_t && df <= its_df) continue;
      const double this_p = student_two_sided(this_t, df);
      if (this_p > p) continue;
      p = this_p;
      largest_t = this_t;
      its_df = df;
    }
  }
  gap.p_value = std::min(1.0, p * pairs);
  return gap;
}

}  // namespace fairdb
