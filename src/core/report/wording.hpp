// How a report speaks of its rows, and of its groups.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "core/report/label.hpp"

namespace fairdb {

struct Wording {
  // What the rows are ("applicants"); empty: of groups nothing but their names is said.
  std::string people = {};
  // What a positive decision is: "approved".
  std::string selected = "selected";
  double level = .95;  // of intervals
  // The text of a name in UTF-8, which names of other encodings need; empty where they have it.
  std::function<std::string(std::string_view)> utf8 = {};

  // A group's name as it is shown.
  std::string name_of(std::string_view label, const AttributeNames& attributes = {}) const {
    return attributes.shown(utf8 ? utf8(label) : std::string(label));
  }
  // In the middle of a sentence: "Black applicants", "group Black".
  std::string group(const std::string& shown) const {
    return people.empty() ? "group " + in_sentence(shown)
                          : in_sentence(shown) + " " + isolated(people);
  }
  // At its start; the name stays as it is.
  std::string group_first(const std::string& shown) const {
    return people.empty() ? "Group " + in_sentence(shown)
                          : in_sentence(shown) + " " + isolated(people);
  }
  // The same group after that of the comparison: "White ones".
  std::string other(const std::string& shown) const {
    return people.empty() ? "group " + in_sentence(shown) : in_sentence(shown) + " ones";
  }
  // Of a long name its start: all of it is in the tables.
  static std::string in_sentence(const std::string& shown) {
    constexpr double kMostEms = 30;
    return isolated(fitting(shown, kMostEms));
  }
  const char* rows() const noexcept { return people.empty() ? "rows" : people.c_str(); }
};

}  // namespace fairdb
