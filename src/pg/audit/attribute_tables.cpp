#include "pg/audit/attribute_tables.hpp"

#include "core/base/error.hpp"
#include "core/base/row_label.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/bridge/monitor.hpp"

namespace fairdb::pg {
namespace {

using AttributeSet = AttributeTables::AttributeSet;

// Every set of attributes, smaller ones first.
std::vector<AttributeSet> all_sets(std::size_t attributes) {
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

// The columns of the strata and the attributes themselves: what is made of them could not be sent
// to every server.
std::vector<Output> keys(const Source& source, const Question& question) {
  std::vector<Output> keys = column_keys(source, question.strata, "strata");
  const std::vector<Output> attributes = column_keys(source, question.sensitive);
  keys.insert(keys.end(), attributes.begin(), attributes.end());
  return keys;
}

std::vector<Output> values(const Question& question,
                           const std::vector<const BooleanColumn*>& flags) {
  std::vector<Output> list = {{"fairdb.cells_agg(" + question.y_true + ", " + question.y_pred +
                                   (question.weight.empty() ? "" : ", " + question.weight) + ")",
                               type_of_fairdb("confusion")}};
  for (const BooleanColumn* const flag : flags) {
    list.insert(list.end(), flag->checks().begin(), flag->checks().end());
  }
  return list;
}

std::vector<std::string> columns(const Source& source, const Question& question) {
  std::vector<std::string> columns = group_columns(source, question.strata, "strata");
  for (const auto& [names, argument] :
       {std::pair(&question.sensitive, "sensitive"), std::pair(&question.within, "within")}) {
    const std::vector<std::string> more = group_columns(source, *names, argument);
    columns.insert(columns.end(), more.begin(), more.end());
  }
  return columns;
}

constexpr std::size_t kBytesOfLabel = 64;

void check_labels(std::size_t combinations, std::size_t sets, const char* of) {
  check_memory(combinations * sets * kBytesOfLabel,
               "the marginals of " + std::to_string(combinations) + of);
}

// What cells_agg has counted for a row. Another server may have done so, and may say anything.
// Errors: CorruptValue.
ConfusionValue cells_of(const GroupedQuery& query, std::size_t row) {
  const auto raise = [] {
    throw Error(ErrorKind::CorruptValue,
                "the server that has the rows answered with something else than their counts",
                "It needs fairdb in the same version as this one, as its own.");
  };
  if (query.null(row, 0)) raise();
  const Datum value = query.value(row, 0);
  const ConfusionValue cells = backend([&] { return canonical_form(value); });
  cells.visit([&](const auto& table) {
    if (table.groups() != 1 || table.label(0) != Label("")) raise();
  });
  return cells;
}

// The sum of values of one group each.
ConfusionValue sum_of(const GroupedQuery& query,
                      const std::vector<std::size_t>& rows,
                      Monitor& monitor) {
  if (rows.size() == 1) return cells_of(query, rows.front());
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  for (const std::size_t row : rows) {
    monitor.poll();
    state.merge(cells_of(query, row));
  }
  return state.value();
}

}  // namespace

AttributeTables::AttributeTables(const Source& source,
                                 const Question& question,
                                 const std::vector<const BooleanColumn*>& flags)
    : sets_(all_sets(question.sensitive.size())), complete_(question.complete) {
  const GroupedQuery query(
      source, keys(source, question), values(question, flags), columns(source, question),
      question.within.empty() ? GroupedQuery::Plan::AsSet : GroupedQuery::Plan::Parts);
  query.note_fetched();
  std::size_t next = 1;
  for (const BooleanColumn* const flag : flags) {
    flag->check(query, next);
    next += flag->checks().size();
  }
  BackendMonitor monitor;
  // Rows that differ in what the server groups by only, as in the columns of within, are one.
  std::map<std::vector<Label>, std::vector<std::size_t>> combinations;
  const std::size_t strata = question.strata.size();
  for (std::size_t r = 0; r < query.rows(); ++r) {
    monitor.poll();
    std::vector<Label> labels;
    for (std::size_t k = 0; k < strata + question.sensitive.size(); ++k) {
      labels.push_back(query.label(r, k));
    }
    combinations[std::move(labels)].push_back(r);
  }
  check_labels(combinations.size(), sets_.size() + 1, " combinations of values");
  std::vector<std::set<std::string>> known(sets_.size());
  for (const auto& [labels, rows] : combinations) {
    monitor.poll();
    const std::span<const Label> all(labels);
    const auto stratum = strata == 0 ? std::nullopt : label_of_row(all.first(strata));
    const Label place = stratum ? Label(*strata_names_.insert(*stratum).first) : Label();
    strata_[place].push_back(combinations_.size());
    for (std::size_t s = 0; s < sets_.size(); ++s) {
      std::vector<Label> some;
      for (const std::size_t a : sets_[s]) some.push_back(labels[strata + a]);
      groups_.push_back(label_of_row(some));
      if (groups_.back()) known[s].insert(*groups_.back());
      if (known[s].size() > static_cast<std::size_t>(kMaxGroups)) too_many_groups();
    }
    combinations_.push_back({sum_of(query, rows, monitor), 0});
  }
  sort_strata();
}

std::string marginal_label(std::string_view label, std::span<const std::int32_t> fields) {
  const std::vector<std::string_view> all = fields_of(label);
  std::vector<std::string_view> some;
  for (const std::int32_t field : fields) {
    if (static_cast<std::size_t>(field) > all.size()) {
      throw Error(ErrorKind::InvalidArgument,
                  all.empty()
                      ? "group \"" + std::string(label) + "\" is no row of attributes"
                      : "group \"" + std::string(label) + "\" has " + std::to_string(all.size()) +
                            " attributes, but fields names " + std::to_string(field),
                  "Make the confusion with confusion_agg(y_true, y_pred, row(sex, race)); "
                  "fields => '{1}' is then sex.");
    }
    some.push_back(all[static_cast<std::size_t>(field) - 1]);
  }
  return label_of_fields(some);
}

namespace {

// Errors: InvalidArgument unless the label is a row of so many attributes.
void require_fields(std::string_view label, std::size_t attributes) {
  const std::size_t fields = fields_of(label).size();
  if (fields == attributes) return;
  throw Error(ErrorKind::InvalidArgument,
              "group \"" + std::string(label) + "\" " +
                  (fields == 0 ? "is no row of attributes"
                               : "has " + std::to_string(fields) + " attributes") +
                  ", but attributes names " + std::to_string(attributes),
              "attributes names those of row(sex, race), or key(sex, race), in their order: "
              "'{sex,race}'. One of them alone: audit(marginal(c, '{1}'), '{sex}'). Groups of one "
              "attribute whose texts look like rows: by_group(c).");
}

}  // namespace

AttributeTables::AttributeTables(const ConfusionValue& intersection,
                                 const std::vector<std::string>& attributes,
                                 Monitor& monitor)
    : sets_(all_sets(attributes.size())), complete_(true) {
  // Of one attribute the groups are texts of any form, and rows where all of them look like it.
  bool rows = true;
  intersection.visit([&](const auto& table) {
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      const Label label = table.label(g);
      if (attributes.size() == 1 && label && fields_of(*label).empty()) rows = false;
    }
    check_labels(static_cast<std::size_t>(table.groups()), sets_.size(), " groups");
    for (std::int32_t g = 0; g < table.groups(); ++g) {
      monitor.poll();
      if (!has_rows(table.payload(g))) continue;
      const Label whole = table.label(g);
      if (whole && rows) require_fields(*whole, attributes.size());
      for (const AttributeSet& set : sets_) {
        std::vector<std::int32_t> fields;
        for (const std::size_t a : set) fields.push_back(static_cast<std::int32_t>(a) + 1);
        if (!whole) {
          groups_.emplace_back();
        } else if (!rows) {
          groups_.emplace_back(*whole);
        } else {
          groups_.emplace_back(marginal_label(*whole, fields));
        }
      }
      strata_[Label()].push_back(combinations_.size());
      combinations_.push_back({intersection, g});
    }
  });
  sort_strata();
}

Label AttributeTables::label(std::size_t row, std::size_t set) const {
  const auto& group = groups_[row * sets_.size() + set];
  return group ? Label(*group) : Label();
}

// By their labels, not as the server happens to group them: nothing may depend on that.
void AttributeTables::sort_strata() {
  for (auto& [stratum, rows] : strata_) {
    std::sort(rows.begin(), rows.end(), [&](std::size_t a, std::size_t b) {
      for (std::size_t set = 0; set < sets_.size(); ++set) {
        const Label x = label(a, set);
        const Label y = label(b, set);
        if (x != y) return UnknownLast{}(x, y);
      }
      return false;
    });
  }
}

AttributeTables::Parts AttributeTables::parts(const std::vector<std::size_t>& stratum,
                                              std::size_t set,
                                              Monitor& monitor) const {
  Parts result;
  for (std::size_t i = 0; i < stratum.size(); ++i) {
    monitor.poll();
    // The last set is of all attributes.
    const bool lacks = complete_ && !label(stratum[i], sets_.size() - 1);
    result[lacks ? Label() : label(stratum[i], set)].push_back(static_cast<std::int32_t>(i));
  }
  return result;
}

std::vector<PartCounts> AttributeTables::part_counts(const std::vector<std::size_t>& stratum,
                                                     Monitor& monitor) const {
  std::vector<PartCounts> result;
  for (const std::size_t r : stratum) {
    monitor.poll();
    combinations_[r].value.visit([&](const auto& table) {
      const auto& cells = table.payload(combinations_[r].group);
      std::int64_t unknown_weight = 0;
      if constexpr (std::is_same_v<std::decay_t<decltype(cells)>, WeightedCells>) {
        unknown_weight = cells.unknown_weight;
      }
      result.push_back(fairdb::part_counts(counts_of(cells), unknown_weight));
    });
  }
  return result;
}

Datum AttributeTables::confusion(const std::vector<std::size_t>& stratum,
                                 const Parts& parts,
                                 Monitor& monitor) const {
  ConfusionState state = ConfusionState::empty(ConfusionForm::Narrow, new_confusion);
  for (const auto& part : parts) {
    monitor.poll();
    const Label& label = part.first;
    for (const std::int32_t i : part.second) {
      const Combination& combination = combinations_[stratum[static_cast<std::size_t>(i)]];
      combination.value.visit([&](const auto& table) {
        const auto& cells = table.payload(combination.group);
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

namespace {

// A text[] with the names of a set's attributes.
Datum attribute_array(const std::vector<std::string>& sensitive,
                      const AttributeTables::AttributeSet& set) {
  std::vector<const char*> names;
  for (const std::size_t a : set) names.push_back(sensitive[a].c_str());
  return backend([&] {
    auto* const elements = static_cast<Datum*>(palloc(sizeof(Datum) * names.size()));
    for (std::size_t i = 0; i < names.size(); ++i) elements[i] = CStringGetTextDatum(names[i]);
    return PointerGetDatum(construct_array(elements, static_cast<int>(names.size()), TEXTOID, -1,
                                           false, TYPALIGN_INT));
  });
}

}  // namespace

std::vector<Datum> attribute_arrays(const std::vector<std::string>& sensitive,
                                    const AttributeTables& tables) {
  std::vector<Datum> arrays;
  arrays.reserve(tables.sets().size());
  for (const AttributeTables::AttributeSet& set : tables.sets()) {
    arrays.push_back(attribute_array(sensitive, set));
  }
  return arrays;
}

std::vector<Published> publish(const AttributeTables& tables,
                               const std::vector<std::size_t>& stratum,
                               std::span<const PublishedCount> shown,
                               std::int64_t k,
                               Monitor& monitor) {
  std::vector<Published> result;
  std::vector<std::vector<std::int32_t>> rows;
  for (std::size_t set = 0; set < tables.sets().size(); ++set) {
    const AttributeTables::Parts parts = tables.parts(stratum, set, monitor);
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

}  // namespace fairdb::pg
