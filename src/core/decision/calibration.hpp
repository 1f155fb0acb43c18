// Maps from scores to probabilities, one for each group, learnt from scores with labels.
//
//   isotonic  the non-decreasing function of the score with the least squared error, by pooling
//             adjacent violators (Ayer, Brunk, Ewing, Reid, Silverman 1955); linear between its
//             steps and constant beyond the calibrated scores, as scikit-learn's IsotonicRegression
//   platt     1 / (1 + exp(-(slope z + intercept))) of the score z in a scale of its own, by
//   maximum
//             likelihood of Platt's smoothed targets (1999), as scikit-learn's 'sigmoid'
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/names.hpp"
#include "core/distribution/labelled.hpp"

namespace fairdb {

enum class CalibrationMethod : std::uint8_t { Isotonic, Platt };
template <>
struct NameTable<CalibrationMethod> {
  static constexpr std::string_view kWhat = "method";
  static constexpr std::pair<CalibrationMethod, std::string_view> kNames[] = {
      {CalibrationMethod::Isotonic, "isotonic"}, {CalibrationMethod::Platt, "platt"}};
};

// Linear between knots of ascending score.
struct Knot {
  double score;
  double probability;
};

struct GroupCalibration {
  std::string group;
  std::int64_t rows = 0;
  std::vector<Knot> knots;  // isotonic
  double centre = 0;        // platt: z = (score - centre) / scale, half the standard deviation
  double scale = 1;
  double slope = 0;
  double intercept = 0;

  double probability(double score, CalibrationMethod method) const noexcept;
};

struct CalibrationMap {
  CalibrationMethod method = CalibrationMethod::Isotonic;
  std::vector<GroupCalibration> groups;  // ascending by name

  // The group of this name, or nullptr. O(log groups).
  const GroupCalibration* find(std::string_view group) const noexcept;
};

// Groups without rows have no map. A group of one label alone has a constant one: 0 or 1 of
// isotonic, of Platt's targets a little less. Errors: InvalidData without any rows.
[[nodiscard]] CalibrationMap calibrate(const std::vector<LabelledScores>& groups,
                                       CalibrationMethod method,
                                       Monitor& monitor);

// Its bytes: little-endian, versioned, self-contained. Errors of reading: CorruptValue.
[[nodiscard]] std::vector<std::byte> encode(const CalibrationMap& map);
[[nodiscard]] CalibrationMap decode_calibration(std::span<const std::byte> bytes);

}  // namespace fairdb
