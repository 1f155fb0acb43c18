// report: a page of stored values, or of a source in one reading.
#include <map>

#include "core/report/page.hpp"
#include "core/report/words.hpp"

#include "pg/audit/boolean_column.hpp"
#include "pg/audit/confusion_value.hpp"
#include "pg/audit/metric_arguments.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/distribution/adjustment_options.hpp"
#include "pg/report/figure_arguments.hpp"
#include "pg/report/json_rows.hpp"
#include "pg/report/score_groups.hpp"

namespace fairdb::pg {
namespace {

// What was counted, by whichever way.
struct Counted {
  Datum confusion;
  std::optional<Datum> distribution;
  std::optional<bool> has_labels;  // of the distribution, where it is known
};

std::optional<JsonTree> json_argument(const Arguments& arguments, const char* name) {
  if (!arguments.has(name) || arguments.null(name)) return std::nullopt;
  return json_tree(arguments.datum(name));
}

// Collects a page, part by part.
class PageMaker {
 public:
  PageMaker(const Arguments& arguments, const Counted& counted)
      : arguments_(arguments),
        counted_(counted),
        wording_(wording_argument(arguments)),
        k_(min_group_argument(arguments)),
        rate_(rate_argument(arguments)) {
    if (arguments.has("limits")) {
      if (const auto limits = json_argument(arguments, "limits")) limits_ = named_limits(*limits);
      // jsonb keeps no order: differences first.
      std::stable_partition(limits_.begin(), limits_.end(), [](const NamedLimit& limit) {
        return !limit.metric.ends_with("_ratio");
      });
    }
  }

  Page make(std::vector<Fact> facts, std::vector<std::string> marks) {
    page_.title = readable_argument(arguments_, "title");
    if (page_.title.empty()) page_.title = "Fairness of decisions";
    if (arguments_.has("audit_name")) page_.audit = readable_argument(arguments_, "audit_name");
    page_.marks = std::move(marks);
    read_confusion();
    lead();
    tiles();
    if (auto figure = rates_figure(sets_, rate_, gaps_, wording_)) add(std::move(*figure));
    scores();
    rows();
    page_.facts.insert(page_.facts.begin(), facts.begin(), facts.end());
    if (sets_.back().confusion.weighted) {
      page_.facts.push_back({"Weights", "rates are weighted; n counts rows", false});
    }
    if (const auto sources = json_argument(arguments_, "sources")) {
      for (Fact& fact : facts_of(*sources)) page_.facts.push_back(std::move(fact));
    }
    left_out();
    footnote();
    return std::move(page_);
  }

 private:
  void add(Figure figure) { page_.figures.push_back(std::move(figure)); }

  void read_confusion() {
    std::vector<std::string> attributes;
    if (arguments_.has("sensitive")) attributes = arguments_.names("sensitive");
    if (arguments_.has("attributes")) attributes = arguments_.names_or_none("attributes");
    const std::vector<std::string> only =
        arguments_.has("only_attributes") ? arguments_.names("only_attributes") : attributes;
    sets_ = attribute_groups(counted_.confusion, attributes, only, k_, monitor_);
    attributes_ = attributes.size();
    const std::string metric = std::string(name(rate_)) + "_difference";
    for (std::size_t set = 0; set < sets_.size(); ++set) gaps_.push_back(gap(set, metric));
  }

  // A gap of a set of attributes, found once.
  const Finding& gap(std::size_t set, const std::string& metric) {
    const auto known = found_.find({set, metric});
    if (known != found_.end()) return known->second;
    return found_.emplace(std::pair(set, metric), find_gap(sets_[set], metric, wording_, monitor_))
        .first->second;
  }

  // The set of attributes whose groups are farthest apart, single ones before others.
  std::size_t widest() const {
    std::size_t best = 0;
    for (std::size_t s = 1; s < sets_.size(); ++s) {
      if (sets_[s].attributes.names.size() > 1 && gaps_[best].value) continue;
      if (gaps_[s].value.value_or(-1) > gaps_[best].value.value_or(-1)) best = s;
    }
    return best;
  }

  // In terms of decisions, whatever rate the page shows.
  void lead() {
    const std::size_t set = widest();
    const Finding& finding = gap(set, std::string(name(Rate::SelectionRate)) + "_difference");
    const ShownRates rates = shown_rates(sets_[set], Rate::SelectionRate, wording_);
    page_.lead = finding.value ? words::lead(finding, rates.rows, wording_)
                               : words::lead_of_one(rates, wording_);
  }

  void tiles() {
    if (const auto decided = json_argument(arguments_, "decided")) {
      decided_ = true;
      for (DecidedLimit& limit : decided_limits(*decided)) {
        if (k_ > 0 && !all_shown(limit)) limit.withhold();
        page_.tiles.push_back(tile_of(limit));
      }
    }
    for (const NamedLimit& limit : limits_) {
      if (limit.metric == "auc_difference") continue;  // scores() has it
      for (std::size_t set = 0; set < sets_.size(); ++set) {
        page_.tiles.push_back(
            tile_of(gap(set, limit.metric), sets_[set].by(), limit.limit, wording_));
      }
    }
    const std::size_t set = widest();
    const std::string of_rate = std::string(name(rate_));
    put_tile(set, of_rate + "_difference");
    put_tile(set, of_rate + "_ratio");
    if (sets_.size() > 1) put_tile(sets_.size() - 1, of_rate + "_difference");
    if (has_labels(sets_[set].confusion) && rate_ == Rate::SelectionRate) {
      put_tile(set, "equal_opportunity_difference");
      put_tile(set, "equalized_odds_difference");
    }
  }

  // Whether a decided gap is between groups all of which may be shown.
  bool all_shown(const DecidedLimit& limit) {
    for (std::size_t set = 0; set < sets_.size(); ++set) {
      if (sets_[set].by() == limit.by) return gap(set, limit.metric).hidden == 0;
    }
    return false;
  }

  // Unless its limit has decided it.
  void put_tile(std::size_t set, const std::string& metric) {
    Tile tile = tile_of(gap(set, metric), sets_[set].by(), std::nullopt, wording_);
    const bool there = std::any_of(page_.tiles.begin(), page_.tiles.end(),
                                   [&](const Tile& other) { return other.name == tile.name; });
    if (!there) page_.tiles.push_back(std::move(tile));
  }

  void scores() {
    const auto limit = std::find_if(limits_.begin(), limits_.end(), [](const NamedLimit& named) {
      return named.metric == "auc_difference";
    });
    if (!counted_.distribution) {
      require_unused_scores();
      if (limit != limits_.end()) {
        throw Error(ErrorKind::InvalidArgument,
                    "limits names auc_difference, and there are no scores");
      }
      return;
    }
    const Distribution& distribution = open_distribution(*counted_.distribution);
    unknown_scores_ = distribution.unknown().score;
    const std::int64_t unlabelled = distribution.unknown().group;
    const bool labels = counted_.has_labels
                            ? *counted_.has_labels
                            : groups_have_labels(distribution, decoded(counted_.confusion));
    // By the attribute that the page begins with: curves of all intersections hide each other.
    const AttributeGroups& set = sets_[widest()];
    const bool all = set.fields.size() == attributes_;
    const ScoreGroups groups = score_groups(
        distribution, {labels, all ? std::vector<std::int32_t>() : set.fields, set.attributes, k_},
        wording_, monitor_);
    const auto threshold =
        arguments_.has("threshold") ? arguments_.optional_number("threshold") : std::nullopt;
    adjusted(groups, labels ? unlabelled : 0, threshold);
    if (!labels) {
      if (arguments_.has("bins") && arguments_.small_integer("bins") != kBins) {
        throw Error(ErrorKind::InvalidArgument,
                    "bins is of calibration, and the scores have no labels");
      }
      if (limit != limits_.end()) {
        throw Error(ErrorKind::InvalidArgument,
                    "limits names auc_difference, and the scores have no labels",
                    "distribution_agg(score, row(sex, y_true)) has them.");
      }
      return;
    }
    const int bins = arguments_.has("bins") ? arguments_.small_integer("bins") : kBins;
    if (auto figure = calibration_figure(groups.labelled, groups.attributes, bins, k_, wording_)) {
      add(std::move(*figure));
    } else {
      page_.facts.push_back(
          {"Calibration", "left out: scores are no probabilities from 0 to 1", false});
    }
    if (auto figure =
            roc_figure(groups.labelled, groups.attributes, threshold, k_, wording_, monitor_)) {
      ranked_ = true;
      add(std::move(*figure));
    }
    const Finding gap = auc_finding(groups.labelled, groups.attributes, k_, wording_, monitor_);
    if (!gap.value && limit == limits_.end()) return;
    page_.tiles.push_back(
        tile_of(gap, set.by(), limit == limits_.end() ? std::nullopt : std::optional(limit->limit),
                wording_));
  }

  // Options of scores where there are none.
  void require_unused_scores() {
    const bool used = (arguments_.has("threshold") && !arguments_.null("threshold")) ||
                      (arguments_.has("alpha") && arguments_.number("alpha") != 0) ||
                      (arguments_.has("bins") && arguments_.small_integer("bins") != kBins);
    if (!used) return;
    throw Error(ErrorKind::InvalidArgument,
                "threshold, alpha and bins are of scores, and there are none",
                "Leave them out, or give a distribution or the column of the score.");
  }

  void adjusted(const ScoreGroups& groups,
                std::int64_t unlabelled,
                std::optional<double> threshold) {
    AdjustmentOptions options;
    if (arguments_.has("alpha")) options.alpha = arguments_.number("alpha");
    validate(options);
    const auto with_scores =
        std::count_if(groups.laws.begin(), groups.laws.end(),
                      [](const NamedLaw& named) { return !named.law.empty(); });
    constexpr std::ptrdiff_t kMostAdjusted = 1000;  // groups whose pairs are compared
    if (with_scores < 2 || with_scores > kMostAdjusted) {
      if (auto figure =
              scores_figure(groups.laws, groups.hidden, unlabelled, k_, wording_, monitor_)) {
        add(std::move(*figure));
      }
      return;
    }
    check_adjustment_memory(*groups.distribution, options);
    const Adjustment adjustment(*groups.distribution, options, monitor_);
    if (auto figure = adjusted_figure(*groups.distribution, adjustment, groups.laws, groups.hidden,
                                      unlabelled, threshold, k_, wording_, monitor_)) {
      add(std::move(*figure));
    }
  }

  // Figures of rows that other functions have returned.
  void rows() {
    if (const auto tree = json_argument(arguments_, "tradeoff")) {
      TradeoffRows rows = tradeoff_rows(*tree, "tradeoff");
      if (auto figure = tradeoff_figure(std::move(rows.points), rows.squared_error)) {
        add(std::move(*figure));
      }
    }
    if (arguments_.has("history_metric") && !arguments_.null("history_metric") &&
        arguments_.null("history")) {
      throw Error(ErrorKind::InvalidArgument, "history_metric is given, and history is not");
    }
    if (const auto tree = json_argument(arguments_, "history")) {
      const auto metric = arguments_.has("history_metric")
                              ? arguments_.optional_text("history_metric")
                              : std::nullopt;
      HistoryRows rows = history_rows(*tree, metric, "history");
      if (auto figure = history_figure(std::move(rows.points), rows.metric, rows.by, wording_)) {
        add(std::move(*figure));
      }
    }
  }

  // Who is in no group, or has no decision, label or score; and the groups that are withheld.
  void left_out() {
    const AttributeGroups& all = sets_.back();
    std::int64_t group = 0;
    std::int64_t prediction = 0;
    std::int64_t label = 0;
    std::int64_t weight = 0;
    bool hidden_unknown = false;
    for (std::size_t i = 0; i < all.confusion.groups.size(); ++i) {
      const GroupCells& g = all.confusion.groups[i];
      const Counts counted = counts(g.counts);
      if (!g.label) {
        hidden_unknown = !all.withheld.empty() && all.withheld[i].any();
        group += counted.n;
        continue;
      }
      if (!all.withheld.empty() && all.withheld[i].any()) continue;
      prediction += counted.unknown_prediction;
      label += counted.unknown_label;
      weight += g.unknown_weight;
    }
    const auto told = [&](std::int64_t rows, const char* what) {
      if (rows == 0) return std::string();
      return (rows < k_ ? "fewer than " + count_text(k_) : count_text(rows)) + " rows " + what;
    };
    const bool labels = has_labels(all.confusion);
    std::string text;
    for (const std::string& part :
         {hidden_unknown ? "some rows of unknown group" : told(group, "of unknown group"),
          told(prediction, "of unknown decision"),
          labels ? told(label, "of unknown label") : std::string(),
          told(weight, "of unknown weight"), told(unknown_scores_, "of unknown score")}) {
      if (part.empty()) continue;
      text += (text.empty() ? "" : ", ") + part;
    }
    if (text.empty()) text = "no rows";
    if (!labels) text += "; no true label is known";
    page_.facts.push_back({"Left out", text, false});
    page_.facts.push_back({"Made by", std::string("fairdb ") + FAIRDB_VERSION, false});
  }

  void footnote() { page_.footnote = words::footnote(wording_, k_, ranked_, decided_); }

  static constexpr int kBins = 10;

  const Arguments& arguments_;
  const Counted& counted_;
  Wording wording_;
  std::int64_t k_;
  Rate rate_;
  BackendMonitor monitor_;
  std::vector<NamedLimit> limits_;
  std::size_t attributes_ = 0;  // that the groups have
  std::vector<AttributeGroups> sets_;
  std::vector<Finding> gaps_;  // of the rate, of each set
  std::map<std::pair<std::size_t, std::string>, Finding> found_;
  std::int64_t unknown_scores_ = 0;
  bool decided_ = false;  // limits, by rules of their own
  bool ranked_ = false;   // whether areas under curves are shown
  Page page_;
};

// The reading of a source: one statement, so that all numbers are of the same rows.
struct SourceReading {
  std::string statement;
  Counted counted;
  std::string snapshot;
  std::string role;
  std::string time;
  std::int64_t rows;
};

std::string text_value(const GroupedQuery& query, std::size_t value) {
  const char* const copied =
      backend([&] { return static_cast<const char*>(TextDatumGetCString(query.value(0, value))); });
  return copied;
}

SourceReading read_source(const Source& source, const Arguments& arguments) {
  const auto y_true = arguments.optional_text("y_true");
  const auto y_pred = arguments.optional_text("y_pred");
  const auto score = arguments.optional_text("score");
  const auto weight = arguments.optional_text("weight");
  const auto positive = arguments.optional_text("positive");
  const std::vector<std::string> sensitive = arguments.names("sensitive");
  const bool both = y_true && y_pred;
  const BooleanColumn truth(source, y_true, "y_true", positive, both);
  const BooleanColumn prediction(source, y_pred, "y_pred", positive, both);
  BooleanColumn::require_positive(source, positive, {&truth, &prediction});
  Oid type = TEXTOID;
  const bool elsewhere = source.distributed();
  const std::string group = elsewhere ? group_text_expression(source, sensitive, &type)
                                      : group_expression(source, sensitive, &type);
  const std::string weighted = weight ? ", " + number_expression(source, *weight, "weight") : "";
  std::vector<Output> values = {{"fairdb.confusion_agg(" + truth.expression() + ", " +
                                     prediction.expression() + ", " + group + weighted + ")",
                                 type_of_fairdb("confusion")}};
  if (score) {
    std::string of = group;
    if (y_true) {
      of = "ROW(";
      for (const std::string& name : sensitive) {
        of += quoted(source.column(name, "sensitive").name) + ", ";
      }
      of += truth.expression() + ")";
      const auto texts = elsewhere ? label_texts(source, sensitive) : std::nullopt;
      if (texts) of = "fairdb.key(" + *texts + ", " + label_text(truth.expression()) + ")";
    }
    values.push_back({"fairdb.distribution_agg(" + number_expression(source, *score, "score") +
                          ", " + of + weighted + ")",
                      type_of_fairdb("distribution")});
  }
  const std::size_t facts = values.size();
  values.push_back({"pg_catalog.pg_current_snapshot()::pg_catalog.text", TEXTOID});
  values.push_back({"CURRENT_USER::pg_catalog.text", TEXTOID});
  values.push_back(
      {"pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.now()), 'YYYY-MM-DD "
       "HH24:MI')",
       TEXTOID});
  values.push_back({"pg_catalog.count(*)", INT8OID});
  const std::size_t checks = values.size();
  for (const BooleanColumn* const flag : {&truth, &prediction}) {
    values.insert(values.end(), flag->checks().begin(), flag->checks().end());
  }
  const GroupedQuery query(source, {}, values, {});
  truth.check(query, checks);
  prediction.check(query, checks + truth.checks().size());
  if (query.null(0, 0)) {
    throw Error(ErrorKind::InvalidData, "the source has no rows, so there is nothing to report");
  }
  SourceReading reading{"SELECT " + values[0].expression +
                            (score ? ", " + values[1].expression : "") + " FROM " + source.from(),
                        {query.value(0, 0), std::nullopt, y_true.has_value()},
                        text_value(query, facts),
                        text_value(query, facts + 1),
                        text_value(query, facts + 2),
                        query.integer(0, facts + 3)};
  if (score && !query.null(0, 1)) reading.counted.distribution = query.value(0, 1);
  return reading;
}

}  // namespace

FAIRDB_FUNCTION(report_values) {
  const Arguments arguments(fcinfo);
  if (arguments.null("confusion")) PG_RETURN_NULL();
  Counted counted{arguments.datum("confusion"), std::nullopt, std::nullopt};
  if (!arguments.null("distribution")) counted.distribution = arguments.datum("distribution");
  std::vector<std::string> marks;
  if (arguments.has("marks")) {
    for (const std::string& mark : arguments.names_or_none("marks")) {
      marks.push_back(readable_text(utf8_of(mark)));
    }
  }
  return text_datum(html_of(PageMaker(arguments, counted).make({}, std::move(marks))));
}

FAIRDB_FUNCTION(report_source) {
  const Arguments arguments(fcinfo);
  const std::string text = arguments.text("source");
  std::string html;
  {
    SpiSession session;
    const Source source(text);
    const SourceReading reading = read_source(source, arguments);
    const auto shown = [](const std::string& t) { return readable_text(utf8_of(t)); };
    std::vector<Fact> facts = {
        {"Source", shown(text), true},
        {"Rows", count_text(reading.rows) + ", as role " + shown(reading.role) + " may read them",
         false},
        {"Snapshot", shown(reading.snapshot), true},
        {"Query", shown(reading.statement), true}};
    html = html_of(PageMaker(arguments, reading.counted)
                       .make(std::move(facts), {shown(reading.time) + " UTC"}));
    session.finish();
  }
  return text_datum(html);
}

}  // namespace fairdb::pg
