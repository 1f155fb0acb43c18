#include "core/report/words.hpp"

#include <algorithm>
#include <cmath>

#include "core/audit/catalog.hpp"
#include "core/report/numbers.hpp"

namespace fairdb::words {
namespace {

std::string capital(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z') {
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  }
  return text;
}

std::string spaced(std::string_view name) {
  std::string text(name);
  for (char& c : text) {
    if (c == '_') c = ' ';
  }
  return text;
}

std::string of_several(std::int64_t count, const char* one, const char* many) {
  return count_text(count) + " " + (count == 1 ? one : many);
}

// "(p = 0.3)", or nothing.
std::string in_brackets(const std::optional<double>& p_value) {
  return p_value ? " (" + p_text(*p_value) + ")" : "";
}

bool by_chance(const std::optional<double>& p_value, double level) {
  return p_value && !(*p_value < 1 - level);
}

std::string hidden_groups_note(std::int64_t hidden) {
  return hidden == 0 ? ""
                     : " " + of_several(hidden, "group is", "groups are") +
                           " withheld: too few rows to be shown, or they would tell of others that "
                           "have.";
}

}  // namespace

std::string rate_name(Rate rate) {
  return spaced(name(rate));
}

std::string metric_name(const std::string& metric, const std::string& by) {
  const bool ratio = metric.ends_with("_ratio");
  std::string rate = metric.substr(0, metric.rfind('_'));
  if (rate == "demographic_parity") rate = "selection_rate";
  if (rate == "equal_opportunity") rate = "true_positive_rate";
  if (rate == "auc") return "AUC, difference by " + by;
  return capital(spaced(rate)) + (ratio ? ", ratio by " : ", difference by ") + by;
}

std::string interval(const Range& range, double level) {
  const std::string to = std::isfinite(range.to) ? number_text(range.to) : "\u221E";
  return level_text(level) + ": " + number_text(range.from) + " to " + to;
}

std::string bounds(const Range& range, const std::string& rule) {
  const std::string to = std::isfinite(range.to) ? number_text(range.to) : "\u221E";
  return "decided by " + number_text(range.from) + " to " + to + " (" + rule + ")";
}

std::string limit(double limit) {
  if (!std::isfinite(limit)) return number_text(limit);
  // At least two decimals, and no zeros behind them.
  std::string text = fixed_text(limit, 6);
  const std::size_t point = text.find('.');
  while (text.size() > point + 3 && text.back() == '0') text.pop_back();
  return text;
}

std::string limit_of(const std::optional<double>& value) {
  return value ? "limit " + limit(*value) : "no limit given";
}

std::string no_gap(const Finding& finding) {
  if (!finding.labels) return "it needs labels, and there are none";
  if (finding.hidden > 0) return "withheld: groups are too small";
  return finding.groups == 1 ? "one group only" : "no two groups have it";
}

std::string lead(const Finding& finding, std::int64_t rows, const Wording& wording) {
  const std::string n = count_text(rows) + " " + wording.rows();
  const double gap = finding.value.value_or(0);
  if (finding.low_rate == finding.high_rate) {
    return "All groups were " + wording.selected + " equally often (" +
           share_text(finding.low_rate) + ", " + n + ").";
  }
  const std::string verb = wording.people.empty() ? " was " : " were ";
  std::string text = wording.group_first(finding.low) + verb + wording.selected + " " +
                     points_text(gap) + " less often than " + wording.other(finding.high) + " (" +
                     share_text(finding.low_rate) + " against " + share_text(finding.high_rate) +
                     ", " + n + ").";
  if (!finding.p_value) return text + " This page does not tell why.";
  if (finding.certainty(wording.level) == Finding::Certainty::Apart) {
    return text + " Chance alone does not explain that (" + p_text(*finding.p_value) +
           "); this page does not tell why.";
  }
  if (finding.certainty(wording.level) == Finding::Certainty::NotAllAlike) {
    text += " Whether these two differ is undecided, but not all groups are alike (" +
            p_text(*finding.p_value) + ").";
    if (!finding.sure) return text;
    const Finding::Sure& sure = *finding.sure;
    return text + " Surely apart: " + wording.group(sure.low) + verb + wording.selected + " " +
           points_text(sure.high_rate - sure.low_rate) + " less often than " +
           wording.other(sure.high) + " (" + share_text(sure.low_rate) + " against " +
           share_text(sure.high_rate) + "). This page does not tell why.";
  }
  return text + " That is undecided: it may be chance (" + p_text(*finding.p_value) + ").";
}

std::string lead_of_one(const ShownRates& rates, const Wording& wording) {
  if (rates.groups.size() == 1 && rates.hidden == 0) {
    const ShownRate& only = rates.groups.front();
    return wording.group_first(only.name) + (wording.people.empty() ? " was " : " were ") +
           wording.selected + " in " + share_text(only.value) + " of " + count_text(only.rows) +
           " cases; there is no other group to compare with.";
  }
  if (rates.hidden > 0) {
    return "Groups are too small to be shown, and nothing is left to be compared.";
  }
  return "No group has decisions that could be compared.";
}

std::string rates_title(Rate rate, const Wording& wording) {
  if (rate == Rate::SelectionRate) return "Who is " + wording.selected;
  return capital(rate_name(rate)) + " of each group";
}

std::string rates_axis(Rate rate, const Wording& wording) {
  if (rate == Rate::SelectionRate) {
    return std::string("share of ") + wording.rows() + " " + wording.selected;
  }
  return rate_name(rate);
}

Prose rates_caption(Rate rate, const std::vector<SetFinding>& findings, const Wording& wording) {
  Prose prose;
  const SetFinding* widest = nullptr;  // of single attributes
  const SetFinding* next = nullptr;
  const SetFinding* both = nullptr;
  for (const SetFinding& set : findings) {
    if (!set.finding.value) continue;
    if (set.attributes > 1) {
      if (both == nullptr || *set.finding.value > *both->finding.value) both = &set;
    } else if (widest == nullptr || *set.finding.value > *widest->finding.value) {
      next = widest;
      widest = &set;
    } else if (next == nullptr || *set.finding.value > *next->finding.value) {
      next = &set;
    }
  }
  if (widest == nullptr) widest = both;
  if (widest == nullptr) return prose.add("There are no two groups to compare.");
  const Finding& gap = widest->finding;
  const bool selection = rate == Rate::SelectionRate;
  if (gap.low_rate == gap.high_rate) {
    prose.add("All groups have the same " + rate_name(rate) + ", " + share_text(gap.low_rate) +
              ".");
  } else if (gap.certainty(wording.level) != Finding::Certainty::Apart) {
    prose.strong("Undecided")
        .add(": the largest difference by " + widest->by + ", " + points_text(*gap.value) +
             " between " + wording.group(gap.low) + " and " + wording.other(gap.high) +
             ", may be chance");
    if (gap.certainty(wording.level) == Finding::Certainty::NotAllAlike) {
      prose.add("; that all groups are alike is not" + in_brackets(gap.p_value) + ".");
    } else {
      prose.add(in_brackets(gap.p_value) + ".");
    }
  } else if (selection) {
    prose
        .add(wording.group_first(gap.low) + (wording.people.empty() ? " is " : " are ") +
             wording.selected + " ")
        .strong(points_text(*gap.value))
        .add(" less often than " + wording.other(gap.high));
    if (gap.interval) {
      prose.add(", with " + level_text(wording.level) + " confidence " +
                fixed_text(100 * gap.interval->from, 1) + " to " +
                fixed_text(100 * gap.interval->to, 1));
    }
    prose.add(".");
  } else {
    prose.add("The " + rate_name(rate) + " of " + wording.group(gap.low) + " is ")
        .strong(points_text(*gap.value))
        .add(" lower than that of " + wording.other(gap.high) + ".");
  }
  if (next != nullptr && next != widest) {
    const Finding& second = next->finding;
    prose.add(" By " + next->by + " the difference is " +
              (second.certainty(wording.level) == Finding::Certainty::Apart
                   ? points_text(*second.value)
                   : points_text(*second.value) + ", which may be chance") +
              ".");
  }
  if (both != nullptr && both != widest) {
    prose.add(" Where attributes meet, " + wording.group(both->finding.low) + " and " +
              wording.other(both->finding.high) +
              " are farthest apart: " + points_text(*both->finding.value) +
              (both->finding.certainty(wording.level) == Finding::Certainty::Apart
                   ? "."
                   : ", which may be chance."));
  }
  return prose;
}

std::string rates_note(const Wording& wording, std::int64_t hidden, std::size_t left_out) {
  std::string note =
      "Bars are " + level_text(wording.level) +
      " Wilson intervals of each rate. Whether two groups differ is told by the test "
      "of their difference, not by whether bars overlap.";
  if (left_out > 0) note += " " + rows_left_out(left_out);
  return note + hidden_groups_note(hidden);
}

Prose scores_caption(const std::optional<ScoreGapWords>& gap, const Wording& wording) {
  Prose prose;
  if (!gap) return prose.add("There are no two groups to compare.");
  if (gap->gap <= 0) return prose.add("All curves are the same: the groups' scores do not differ.");
  const bool chance = by_chance(gap->p_value, wording.level);
  if (chance) prose.strong("Undecided").add(": ");
  prose
      .add((chance ? wording.group(gap->low) : wording.group_first(gap->low)) +
           (wording.people.empty() ? " has " : " have "))
      .strong(points_text(gap->gap))
      .add(" more at or below " +
           (gap->score ? "the score " + number_text(*gap->score) : std::string("some score")) +
           " than " + wording.other(gap->high) + ", and nowhere are the curves farther apart.");
  if (gap->p_value) {
    prose.add(chance ? " That may be chance (" : " Chance alone does not explain that (")
        .add(p_text(*gap->p_value) + ").");
  }
  return prose;
}

Prose adjusted_caption(const AdjustedWords& adjusted, const Wording& wording) {
  Prose prose;
  prose.add("The largest distance between the curves goes from ")
      .strong(number_text(adjusted.before))
      .add(" to ")
      .strong(number_text(adjusted.after))
      .add(" at a mean squared shift of " + number_text(adjusted.squared_shift));
  if (adjusted.threshold && !adjusted.moved.empty()) {
    prose.add("; at a threshold of " + limit(*adjusted.threshold) + ", ");
    for (std::size_t i = 0; i < adjusted.moved.size(); ++i) {
      const AdjustedWords::Moved& moved = adjusted.moved[i];
      if (i > 0) prose.add(i + 1 == adjusted.moved.size() ? " and " : ", ");
      const std::string move = wording.people.empty() ? " moves" : " move";
      const std::string of =
          " of " + (moved.group.empty() ? "all " + std::string(wording.rows()) + " move"
                                        : wording.group(moved.group) + move);
      if (moved.up == 0 && moved.down == 0) {
        prose.add("nothing" + of);
      } else if (moved.up == 0 || moved.down == 0) {
        prose.add(share_text(std::max(moved.up, moved.down)) + of +
                  (moved.up > 0 ? " up" : " down"));
      } else {
        prose.add(share_text(moved.up) + of + " up and " + share_text(moved.down) + " down");
      }
    }
  }
  if (adjusted.withheld) prose.add("; how many cross the threshold is withheld");
  prose.add(".");
  if (adjusted.tied) {
    prose.add(
        " Many scores are equal, and what is equal is adjusted together: so the groups stay "
        "apart. A key spreads such rows (adjust, key).");
  }
  return prose;
}

std::string scores_note(std::int64_t hidden, std::int64_t unlabelled, const Wording& wording) {
  std::string note;
  if (unlabelled > 0) {
    note = std::string("Of ") + wording.rows() +
           " whose group and label are known: " + count_text(unlabelled) + " are left out.";
  }
  note += hidden_groups_note(hidden);
  return note.starts_with(" ") ? note.substr(1) : note;
}

std::string gap_label(double gap) {
  return "gap " + number_text(gap);
}

std::string gap_after(double gap) {
  return "Farthest apart after: " + number_text(gap) + ".";
}

std::string both(const std::string& a, const std::string& b) {
  return Wording::in_sentence(a) + " and " + Wording::in_sentence(b);
}

Prose calibration_caption(const CalibrationWords& counts, const Wording& wording) {
  Prose prose;
  const std::int64_t off = counts.too_high + counts.too_low;
  const std::string by_chance =
      fixed_text(static_cast<double>(counts.bins) * (1 - wording.level), 1);
  if (off == 0) {
    return prose.strong("Undecided")
        .add(": in all " + count_text(counts.bins) +
             " bins the interval contains the mean score, so none of them shows that scores "
             "promise too much or too little.");
  }
  if (counts.by_chance) prose.strong("Undecided").add(": ");
  prose.add(counts.by_chance ? "in " : "In ")
      .strong(count_text(off) + " of " + count_text(counts.bins))
      .add(" bins the interval leaves out the mean score: scores promise too much in " +
           count_text(counts.too_high) + " of them and too little in " +
           count_text(counts.too_low) + ". By chance alone it would be about " + by_chance + ".");
  return prose;
}

std::string calibration_note(std::int64_t hidden, const Wording& wording) {
  return "Each point is a bin of scores of a group; bars are " + level_text(wording.level) +
         " Wilson intervals, wide where a bin has few rows. On the dashed line scores are what "
         "they "
         "promise." +
         hidden_groups_note(hidden);
}

Prose roc_caption(const RocWords& roc, const Wording& wording) {
  Prose prose;
  if (!roc.gap) {
    prose.add("There are no two groups whose ranking could be compared.");
  } else if (roc.certainty != Finding::Certainty::Apart) {
    prose.strong("Undecided")
        .add(": the areas under the curves differ by up to " + number_text(*roc.gap) +
             ", which may be chance");
    if (roc.certainty == Finding::Certainty::NotAllAlike) {
      prose.add("; that all groups are ranked alike is not");
    }
    prose.add(in_brackets(roc.p_value) + ".");
  } else {
    prose
        .add("Scores rank " + wording.group(roc.low) + " less well than " +
             wording.other(roc.high) + ": the area under the curve is ")
        .strong(number_text(roc.low_auc) + " against " + number_text(roc.high_auc))
        .add(in_brackets(roc.p_value) + ".");
  }
  if (roc.threshold) {
    prose.add(" Marks show the threshold " + limit(*roc.threshold) +
              ": where it stands on each curve is what it does to each group.");
  }
  return prose;
}

std::string roc_note(std::int64_t hidden) {
  const std::string note = hidden_groups_note(hidden);
  return note.empty() ? "" : note.substr(1);
}

std::string auc_key(const std::string& group, double auc, const std::optional<Range>& interval) {
  std::string key = Wording::in_sentence(group) + ": AUC " + fixed_text(auc, 2);
  if (interval)
    key += " [" + fixed_text(interval->from, 2) + ", " + fixed_text(interval->to, 2) + "]";
  return key;
}

Prose tradeoff_caption(const TradeoffWords& t) {
  Prose prose;
  const bool share = t.unit == Unit::Share;
  const double change = t.accuracy_fair - t.accuracy_free;
  // Two decimals: what is said of the difference is then what the two numbers say.
  const auto written = [&](double value) {
    return share ? cell_text(value, Unit::Share, 2) : number_text(value);
  };
  const std::string size =
      share ? fixed_text(100 * std::abs(change), 2) + " points" : number_text(std::abs(change));
  // More of an error is a cost, less of an accuracy.
  const bool worse = share ? change < 0 : change > 0;
  if (t.settings < 2) {
    return prose.add("There is one setting, and nothing to compare: a gap of " +
                     number_text(t.gap_fair) + " at a" + (share ? "n " : " ") + t.quality + " of " +
                     written(t.accuracy_fair) + ".");
  }
  prose.add("On rows that no model has seen, epsilon " + number_text(t.epsilon_fair) +
            " in place of " + number_text(t.epsilon_free) + " takes the gap from " +
            number_text(t.gap_free) + " to " + number_text(t.gap_fair) + " and the " + t.quality +
            " from " + written(t.accuracy_free) + " to " + written(t.accuracy_fair) + ": it ");
  if (change == 0) {
    prose.add("costs nothing");
  } else {
    prose.add(worse ? "costs " : "gains ").strong(size);
  }
  prose.add(". There are no intervals here: small differences may be chance.");
  if (!t.from_zero) prose.add(" The axis does not start at 0.");
  return prose;
}

Prose history_caption(const HistoryWords& h) {
  Prose prose;
  if (h.limit) {
    prose.add("In ")
        .strong(count_text(h.above) + " of " + count_text(h.windows))
        .add(std::string(h.windows == 1 ? " window" : " windows") + " the gap is " +
             (h.at_least ? "below" : "above") + " the limit");
    if (h.undecided > 0) {
      prose.add(", and " + of_several(h.undecided, "is undecided", "are undecided"));
    }
    if (h.insufficient > 0) {
      prose.add("; " + of_several(h.insufficient, "has too few rows", "have too few rows"));
    }
    prose.add(".");
  } else {
    prose.add("In ")
        .strong(count_text(h.apart) + " of " + count_text(h.windows))
        .add(std::string(h.windows == 1 ? " window" : " windows") +
             " the interval leaves out what equal groups would have; the others are undecided.");
  }
  if (h.open_before) prose.add(" An alert was open before the first window.");
  if (h.opened.size() == 1) {
    prose.add(" The alert was opened on " + h.opened.front() +
              (h.open ? " and is still open." : " and is closed again."));
  } else if (h.opened.size() > 1) {
    prose.add(" Alerts were opened " + count_text(static_cast<std::int64_t>(h.opened.size())) +
              " times, the last on " + h.opened.back() +
              (h.open ? ", and it is still open." : ", and it is closed again."));
  } else if (h.limit && !h.open_before) {
    prose.add(" No alert was opened.");
  }
  return prose;
}

std::string history_note(const Wording& wording, bool decided, bool has_intervals) {
  std::string note;
  if (has_intervals && decided) {
    note =
        "The area lies between the bounds that decide each window, at the error of the limit's "
        "rule. ";
  } else if (has_intervals) {
    note = "The area is the " + level_text(wording.level) + " interval of each window.";
  }
  if (decided) {
    note +=
        "Squares are windows beyond the limit; open circles are undecided, or have too few rows.";
  }
  return note;
}

std::string footnote(const Wording& wording, std::int64_t k, bool ranked, bool decided) {
  std::string text = std::string("Intervals: Wilson's for rates, by inverted tests for gaps") +
                     (ranked ? ", after DeLong for areas under curves" : "") + "; level " +
                     level_text(wording.level) +
                     ", for one look: of many pages some are beyond it by chance.";
  if (decided) {
    text +=
        " Limits are decided by bounds of their own rule, which allow for all the looks that are "
        "taken: they are not those intervals.";
  }
  if (k > 0) text += " Groups of fewer than " + count_text(k) + " are withheld.";
  return text + " These numbers say how often decisions differ, not why.";
}

std::string others_in_grey(std::size_t grey, std::size_t not_drawn) {
  std::string text;
  if (grey > 0) {
    text = of_several(static_cast<std::int64_t>(grey), "other group", "other groups") + " in grey";
  }
  if (not_drawn > 0) {
    text += (text.empty() ? "" : ", ") +
            of_several(static_cast<std::int64_t>(not_drawn), "group", "groups") + " not drawn";
  }
  return text;
}

std::string area(const std::string& group, double auc, const std::optional<Range>& interval) {
  std::string text = group + " " + number_text(auc);
  if (interval) {
    text += " (" + number_text(interval->from) + " to " + number_text(interval->to) + ")";
  }
  return text;
}

std::string rows_left_out(std::size_t left_out) {
  return "Shown are the lowest and the highest; " +
         of_several(static_cast<std::int64_t>(left_out), "group lies", "groups lie") + " between.";
}

}  // namespace fairdb::words
