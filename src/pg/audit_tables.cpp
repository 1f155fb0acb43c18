// The audit chapter's tables from a source, each from one scan (two for scores against their
// median): groups of several attributes and their intersections, by strata; the table shape of New
// York City's Local Law 144; predictions of several classes; errors of numbers.
#include <cmath>
#include <map>
#include <set>

#include "core/audit/confusion_state.hpp"
#include "core/audit/disclosure.hpp"
#include "core/audit/divergence.hpp"
#include "core/audit/impact.hpp"
#include "core/audit/suppression.hpp"
#include "pg/audit.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/grouped_query.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/value.hpp"

namespace fairdb::pg {
namespace {

using Label = std::optional<std::string_view>;

// Columns as GROUP BY lists them.
std::vector<std::string> quoted_all(std::vector<std::string> names) {
  for (std::string& name : names) name = quoted(name);
  return names;
}

bool numeric_column(const SourceColumn& column) {
  return is_number(column.base_type) && column.base_type != BOOLOID;
}

[[noreturn]] void wrong_type(const SourceColumn& column,
                             const char* argument,
                             const char* expected) {
  throw Error(ErrorKind::WrongType,
              "column \"" + column.name + "\", named by " + argument + ", has type " +
                  backend([&] { return format_type_be(column.type); }) + ", expected " + expected,
              std::string(expected).find("boolean") != std::string::npos
                  ? "Name the value that counts as true: positive => '...'."
                  : "");
}

// A number column as double. Errors: UnknownColumn, WrongType.
std::string number_expression(const Source& source, const std::string& name, const char* argument) {
  const SourceColumn& column = source.column(name, argument);
  if (!numeric_column(column)) wrong_type(column, argument, "a number");
  return "(" + quoted(name) + ")::pg_catalog.float8";
}

// A label or a prediction: how it is read as a boolean.
class Flag {
 public:
  // column: nullopt when there is none, as for y_true where nobody knows the truth.
  // Errors: UnknownColumn, WrongType.
  // beside: whether another column may have the positive value, so that this one need not.
  Flag(const Source& source,
       const std::optional<std::string>& column,
       const char* argument,
       const std::optional<std::string>& positive,
       bool beside = false)
      : argument_(argument) {
    if (!column) {
      expression_ = "NULL::pg_catalog.bool";
      return;
    }
    const SourceColumn& found = source.column(*column, argument);
    name_ = found.name;
    const std::string name = quoted(*column);
    const Oid base = found.base_type;
    const bool flag = is_number(base);  // or boolean: means something by itself
    if (positive && (!flag || !beside || can_hold(found, *positive))) {
      expression_ = positive_expression(found, *positive);
      positive_ = *positive;
      checks_ = {{"pg_catalog.count(" + name + ")", INT8OID}, rows_where(expression_)};
    } else if (base == BOOLOID) {
      expression_ = name;
    } else if (flag) {
      expression_ = equals(name, "1");
      checks_ = {rows_where("NOT (" + equals(name, "1") + " OR " + equals(name, "0") + " OR " +
                            equals(name, "(-1)") + ")"),
                 rows_where(equals(name, "0")), rows_where(equals(name, "(-1)"))};
    } else {
      wrong_type(found, argument, "a boolean, or a number 0/1 or -1/1");
    }
  }

  // positive is a value of one of the columns at least; booleans and numbers that cannot hold it,
  // beside a column that can, mean what they are. Errors: of the server, for the first column.
  static void require_positive(const Source& source,
                               const std::optional<std::string>& positive,
                               const std::vector<const Flag*>& flags) {
    if (!positive) return;
    const Flag* first = nullptr;
    for (const Flag* const flag : flags) {
      if (flag->positive_) return;
      if (first == nullptr && !flag->name_.empty()) first = flag;
    }
    if (first == nullptr) {
      throw Error(ErrorKind::InvalidArgument,
                  "positive is given, but no column that could have it");
    }
    (void)positive_expression(source.column(first->name_, first->argument_), *positive);
  }

  // Whether a score is above the median of all, those of unknown category included; NULL where
  // there is none. Reads the source. Errors: InvalidData for scores that are not finite.
  static Flag above_median(const Source& source, const std::string& score, const char* argument) {
    Flag flag(source, std::nullopt, argument, std::nullopt);
    const std::string value = number_expression(source, score, argument);
    const Output digest = {"pg_catalog.sum(pg_catalog.hashfloat8(" + value + "))", INT8OID};
    const GroupedQuery query(
        source, {},
        {{"pg_catalog.percentile_cont(0.5) WITHIN GROUP (ORDER BY " + value + ")", FLOAT8OID},
         rows_where(
             value +
             " OPERATOR(pg_catalog.=) ANY ('{NaN,Infinity,-Infinity}'::pg_catalog.float8[])"),
         digest},
        {});
    if (query.integer(0, 1) > 0) {
      throw Error(ErrorKind::InvalidData,
                  "column \"" + score + "\" has scores that are not finite");
    }
    if (const auto median = query.number(0, 0)) {
      char digits[64];
      std::snprintf(digits, sizeof digits, "%.17g", *median);
      flag.expression_ =
          "(" + value + " OPERATOR(pg_catalog.>) '" + digits + "'::pg_catalog.float8)";
    }
    flag.checks_ = {digest};
    flag.digest_ = query.integer(0, 2);
    return flag;
  }

  const std::string& expression() const noexcept { return expression_; }
  // Counts that check() wants to see: of a number, rows with another one than -1, 0 and 1, with 0,
  // with -1; of another type, rows with a value and with the positive one; of scores a digest of
  // all.
  const std::vector<Output>& checks() const noexcept { return checks_; }
  void check(const GroupedQuery& query, std::size_t first) const {
    if (checks_.empty()) return;
    std::int64_t sums[3] = {};
    for (std::size_t r = 0; r < query.rows(); ++r) {
      for (std::size_t i = 0; i < checks_.size(); ++i) sums[i] += query.integer(r, first + i);
    }
    if (digest_) {
      if (sums[0] != *digest_) other_rows();
      return;
    }
    if (positive_) {
      if (sums[0] > 0 && sums[1] == 0) {
        const std::string message =
            "no row has the positive value \"" + *positive_ + "\" in column \"" + name_ + "\"";
        backend([&] { ereport(WARNING, (errmsg("%s", message.c_str()))); });
      }
      return;
    }
    if (sums[0] == 0 && (sums[1] == 0 || sums[2] == 0)) return;
    throw Error(ErrorKind::InvalidData,
                "column \"" + name_ + "\", named by " + argument_ +
                    ", has other values than 0 and 1, or -1 and 1",
                "Name the value that counts as positive, for example positive => '1'. For several "
                "classes use "
                "multiclass_confusions, for numbers regression_by_group.");
  }

 private:
  static std::string equals(const std::string& name, const char* value) {
    return "(" + name + " OPERATOR(pg_catalog.=) " + value + ")";
  }
  static Output rows_where(const std::string& condition) {
    return {"pg_catalog.count(*) FILTER (WHERE " + condition + ")", INT8OID};
  }
  const char* argument_;
  std::string name_;
  std::string expression_;
  std::optional<std::string> positive_;
  std::vector<Output> checks_;
  std::optional<std::int64_t> digest_;  // of the scores whose median it is
};

// What is counted, of whom.
struct Question {
  std::string y_true;  // expressions
  std::string y_pred;
  std::string weight;  // empty when there is none
  std::vector<std::string> sensitive;
  std::vector<std::string> strata;
};

// A confusion for each combination of attributes and strata, and its sums over attributes.
class Tables {
 public:
  // A set of attributes, by their numbers in Question::sensitive.
  using AttributeSet = std::vector<std::size_t>;

  Tables(const Source& source, const Question& question, const std::vector<const Flag*>& flags)
      : sets_(all_sets(question.sensitive.size())),
        query_(source, keys(source, question, sets_), values(question, flags), columns(question)) {
    std::size_t next = 1;
    for (const Flag* const flag : flags) {
      flag->check(query_, next);
      next += flag->checks().size();
    }
    for (std::size_t r = 0; r < query_.rows(); ++r) {
      strata_[query_.label(r, 0)].push_back(r);
      const auto bytes = backend([&] { return value_bytes(query_.value(r, 0)); });
      cells_.push_back(ConfusionValue::trusted(bytes.data()));
    }
    // By their labels, not as the server happens to group them: nothing may depend on that.
    for (auto& [label, rows] : strata_) {
      std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
        for (std::size_t set = 0; set < sets_.size(); ++set) {
          const Label x = query_.label(a, 1 + set);
          const Label y = query_.label(b, 1 + set);
          if (x != y) return Before{}(x, y);
        }
        return false;
      });
    }
  }

  const std::vector<AttributeSet>& sets() const noexcept { return sets_; }

  struct Before {
    bool operator()(const Label& a, const Label& b) const { return a && (!b || *a < *b); }
  };
  using Parts = std::map<Label, std::vector<std::int32_t>, Before>;
  // Stratum by stratum, the unknown one last, the numbers of the query's rows. Without strata there
  // is one, unknown.
  const std::map<Label, std::vector<std::size_t>, Before>& strata() const noexcept {
    return strata_;
  }

  // The groups of a set in a stratum, with the places of their rows in the stratum's list.
  Parts parts(const std::vector<std::size_t>& stratum, std::size_t set, Monitor& monitor) const {
    Parts result;
    for (std::size_t i = 0; i < stratum.size(); ++i) {
      monitor.poll();
      result[query_.label(stratum[i], 1 + set)].push_back(static_cast<std::int32_t>(i));
    }
    return result;
  }

  // The counts of each row of a stratum.
  std::vector<PartCounts> part_counts(const std::vector<std::size_t>& stratum,
                                      Monitor& monitor) const {
    std::vector<PartCounts> result;
    for (const std::size_t r : stratum) {
      monitor.poll();
      cells_[r].visit([&](const auto& table) {
        const auto& cells = table.payload(0);
        std::int64_t unknown_weight = 0;
        if constexpr (std::is_same_v<std::decay_t<decltype(cells)>, WeightedCells>) {
          unknown_weight = cells.unknown_weight;
        }
        result.push_back(fairdb::part_counts(counts_of(cells), unknown_weight));
      });
    }
    return result;
  }

  // The canonical confusion of a set in a stratum.
  Datum confusion(const std::vector<std::size_t>& stratum,
                  const Parts& parts,
                  Monitor& monitor) const {
    ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
    for (const auto& part : parts) {
      monitor.poll();
      const Label& label = part.first;
      for (const std::int32_t i : part.second) {
        cells_[stratum[static_cast<std::size_t>(i)]].visit([&](const auto& table) {
          const auto& cells = table.payload(0);
          if constexpr (std::is_same_v<std::decay_t<decltype(cells)>, WeightedCells>) {
            state.combine(label, cells, ConfusionState::Sign::Plus);
          } else {
            state.combine(label, counts_of(cells), ConfusionState::Sign::Plus);
          }
        });
      }
    }
    return canonical_confusion(state.value());
  }

 private:
  // Every set of attributes, smaller ones first.
  static std::vector<AttributeSet> all_sets(std::size_t attributes) {
    constexpr std::size_t kMaxAttributes = 5;
    if (attributes > kMaxAttributes) {
      throw Error(
          ErrorKind::TooLarge,
          std::to_string(attributes) + " sensitive attributes have more than 31 " + "intersections",
          "Name five attributes at most.");
    }
    std::vector<AttributeSet> sets;
    for (unsigned mask = 1; mask < 1U << attributes; ++mask) {
      AttributeSet set;
      for (std::size_t a = 0; a < attributes; ++a) {
        if ((mask >> a & 1U) != 0) set.push_back(a);
      }
      sets.push_back(std::move(set));
    }
    std::stable_sort(sets.begin(), sets.end(), [](const AttributeSet& a, const AttributeSet& b) {
      return a.size() != b.size() ? a.size() < b.size() : a < b;
    });
    return sets;
  }

  static std::vector<Output> keys(const Source& source,
                                  const Question& question,
                                  const std::vector<AttributeSet>& sets) {
    std::vector<Output> keys;
    Oid type = TEXTOID;
    if (question.strata.empty()) {
      keys.push_back({"NULL::pg_catalog.text", TEXTOID});
    } else {
      const std::string stratum = group_expression(source, question.strata, &type);
      keys.push_back({stratum, type});
    }
    for (const AttributeSet& set : sets) {
      std::vector<std::string> names;
      for (const std::size_t a : set) names.push_back(question.sensitive[a]);
      const std::string group = group_expression(source, names, &type);
      keys.push_back({group, type});
    }
    return keys;
  }

  static std::vector<Output> values(const Question& question,
                                    const std::vector<const Flag*>& flags) {
    std::vector<Output> list = {{"fairdb.confusion_agg(" + question.y_true + ", " +
                                     question.y_pred + ", ''::pg_catalog.text" +
                                     (question.weight.empty() ? "" : ", " + question.weight) + ")",
                                 type_of_fairdb("confusion")}};
    for (const Flag* const flag : flags) {
      list.insert(list.end(), flag->checks().begin(), flag->checks().end());
    }
    return list;
  }

  static std::vector<std::string> columns(const Question& question) {
    std::vector<std::string> names = question.strata;
    names.insert(names.end(), question.sensitive.begin(), question.sensitive.end());
    return quoted_all(std::move(names));
  }

  std::vector<AttributeSet> sets_;
  GroupedQuery query_;
  std::vector<ConfusionValue> cells_;
  std::map<Label, std::vector<std::size_t>, Before> strata_;
};

std::vector<std::string> names_or_none(FunctionCallInfo fcinfo, int number, const char* name) {
  return optional_names(fcinfo, number, name).value_or(std::vector<std::string>{});
}

// A text[] with the names of a set's attributes.
Datum attribute_array(const std::vector<std::string>& sensitive, const Tables::AttributeSet& set) {
  std::vector<const char*> names;
  for (const std::size_t a : set) names.push_back(sensitive[a].c_str());
  return backend([&] {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) elements[i] = CStringGetTextDatum(names[i]);
    return PointerGetDatum(construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1,
                                           false, TYPALIGN_INT));
  });
}

// For each set a text[] with the names of its attributes.
std::vector<Datum> attribute_arrays(const std::vector<std::string>& sensitive,
                                    const Tables& tables) {
  std::vector<Datum> arrays;
  arrays.reserve(tables.sets().size());
  for (const Tables::AttributeSet& set : tables.sets()) {
    arrays.push_back(attribute_array(sensitive, set));
  }
  return arrays;
}

struct AuditArguments {
  std::string source;
  std::optional<std::string> y_true;
  std::optional<std::string> y_pred;
  std::vector<std::string> sensitive;
  std::vector<std::string> strata;
  std::optional<std::string> weight;
  std::optional<std::string> positive;
};

AuditArguments audit_arguments(FunctionCallInfo fcinfo) {
  AuditArguments a = {text_argument(fcinfo, 0, "source"),
                      optional_text(fcinfo, 1),
                      optional_text(fcinfo, 2),
                      names_argument(fcinfo, 3, "sensitive"),
                      names_or_none(fcinfo, 4, "strata"),
                      optional_text(fcinfo, 5),
                      optional_text(fcinfo, 6)};
  for (const std::string& name : a.strata) {
    if (std::find(a.sensitive.begin(), a.sensitive.end(), name) == a.sensitive.end()) continue;
    throw Error(ErrorKind::InvalidArgument,
                "column \"" + name + "\" is named by sensitive and by strata",
                "Within a stratum of a sensitive attribute there is one group only.");
  }
  return a;
}

Tables read_tables(const Source& source, const AuditArguments& a) {
  const bool both = a.y_true && a.y_pred;
  const Flag y_true(source, a.y_true, "y_true", a.positive, both);
  const Flag y_pred(source, a.y_pred, "y_pred", a.positive, both);
  Flag::require_positive(source, a.positive, {&y_true, &y_pred});
  const std::string weight = a.weight ? number_expression(source, *a.weight, "weight") : "";
  return {source,
          {y_true.expression(), y_pred.expression(), weight, a.sensitive, a.strata},
          {&y_true, &y_pred}};
}

// One table of a publication: its groups and what of them is withheld.
struct Published {
  std::size_t set;
  Datum value;
  Confusion confusion;
  std::vector<Withheld> withheld;
};

// The tables of a stratum, with what each withholds so that no table gives another one's away.
std::vector<Published> publish(const Tables& tables,
                               const std::vector<std::size_t>& stratum,
                               std::span<const PublishedCount> shown,
                               std::int64_t k,
                               Monitor& monitor) {
  std::vector<Published> result;
  std::vector<std::vector<std::int32_t>> rows;
  for (std::size_t set = 0; set < tables.sets().size(); ++set) {
    const Tables::Parts parts = tables.parts(stratum, set, monitor);
    Published table{set, tables.confusion(stratum, parts, monitor), {}, {}};
    table.confusion = decode(ConfusionValue::trusted(value_bytes(table.value).data()));
    for (const GroupCells& group : table.confusion.groups) {
      monitor.poll();
      rows.push_back(parts.at(group.label));
    }
    result.push_back(std::move(table));
  }
  std::vector<PartCounts> parts;
  if (k > 0) parts = tables.part_counts(stratum, monitor);
  const std::vector<Withheld> withheld = withhold(parts, rows, shown, k, memory_limit(), monitor);
  auto next = withheld.begin();
  for (Published& table : result) {
    const auto n = static_cast<std::ptrdiff_t>(table.confusion.groups.size());
    table.withheld.assign(next, next + n);
    next += n;
  }
  return result;
}

}  // namespace

FAIRDB_FUNCTION(audit) {
  const AuditArguments arguments = audit_arguments(fcinfo);
  std::int64_t k = min_group();
  if (!PG_ARGISNULL(7)) {
    check_min_group(PG_GETARG_INT64(7));
    k = std::max(k, PG_GETARG_INT64(7));
  }
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.source);
  const Tables tables = read_tables(source, arguments);
  const std::vector<Datum> attributes = attribute_arrays(arguments.sensitive, tables);
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (const Published& table : publish(tables, stratum, published_by_group(), k, monitor)) {
      for (std::size_t g = 0; g < table.confusion.groups.size(); ++g) {
        const GroupCells& group = table.confusion.groups[g];
        rows.datum(attributes[table.set]).text(label).text(group.label);
        put_group(rows, group, table.withheld[g]);
        rows.boolean(table.withheld[g].any()).end_row();
      }
    }
    rows.finish();
  }
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(audit_confusions) {
  const AuditArguments arguments = audit_arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(arguments.source);
  const Tables tables = read_tables(source, arguments);
  const std::vector<Datum> attributes = attribute_arrays(arguments.sensitive, tables);
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (std::size_t set = 0; set < tables.sets().size(); ++set) {
      monitor.poll();
      rows.datum(attributes[set])
          .text(label)
          .datum(tables.confusion(stratum, tables.parts(stratum, set, monitor), monitor))
          .end_row();
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

namespace {

const char* note_of(const Impact& row) {
  if (!row.group) return "category unknown: counted, not part of the calculation";
  if (!row.selection_rate) return "no outcome known";
  if (row.excluded) return "below min_share: left out of the impact ratios";
  return nullptr;
}

}  // namespace

FAIRDB_FUNCTION(local_law_144) {
  constexpr double kLevel = 0.95;
  const std::string source_text = text_argument(fcinfo, 0, "source");
  const std::string outcome = text_argument(fcinfo, 1, "outcome");
  const std::string sex = text_argument(fcinfo, 2, "sex");
  const std::string race = text_argument(fcinfo, 3, "race");
  const std::string mode = text_argument(fcinfo, 4, "mode");
  const double min_share = number_argument(fcinfo, 5, "min_share");
  const std::optional<std::string> positive = optional_text(fcinfo, 6);
  if (mode != "selection" && mode != "scoring") {
    throw Error(ErrorKind::InvalidArgument,
                "mode is \"" + mode + "\", expected 'selection' or 'scoring'",
                "'selection' takes outcome for selected or not, 'scoring' for a score, of which "
                "those above the median count.");
  }
  if (positive && mode == "scoring") {
    throw Error(ErrorKind::InvalidArgument, "positive has no meaning with mode => 'scoring'",
                "Scores above the median of all count; leave positive out.");
  }
  if (sex == race) {
    throw Error(ErrorKind::InvalidArgument, "sex and race name the same column \"" + sex + "\"");
  }
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(source_text);
  const bool scoring = mode == "scoring";
  const Flag none(source, std::nullopt, "outcome", std::nullopt);
  const Flag selected = scoring ? Flag::above_median(source, outcome, "outcome")
                                : Flag(source, outcome, "outcome", positive);
  const Tables tables(source, {none.expression(), selected.expression(), "", {sex, race}, {}},
                      {&selected});
  const char* const sections[] = {"sex", "race", "sex and race"};
  BackendMonitor monitor;
  for (const auto& [label, stratum] : tables.strata()) {
    for (const Published& table :
         publish(tables, stratum, published_selection(), min_group(), monitor)) {
      const std::vector<Impact> impacts = impact_ratios(table.confusion, min_share, kLevel, monitor,
                                                        without_selections(table.withheld));
      for (std::size_t g = 0; g < impacts.size(); ++g) {
        const Impact& row = impacts[g];
        const Withheld& withheld = table.withheld[g];
        const bool rate = withheld.rate(Rate::SelectionRate);
        const auto shown = [](bool hidden, auto value) {
          return hidden ? std::nullopt : std::optional(value);
        };
        rows.text(sections[table.set])
            .text(row.group)
            .integer(shown(withheld.row(), row.n))
            .integer(shown(rate, row.selected))
            .integer(shown(withheld.count(cells_with_prediction(Truth::Unknown)),
                           row.unknown_prediction))
            .number(rate ? std::nullopt : row.selection_rate)
            .number(rate ? std::nullopt : row.impact_ratio)
            .boolean(shown(withheld.row(), row.excluded));
        const char* const note =
            withheld.any() ? "in part or as a whole withheld: fairdb.min_group" : note_of(row);
        rows.text(note == nullptr ? std::nullopt : std::optional<std::string_view>(note)).end_row();
      }
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

namespace {

// A GROUP BY of a group and one or two columns of classes, with counts of rows.
GroupedQuery count_classes(const Source& source,
                           const std::vector<std::string>& sensitive,
                           const std::vector<std::pair<std::string, const char*>>& classes) {
  Oid type = InvalidOid;
  const std::string group = group_expression(source, sensitive, &type);
  std::vector<Output> keys = {{group, type}};
  std::vector<std::string> columns = quoted_all(sensitive);
  for (const auto& [name, argument] : classes) {
    keys.push_back({quoted(name), source.column(name, argument).type});
    columns.push_back(quoted(name));
  }
  return {source, keys, {{"pg_catalog.count(*)", INT8OID}}, columns};
}

struct MulticlassArguments {
  std::string source;
  std::string y_true;
  std::string y_pred;
  std::vector<std::string> sensitive;
};

MulticlassArguments multiclass_arguments(FunctionCallInfo fcinfo) {
  return {text_argument(fcinfo, 0, "source"), text_argument(fcinfo, 1, "y_true"),
          text_argument(fcinfo, 2, "y_pred"), names_argument(fcinfo, 3, "sensitive")};
}

constexpr std::size_t kMaxClasses = 1000;

// Counts by group, label and prediction, in the order of their texts, what is unknown last.
using Classes = std::map<std::array<Label, 3>,
                         std::int64_t,
                         bool (*)(const std::array<Label, 3>&, const std::array<Label, 3>&)>;

bool classes_before(const std::array<Label, 3>& a, const std::array<Label, 3>& b) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (a[i] == b[i]) continue;
    return Tables::Before{}(a[i], b[i]);
  }
  return false;
}

Classes classes_of(const GroupedQuery& query) {
  Classes classes(classes_before);
  for (std::size_t r = 0; r < query.rows(); ++r) {
    classes[{query.label(r, 0), query.label(r, 1), query.label(r, 2)}] += query.integer(r, 0);
  }
  return classes;
}

}  // namespace

FAIRDB_FUNCTION(multiclass_counts) {
  const MulticlassArguments a = multiclass_arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(a.source);
  const GroupedQuery query =
      count_classes(source, a.sensitive, {{a.y_true, "y_true"}, {a.y_pred, "y_pred"}});
  const Classes classes = classes_of(query);
  std::map<Label, std::int64_t, Tables::Before> sizes;
  for (const auto& [key, n] : classes) sizes[key[0]] += n;
  std::vector<std::int64_t> people;
  people.reserve(sizes.size());
  for (const auto& [label, n] : sizes) people.push_back(n);
  const std::vector<bool> hidden = hidden_groups(people, min_group());
  // A hidden group has one row, without classes: those of a single person would be that person's.
  // Both maps are in the order of the groups.
  std::size_t place = 0;
  auto cell = classes.begin();
  for (const auto& [label, size] : sizes) {
    const bool suppressed = hidden[place++];
    if (suppressed) {
      rows.text(label).text({}).text({}).integer({}).number({}).boolean(true).end_row();
    }
    // The shares tell the group's size, so that its cells are a list whose total is known.
    std::vector<std::int64_t> cells;
    for (auto c = cell; c != classes.end() && c->first[0] == label; ++c) cells.push_back(c->second);
    const std::vector<bool> few = hidden_groups(cells, min_group());
    for (std::size_t c = 0; c < cells.size(); ++c, ++cell) {
      if (suppressed) continue;
      const double share = static_cast<double>(cell->second) / static_cast<double>(size);
      rows.text(label).text(cell->first[1]).text(cell->first[2]);
      rows.integer(few[c] ? std::nullopt : std::optional(cell->second))
          .number(few[c] ? std::nullopt : std::optional(share))
          .boolean(few[c])
          .end_row();
    }
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(multiclass_confusions) {
  const MulticlassArguments a = multiclass_arguments(fcinfo);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(a.source);
  const GroupedQuery query =
      count_classes(source, a.sensitive, {{a.y_true, "y_true"}, {a.y_pred, "y_pred"}});
  const Classes classes = classes_of(query);
  std::set<Label, Tables::Before> names;
  for (const auto& [key, n] : classes) {
    for (const Label& label : {key[1], key[2]}) {
      if (label) names.insert(label);
    }
  }
  if (names.size() > kMaxClasses) {
    throw Error(ErrorKind::TooLarge,
                std::to_string(names.size()) + " classes exceed the limit of " +
                    std::to_string(kMaxClasses),
                "Are y_true and y_pred really classes, and not numbers? See regression_by_group.");
  }
  BackendMonitor monitor;
  for (const Label& name : names) {
    ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
    const auto truth = [&](const Label& label) {
      if (!label) return Truth::Unknown;
      return label == name ? Truth::Positive : Truth::Negative;
    };
    for (const auto& [key, n] : classes) {
      monitor.poll();
      Cells cells{};
      cells.at(truth(key[1]), truth(key[2])) = n;
      state.combine(key[0], cells, ConfusionState::Sign::Plus);
    }
    rows.text(name).datum(canonical_confusion(state.value())).end_row();
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

FAIRDB_FUNCTION(label_divergences) {
  const std::string source_text = text_argument(fcinfo, 0, "source");
  const std::string column = text_argument(fcinfo, 1, "label");
  const std::vector<std::string> sensitive = names_argument(fcinfo, 2, "sensitive");
  const std::optional<std::string> reference = optional_text(fcinfo, 3);
  const std::optional<std::string> group = optional_text(fcinfo, 4);
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(source_text);
  const GroupedQuery query = count_classes(source, sensitive, {{column, "label"}});
  // Classes as numbers; each group's known labels as a group of a confusion, for sides() to check.
  std::map<std::string_view, std::size_t> classes;
  std::set<std::string_view> names;
  for (std::size_t r = 0; r < query.rows(); ++r) {
    if (const Label label = query.label(r, 1)) classes.emplace(*label, classes.size());
    if (const Label name = query.label(r, 0)) names.insert(*name);
  }
  Confusion groups;
  for (const std::string_view name : names) groups.groups.push_back(group_of(name, {}));
  const auto view = [](const std::optional<std::string>& text) {
    return text ? Label(*text) : std::nullopt;
  };
  (void)sides(groups, view(group), view(reference), "group");
  std::vector<double> of_group(classes.size()), of_reference(classes.size());
  double n[2] = {};
  for (std::size_t r = 0; r < query.rows(); ++r) {
    const Label name = query.label(r, 0);
    const Label label = query.label(r, 1);
    if (!name || !label) continue;
    const bool in_group = group ? *name == *group : *name != *reference;
    const bool in_reference = reference ? *name == *reference : *name != *group;
    const auto rows_of_class = static_cast<double>(query.integer(r, 0));
    if (in_group) of_group[classes[*label]] += rows_of_class;
    if (in_reference) of_reference[classes[*label]] += rows_of_class;
    if (in_group) n[0] += rows_of_class;
    if (in_reference) n[1] += rows_of_class;
  }
  // Of few classes the distances tell the counts themselves.
  bool small = std::min(n[0], n[1]) < static_cast<double>(min_group());
  for (const auto* counts : {&of_group, &of_reference}) {
    for (const double count : *counts) {
      small = small || too_few(static_cast<std::int64_t>(count), min_group());
    }
  }
  const std::optional<Divergences> d = small ? std::nullopt : divergences(of_group, of_reference);
  for (const double count : {static_cast<double>(classes.size()), n[0], n[1]}) {
    rows.integer(small ? std::nullopt : std::optional(static_cast<std::int64_t>(count)));
  }
  for (const auto member : {&Divergences::kl, &Divergences::js, &Divergences::lp, &Divergences::tvd,
                            &Divergences::ks}) {
    rows.number(d ? std::optional((*d).*member) : std::nullopt);
  }
  rows.boolean(small).end_row();
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

[[noreturn]] static void not_finite(const std::string& y_true, const std::string& y_pred) {
  throw Error(ErrorKind::InvalidData,
              "column \"" + y_true + "\" or \"" + y_pred + "\" has values that are not finite",
              "Leave NaN and infinite values out in the source.");
}

FAIRDB_FUNCTION(regression_by_group) {
  const std::string source_text = text_argument(fcinfo, 0, "source");
  const std::string y_true = text_argument(fcinfo, 1, "y_true");
  const std::string y_pred = text_argument(fcinfo, 2, "y_pred");
  const std::vector<std::string> sensitive = names_argument(fcinfo, 3, "sensitive");
  RowWriter rows(fcinfo);
  SpiSession session;
  const Source source(source_text);
  const std::string y = number_expression(source, y_true, "y_true");
  const std::string p = number_expression(source, y_pred, "y_pred");
  const std::string error = "(" + p + " OPERATOR(pg_catalog.-) " + y + ")";
  const std::string known = " FILTER (WHERE " + error + " IS NOT NULL)";
  Oid type = InvalidOid;
  const std::string group = group_expression(source, sensitive, &type);
  const GroupedQuery query(
      source, {{group, type}},
      {{"pg_catalog.count(*)", INT8OID},
       {"pg_catalog.count(" + error + ")", INT8OID},
       {"pg_catalog.sum(pg_catalog.abs(" + error + "))", FLOAT8OID},
       {"pg_catalog.sum(" + error + " OPERATOR(pg_catalog.*) " + error + ")", FLOAT8OID},
       {"pg_catalog.sum(" + error + ")", FLOAT8OID},
       {"pg_catalog.avg(" + y + ")" + known, FLOAT8OID},
       {"pg_catalog.avg(" + p + ")" + known, FLOAT8OID},
       {"(pg_catalog.var_pop(" + y + ")" + known + ")", FLOAT8OID}},
      quoted_all(sensitive));
  // Several combinations with a NULL are one unknown group: sums are joined, with the variance of y
  // after Chan et al.
  struct Sums {
    double rows = 0, n = 0, absolute = 0, squares = 0, errors = 0, y = 0, p = 0, y_squares = 0;
  };
  std::map<Label, Sums, Tables::Before> groups;
  for (std::size_t r = 0; r < query.rows(); ++r) {
    Sums& s = groups[query.label(r, 0)];
    s.rows += static_cast<double>(query.integer(r, 0));
    const auto n = static_cast<double>(query.integer(r, 1));
    if (n == 0) continue;
    const double mean = *query.number(r, 5);
    const double apart = s.n > 0 ? mean - s.y : 0;
    s.y_squares += n * *query.number(r, 7) + apart * apart * s.n * n / (s.n + n);
    s.y += (mean - s.y) * n / (s.n + n);
    s.p += (*query.number(r, 6) - s.p) * n / (s.n + n);
    s.absolute += *query.number(r, 2);
    s.squares += *query.number(r, 3);
    s.errors += *query.number(r, 4);
    s.n += n;
    if (!std::isfinite(s.squares) || !std::isfinite(s.y_squares)) {
      not_finite(y_true, y_pred);
    }
  }
  std::vector<std::int64_t> people;
  people.reserve(groups.size());
  for (const auto& [label, s] : groups) people.push_back(static_cast<std::int64_t>(s.rows));
  const std::vector<bool> hidden = hidden_groups(people, min_group());
  std::size_t place = 0;
  for (const auto& [label, s] : groups) {
    const bool suppressed = hidden[place++];
    // Means of fewer people than may be told, and how many those are.
    const auto known = static_cast<std::int64_t>(s.n);
    const auto unknown = static_cast<std::int64_t>(s.rows - s.n);
    const bool few = too_few(known, min_group());
    const bool few_unknown = too_few(unknown, min_group());
    const bool some = !suppressed && s.n > 0 && !few;
    const auto shown = [&](double value) { return some ? std::optional(value) : std::nullopt; };
    rows.text(label)
        .integer(suppressed || few ? std::nullopt : std::optional(known))
        .integer(suppressed || few_unknown ? std::nullopt : std::optional(unknown))
        .number(shown(s.absolute / s.n))
        .number(shown(std::sqrt(s.squares / s.n)))
        .number(shown(s.errors / s.n))
        .number(s.y_squares > 0 ? shown(1 - s.squares / s.y_squares) : std::nullopt)
        .number(shown(s.y))
        .number(shown(s.p))
        .boolean(suppressed || few || few_unknown)
        .end_row();
  }
  rows.finish();
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
