#include "core/audit/reweighing.hpp"

#include "core/audit/rates.hpp"

namespace fairdb {

std::vector<Reweighed> reweighing(const Confusion& confusion) {
  struct Sums {
    std::int64_t rows = 0;
    double mass = 0;
  };
  const auto sums_of = [](const GroupCells& group, Truth label) {
    Sums sums;
    for (const Truth prediction : {Truth::Negative, Truth::Positive, Truth::Unknown}) {
      sums.rows += group.counts.at(label, prediction);
      sums.mass += group.masses.mass[cell(label, prediction)];
    }
    return sums;
  };
  double all = 0;
  double by_label[2] = {0, 0};
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    for (const Truth label : {Truth::Negative, Truth::Positive}) {
      const double mass = sums_of(group, label).mass;
      by_label[static_cast<int>(label)] += mass;
      all += mass;
    }
  }
  std::vector<Reweighed> result;
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    const Sums both[2] = {sums_of(group, Truth::Negative), sums_of(group, Truth::Positive)};
    for (const int label : {0, 1}) {
      const double of_group = both[0].mass + both[1].mass;
      std::optional<double> weight;
      if (both[label].mass > 0) weight = of_group / all * by_label[label] / both[label].mass;
      result.push_back({group.label, label == 1, both[label].rows, weight});
    }
  }
  return result;
}

}  // namespace fairdb
