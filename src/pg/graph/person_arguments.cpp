#include "pg/graph/person_arguments.hpp"

#include <algorithm>

#include "core/base/polled_sort.hpp"

#include "pg/bridge/json.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/table_reader.hpp"
#include "pg/graph/graph_source.hpp"

extern "C" {
#include <utils/jsonb.h>
#include <utils/numeric.h>
}

namespace fairdb::pg {
namespace {

constexpr Index kUsualTop = 30;

ReadColumn label(const Source& source, const char* name, const char* argument) {
  const SourceColumn& column = source.column(name, argument);
  return {quoted(column.name), column.name, column.type, ReadAs::Label, kMostNames, 1};
}

bool has_column(const Source& source, std::string_view name) {
  const auto& columns = source.columns();
  return std::any_of(columns.begin(), columns.end(),
                     [&](const SourceColumn& column) { return column.name == name; });
}

// A member of the argument attributes: a value as text.
struct NamedValue {
  std::string attribute;
  std::string value;

  friend bool operator==(const NamedValue&, const NamedValue&) = default;
  friend bool operator<(const NamedValue& a, const NamedValue& b) noexcept {
    return std::tie(a.attribute, a.value) < std::tie(b.attribute, b.value);
  }
};

// Plain: false for a value that is no string, number or boolean. NULL is no value.
bool add_value(std::string_view attribute,
               const JsonbValue& value,
               std::vector<NamedValue>& values) {
  switch (value.type) {
    case jbvNull:
      return true;
    case jbvString:
      values.push_back({std::string(attribute),
                        {value.val.string.val, static_cast<std::size_t>(value.val.string.len)}});
      return true;
    case jbvNumeric: {
      const char* const text = DatumGetCString(DirectFunctionCall1(
          numeric_out,
          DirectFunctionCall1(numeric_trim_scale, NumericGetDatum(value.val.numeric))));
      values.push_back({std::string(attribute), text});
      return true;
    }
    case jbvBool:
      values.push_back({std::string(attribute), value.val.boolean ? "t" : "f"});
      return true;
    default:
      return false;
  }
}

// Each once, sorted.
std::vector<NamedValue> named_values(Datum json, Monitor& monitor) {
  std::vector<NamedValue> values;
  const bool good = backend([&] {
    JsonbContainer* const object = &DatumGetJsonbP(json)->root;
    if (!JsonContainerIsObject(object)) return false;
    bool all = true;
    each_member(object, [&](std::string_view attribute, const JsonbValue& value) {
      if (is_array(value)) {
        each_element(value.val.binary.data, [&](const JsonbValue& element) {
          all = add_value(attribute, element, values) && all;
        });
      } else {
        all = add_value(attribute, value, values) && all;
      }
    });
    return all;
  });
  if (!good) {
    throw Error(
        ErrorKind::InvalidArgument, "attributes must be an object of values by sensitive relation",
        "For example '{\"gender\": \"female\", \"nationality\": [\"France\", \"Italy\"]}'.");
  }
  polled_sort(values, monitor, std::less<>());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// A rare value; or, with columns that were exchanged, no value of the attribute at all.
void note_no_vector(const NamedValue& named) {
  const std::string value = shown(named.value);
  const std::string attribute = shown(named.attribute);
  backend([&] {
    ereport(
        NOTICE,
        (errmsg("\"%s\" has no vector among the values of \"%s\": it adds nothing",
                named.value.c_str(), named.attribute.c_str()),
         errdetail("Further values without one are not told."),
         errhint("Frequent values have one: describe(g)->'fairness'->'attributes' lists them.")));
  });
}

}  // namespace

std::vector<PersonRelation> sensitive_relations(const Arguments& arguments) {
  const auto names = arguments.optional_names("sensitive");
  const auto inverse = arguments.optional_booleans("inverse");
  if (!names) {
    if (inverse) throw Error(ErrorKind::InvalidArgument, "inverse needs sensitive");
    return {};
  }
  if (names->empty()) throw Error(ErrorKind::InvalidArgument, "sensitive names no relation");
  if (names->size() > kMaxAttributes) {
    throw Error(ErrorKind::InvalidArgument,
                "sensitive names more than " + std::to_string(kMaxAttributes) + " relations");
  }
  if (inverse) check_length("inverse", inverse->size(), names->size());
  std::vector<PersonRelation> result;
  for (std::size_t i = 0; i < names->size(); ++i) {
    result.push_back({(*names)[i], inverse ? (*inverse)[i] : false});
  }
  return result;
}

void check_length(const char* argument, std::size_t length, std::size_t relations) {
  if (length == relations) return;
  throw Error(ErrorKind::InvalidArgument,
              std::string(argument) + " has " + std::to_string(length) + " elements, sensitive " +
                  std::to_string(relations),
              "Each sensitive relation has its own, in the same order.");
}

std::vector<Index> tops(const Arguments& arguments, std::size_t relations) {
  const auto given = arguments.optional_integers("top");
  if (!given) return std::vector<Index>(relations, kUsualTop);
  check_length("top", given->size(), relations);
  for (const std::int32_t top : *given) {
    if (top < 2) {
      throw Error(ErrorKind::InvalidArgument, "top must be at least 2: one value tells nothing");
    }
  }
  return {given->begin(), given->end()};
}

NameBytes read_persons(const Source& source, Monitor& monitor) {
  TableReader reader(source, {label(source, "entity", "persons")});
  std::size_t bytes = 0;
  std::int32_t counted = 0;
  while (reader.next()) {
    monitor.poll();
    for (; counted < reader.label_count(0); ++counted)
      bytes += reader.label(0, counted).size() + 400;
    check_memory(bytes, "the names of " + std::to_string(counted) + " persons or more");
  }
  std::vector<std::string_view> names = reader.labels(0);
  std::sort(names.begin(), names.end());
  NameBytes result;
  for (const std::string_view name : names) result.add(name);
  return result;
}

std::vector<bool> named_persons(const SortedNames& entities,
                                const std::optional<std::string>& persons,
                                Monitor& monitor) {
  std::vector<bool> result(static_cast<std::size_t>(entities.size()));
  if (!persons) return result;
  const NameBytes names = read_persons(Source(*persons), monitor);
  Index unseen = 0;
  for (Index i = 0; i < names.names().size(); ++i) {
    const auto code = entities.find(names.names()[i]);
    if (code) result[static_cast<std::size_t>(*code)] = true;
    unseen += code ? 0 : 1;
  }
  if (unseen > 0) {
    const auto few = static_cast<long long>(unseen);
    const auto all = static_cast<long long>(names.names().size());
    backend([&] {
      ereport(NOTICE, (errmsg("%lld of %lld persons are not in the embedding", few, all)));
    });
  }
  return result;
}

std::vector<Whitelisted> read_whitelist(const Source& source,
                                        const std::vector<PersonRelation>& sensitive) {
  std::vector<ReadColumn> reads = {label(source, "attribute", "whitelist"),
                                   label(source, "relation", "whitelist")};
  // A permission with a column that nobody reads would be wider than it looks.
  for (const SourceColumn& column : source.columns()) {
    if (column.name == "attribute" || column.name == "relation" || column.name == "tail" ||
        column.name == "inverse") {
      continue;
    }
    throw Error(ErrorKind::UnknownColumn,
                "whitelist has the column \"" + column.name + "\", which says nothing",
                "Its columns are attribute, relation and, if wanted, tail and inverse. A NULL tail "
                "allows all.");
  }
  const bool has_tail = has_column(source, "tail");
  const bool has_inverse = has_column(source, "inverse");
  if (has_tail) reads.push_back(label(source, "tail", "whitelist"));
  if (has_inverse) {
    const SourceColumn& inverse = source.column("inverse", "whitelist");
    if (inverse.base_type != BOOLOID) wrong_type(inverse, "whitelist", "a boolean");
    reads.push_back({"inverse", "inverse", inverse.type, ReadAs::Number, 0, 1});
  }
  TableReader reader(source, reads);
  std::vector<Whitelisted> result;
  std::size_t names = 0;  // bytes of them
  const auto labels = static_cast<std::size_t>(has_tail ? 3 : 2);
  while (reader.next()) {
    const auto codes = reader.codes();
    for (std::size_t i = 0; i < static_cast<std::size_t>(reader.rows()); ++i) {
      const std::int32_t attribute = codes[labels * i];
      const std::int32_t relation = codes[labels * i + 1];
      if (attribute < 0 || relation < 0) {
        throw Error(ErrorKind::InvalidData,
                    "a row of whitelist has a NULL where its attribute or relation should be");
      }
      const std::string name(reader.label(0, attribute));
      const auto found = std::find_if(sensitive.begin(), sensitive.end(),
                                      [&](const PersonRelation& r) { return r.name == name; });
      if (found == sensitive.end()) {
        throw Error(ErrorKind::InvalidArgument, "the whitelist's attribute \"" + name +
                                                    "\" is not among the sensitive relations");
      }
      Whitelisted entry;
      entry.attribute = static_cast<std::int32_t>(found - sensitive.begin());
      entry.relation.name = reader.label(1, relation);
      entry.relation.inverse =
          has_inverse && reader.numbers()(static_cast<Index>(i), 0) == 1;  // a NULL is false
      const std::int32_t tail = has_tail ? codes[labels * i + 2] : -1;
      if (tail >= 0) entry.other = reader.label(2, tail);
      if (entry.relation.name == name) {
        throw Error(ErrorKind::InvalidArgument,
                    "the whitelist allows \"" + name + "\" to be asked with its own value");
      }
      names += entry.relation.name.size() + (entry.other ? entry.other->size() : 0);
      result.push_back(std::move(entry));
    }
    check_memory(result.size() * 2 * sizeof(Whitelisted) + names, "the whitelist");
  }
  if (result.empty()) throw Error(ErrorKind::InvalidData, "the whitelist has no rows");
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

HeldValues held_values(const GraphEmbedding& graph,
                       const Arguments& arguments,
                       UnseenName on_unseen,
                       GraphCall& call) {
  if (arguments.null("attributes")) return {};
  BackendMonitor monitor;
  const std::vector<SensitiveAttribute>& attributes = graph.about().fairness.attributes;
  HeldValues held(attributes.size());
  for (const NamedValue& named : named_values(arguments.datum("attributes"), monitor)) {
    monitor.poll();
    const auto found = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) {
      return a.relation.name == named.attribute && a.vectors.rows() > 0;
    });
    if (found == attributes.end()) {
      throw Error(ErrorKind::UnknownGroup,
                  "the embedding has no attribute vectors of \"" + shown(named.attribute) + "\"",
                  "train_graph and graph_debias make them for the attributes of a whitelist; "
                  "describe(g)->'fairness' lists them.");
    }
    const auto value = std::find(found->values.begin(), found->values.end(), named.value);
    if (value == found->values.end()) {
      // An error for a name that is none.
      if (entity_code(graph, named.value, on_unseen) && call.first_notice()) note_no_vector(named);
      continue;
    }
    held[static_cast<std::size_t>(found - attributes.begin())].push_back(
        static_cast<std::int32_t>(value - found->values.begin()));
  }
  for (auto& list : held) std::sort(list.begin(), list.end());
  return held;
}

}  // namespace fairdb::pg
