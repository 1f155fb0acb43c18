// Where labels go: beside what they name, over as little else as possible.
#pragma once

#include <vector>

#include "core/report/svg.hpp"

namespace fairdb {

struct Box {
  double left;
  double top;
  double right;
  double bottom;
};

class LabelPlacer {
 public:
  // within: where labels may be.
  explicit LabelPlacer(Box within) noexcept : within_(within) {}

  // What labels had better leave free: a curve, and the boxes of other labels and marks.
  void avoid(const std::vector<Pixel>& curve);
  void avoid(const Box& box) { boxes_.push_back(box); }

  struct Place {
    Pixel at;  // of the text's base line
    Anchor anchor;
    double cost;  // 0 where nothing is covered
  };
  // Of the places, the first of the least cost, which is then taken. The text has so many pixels.
  Place choose(const std::vector<Place>& places, double width, double letter);

 private:
  Box box_of(const Place& place, double width, double letter) const noexcept;
  double cost_of(const Box& box) const noexcept;

  Box within_;
  std::vector<Pixel> points_;
  std::vector<Box> boxes_;
};

}  // namespace fairdb
