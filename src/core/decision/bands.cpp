#include "core/decision/bands.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {
namespace {

// How far q lies to the left of the line from a to b, as an area.
double left_of(const GroupPoint& a, const GroupPoint& b, const GroupPoint& q) noexcept {
  return (b.fp - a.fp) * (q.tp - a.tp) - (b.tp - a.tp) * (q.fp - a.fp);
}

GroupPoint point_of(const RocPoint& p) noexcept {
  return {p.fp, p.tp};
}

// Selected with the chance `outer` from one threshold on, `middle` from the next, 1 from the last.
struct Mixture {
  std::size_t outer, middle, inner;  // points of the hull, descending by number
  double outer_share, middle_share;
};

// q as a mixture of the point `apex` and of the edge from k to k + 1, which the line from the apex
// through q cuts. below: whether the edge selects fewer than the apex.
Mixture mixture(
    const RocHull& hull, std::size_t apex, std::size_t k, const GroupPoint& q, bool below) {
  const GroupPoint a = point_of(hull.points[apex]);
  const GroupPoint e = point_of(hull.points[k]);
  const GroupPoint f = point_of(hull.points[k + 1]);
  const double from_e = std::abs(left_of(a, q, e));
  const double from_f = std::abs(left_of(a, q, f));
  const double t = from_e + from_f > 0 ? from_e / (from_e + from_f) : 0;  // of the edge, from e
  const GroupPoint cut{std::lerp(e.fp, f.fp, t), std::lerp(e.tp, f.tp, t)};
  const double whole = std::hypot(cut.fp - a.fp, cut.tp - a.tp);
  const double part = std::hypot(q.fp - a.fp, q.tp - a.tp);
  const double share = whole > 0 ? std::clamp(part / whole, 0.0, 1.0) : 1;  // of the cut
  if (below) return {apex, k + 1, k, 1 - share, 1 - share + share * t};
  return {k + 1, k, apex, share * t, share};
}

double selected(const RocPoint& p) noexcept {
  return p.fp + p.tp;
}

// The weight of the rows that a mixture decides by chance.
double by_chance(const RocHull& hull, const Mixture& m) noexcept {
  const auto weight = [&](std::size_t i) { return selected(hull.points[i]); };
  const auto within = [](double share) { return share > 0 && share < 1; };
  return (within(m.outer_share) ? weight(m.outer) - weight(m.middle) : 0) +
         (within(m.middle_share) ? weight(m.middle) - weight(m.inner) : 0);
}

std::vector<Band> bands_of(const RocHull& hull, const Mixture& m) {
  // A share that rounding made of nothing or of all.
  constexpr double kRounding = 1e-13;
  std::vector<Band> bands;
  const auto add = [&](std::size_t at, double share) {
    if (share > 1 - kRounding) share = 1;
    if (share < kRounding || hull.points[at].threshold == kSelectsNobody) return;
    if (!bands.empty() && bands.back().threshold == hull.points[at].threshold) bands.pop_back();
    if (!bands.empty() && bands.back().share >= share) return;
    bands.push_back({hull.points[at].threshold, share});
  };
  add(m.outer, m.outer_share);
  add(m.middle, m.middle_share);
  add(m.inner, 1);
  return bands;
}

}  // namespace

std::vector<Band> bands_of(const RocHull& hull, const GroupPoint& q) {
  const std::vector<RocPoint>& points = hull.points;
  const std::size_t last = points.size() - 1;
  // The edge of the hull over which, or on which, the point is: the first that ends at or behind it
  // in the number of rows selected.
  const double size = q.fp + q.tp;
  const auto found =
      std::lower_bound(points.begin(), points.end(), size,
                       [](const RocPoint& p, double wanted) { return selected(p) < wanted; });
  std::size_t behind =
      found == points.end() ? last : static_cast<std::size_t>(found - points.begin());
  behind = std::max<std::size_t>(behind, 1);
  const GroupPoint before = point_of(points[behind - 1]);
  const GroupPoint after = point_of(points[behind]);
  constexpr double kOnHull = 4e-15;
  const double length = std::hypot(after.fp - before.fp, after.tp - before.tp);
  if (left_of(before, after, q) >= -kOnHull * hull.weight() * length) {
    const double width = selected(points[behind]) - selected(points[behind - 1]);
    const double share =
        width > 0 ? std::clamp((size - selected(points[behind - 1])) / width, 0.0, 1.0) : 1;
    return bands_of(hull, Mixture{behind, behind - 1, behind - 1, share, 1});
  }
  // Below it. The line from an apex above and right of q cuts the hull again below and left of it;
  // as the apex moves along the hull, so does the cut.
  std::optional<Mixture> best;
  double least = std::numeric_limits<double>::infinity();
  const auto consider = [&](const Mixture& candidate) {
    const double chance = by_chance(hull, candidate);
    if (chance < least) {
      least = chance;
      best = candidate;
    }
  };
  for (std::size_t apex = 0; apex <= last; ++apex) {
    const GroupPoint a = point_of(points[apex]);
    const bool above = a.fp >= q.fp && a.tp >= q.tp;
    const bool under = a.fp <= q.fp && a.tp <= q.tp;
    if (!above && !under) continue;
    // The edge on the other side that the line cuts: its ends lie on different sides of it.
    const std::size_t begin = above ? 0 : apex + 1;
    const std::size_t end = above ? apex : last + 1;
    const auto side = [&](const RocPoint& p) { return left_of(a, q, point_of(p)); };
    const auto crossed = std::partition_point(points.begin() + static_cast<std::ptrdiff_t>(begin),
                                              points.begin() + static_cast<std::ptrdiff_t>(end),
                                              [&](const RocPoint& p) { return side(p) > 0; });
    const auto k = static_cast<std::size_t>(crossed - points.begin());
    if (k == begin || k == end) continue;
    consider(mixture(hull, apex, k - 1, q, above));
  }
  // None where rounding has put the point below the line from nobody to all: it is on that line.
  if (!best) return bands_of(hull, Mixture{last, 0, 0, size / hull.weight(), 1});
  return bands_of(hull, *best);
}

GroupPoint reached_by(const std::vector<Band>& bands, const LabelledScores& scores) noexcept {
  GroupPoint point{0, 0};
  double share = 0;
  for (const Band& band : bands) {
    point.fp += (band.share - share) * scores.negative.from(band.threshold);
    point.tp += (band.share - share) * scores.positive.from(band.threshold);
    share = band.share;
  }
  return point;
}

}  // namespace fairdb
