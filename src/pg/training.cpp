#include "core/features/target.hpp"

#include "pg/training.hpp"

#include <cmath>

#include "pg/bridge/column_types.hpp"

namespace fairdb::pg {
namespace {

[[noreturn]] void raise_bad_class_weight(const std::string& text) {
  throw Error(ErrorKind::InvalidArgument,
              "class_weight \"" + text + "\" is neither balanced nor two numbers",
              "class_weight => 'balanced', or '1,5' for a positive row that counts five times.");
}

std::int32_t checked_bins(const NamedArguments& arguments) {
  if (!arguments.has("bins") || arguments.null("bins")) return 0;
  const std::int32_t bins = arguments.small_integer("bins");
  if (bins < 1 || bins > 100) {
    throw Error(ErrorKind::InvalidArgument, "bins must be 1 to 100");
  }
  return bins;
}

double checked_share(double share) {
  if (share >= 0 && share < 1) return share;
  throw Error(ErrorKind::InvalidArgument, "held_out must be a share from 0 to below 1",
              "held_out => 0.2 keeps a fifth of the rows apart, to judge the model on.");
}

}  // namespace

ClassWeight class_weight_named(const std::string& text) {
  if (text == "balanced") return {true, 1, 1};
  std::string numbers = text;
  std::erase_if(numbers, [](char c) { return c == '{' || c == '}' || c == ' '; });
  const std::size_t comma = numbers.find(',');
  if (comma == std::string::npos) raise_bad_class_weight(text);
  const auto parse = [&](const std::string& part) {
    char* end = nullptr;
    const double value = std::strtod(part.c_str(), &end);
    if (part.empty() || *end != '\0') raise_bad_class_weight(text);
    return value;
  };
  return {false, parse(numbers.substr(0, comma)), parse(numbers.substr(comma + 1))};
}

TrainingRequest training_request(const NamedArguments& arguments) {
  TrainingRequest request;
  Model& model = request.model;
  FairOptions& options = model.options;
  model.source = arguments.text("source");
  // Preprocessing, which has ids, can do without.
  if (!arguments.has("id") || !arguments.null("target")) model.target = arguments.text("target");
  request.features = arguments.optional_names("features");
  if (arguments.has("loss")) {
    const bool by_kernel = arguments.has("folds") && arguments.null("loss");
    options.loss = !by_kernel                 ? loss_named(arguments.text("loss"))
                   : arguments.null("kernel") ? AnyLoss(Logistic{})
                                              : AnyLoss(Hinge{});
  }
  options.fairness = fairness_named(arguments.text("fairness"));
  const bool grid = arguments.has("folds");  // c and epsilon are lists
  if (arguments.has("epsilon") && !grid) options.epsilon = arguments.number("epsilon");
  if (arguments.has("c") && !grid) options.c = arguments.number("c");
  if (arguments.has("standardize")) options.standardize = arguments.boolean("standardize");
  if (arguments.has("weight")) model.weight = arguments.optional_text("weight").value_or("");
  if (arguments.has("class_weight") && !arguments.null("class_weight")) {
    options.class_weight = class_weight_named(arguments.text("class_weight"));
  }
  if (arguments.has("positive")) request.positive = arguments.optional_text("positive");
  if (arguments.has("method")) options.method = method_named(arguments.text("method"));
  model.attributes = attributes_named(arguments.text("attributes"));
  request.bins = checked_bins(arguments);
  model.on_null = on_null_named(arguments.text("on_null"));
  if (arguments.has("on_unseen")) model.on_unseen = on_unseen_named(arguments.text("on_unseen"));
  if (arguments.has("held_out")) model.held_out_share = checked_share(arguments.number("held_out"));
  if (arguments.has("seed")) model.seed = arguments.integer("seed");
  // Without fairness there need be no groups.
  if (options.fairness != Fairness::None || !arguments.null("sensitive")) {
    model.sensitive = arguments.names("sensitive");
  }
  if (std::find(model.sensitive.begin(), model.sensitive.end(), model.target) !=
      model.sensitive.end()) {
    throw Error(ErrorKind::InvalidArgument,
                "sensitive names the target column \"" + model.target + "\"");
  }
  validate(options);
  return request;
}

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

// An expression of type float8 over the first row of a source; nullopt when there is no row, or
// NULL in it. Needs SPI.
std::optional<double> single_number(const Source& source,
                                    const std::string& expression,
                                    const std::string& rest = "") {
  const SPITupleTable* const rows = source.fetch({{expression, FLOAT8OID}}, rest);
  if (rows->numvals == 0) return std::nullopt;
  bool null = true;
  const Datum value =
      backend([&] { return SPI_getbinval(rows->vals[0], rows->tupdesc, 1, &null); });
  if (null) return std::nullopt;
  return DatumGetFloat8(value);
}

// How many elements the first array of a column has; nullopt when all are NULL.
std::optional<double> array_elements(const Source& source, const std::string& column) {
  const std::string name = quoted(column);
  const Oid base = source.column(column, "features").base_type;
  const ArrayAccess access = backend([&] { return array_access(base, CurrentMemoryContext); });
  std::string array = name;
  if (OidIsValid(access.cast.fn_oid)) {
    array += access.element == FLOAT8OID ? "::pg_catalog.float8[]" : "::pg_catalog.float4[]";
  }
  return single_number(source, "pg_catalog.cardinality(" + array + ")::pg_catalog.float8",
                       " WHERE " + array + " IS NOT NULL LIMIT 1");
}

}  // namespace

TrainingSource::TrainingSource(const Source& source, TrainingRequest& request)
    : source_(source), model_(request.model), bins_(request.bins) {
  find_features(request);
  find_target(request);
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
  if (model_.attributes == Attributes::Each && !model_.sensitive.empty()) {
    for (const std::string& name : model_.sensitive) add_group({name});
  } else {
    add_group(model_.sensitive);
  }
  check_bins();
  survey();
}

void TrainingSource::find_features(const TrainingRequest& request) {
  const auto is_sensitive = [&](const std::string& name) {
    return std::find(model_.sensitive.begin(), model_.sensitive.end(), name) !=
           model_.sensitive.end();
  };
  if (request.features) {
    for (const std::string& name : *request.features) {
      if (name == model_.target || name == model_.weight) {
        throw Error(ErrorKind::InvalidArgument, std::string("features names the ") +
                                                    (name == model_.target ? "target" : "weight") +
                                                    " column \"" + name + "\"");
      }
      model_.columns.push_back(feature_column(source_.column(name, "features")));
    }
  } else {
    for (const SourceColumn& column : source_.columns()) {
      if (column.name == model_.target || column.name == model_.weight ||
          is_sensitive(column.name)) {
        continue;
      }
      model_.columns.push_back(feature_column(column));
    }
  }
  if (model_.columns.empty()) {
    throw Error(ErrorKind::InvalidArgument, "there is no column to train on",
                "Name the columns with features => array[...].");
  }
  for (FeatureColumn& column : model_.columns) {
    if (column.kind != FeatureKind::Array) continue;
    const std::optional<double> elements = array_elements(source_, column.name);
    if (!elements) {
      throw Error(ErrorKind::InvalidData, "column \"" + column.name + "\" is NULL in every row");
    }
    if (*elements < 1) {
      throw Error(ErrorKind::InvalidData, "column \"" + column.name + "\" has an empty array",
                  "The arrays of a column are one feature for each element, in the same order in "
                  "every row.");
    }
    column.elements = static_cast<Index>(*elements);
  }
  total_width(model_.columns);  // raises what is too wide
}

// How the target is read: its expression and type, and whether it is a class or a number.
void TrainingSource::find_target(const TrainingRequest& request) {
  if (model_.target.empty()) {  // preprocessing for demographic parity needs none
    if (request.positive) {
      throw Error(ErrorKind::InvalidArgument, "positive needs a target",
                  "Name the column: target => '...'.");
    }
    target_ = {"0::pg_catalog.float8", "target", FLOAT8OID, ReadAs::Number, 0, 1};
    model_.options.binary = false;
    return;
  }
  const SourceColumn& column = source_.column(model_.target, "target");
  const Oid base = column.base_type;
  model_.options.binary = true;
  if (request.positive) {
    model_.positive = *request.positive;
    target_ = {
        positive_expression(column, *request.positive), column.name, BOOLOID, ReadAs::Number, 0, 1};
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
  target_ = {quoted(column.name), column.name, column.type, ReadAs::Number, 0, 1};
}

void TrainingSource::check_bins() const {
  if (bins_ == 0) return;
  if (model_.options.binary || model_.options.fairness != Fairness::EqualizedOdds) {
    throw Error(ErrorKind::InvalidArgument,
                "bins needs a number as target, loss => 'squared' and fairness => 'equalized_odds'",
                "They put rows of similar targets together, whose mean scores then agree.");
  }
}

RowRoles TrainingSource::roles() const {
  return {model_.columns,        model_.on_null,        weight_.has_value(),
          model_.options.binary, model_.held_out_share, static_cast<std::uint64_t>(model_.seed)};
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
  reads.push_back(target_);
  if (weight_) reads.push_back(*weight_);
  reads.insert(reads.end(), groups_.begin(), groups_.end());
  return reads;
}

namespace {

RawRows raw_rows(const TableReader& reader) {
  return {reader.numbers(), reader.codes(), reader.label_columns(), reader.block_has_nulls()};
}

}  // namespace

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

namespace {

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

// One reading of a source: its rows, encoded, in blocks.
class Reading {
 public:
  // digests: whether the rows get theirs. Unknown features are imputed, or left unknown (NaN).
  Reading(const TrainingSource& source, bool digests, bool impute = true)
      : model_(source.model()),
        attributes_(source.attributes()),
        reader_(std::make_unique<TableReader>(source.source(), source.reads())),
        encoder_(model_.columns,
                 impute ? model_.impute : Vector::Constant(model_.impute.size(), kUnknown),
                 attributes_,
                 source.roles(),
                 Encoder::Unseen::Marked,
                 digests || model_.held_out_share > 0) {}

  template <class Consume>
  void each_block(Consume consume) {
    BinaryTarget classes;
    while (reader_->next()) {
      if (model_.on_null == OnNull::Error && reader_->total_nulls() > 0) continue;
      for (Index k = 0; k + attributes_ < reader_->label_columns(); ++k) {
        encoder_.learn(k, reader_->labels(k));
      }
      RowBlock block = encoder_.encode(raw_rows(*reader_));
      if (encoder_.marked()) drop_unseen(block);
      if (model_.options.binary) classes.convert(block.values.rightCols(1).col(0));
      if (block.rows() == 0) continue;
      for (RowBlock& part : split_block(std::move(block))) consume(std::move(part));
    }
    if (model_.on_null == OnNull::Error && reader_->total_nulls() > 0) raise_nulls(*reader_);
  }

  // The training rows and the held-out rows of a block.
  std::pair<RowBlock, RowBlock> split(RowBlock block) const {
    if (model_.held_out_share == 0) return {std::move(block), RowBlock{}};
    std::vector<Index> training;
    std::vector<Index> held_out;
    for (Index i = 0; i < block.rows(); ++i) {
      (held_out_row(block, i) ? held_out : training).push_back(i);
    }
    return {select_rows(block, training), select_rows(block, held_out)};
  }

  TableReader& table() noexcept { return *reader_; }
  std::unique_ptr<TableReader> take_table() noexcept { return std::move(reader_); }
  Index features() const noexcept { return encoder_.width(); }
  std::int64_t skipped() const noexcept { return encoder_.skipped(); }
  // Held-out rows with a level that no training row has: there is no score to judge.
  std::int64_t unseen() const noexcept { return unseen_; }

  GroupNames names() const {
    GroupNames names;
    for (Index k = reader_->label_columns() - attributes_; k < reader_->label_columns(); ++k) {
      const auto labels = reader_->labels(k);
      names.emplace_back(labels.begin(), labels.end());
    }
    return names;
  }

 private:
  bool held_out_row(const RowBlock& block, Index row) const {
    return encoder_.roles().held_out(block.digest[static_cast<std::size_t>(row)]);
  }

  void drop_unseen(RowBlock& block) {
    std::vector<Index> known;
    for (Index i = 0; i < block.rows(); ++i) {
      if (!Encoder::marked(block, i)) {
        known.push_back(i);
      } else if (block.w(i) == 0) {
        continue;  // no row: it teaches nothing, not even a level
      } else if (model_.held_out_share > 0 && held_out_row(block, i)) {
        ++unseen_;
      } else {
        other_rows();  // the survey has met the levels of all rows that train
      }
    }
    block = select_rows(block, known);
  }

  const Model& model_;
  Index attributes_;
  std::unique_ptr<TableReader> reader_;
  Encoder encoder_;
  std::int64_t unseen_ = 0;
};

Index width(const Model& model) {
  return total_width(model.columns);
}

}  // namespace

void standardise(RowBlock& block, const Standard& standard) {
  block.x().rowwise() -= standard.mean.transpose();
  block.x().array().rowwise() /= standard.scale.transpose().array();
}

// The rows of one part, read again from the source at each sweep.
class TrainingRows::Reread final : public RowStore {
 public:
  Reread(const TrainingRows& rows, bool held_out) : rows_(rows), held_out_(held_out) {}
  Index columns() const noexcept override { return rows_.summary().joint().columns() - 1; }
  void each(const Visit& visit) const override {
    Reading reading(rows_.source_, false);
    reading.table().keep_fingerprints();
    reading.each_block([&](RowBlock block) {
      auto [training, held_out] = reading.split(std::move(block));
      RowBlock& part = held_out_ ? held_out : training;
      if (part.rows() == 0) return;
      recode(part, reading.names());
      standardise(part, rows_.stored_);
      visit(part);
    });
    reading.table().require_same_rows(*rows_.first_);
  }

 private:
  // Codes are given as labels are met, and a table need not be scanned in the same order twice.
  void recode(RowBlock& block, const GroupNames& names) const {
    for (Index a = 0; a < block.attributes; ++a) {
      const auto& here = names[static_cast<std::size_t>(a)];
      const auto& first = rows_.names_[static_cast<std::size_t>(a)];
      if (std::equal(
              here.begin(), here.end(), first.begin(),
              first.begin() + static_cast<std::ptrdiff_t>(std::min(here.size(), first.size())))) {
        continue;
      }
      for (Index i = 0; i < block.rows(); ++i) {
        std::int32_t& code = block.group[static_cast<std::size_t>(i * block.attributes + a)];
        if (code < 0) continue;
        const auto it = std::find(first.begin(), first.end(), here[static_cast<std::size_t>(code)]);
        code = it == first.end() ? kUnknownGroup : static_cast<std::int32_t>(it - first.begin());
      }
    }
  }

  const TrainingRows& rows_;
  bool held_out_;
};

TrainingRows::TrainingRows(const TrainingSource& source, Keep keep, std::size_t bytes_per_row)
    : source_(source), training_(width(source.model())), held_out_(training_.columns()) {
  const Index d = training_.columns();
  check_memory(static_cast<std::size_t>(4 * (d + 1) * (d + 1)) * sizeof(double),
               "training on " + std::to_string(d) + " features");
  read(keep, bytes_per_row);
  const Summary& summary = *summary_;
  stored_ = {Vector::Zero(d), Vector::Ones(d)};
  if (summary.joint().weight() > 0) {
    stored_ = standard_of(summary, true);
  }
  if (keep == Keep::Raw) return;
  if (in_memory_) {
    for (RowBlocks* const blocks : {&training_, &held_out_}) {
      for (RowBlock& block : blocks->blocks()) {
        monitor_.poll();
        standardise(block, stored_);
      }
    }
  } else {
    reread_training_ = std::make_unique<Reread>(*this, false);
    reread_held_out_ = std::make_unique<Reread>(*this, true);
  }
}

TrainingRows::~TrainingRows() = default;

void TrainingRows::read(Keep keep, std::size_t bytes_per_row) {
  const Model& model = source_.model();
  const bool always = keep == Keep::Always || keep == Keep::Raw;
  // What folds do not know is imputed by each from the others.
  const bool unknown = keep == Keep::Raw && model.on_null == OnNull::Impute;
  Reading reading(source_, always, !unknown);
  reading.table().keep_fingerprints();
  summary_ = std::make_unique<Summary>(reading.features(), source_.attributes(), source_.classes());
  const std::size_t row_bytes = this->row_bytes() + bytes_per_row;
  in_memory_ = keep != Keep::Nothing;
  std::int64_t held_out_rows = 0;
  held_out_groups_.assign(static_cast<std::size_t>(source_.attributes()), {});
  reading.each_block([&](RowBlock block) {
    monitor_.poll();
    auto [training, held_out] = reading.split(std::move(block));
    held_out_rows += held_out.rows();
    for (Index i = 0; i < held_out.rows(); ++i) {
      for (Index a = 0; a < held_out.attributes; ++a) {
        const std::int32_t code = held_out.code(i, a);
        if (code >= 0) held_out_groups_[static_cast<std::size_t>(a)].insert(code);
      }
    }
    if (training.rows() > 0) {
      if (unknown) {
        RowBlock known = training;
        fill_unknown(known, model.impute);
        summary_->add(known);
      } else {
        summary_->add(training);
      }
      check_means();
    }
    if (!in_memory_) return;
    const auto rows = static_cast<std::size_t>(training_.rows() + held_out_.rows() +
                                               training.rows() + held_out.rows());
    if (always) {
      check_memory(rows * row_bytes, "training on " + std::to_string(rows) + " rows or more");
    } else if (!fits_memory(rows * row_bytes)) {
      in_memory_ = false;
      training_.clear();
      held_out_.clear();
      return;
    }
    if (training.rows() > 0) training_.append(std::move(training));
    if (held_out.rows() > 0) held_out_.append(std::move(held_out));
  });
  // Of held-out rows it is chance which part has the weight.
  if (model.options.constrained() && model.held_out_share == 0) {
    require_weights(*summary_, reading.names());
  }
  if (source_.surveyed() != nullptr) reading.table().require_same_rows(*source_.surveyed());
  names_ = reading.names();
  if (model.held_out_share > 0) check_parts(held_out_rows, reading.unseen());
  skipped_ = reading.skipped();
  fingerprint_ = reading.table().fingerprint();
  first_ = reading.take_table();
}

// Equal rows fall together, so of few different ones the parts may be of any size.
void TrainingRows::check_parts(std::int64_t held_out, std::int64_t unseen) {
  constexpr double kFarOff = 1.0 / 3;
  const std::int64_t training = summary_->joint().rows();
  const std::int64_t all = training + held_out + unseen;
  if (all == 0) return;  // whoever trains says that there is no row
  const double share = source_.model().held_out_share;
  char asked[32];
  std::snprintf(asked, sizeof asked, "%g", share);
  if (training == 0 || held_out + unseen == 0) {
    throw Error(ErrorKind::InvalidData,
                std::string("held_out => ") + asked + " keeps " +
                    (training == 0 ? "all " : "none of the ") + std::to_string(all) + " rows apart",
                "Equal rows fall together, and few of these differ: another seed may deal them "
                "better, held_out => 0 and an audit of other rows do without.");
  }
  const double expected = share * static_cast<double>(all);
  const double off = std::abs(static_cast<double>(held_out + unseen) - expected);
  if (off > kFarOff * std::min(expected, static_cast<double>(all) - expected)) {
    backend([&] {
      ereport(WARNING, (errmsg("held_out => %s keeps " INT64_FORMAT " of " INT64_FORMAT
                               " rows apart, far from that share",
                               asked, held_out + unseen, all),
                        errhint("Equal rows fall together: of few different ones the parts may be "
                                "of any size. Another seed deals them differently.")));
    });
  }
  if (unseen > 0) {
    backend([&] {
      ereport(WARNING, (errmsg(INT64_FORMAT " held-out rows have a level that no row that trains "
                                            "has, and are not judged",
                               unseen),
                        errhint("predict() treats such rows as on_unseen says.")));
    });
  }
  // A group without a row that trains has no part in the constraint either.
  std::string absent;
  for (std::size_t a = 0; source_.model().options.constrained() && a < names_.size(); ++a) {
    const GroupSums& sums = summary_->attributes()[a];
    for (const std::int32_t code : held_out_groups_[a]) {
      if (code < sums.groups() && sums.total(code).rows > 0) continue;
      absent += (absent.empty() ? "\"" : ", \"") + names_[a][static_cast<std::size_t>(code)] + "\"";
    }
  }
  if (!absent.empty()) {
    backend([&] {
      ereport(WARNING, (errmsg("no row of the group %s trains: the constraint does not hold for it",
                               absent.c_str()),
                        errhint("A smaller held_out or another seed may leave it some.")));
    });
  }
  summary_->set_part({"among the " + std::to_string(training) +
                          " rows that train, held_out keeps " + std::to_string(held_out) +
                          " others apart",
                      "A smaller held_out or another seed may leave it some."});
}

// The means by group and class, and copies of them in the constraint.
void TrainingRows::check_means() const {
  constexpr std::size_t kCopies = 4;
  std::size_t bytes = 0;
  std::int64_t groups = 0;
  for (const GroupSums& sums : summary_->attributes()) {
    bytes += kCopies * sums.bytes();
    groups += sums.groups();
  }
  check_memory(bytes, "the means of " + std::to_string(groups) + " groups");
}

std::size_t TrainingRows::row_bytes() const noexcept {
  return static_cast<std::size_t>(training_.columns() + 3) * sizeof(double) +
         static_cast<std::size_t>(source_.attributes()) * sizeof(std::int32_t);
}

std::size_t cache_memory(std::size_t used) {
  return memory_limit() > used ? memory_limit() - used : 0;
}

const RowStore& TrainingRows::training() const noexcept {
  if (in_memory_) return training_;
  return *reread_training_;
}

const RowStore& TrainingRows::held_out() const noexcept {
  if (in_memory_) return held_out_;
  return *reread_held_out_;
}

Facts facts_on(const TrainingRows& rows,
               const RowStore& store,
               const Model& model,
               Index attributes,
               const Vector& known,
               Monitor& monitor) {
  Evaluation evaluation(model.options.binary, attributes);
  Index offset = 0;
  store.each([&](const RowBlock& block) {
    monitor.poll();
    evaluation.add(block, known.size() > 0
                              ? Vector(known.segment(offset, block.rows()))
                              : block_scores(model.fit, rows.stored(), block, monitor));
    offset += block.rows();
  });
  Facts facts = evaluation.finish(rows.names());
  if (model.sensitive.empty()) facts.groups.clear();
  return facts;
}

}  // namespace fairdb::pg
