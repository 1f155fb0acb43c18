// A distribution as reports read it: the groups' laws, and their scores by label.
#pragma once

#include "core/report/figures.hpp"
#include "pg/distribution/distribution_value.hpp"

namespace fairdb::pg {

struct ScoreGroups {
  const Distribution* distribution;      // the groups that may be shown, without their labels
  std::vector<NamedLaw> laws;            // of each
  std::vector<LabelledScores> labelled;  // all of them; empty without labels
  bool has_labels;
  AttributeNames attributes;
  std::int64_t hidden;
};

// How the groups of a distribution are read.
struct ScoreReading {
  bool has_labels = false;                // they are rows that end in a label
  std::vector<std::int32_t> fields = {};  // only these attributes of them, from 1; empty: all
  AttributeNames attributes = {};         // the names of these
  std::int64_t k = 0;                     // the smallest group that may be shown
};

// Alive as long as the current memory context. Errors: InvalidArgument; TooLarge.
ScoreGroups score_groups(const Distribution& distribution,
                         const ScoreReading& reading,
                         const Wording& wording,
                         Monitor& monitor);

// Whether the groups of a distribution are those of a confusion with labels behind them: they are
// when they are not those of the confusion. Errors: InvalidArgument when they are neither.
bool groups_have_labels(const Distribution& distribution, const Confusion& confusion);

}  // namespace fairdb::pg
