#include "core/report/widest_gap.hpp"

#include <functional>
#include <queue>
#include <set>

namespace fairdb {

std::optional<WidestGap> widest_gap(const std::vector<const ScoreLaw*>& laws, Monitor& monitor) {
  constexpr std::size_t kPollPeriod = 1 << 14;
  struct Next {
    double score;
    std::size_t law;
    bool operator>(const Next& other) const noexcept {
      return score > other.score || (score == other.score && law > other.law);
    }
  };
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  std::set<std::pair<double, std::size_t>> shares;  // of the laws, up to the score
  std::vector<std::size_t> place(laws.size(), 0);
  for (std::size_t l = 0; l < laws.size(); ++l) {
    if (laws[l]->empty()) continue;
    next.push({laws[l]->score(0), l});
    shares.insert({0, l});
  }
  if (shares.size() < 2) return std::nullopt;
  std::optional<WidestGap> widest;
  for (std::size_t step = 0; !next.empty(); ++step) {
    if (step % kPollPeriod == 0) monitor.poll();
    const double score = next.top().score;
    while (!next.empty() && next.top().score == score) {
      const std::size_t l = next.top().law;
      const ScoreLaw& law = *laws[l];
      next.pop();
      const double total = law.total();
      shares.erase({law.below(place[l]) / total, l});
      ++place[l];
      shares.insert({law.below(place[l]) / total, l});
      if (place[l] < law.size()) next.push({law.score(place[l]), l});
    }
    const auto& [low, low_law] = *shares.begin();
    const auto& [high, high_law] = *shares.rbegin();
    if (!widest || high - low > widest->high_share - widest->low_share) {
      widest = {score, low_law, high_law, low, high};
    }
  }
  return widest;
}

}  // namespace fairdb
