// train_linear: reads a source and returns a model.
#include "core/linear/target.hpp"
#include "pg/bridge/arguments.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/session.hpp"
#include "pg/bridge/table_reader.hpp"
#include "pg/linear.hpp"

namespace fairdb::pg {
namespace {

struct Request {
  LinearModel model;  // its first half: what was asked
  std::optional<std::vector<std::string>> features;
  std::optional<std::string> positive;
};

Request parse_request(FunctionCallInfo fcinfo) {
  Request request;
  LinearModel& model = request.model;
  model.source = text_argument(fcinfo, 0, "source");
  model.target = text_argument(fcinfo, 1, "target");
  request.features = optional_names(fcinfo, 3, "features");
  model.options.loss = loss_named(text_argument(fcinfo, 4, "loss"));
  model.options.fairness = fairness_named(text_argument(fcinfo, 5, "fairness"));
  model.options.c = number_argument(fcinfo, 6, "c");
  model.options.standardize = bool_argument(fcinfo, 7, "standardize");
  request.positive = optional_text(fcinfo, 8);
  model.on_null = on_null_named(text_argument(fcinfo, 9, "on_null"));
  model.on_unseen = on_unseen_named(text_argument(fcinfo, 10, "on_unseen"));
  // Without fairness there need be no groups.
  if (model.options.fairness != Fairness::None || !PG_ARGISNULL(2)) {
    model.sensitive = names_argument(fcinfo, 2, "sensitive");
  }
  if (std::find(model.sensitive.begin(), model.sensitive.end(), model.target) !=
      model.sensitive.end()) {
    throw Error(ErrorKind::InvalidArgument,
                "sensitive names the target column \"" + model.target + "\"");
  }
  validate(model.options);
  return request;
}

FeatureKind feature_kind(const SourceColumn& column) {
  const Oid base = backend([&] { return getBaseType(column.type); });
  if (base == BOOLOID) return FeatureKind::Boolean;
  if (is_number(base)) return FeatureKind::Number;
  if (backend([&] { return is_category(base); })) return FeatureKind::Category;
  throw Error(ErrorKind::WrongType, "column \"" + column.name + "\" has type " + backend([&] {
                                      return format_type_be(column.type);
                                    }) + ", which cannot be a feature",
              "Features are numbers, booleans, texts and enums. Convert the column in the source, "
              "or leave it out with features => array[...].");
}

std::vector<FeatureColumn> feature_columns(const Source& source, const Request& request) {
  const LinearModel& model = request.model;
  const auto is_sensitive = [&](const std::string& name) {
    return std::find(model.sensitive.begin(), model.sensitive.end(), name) != model.sensitive.end();
  };
  std::vector<FeatureColumn> columns;
  if (request.features) {
    for (const std::string& name : *request.features) {
      if (name == model.target) {
        throw Error(ErrorKind::InvalidArgument,
                    "features names the target column \"" + name + "\"");
      }
      columns.push_back({name, feature_kind(source.column(name, "features")), {}});
    }
  } else {
    for (const SourceColumn& column : source.columns()) {
      if (column.name == model.target || is_sensitive(column.name)) continue;
      columns.push_back({column.name, feature_kind(column), {}});
    }
  }
  if (columns.empty()) {
    throw Error(ErrorKind::InvalidArgument, "there is no column to train on",
                "Name the columns with features => array[...].");
  }
  return columns;
}

// How the target is read: its expression and type, and whether it is a class or a number.
ReadColumn target_column(const Source& source, Request& request) {
  LinearModel& model = request.model;
  const SourceColumn& column = source.column(model.target, "target");
  const Oid base = backend([&] { return getBaseType(column.type); });
  model.options.binary = true;
  if (request.positive) {
    model.positive = *request.positive;
    const std::string literal =
        backend([&] { return quote_literal_cstr(request.positive->c_str()); });
    return {"(" + quoted(column.name) + " OPERATOR(pg_catalog.=) " + literal + ")", column.name,
            BOOLOID, ReadAs::Number};
  }
  if (!is_number(base)) {
    throw Error(ErrorKind::WrongType,
                "the target column \"" + column.name + "\" has type " + backend([&] {
                  return format_type_be(column.type);
                }) + ", expected a boolean or a number",
                "Name the value that counts as positive: positive => '...'.");
  }
  const bool squared = std::holds_alternative<Squared>(model.options.loss);
  model.options.binary = base == BOOLOID || !squared;
  model.positive = base == BOOLOID ? "true" : model.options.binary ? "1" : "";
  if (!model.options.binary && model.options.fairness != Fairness::None &&
      model.options.fairness != Fairness::DemographicParity) {
    throw Error(ErrorKind::InvalidArgument,
                "fairness " + std::string(name(model.options.fairness)) +
                    " needs a target with two classes, but \"" + column.name + "\" is a number",
                "Use fairness => 'demographic_parity', or name the positive class: positive => "
                "'1'.");
  }
  return {quoted(column.name), column.name, column.type, ReadAs::Number};
}

// The columns as a TableReader and an Encoder expect them: numbers, categories, then target, group.
std::vector<ReadColumn> feature_reads(const Source& source,
                                      const std::vector<FeatureColumn>& columns) {
  std::vector<ReadColumn> reads;
  for (const FeatureColumn& column : columns) {
    const bool category = column.kind == FeatureKind::Category;
    reads.push_back({quoted(column.name), column.name, source.column(column.name, "features").type,
                     category ? ReadAs::Label : ReadAs::Number,
                     static_cast<std::int32_t>(kMaxFeatures)});
  }
  return reads;
}

RawRows raw_rows(const TableReader& reader) {
  return {reader.numbers(), reader.codes(), reader.label_columns(), reader.block_has_nulls()};
}

std::int64_t categories(const std::vector<FeatureColumn>& columns) {
  return std::count_if(columns.begin(), columns.end(),
                       [](const auto& c) { return c.kind == FeatureKind::Category; });
}

// A first reading, where one is needed: for the levels of categories, and the values to impute.
std::unique_ptr<TableReader> survey(const Source& source, LinearModel& model) {
  const std::int64_t n = categories(model.columns);
  if (n == 0 && model.on_null != OnNull::Impute) return nullptr;
  auto surveyed = std::make_unique<TableReader>(source, feature_reads(source, model.columns));
  TableReader& reader = *surveyed;
  reader.keep_fingerprints();
  Survey survey(model.columns);
  while (reader.next()) survey.add(raw_rows(reader));
  std::vector<std::vector<std::string_view>> labels;
  for (Index k = 0; k < n; ++k) labels.push_back(reader.labels(k));
  const Vector means = survey.finish(labels, model.columns);
  if (model.on_null == OnNull::Impute) model.impute = means;
  if (means.size() == 0) {
    throw Error(ErrorKind::InvalidData, "the features have no value in any row");
  }
  return surveyed;
}

[[noreturn]] void raise_nulls(const TableReader& reader) {
  std::string list;
  for (std::size_t c = 0; c < reader.columns().size(); ++c) {
    if (reader.nulls()[c] == 0) continue;
    list += (list.empty() ? "" : ", ") + ("\"" + reader.columns()[c].name + "\" has ") +
            std::to_string(reader.nulls()[c]);
  }
  throw Error(
      ErrorKind::InvalidData, "NULLs in " + std::to_string(reader.total_rows()) + " rows: " + list,
      "on_null => 'skip' leaves such rows out, on_null => 'impute' puts a feature's mean in "
      "its place.");
}

// Reads all rows once and hands each block, encoded, to `consume`.
class TrainingReader {
 public:
  TrainingReader(const Source& source, const LinearModel& model, const ReadColumn& target)
      : model_(model),
        reader_(source, reads(source, model, target)),
        encoder_(model.columns, model.on_null, model.impute) {}

  template <class Consume>
  void each_block(Consume consume) {
    BinaryTarget classes;
    while (reader_.next()) {
      if (model_.on_null == OnNull::Error && reader_.total_nulls() > 0) continue;
      for (Index k = 0; k + 1 < reader_.label_columns(); ++k) {
        encoder_.learn(k, reader_.labels(k));
      }
      RowBlock block = encoder_.encode(raw_rows(reader_));
      if (model_.options.binary) classes.convert(block.values.rightCols(1).col(0));
      consume(std::move(block));
    }
    if (model_.on_null == OnNull::Error && reader_.total_nulls() > 0) raise_nulls(reader_);
  }

  TableReader& table() noexcept { return reader_; }
  Index features() const noexcept { return encoder_.width(); }
  std::int64_t skipped() const noexcept { return encoder_.skipped(); }

  std::vector<std::string> groups() const {
    const auto labels = reader_.labels(reader_.label_columns() - 1);
    return {labels.begin(), labels.end()};
  }

 private:
  static std::vector<ReadColumn> reads(const Source& source,
                                       const LinearModel& model,
                                       const ReadColumn& target) {
    std::vector<ReadColumn> reads = feature_reads(source, model.columns);
    reads.push_back(target);
    Oid type = TEXTOID;
    const std::string group = model.sensitive.empty()
                                  ? "''::pg_catalog.text"
                                  : group_expression(source, model.sensitive, &type);
    reads.push_back({group, group_name(model.sensitive), type, ReadAs::Label, kMaxTrainedGroups});
    return reads;
  }

  const LinearModel& model_;
  TableReader reader_;
  Encoder encoder_;
};

// The squared loss needs no rows in memory: one pass for the moments, a second one to evaluate
// classes (the error of a number follows from the moments).
void train_from_moments(const Source& source,
                        const ReadColumn& target,
                        const TableReader* surveyed,
                        LinearModel& model) {
  BackendMonitor monitor;
  TrainingReader reader(source, model, target);
  const Index d = reader.features();
  check_memory(static_cast<std::size_t>(4 * (d + 1) * (d + 1)) * sizeof(double),
               "training on " + std::to_string(d) + " features");
  const bool once = surveyed == nullptr && !model.options.binary;
  if (!once) reader.table().keep_fingerprints();
  Moments moments(d + 1);
  GroupSums sums(d);
  reader.each_block([&](const RowBlock& block) {
    monitor.poll();
    moments.add(block.values);
    sums.add(block, model.options.binary);
  });
  if (surveyed != nullptr) reader.table().require_same_rows(*surveyed);
  model.fit = fit_from_moments(moments, sums, reader.groups(), model.options, monitor);
  model.skipped = reader.skipped();
  if (!model.options.binary) {
    evaluate_numbers(moments, sums, reader.groups(), model);
    return;
  }
  Evaluation evaluation(model.fit, false, true);
  TrainingReader again(source, model, target);
  again.table().keep_fingerprints();
  again.each_block([&](const RowBlock& block) {
    monitor.poll();
    evaluation.add(block);
  });
  again.table().require_same_rows(reader.table());
  evaluation.finish(again.groups(), model);
}

void train_in_memory(const Source& source,
                     const ReadColumn& target,
                     const TableReader* surveyed,
                     LinearModel& model) {
  BackendMonitor monitor;
  TrainingReader reader(source, model, target);
  const Index d = reader.features();
  // A row: its features and target, its group, and two numbers of the solver.
  const std::size_t row_bytes =
      static_cast<std::size_t>(d + 3) * sizeof(double) + sizeof(std::int32_t);
  if (surveyed != nullptr) reader.table().keep_fingerprints();
  RowBlocks rows(d);
  reader.each_block([&](RowBlock block) {
    monitor.poll();
    check_memory(static_cast<std::size_t>(rows.rows() + block.rows()) * row_bytes,
                 "training on " + std::to_string(rows.rows() + block.rows()) + " rows or more");
    rows.append(std::move(block));
  });
  if (surveyed != nullptr) reader.table().require_same_rows(*surveyed);
  const std::vector<std::string> groups = reader.groups();
  model.fit = fit_in_memory(rows, groups, model.options, monitor);
  model.skipped = reader.skipped();
  Evaluation evaluation(model.fit, true, true);
  for (const RowBlock& block : rows.blocks()) {
    monitor.poll();
    evaluation.add(block);
  }
  evaluation.finish(groups, model);
}

}  // namespace

FAIRDB_FUNCTION(train_linear) {
  MemoryContext const memory = CurrentMemoryContext;
  Request request = parse_request(fcinfo);
  LinearModel& model = request.model;
  SpiSession session;
  const Source source(model.source);
  model.columns = feature_columns(source, request);
  const ReadColumn target = target_column(source, request);
  const std::unique_ptr<TableReader> surveyed = survey(source, model);
  if (std::holds_alternative<Squared>(model.options.loss)) {
    train_from_moments(source, target, surveyed.get(), model);
  } else {
    train_in_memory(source, target, surveyed.get(), model);
  }
  if (model.sensitive.empty()) model.groups.clear();
  session.finish();
  const bool without_freedom = model.fit.free_dimensions == 0;
  const Datum value = model_value(model, memory);
  if (without_freedom) {
    backend([] {
      ereport(WARNING,
              (errmsg("the constraints leave no direction to the weights: the model predicts the "
                      "same score for every row"),
               errhint("Use more features, fewer groups, or a fairness with fewer conditions.")));
    });
  }
  return value;
}

}  // namespace fairdb::pg
