// Every sentence of a report, in one place, by what it is said of. In English.
//
// Names of groups are those that are shown; numbers come as numbers.
#pragma once

#include <string>
#include <vector>

#include "core/report/findings.hpp"
#include "core/report/tile.hpp"

namespace fairdb::words {

// --- metrics and verdicts ---

// "true positive rate"
[[nodiscard]] std::string rate_name(Rate rate);
// "Selection rate, difference by race"
[[nodiscard]] std::string metric_name(const std::string& metric, const std::string& by);
[[nodiscard]] std::string interval(const Range& range, double level);
[[nodiscard]] std::string limit(double limit);
// Of a limit that has a rule of its own: what decided.
[[nodiscard]] std::string bounds(const Range& range, const std::string& rule);
// "limit 0.10", "no limit given"
[[nodiscard]] std::string limit_of(const std::optional<double>& limit);
[[nodiscard]] std::string no_gap(const Finding& finding);

// --- the lead ---

// What a page begins with: the groups that are farthest apart.
[[nodiscard]] std::string lead(const Finding& finding, std::int64_t rows, const Wording& wording);
// Where there is nothing to compare.
[[nodiscard]] std::string lead_of_one(const ShownRates& rates, const Wording& wording);

// --- figures ---

[[nodiscard]] std::string rates_title(Rate rate, const Wording& wording);
[[nodiscard]] std::string rates_axis(Rate rate, const Wording& wording);
struct SetFinding {
  std::string by;
  std::size_t attributes;
  Finding finding;
};
[[nodiscard]] Prose rates_caption(Rate rate,
                                  const std::vector<SetFinding>& findings,
                                  const Wording& wording);
[[nodiscard]] std::string rates_note(const Wording& wording,
                                     std::int64_t hidden,
                                     std::size_t left_out);

struct ScoreGapWords {
  std::string low;  // the group that has more of its rows at low scores
  std::string high;
  std::optional<double> score;  // where; nothing where it would tell of single rows
  double gap;
  std::optional<double> p_value;
};
[[nodiscard]] Prose scores_caption(const std::optional<ScoreGapWords>& gap, const Wording& wording);
struct AdjustedWords {
  double before;
  double after;
  double squared_shift;
  bool withheld;  // what crosses the threshold
  bool tied;      // ties prevail: the groups are no nearer than before
  std::optional<double> threshold;
  struct Moved {
    std::string group;  // empty: all of them
    double up;
    double down;
  };
  std::vector<Moved> moved;
};
[[nodiscard]] Prose adjusted_caption(const AdjustedWords& adjusted, const Wording& wording);
[[nodiscard]] std::string scores_note(std::int64_t hidden,
                                      std::int64_t unlabelled,
                                      const Wording& wording);
[[nodiscard]] std::string gap_label(double gap);
[[nodiscard]] std::string gap_after(double gap);
// "Black and White"
[[nodiscard]] std::string both(const std::string& a, const std::string& b);

struct CalibrationWords {
  std::int64_t bins;
  std::int64_t too_high;  // scores above the observed rate, and its interval
  std::int64_t too_low;
  bool by_chance;  // so many off are not more than chance makes
};
[[nodiscard]] Prose calibration_caption(const CalibrationWords& counts, const Wording& wording);
[[nodiscard]] std::string calibration_note(std::int64_t hidden, const Wording& wording);

struct RocWords {
  std::optional<double> gap;
  std::optional<double> p_value;
  Finding::Certainty certainty;
  std::string low;
  std::string high;
  double low_auc;
  double high_auc;
  std::optional<double> threshold;
};
[[nodiscard]] Prose roc_caption(const RocWords& roc, const Wording& wording);
[[nodiscard]] std::string roc_note(std::int64_t hidden);
[[nodiscard]] std::string auc_key(const std::string& group,
                                  double auc,
                                  const std::optional<Range>& interval);

struct TradeoffWords {
  std::size_t settings;
  double epsilon_fair;
  double epsilon_free;
  double gap_fair;
  double gap_free;
  double accuracy_fair;
  double accuracy_free;
  std::string quality;  // "accuracy"
  Unit unit;
  bool from_zero;
};
[[nodiscard]] Prose tradeoff_caption(const TradeoffWords& tradeoff);

struct HistoryWords {
  std::int64_t windows;
  std::int64_t above;
  std::int64_t undecided;
  std::int64_t insufficient;
  std::optional<double> limit;
  bool at_least;                    // the limit is of a ratio
  std::vector<std::string> opened;  // the windows at which alerts were opened
  bool open;                        // whether the last one is
  bool open_before;                 // whether one was before the first window
  std::int64_t apart;               // without a limit: windows whose interval leaves parity out
};
[[nodiscard]] Prose history_caption(const HistoryWords& history);
// decided: the intervals are the bounds that decide a limit.
[[nodiscard]] std::string history_note(const Wording& wording, bool decided, bool has_intervals);

// --- where numbers come from ---

// What intervals are, and what they do not say. k: the smallest group that is shown.
[[nodiscard]] std::string footnote(const Wording& wording,
                                   std::int64_t k,
                                   bool ranked,
                                   bool decided);

// --- parts of figures ---

// "18 other groups in grey"
[[nodiscard]] std::string others_in_grey(std::size_t grey, std::size_t not_drawn);
// "Areas: Black 0.81 (0.75 to 0.86)"
[[nodiscard]] std::string area(const std::string& group,
                               double auc,
                               const std::optional<Range>& interval);
[[nodiscard]] std::string rows_left_out(std::size_t left_out);

}  // namespace fairdb::words
