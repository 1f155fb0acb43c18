#include "core/report/figure.hpp"

namespace fairdb {

Prose& Prose::put(std::string_view words, bool strong) {
  if (words.empty()) return *this;
  if (!parts_.empty() && parts_.back().strong == strong) {
    parts_.back().words += words;
  } else {
    parts_.push_back({std::string(words), strong});
  }
  return *this;
}

std::string Prose::plain() const {
  std::string text;
  for (const Part& part : parts_) text += part.words;
  return text;
}

std::vector<Look> looks_of(std::size_t groups,
                           std::optional<std::size_t> low,
                           std::optional<std::size_t> high,
                           std::size_t most) {
  std::vector<Look> looks(groups);
  if (groups <= most) {
    for (std::size_t g = 0; g < groups; ++g) looks[g].colour = static_cast<int>(g);
    return looks;
  }
  if (low) looks[*low].colour = 0;
  if (high && high != low) looks[*high].colour = 1;
  return looks;
}

}  // namespace fairdb
