#include "pg/report/json_rows.hpp"

#include <cmath>

#include "core/audit/catalog.hpp"
#include "core/base/number_text.hpp"
#include "pg/report/figure_arguments.hpp"

namespace fairdb::pg {
namespace {

using Kind = JsonTree::Kind;

[[noreturn]] void not_rows(const char* argument, const std::string& what, const char* hint) {
  throw Error(ErrorKind::InvalidArgument, std::string(argument) + " " + what, hint);
}

const std::vector<std::pair<std::string, JsonTree>>& rows_of(const JsonTree& rows,
                                                             const char* argument,
                                                             const char* hint) {
  if (rows.kind != Kind::Array) not_rows(argument, "is no list of rows", hint);
  constexpr std::size_t kMostRows = 10000;  // more than a figure can show
  if (rows.members.size() > kMostRows) {
    throw Error(ErrorKind::TooLarge, std::string(argument) + " has " +
                                         std::to_string(rows.members.size()) +
                                         " rows, 10000 are allowed");
  }
  for (const auto& row : rows.members) {
    if (row.second.kind != Kind::Object) not_rows(argument, "has an element that is no row", hint);
  }
  return rows.members;
}

// A number; also of a text, as jsonb has Infinity.
std::optional<double> number_in(const JsonTree& row, const char* name, const char* argument) {
  const JsonTree* const value = row.find(name);
  if (value == nullptr) return std::nullopt;
  const auto parsed = value->kind == Kind::Number ? std::optional(value->number)
                      : value->kind == Kind::Text ? parse_number(value->text)
                                                  : std::nullopt;
  if (!parsed || std::isnan(*parsed)) {
    not_rows(argument, "has a row whose \"" + std::string(name) + "\" is no number", "");
  }
  return parsed;
}

std::optional<std::string> text_in(const JsonTree& row, const char* name, const char* argument) {
  const JsonTree* const value = row.find(name);
  if (value == nullptr) return std::nullopt;
  if (value->kind != Kind::Text) {
    not_rows(argument, "has a row whose \"" + std::string(name) + "\" is no text", "");
  }
  return value->text;
}

// Both bounds, or none.
std::optional<Range> interval_in(const JsonTree& row, const char* argument) {
  const auto lower = number_in(row, "lower", argument);
  const auto upper = number_in(row, "upper", argument);
  if (!lower || !upper) return std::nullopt;
  if (*lower > *upper) not_rows(argument, "has a row whose \"lower\" is above \"upper\"", "");
  return Range{*lower, *upper};
}

// "race × single" of a list of names.
std::string by_in(const JsonTree& row) {
  AttributeNames names;
  const JsonTree* const attributes = row.find("attributes");
  if (attributes != nullptr) {
    for (const auto& attribute : attributes->members) {
      names.names.push_back(readable_text(utf8_of(attribute.second.text)));
    }
  }
  return names.by();
}

std::optional<Verdict> verdict_in(const JsonTree& row, const char* argument) {
  const auto verdict = text_in(row, "verdict", argument);
  if (!verdict) return std::nullopt;
  return named<Verdict>(*verdict);
}

// Days since 1970, UTC.
double days_of(const std::string& text, const char* argument) {
  const TimestampTz time = backend([&] {
    return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in, CStringGetDatum(text.c_str()),
                                                   ObjectIdGetDatum(InvalidOid),
                                                   Int32GetDatum(-1)));
  });
  if (TIMESTAMP_NOT_FINITE(time)) not_rows(argument, "has a row whose \"from\" is no time", "");
  constexpr double kMicrosecondsOfDay = 86400e6;
  constexpr double kDaysTo2000 = 10957;
  return static_cast<double>(time) / kMicrosecondsOfDay + kDaysTo2000;
}

// The day of "2024-01-01T00:00:00+00:00", and the time where it is not midnight.
std::string time_label(const std::string& text) {
  constexpr std::size_t kDay = 10;
  constexpr std::size_t kMinute = 16;
  if (text.size() < kMinute || (text[kDay] != 'T' && text[kDay] != ' ')) return text;
  const std::string time = text.substr(kDay + 1, kMinute - kDay - 1);
  return text.substr(0, kDay) + (time == "00:00" ? "" : " " + time);
}

constexpr const char* kTradeoffHint =
    "It takes the rows of tradeoff: (select jsonb_agg(t) from tradeoff(...) as t).";
constexpr const char* kHistoryHint =
    "It takes the rows of verdicts or history: (select jsonb_agg(v) from verdicts as v where "
    "audit_name = 'loans').";

}  // namespace

TradeoffRows tradeoff_rows(const JsonTree& rows, const char* argument) {
  TradeoffRows result{{}, false};
  bool accuracies = false;
  for (const auto& entry : rows_of(rows, argument, kTradeoffHint)) {
    const JsonTree& row = entry.second;
    const auto epsilon = number_in(row, "epsilon", argument);
    const auto accuracy = number_in(row, "accuracy", argument);
    const auto squared = number_in(row, "mean_squared_error", argument);
    const auto gap = number_in(row, "gap", argument);
    if (!epsilon) not_rows(argument, "has a row without \"epsilon\"", kTradeoffHint);
    // A setting that could not be trained has neither.
    if (!gap || (!accuracy && !squared)) continue;
    if (!std::isfinite(*gap + accuracy.value_or(0) + squared.value_or(0)) || !(*epsilon >= 0)) {
      not_rows(argument, "has a gap or an accuracy that is not finite, or an epsilon below 0",
               kTradeoffHint);
    }
    accuracies = accuracies || accuracy;
    result.squared_error = result.squared_error || !accuracy;
    result.points.push_back({*epsilon, accuracy ? *accuracy : *squared, *gap});
  }
  if (accuracies && result.squared_error) {
    not_rows(argument, "has rows of accuracies and of squared errors", kTradeoffHint);
  }
  return result;
}

HistoryRows history_rows(const JsonTree& rows,
                         const std::optional<std::string>& metric,
                         const char* argument) {
  HistoryRows result;
  bool first = true;
  for (const auto& entry : rows_of(rows, argument, kHistoryHint)) {
    const JsonTree& row = entry.second;
    const auto from = text_in(row, "from", argument);
    if (!from) not_rows(argument, "has a row without \"from\"", kHistoryHint);
    const auto own = text_in(row, "metric", argument);
    if (own && metric && *own != *metric) {
      not_rows(argument, "has rows of another metric than the argument says: " + *own, "");
    }
    const std::string of = own.value_or(metric.value_or(""));
    if (of.empty()) {
      not_rows(argument, "does not say what its values are",
               "metric => 'demographic_parity_difference' says it; rows of verdicts have it.");
    }
    const std::string by = by_in(row);
    if (!first && (of != result.metric || by != result.by)) {
      not_rows(argument, "has rows of several metrics or attributes",
               "Choose one: where metric = 'demographic_parity_difference' and attributes = "
               "'{sex}'.");
    }
    result.metric = of;
    result.by = by;
    first = false;
    const auto label = text_in(row, "label", argument);
    const JsonTree* const alert = row.find("alert");
    HistoryPoint point{days_of(*from, argument),
                       readable_text(utf8_of(label ? *label : time_label(*from))),
                       number_in(row, "value", argument),
                       interval_in(row, argument),
                       number_in(row, "limit", argument),
                       verdict_in(row, argument),
                       alert != nullptr ? std::optional(alert->boolean) : std::nullopt};
    if (point.value && !std::isfinite(*point.value)) point.value.reset();
    result.points.push_back(std::move(point));
  }
  if (!first) {
    result.metric = own_metric_name(result.metric);
    static_cast<void>(limited_gap(result.metric));
  }
  return result;
}

std::vector<NamedLimit> named_limits(const JsonTree& object) {
  if (object.kind != Kind::Object) {
    not_rows(
        "limits", "is no object",
        R"(It says how large a gap may be, or how small a ratio: '{"demographic_parity_difference": 0.1}'.)");
  }
  std::vector<NamedLimit> limits;
  for (const auto& [metric, value] : object.members) {
    if (metric != "auc_difference") static_cast<void>(limited_gap(metric));
    if (value.kind != Kind::Number || !(value.number >= 0 && value.number <= 1)) {
      not_rows("limits", "has for \"" + metric + "\" no number from 0 to 1", "");
    }
    limits.push_back({metric, value.number});
  }
  return limits;
}

std::vector<DecidedLimit> decided_limits(const JsonTree& rows) {
  std::vector<DecidedLimit> limits;
  for (const auto& entry : rows_of(rows, "decided", "")) {
    const JsonTree& row = entry.second;
    const auto metric = text_in(row, "metric", "decided");
    const auto limit = number_in(row, "limit", "decided");
    const auto verdict = verdict_in(row, "decided");
    if (!metric || !limit || !verdict) not_rows("decided", "has a row that is no verdict", "");
    limits.push_back({own_metric_name(*metric), by_in(row), *limit, *verdict,
                      number_in(row, "value", "decided"), interval_in(row, "decided"),
                      readable_text(text_in(row, "rule", "decided").value_or(""))});
  }
  return limits;
}

std::vector<Fact> facts_of(const JsonTree& tree) {
  constexpr const char* kHint = R"(It is an object of texts: '{"Model": "approval, version 3"}'.)";
  std::vector<Fact> facts;
  if (tree.kind == Kind::Array) {
    for (const auto& entry : tree.members) {
      const std::vector<Fact> more = facts_of(entry.second);
      facts.insert(facts.end(), more.begin(), more.end());
    }
    return facts;
  }
  if (tree.kind != Kind::Object) not_rows("sources", "is no object", kHint);
  for (const auto& [term, value] : tree.members) {
    const bool code = value.kind == Kind::Array && value.members.size() == 1;
    const JsonTree& text = code ? value.members.front().second : value;
    if (text.kind == Kind::Null) continue;
    if (text.kind != Kind::Text) {
      not_rows("sources", "has for \"" + term + "\" something that is no text", kHint);
    }
    facts.push_back({readable_text(utf8_of(term)), readable_text(utf8_of(text.text)), code});
  }
  return facts;
}

}  // namespace fairdb::pg
