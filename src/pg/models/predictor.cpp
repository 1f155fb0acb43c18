#include "pg/models/predictor.hpp"

#include <cmath>
#include <utility>

#include "pg/bridge/source.hpp"

extern "C" {
#include <access/xact.h>
#include <storage/proc.h>
#include <utils/snapmgr.h>
}

namespace fairdb::pg {
namespace {

std::uint64_t transaction_number() {
#if PG_VERSION_NUM >= 170000
  return MyProc->vxid.lxid;
#else
  return MyProc->lxid;
#endif
}

}  // namespace

SnapshotMark SnapshotMark::current() {
  const SnapshotData* const snapshot = GetActiveSnapshot();
  return {
      snapshot->xmin, snapshot->xmax,
      // In recovery all that run stand among the subtransactions.
      static_cast<std::uint64_t>(snapshot->xcnt) + static_cast<std::uint64_t>(snapshot->subxcnt),
      snapshot->curcid, GetCurrentSubTransactionId(), transaction_number(), GetUserId()};
}

namespace {

// A level is a few bytes of the value, and an object of its own when it is decoded.
std::size_t objects_of(const FeatureInput& input, std::size_t vectors) noexcept {
  std::size_t bytes = 0;
  std::size_t features = 0;
  for (const FeatureColumn& column : input.columns) {
    bytes += sizeof(FeatureColumn) + sizeof(Field) + column.levels.size() * sizeof(std::string);
    features += static_cast<std::size_t>(column.width());
  }
  return bytes + (vectors + 2) * sizeof(double) * features;
}

}  // namespace

DecodedModel::DecodedModel(Datum datum)
    : whole(open_model(backend([&] { return value_bytes(datum); }))),
      fair(dynamic_cast<const FairModel*>(whole.body.get())),
      representation(dynamic_cast<const RepresentationModel*>(whole.body.get())) {
  if (fair != nullptr) {
    input = fair;
    if (fair->is_linear()) raw.push_back(raw_coefficients(*fair));
  } else if (representation != nullptr) {
    input = representation;
    for (std::size_t t = 0; representation->map.linear() && t < representation->tasks.size(); ++t) {
      raw.push_back(raw_task(*representation, static_cast<Index>(t)));
    }
  } else {
    raise_wrong_kind("a prediction", "linear, kernel or representation", whole);
  }
  size = backend([&] { return toast_raw_datum_size(datum); }) + objects_of(*input, raw.size());
}

Predictor::Predictor(std::shared_ptr<const DecodedModel> decoded, MemoryContext memory)
    : RowEncoder(*decoded->input, memory), decoded_(std::move(decoded)) {
  additive_ = !decoded_->raw.empty() &&
              std::none_of(input_.columns.begin(), input_.columns.end(),
                           [](const auto& c) { return c.kind == FeatureKind::Array; });
  if (!decoded_->raw.empty()) raw_ = &decoded_->raw.front();
  task_known_ = decoded_->fair != nullptr;
}

// Looked up again only when another one is named.
void Predictor::want_task(const text* task) {
  if (decoded_->fair != nullptr) {
    if (task == nullptr) return;
    throw Error(ErrorKind::InvalidArgument, "the model has one target, and no task to be named",
                "What a row with a NULL gives is said by name: on_null => 'null'; and so is owner "
                "=> '...'.");
  }
  const std::string_view wanted =
      task == nullptr ? std::string_view() : text_bytes(PointerGetDatum(task));
  if (task_known_ && wanted == task_name_) return;
  task_ = decoded_->representation->task(task == nullptr ? std::nullopt : std::optional(wanted));
  task_name_ = wanted;
  task_known_ = true;
  if (!decoded_->raw.empty()) raw_ = &decoded_->raw[static_cast<std::size_t>(task_)];
}

bool Predictor::binary() const {
  if (decoded_->fair != nullptr) return decoded_->fair->options.binary;
  return decoded_->representation->tasks[static_cast<std::size_t>(task_)].binary;
}

bool Predictor::log_odds() const {
  if (decoded_->fair != nullptr)
    return score_of(decoded_->fair->options.loss) == LossScore::LogOdds;
  return binary();
}

const RepresentationModel& Predictor::representation(const char* what) const {
  if (decoded_->representation == nullptr)
    raise_wrong_kind(what, RepresentationModel::kKind.name, decoded_->whole);
  return *decoded_->representation;
}

const FairModel& Predictor::fair(const char* what) const {
  if (decoded_->fair == nullptr) raise_wrong_kind(what, FairModel::kKind.name, decoded_->whole);
  return *decoded_->fair;
}

namespace {

using Predictors = KeptByValue<Predictor>;

Predictor& predictor_of(Predictors& predictors, Datum value) {
  return predictors.of(value, [&] {
    return std::make_unique<Predictor>(
        session_value<DecodedModel>(value, "",
                                    [&] { return std::make_shared<DecodedModel>(value); }),
        predictors.memory());
  });
}

Leniency leniency_argument(FunctionCallInfo fcinfo, int first) {
  Leniency leniency;
  if (PG_NARGS() < first + 2) return leniency;
  if (!PG_ARGISNULL(first)) {
    try {
      leniency.on_null = named<OnNullRow>(text_bytes(PG_GETARG_DATUM(first)));
    } catch (const Error& error) {  // of a model by name, somebody may have meant its owner
      if (PG_NARGS() < first + 3) throw;
      throw Error(error.kind(), error.what(), "An owner is named: owner => '...'.", {},
                  error.place());
    }
  }
  if (!PG_ARGISNULL(first + 1)) {
    leniency.on_unseen = named<OnUnseen>(text_bytes(PG_GETARG_DATUM(first + 1)));
  }
  return leniency;
}

// Whose model of a name; nullptr when the caller does not say.
Name owner_argument(FunctionCallInfo fcinfo, int first) {
  const int place = PG_NARGS() - 1;
  const bool has_owner = PG_NARGS() == first + 1 || PG_NARGS() == first + 3;
  return has_owner && !PG_ARGISNULL(place) ? PG_GETARG_NAME(place) : nullptr;
}

// The active version of the model, read through SPI, as the caller. In the current context.
Datum registered_model(const text* name, Name owner) {
  MemoryContext const memory = CurrentMemoryContext;
  const Oid model_type = type_of_fairdb("model");
  const Datum value = backend([&]() -> Datum {
    SPI_connect();
    Oid types[2] = {TEXTOID, NAMEOID};
    Datum values[2] = {PointerGetDatum(name), NameGetDatum(owner)};
    const char nulls[3] = {' ', owner == nullptr ? 'n' : ' ', '\0'};
    const int result = SPI_execute_with_args(
        "SELECT model FROM fairdb.models WHERE owner OPERATOR(pg_catalog.=) "
        "fairdb.model_owner($1, $2) AND name OPERATOR(pg_catalog.=) $1 AND active",
        2, types, values, nulls, true, 1);
    if (result != SPI_OK_SELECT) elog(ERROR, "SPI_execute failed");
    if (SPI_gettypeid(SPI_tuptable->tupdesc, 1) != model_type) {
      ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
                      errmsg("column \"model\" of fairdb.models is not of type fairdb.model")));
    }
    Datum copy = 0;
    if (SPI_processed == 1) {
      bool null = false;
      const Datum found = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
      MemoryContext const inner = MemoryContextSwitchTo(memory);
      copy = PointerGetDatum(PG_DETOAST_DATUM_COPY(found));
      MemoryContextSwitchTo(inner);
    }
    SPI_finish();
    return copy;
  });
  if (value != 0) return value;
  throw Error(
      ErrorKind::InvalidArgument,
      "there is no active model \"" + std::string(text_bytes(PointerGetDatum(name))) + "\"" +
          (owner == nullptr ? "" : " of owner \"" + std::string(NameStr(*owner)) + "\"") +
          " that you may use",
      "select name, version, owner, active from fairdb.models lists those that you may; another "
      "owner's is named by predict(name, row, owner => '...'). "
      "The functions of a view run as its reader: the owner of the model lets the reader "
      "use it by grant_model(name, role).");
}

// What a call keeps of the models that it meets by their names.
struct NamedPredictors : Predictors {
  using Predictors::Predictors;
  struct Known {
    Predictor* predictor;
    SnapshotMark snapshot;  // under which the name meant it
  };
  std::unordered_map<std::string, Known> names;
};

}  // namespace

bool PredictionCall::unknown(FunctionCallInfo fcinfo) const {
  for (int i = 0; i < options(); ++i) {
    if (!PG_ARGISNULL(i)) continue;
    (void)leniency_argument(fcinfo, options());
    return true;
  }
  return false;
}

namespace {

// A name is looked up again only under another snapshot.
Predictor& named_predictor(FunctionCallInfo fcinfo, Name owner) {
  auto& cache = cache_of<NamedPredictors>(fcinfo);
  const text* const name = PG_GETARG_TEXT_PP(0);
  const SnapshotMark now = SnapshotMark::current();
  std::string wanted(text_bytes(PointerGetDatum(name)));
  if (owner != nullptr) wanted.append(1, '\0').append(NameStr(*owner));  // no text holds a zero
  const auto found = cache.names.find(wanted);
  if (found != cache.names.end() && found->second.snapshot == now) return *found->second.predictor;
  const Datum value = registered_model(name, owner);
  if (cache.find(value) == nullptr) {
    // What is kept may have to go to make room, also when the new model cannot be read.
    auto names = std::exchange(cache.names, {});
    const std::uint64_t before = cache.generation();
    predictor_of(cache, value);
    if (cache.generation() == before) cache.names = std::move(names);
  }
  constexpr std::size_t kMostNames = 64;
  if (cache.names.size() >= kMostNames) cache.names.clear();
  Predictor& predictor = *cache.find(value);
  cache.names[wanted] = {&predictor, now};
  return predictor;
}

}  // namespace

Predictor& Predictor::of(FunctionCallInfo fcinfo, PredictionCall call) {
  Predictor& predictor = call.by_name
                             ? named_predictor(fcinfo, owner_argument(fcinfo, call.options()))
                             : predictor_of(cache_of<Predictors>(fcinfo), PG_GETARG_DATUM(0));
  predictor.be(leniency_argument(fcinfo, call.options()));
  if (call.of_task) predictor.want_task(PG_GETARG_TEXT_PP(2));
  return predictor;
}

// The score is finite, or the row's numbers are too large for it.
void Predictor::raise_out_of_range() {
  throw Error(ErrorKind::OutOfRange, "the prediction exceeds the range of double precision");
}

// The score of a row under a linear model of single numbers and categories, without writing its
// features down.
double Predictor::linear_score(HeapTupleHeader row, bool* null) {
  deform(row);
  double score = raw_->constant;
  Index feature = 0;
  *null = false;
  for (std::size_t c = 0; c < fields_.size(); ++c) {
    Field& field = fields_[c];
    const FeatureColumn& column = input_.columns[c];
    const Index width = column.width();
    const Datum value = values_[static_cast<std::size_t>(field.number)];
    if (nulls_[static_cast<std::size_t>(field.number)]) {
      if (!impute(feature, width, column.name, features_.data())) {
        *null = true;
        return 0;
      }
      for (Index k = 0; k < width; ++k) score += raw_->coefficients(feature + k) * features_(k);
    } else if (column.kind == FeatureKind::Category) {
      const Index found = level(field, column, value);
      if (found == -2) {
        *null = true;
        return 0;
      }
      if (found >= 0) score += raw_->coefficients(feature + found);
    } else {
      const double number = number_from(value, field.type);
      if (!usable(number, column)) {
        *null = true;
        return 0;
      }
      score += raw_->coefficients(feature) * number;
    }
    feature += width;
  }
  return score;
}

double Predictor::score_of_features() const {
  if (raw_ != nullptr) return raw_->constant + raw_->coefficients.dot(features_);
  if (decoded_->fair != nullptr) return fairdb::score(*decoded_->fair, features_);
  return fairdb::score(*decoded_->representation, features_, task_);
}

std::optional<double> Predictor::score(HeapTupleHeader row) {
  require_task();
  if (additive_) {
    bool null = false;
    const double score = linear_score(row, &null);
    if (null) return std::nullopt;
    return checked(score);
  }
  if (!encode(row)) return std::nullopt;
  return checked(score_of_features());
}

std::optional<double> Predictor::score(ArrayType* features) {
  require_task();
  if (!encode(features)) return std::nullopt;
  return checked(score_of_features());
}

}  // namespace fairdb::pg
