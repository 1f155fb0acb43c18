#include "pg/models/training_source.hpp"

#include <cctype>
#include <cmath>

#include "core/base/error.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/models/counted_training.hpp"

extern "C" {
#include <access/genam.h>
#include <access/relation.h>
#include <catalog/pg_index.h>
#include <utils/array.h>
#include <utils/fmgroids.h>
#include <utils/rel.h>
#include <utils/relcache.h>
}

namespace fairdb::pg {
namespace {

FeatureColumn feature_column(const SourceColumn& column) {
  const Oid base = column.base_type;
  const auto of_kind = [&](FeatureKind kind) { return FeatureColumn{column.name, kind, {}, 1}; };
  if (base == BOOLOID) return of_kind(FeatureKind::Boolean);
  if (is_number(base)) return of_kind(FeatureKind::Number);
  if (is_time(base)) return of_kind(FeatureKind::Time);
  if (is_interval(base)) return of_kind(FeatureKind::Interval);
  if (backend([&] { return is_category(base); })) return of_kind(FeatureKind::Category);
  if (backend([&] { return OidIsValid(array_access(base, CurrentMemoryContext).element); })) {
    return of_kind(FeatureKind::Array);
  }
  throw Error(ErrorKind::WrongType, "column \"" + column.name + "\" has type " + backend([&] {
                                      return format_type_be(column.type);
                                    }) + ", which cannot be a feature",
              "Features are numbers, booleans, dates, times, intervals, texts, enums and arrays of "
              "numbers. Convert the column in the source, or leave it out with features => "
              "array[...].");
}

}  // namespace

TrainingSource::TrainingSource(const Source& source, TrainingRequest& request)
    : source_(source), model_(request.model), bins_(request.bins) {
  find_features(request);
  if (request.targets.empty()) {
    find_target(request);
  } else {
    find_targets(request);
  }
  if (!model_.weight.empty()) {
    const SourceColumn& column = source.column(model_.weight, "weight");
    weight_ = ReadColumn{quoted(column.name), column.name, column.type, ReadAs::Number, 0, 1};
  }
  const auto add_group = [&](const std::vector<std::string>& sensitive) {
    Oid type = TEXTOID;
    const std::string group =
        sensitive.empty() ? "''::pg_catalog.text" : group_expression(source, sensitive, &type);
    groups_.push_back({group, group_name(sensitive), type, ReadAs::Label, kMaxTrainedGroups, 1});
  };
  if (model_.grouping == Grouping::Each && !model_.sensitive.empty()) {
    for (const std::string& name : model_.sensitive) add_group({name});
  } else {
    add_group(model_.sensitive);
  }
  check_bins();
  choose_counting(request);
  if (counted_by_) {
    learn_levels_by_counting(request.within.has_value());
  } else {
    survey();
  }
}

// asked: whether within was given; else the rows are read where there is too much to count.
void TrainingSource::learn_levels_by_counting(bool asked) {
  try {
    learn_counted_levels(*this, model_);
  } catch (const Error& error) {
    if (asked || error.kind() != ErrorKind::TooLarge) throw;
    counted_by_.reset();
    for (FeatureColumn& column : model_.columns) column.levels.clear();
    survey();
  }
}

void TrainingSource::choose_counting(const TrainingRequest& request) {
  if (!request.may_count) return;
  const std::string reason = why_rows_are_needed(*this);
  if (request.within && !reason.empty()) {
    throw Error(ErrorKind::InvalidArgument, "within counts moments, and " + reason,
                "Leave within out: the rows are then fetched from wherever they are.");
  }
  // Of classes moments do not tell how many are decided right: unasked, the rows are read.
  if (reason.empty() && (request.within || !model_.options.binary)) {
    counted_by_ = request.within ? request.within : source_.parts();
  }
}

namespace {

// Whether a unique index of the table says that no two rows have one value.
bool is_key(const SourceColumn& column) {
  if (!OidIsValid(column.table)) return false;
  return backend([&] {
    Relation const table = try_relation_open(column.table, AccessShareLock);
    if (table == nullptr) return false;
    List* const indexes = RelationGetIndexList(table);
    bool unique = false;
    ListCell* cell = nullptr;
    foreach (cell, indexes) {
      Relation const index = index_open(lfirst_oid(cell), AccessShareLock);
      const FormData_pg_index* const form = index->rd_index;
      unique = unique || (form->indisunique && form->indisvalid && form->indnkeyatts == 1 &&
                          form->indkey.values[0] == column.attribute &&
                          RelationGetIndexPredicate(index) == NIL);
      index_close(index, AccessShareLock);
    }
    relation_close(table, AccessShareLock);
    return unique;
  });
}

}  // namespace

void note_key(const std::string& name, const std::string& why) {
  backend([&] {
    Datum list = CStringGetTextDatum(name.c_str());
    list = PointerGetDatum(construct_array(&list, 1, TEXTOID, -1, false, TYPALIGN_INT));
    const char* const written =
        std::isalpha(static_cast<unsigned char>(name[0])) != 0
            ? name.c_str()
            : OidOutputFunctionCall(F_ARRAY_OUT, list);  // of a name that could be taken for a list
    ereport(NOTICE, (errmsg("column \"%s\" is a feature, and %s", name.c_str(), why.c_str()),
                     errhint("A key tells rows apart and nothing of rows to come: exclude => "
                             "%s leaves it out.",
                             quote_literal_cstr(written))));
  });
}

std::vector<KeyWatch::Column> TrainingSource::possible_keys() const {
  std::vector<KeyWatch::Column> columns;
  if (named_) return columns;
  Index number = 0;
  for (const FeatureColumn& column : model_.columns) {
    if (column.kind == FeatureKind::Category) continue;
    const SourceColumn& found = source_.column(column.name, "features");
    const Oid type = found.base_type;
    const bool whole = type == INT2OID || type == INT4OID || type == INT8OID;
    if (whole && !is_key(found)) columns.push_back({number, column.name});
    number += column.elements;
  }
  return columns;
}

void TrainingSource::find_features(const TrainingRequest& request) {
  named_ = request.features.has_value();
  const auto is_sensitive = [&](const std::string& name) {
    return std::find(model_.sensitive.begin(), model_.sensitive.end(), name) !=
           model_.sensitive.end();
  };
  const auto is_target = [&](const std::string& name) {
    return name == model_.target ||
           std::find(request.targets.begin(), request.targets.end(), name) != request.targets.end();
  };
  if (request.features) {
    for (const std::string& name : *request.features) {
      if (is_target(name) || name == model_.weight) {
        throw Error(ErrorKind::InvalidArgument, std::string("features names the ") +
                                                    (is_target(name) ? "target" : "weight") +
                                                    " column \"" + name + "\"");
      }
      model_.columns.push_back(feature_column(source_.column(name, "features")));
    }
  } else {
    for (const std::string& name : request.exclude) (void)source_.column(name, "exclude");
    for (const SourceColumn& column : source_.columns()) {
      const auto& exclude = request.exclude;
      if (is_target(column.name) || column.name == model_.weight || is_sensitive(column.name) ||
          std::find(exclude.begin(), exclude.end(), column.name) != exclude.end()) {
        continue;
      }
      model_.columns.push_back(feature_column(column));
      if (is_key(column)) note_key(column.name, "a key of its table");
    }
  }
  if (model_.columns.empty()) {
    throw Error(ErrorKind::InvalidArgument, "there is no column to train on",
                "Name the columns with features => array[...].");
  }
  for (FeatureColumn& column : model_.columns) {
    if (column.kind != FeatureKind::Array) continue;
    const std::optional<Index> elements = array_elements(source_, column.name, "features");
    if (!elements) {
      throw Error(ErrorKind::InvalidData, "column \"" + column.name + "\" is NULL in every row");
    }
    if (*elements < 1) {
      throw Error(ErrorKind::InvalidData, "column \"" + column.name + "\" has an empty array",
                  "The arrays of a column are one feature for each element, in the same order in "
                  "every row.");
    }
    column.elements = *elements;
  }
  total_width(model_.columns);  // raises what is too wide
}

// How the target is read: its expression and type, and whether it is a class or a number.
void TrainingSource::find_target(TrainingRequest& request) {
  if (model_.target.empty()) {  // preprocessing for demographic parity needs none
    if (request.positive) {
      throw Error(ErrorKind::InvalidArgument, "positive needs a target",
                  "Name the column: target => '...'.");
    }
    targets_ = {{"0::pg_catalog.float8", "target", FLOAT8OID, ReadAs::Number, 0, 1}};
    model_.options.binary = false;
    return;
  }
  const SourceColumn& column = source_.column(model_.target, "target");
  const Oid base = column.base_type;
  model_.options.binary = true;
  if (request.positive) {
    model_.positive = positive_to_keep(column, *request.positive);
    resolve_class_weight(request, column);
    targets_ = {{positive_expression(column, *request.positive), column.name, BOOLOID,
                 ReadAs::Number, 0, 1}};
    return;
  }
  if (!is_number(base)) {
    throw Error(ErrorKind::WrongType,
                "the target column \"" + column.name + "\" has type " + backend([&] {
                  return format_type_be(column.type);
                }) + ", expected a boolean or a number",
                "Name the value that counts as positive: positive => '...'.");
  }
  const bool numbers = target_of(model_.options.loss) == LossTarget::Numbers;
  model_.options.binary = base == BOOLOID || !numbers;
  model_.positive = base == BOOLOID ? "true" : model_.options.binary ? "1" : "";
  const Fairness fairness = model_.options.fairness;
  if (!model_.options.binary && fairness != Fairness::None &&
      fairness != Fairness::DemographicParity &&
      !(fairness == Fairness::EqualizedOdds && request.bins > 0)) {
    throw Error(ErrorKind::InvalidArgument,
                "fairness " + std::string(name(fairness)) +
                    " needs a target with two classes, but \"" + column.name + "\" is a number",
                "Use fairness => 'demographic_parity', fairness => 'equalized_odds' with bins => "
                "5 to compare rows of similar targets, or name the positive class: positive => "
                "'1'.");
  }
  if (!model_.options.binary && !model_.options.class_weight.plain()) {
    throw Error(ErrorKind::InvalidArgument, "class_weight needs a target with two classes",
                "Use weight => 'column' to weight rows.");
  }
  targets_ = {{quoted(column.name), column.name, column.type, ReadAs::Number, 0, 1}};
}

// A boolean is a class, a number an estimate.
void TrainingSource::find_targets(const TrainingRequest& request) {
  partial_targets_ = true;
  model_.options.binary = false;
  for (const std::string& name : request.targets) {
    const SourceColumn& column = source_.column(name, "targets");
    if (!is_number(column.base_type)) {
      throw Error(ErrorKind::WrongType,
                  "the target column \"" + name + "\" has type " + backend([&] {
                    return format_type_be(column.type);
                  }) + ", expected a boolean or a number",
                  "Make it one in the source: $$SELECT *, answer = 'yes' AS accepted FROM ...$$.");
    }
    targets_.push_back({quoted(name), name, column.type, ReadAs::Number, 0, 1});
  }
}

std::vector<Oid> TrainingSource::target_types() const {
  std::vector<Oid> types;
  for (const ReadColumn& target : targets_) {
    types.push_back(source_.column(target.name, "targets").base_type);
  }
  return types;
}

void TrainingSource::check_bins() const {
  if (bins_ == 0) return;
  if (model_.options.binary || model_.options.fairness != Fairness::EqualizedOdds) {
    throw Error(ErrorKind::InvalidArgument,
                "bins needs a number as target, loss => 'squared' or 'huber(...)', and fairness => "
                "'equalized_odds'",
                "They put rows of similar targets together, whose mean scores then agree.");
  }
}

RowRoles TrainingSource::roles() const {
  return {model_.columns,
          model_.on_null,
          weight_.has_value(),
          model_.options.binary,
          model_.held_out_share,
          static_cast<std::uint64_t>(model_.seed),
          static_cast<Index>(targets_.size())};
}

std::vector<ReadColumn> feature_reads(const Source& source,
                                      const std::vector<FeatureColumn>& columns) {
  std::vector<ReadColumn> reads;
  for (const FeatureColumn& column : columns) {
    const SourceColumn& found = source.column(column.name, "features");
    // A number may stand for a boolean and the other way round; all else must be of its kind.
    const FeatureKind kind = feature_column(found).kind;
    if (description(kind) != description(column.kind)) {
      throw Error(ErrorKind::WrongType, "column \"" + column.name + "\" has type " +
                                            backend([&] { return format_type_be(found.type); }) +
                                            ", expected " + std::string(description(column.kind)));
    }
    const ReadAs as = column.kind == FeatureKind::Category ? ReadAs::Label
                      : column.kind == FeatureKind::Array  ? ReadAs::Numbers
                                                           : ReadAs::Number;
    reads.push_back({quoted(column.name), column.name, found.type, as,
                     static_cast<std::int32_t>(kMaxFeatures), column.elements});
  }
  return reads;
}

std::vector<ReadColumn> TrainingSource::reads() const {
  std::vector<ReadColumn> reads = feature_reads(source_, model_.columns);
  reads.insert(reads.end(), targets_.begin(), targets_.end());
  if (weight_) reads.push_back(*weight_);
  reads.insert(reads.end(), groups_.begin(), groups_.end());
  return reads;
}

RawRows raw_rows(const TableReader& reader) {
  return {reader.numbers(), reader.codes(), reader.label_columns(), reader.block_has_nulls()};
}

// A first reading, where one is needed: for the levels of categories, the values to impute, and the
// edges of bins, each so that a bin holds about as many rows. Which rows train is known from the
// rows as they are, so all of it comes from those.
void TrainingSource::survey() {
  const Index categories = categories_of(model_.columns);
  if (categories == 0 && model_.on_null != OnNull::Impute && bins_ < 2) return;
  surveyed_ = std::make_unique<TableReader>(source_, reads());
  TableReader& reader = *surveyed_;
  reader.keep_fingerprints();
  Survey survey(model_.columns, roles(), bins_ >= 2);
  while (reader.next()) {
    for (Index k = 0; k < categories; ++k) survey.learn(k, reader.labels(k));
    survey.add(raw_rows(reader));
    check_memory(static_cast<std::size_t>(survey.targets()) * 2 * sizeof(double),
                 "the bins of a target");
  }
  if (survey.empty() && model_.held_out_share == 0) raise_no_rows();
  std::vector<std::vector<std::string_view>> labels;
  for (Index k = 0; k < categories; ++k) labels.push_back(reader.labels(k));
  const Vector means = survey.finish(labels, model_.columns);
  if (means.size() == 0) {
    throw Error(ErrorKind::InvalidData, "the features have no value in any row that trains");
  }
  if (model_.on_null == OnNull::Impute) {
    for (Index j = 0; j < means.size(); ++j) {
      if (!std::isnan(means(j))) continue;
      throw Error(ErrorKind::InvalidData,
                  "\"" + feature_name(model_.columns, j) + "\" has no value in any row that trains",
                  "There is no mean to impute: leave the column out with features => array[...].");
    }
    model_.impute = means;
  }
  model_.edges = quantile_edges(survey.take_targets(), bins_);
}

}  // namespace fairdb::pg
