#include "core/report/placing.hpp"

#include <algorithm>
#include <cmath>

namespace fairdb {

void LabelPlacer::avoid(const std::vector<Pixel>& curve) {
  constexpr double kApart = 5;
  for (std::size_t i = 0; i < curve.size(); ++i) {
    points_.push_back(curve[i]);
    if (i == 0) continue;
    const double dx = curve[i].x - curve[i - 1].x;
    const double dy = curve[i].y - curve[i - 1].y;
    const double between = std::floor(std::hypot(dx, dy) / kApart);
    for (double k = 1; k < between; ++k) {
      points_.push_back({curve[i - 1].x + dx * k / between, curve[i - 1].y + dy * k / between});
    }
  }
}

Box LabelPlacer::box_of(const Place& place, double width, double letter) const noexcept {
  const double left = place.at.x - (place.anchor == Anchor::End      ? width
                                    : place.anchor == Anchor::Middle ? width / 2
                                                                     : 0);
  return {left, place.at.y - .8 * letter, left + width, place.at.y + .25 * letter};
}

double LabelPlacer::cost_of(const Box& box) const noexcept {
  constexpr double kOutside = 1000;
  constexpr double kOverLabel = 60;
  double cost = kOutside *
                (std::max(0.0, within_.left - box.left) + std::max(0.0, box.right - within_.right) +
                 std::max(0.0, within_.top - box.top) + std::max(0.0, box.bottom - within_.bottom));
  for (const Box& other : boxes_) {
    if (box.left < other.right && other.left < box.right && box.top < other.bottom &&
        other.top < box.bottom) {
      cost += kOverLabel;
    }
  }
  for (const Pixel& point : points_) {
    if (point.x > box.left && point.x < box.right && point.y > box.top && point.y < box.bottom) {
      ++cost;
    }
  }
  return cost;
}

LabelPlacer::Place LabelPlacer::choose(const std::vector<Place>& places,
                                       double width,
                                       double letter) {
  Place best = places.front();
  double least = -1;
  for (const Place& place : places) {
    const double cost = place.cost + cost_of(box_of(place, width, letter));
    if (least >= 0 && cost >= least) continue;
    best = place;
    best.cost = cost;
    least = cost;
    if (cost == 0) break;
  }
  boxes_.push_back(box_of(best, width, letter));
  return best;
}

}  // namespace fairdb
