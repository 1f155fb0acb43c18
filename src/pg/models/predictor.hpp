// The scores of rows under a model, row after row.
#pragma once

#include "core/model/representation_model.hpp"

#include "pg/bridge/owned.hpp"
#include "pg/bridge/value_cache.hpp"
#include "pg/models/model_value.hpp"
#include "pg/models/row_encoder.hpp"

namespace fairdb::pg {

// Tells one snapshot of a session from another: under the same one a table has the same rows.
struct SnapshotMark {
  TransactionId xmin = InvalidTransactionId;
  TransactionId xmax = InvalidTransactionId;
  std::uint64_t running = 0;
  CommandId command = InvalidCommandId;
  SubTransactionId subtransaction = InvalidSubTransactionId;  // one that was rolled back is over
  std::uint64_t transaction = 0;
  Oid user = InvalidOid;

  static SnapshotMark current();

  bool operator==(const SnapshotMark&) const = default;
};

// What the session keeps of a model: of one target, or of several tasks.
struct DecodedModel final : Decoded {
  explicit DecodedModel(Datum datum);
  std::size_t bytes() const noexcept override { return size; }

  Model whole;
  const FairModel* fair = nullptr;  // its body, one of both
  const RepresentationModel* representation = nullptr;
  const FeatureInput* input = nullptr;
  std::size_t size = 0;
  // Of a linear one, in the units of the columns; of a representation for each task.
  std::vector<RawCoefficients> raw;
};

// What the arguments of a call are: a model or its name, the row, perhaps a task, and then perhaps
// on_null and on_unseen, and behind a name its owner.
struct PredictionCall {
  bool by_name = false;
  bool of_task = false;

  int options() const noexcept { return of_task ? 3 : 2; }  // where on_null stands
  // The forms with options are not strict: whether an argument is NULL that makes the result NULL.
  // A wrong option is an error all the same.
  bool unknown(FunctionCallInfo fcinfo) const;
};

// What prediction under one model keeps from row to row.
class Predictor : public RowEncoder {
 public:
  // The predictor of the model in the first argument, or of the registered model that it names, for
  // the task and with the options of the call.
  static Predictor& of(FunctionCallInfo fcinfo, PredictionCall call = {});

  // The score of the model's target, or of the task that is asked for. nullopt: the prediction is
  // NULL by on_null or on_unseen.
  std::optional<double> score(HeapTupleHeader row);
  std::optional<double> score(ArrayType* features);
  // Whether that target is a class, and whether the score is its log-odds.
  bool binary() const;
  bool log_odds() const;
  // Errors: InvalidArgument for a model without such tasks; `what` needs one.
  const RepresentationModel& representation(const char* what) const;
  const FairModel& fair(const char* what) const;
  bool has_tasks() const noexcept { return decoded_->representation != nullptr; }
  // Errors: InvalidArgument for a model of several tasks of which none was named.
  void require_task() {
    if (!task_known_) want_task(nullptr);
  }
  // The place of the task that is asked for.
  Index task() const noexcept { return task_; }

  std::size_t bytes() const noexcept { return decoded_->bytes(); }

  // For KeptByValue, in whose memory it works.
  Predictor(std::shared_ptr<const DecodedModel> decoded, MemoryContext memory);

 private:
  void want_task(const text* task);
  double linear_score(HeapTupleHeader row, bool* null);
  double score_of_features() const;
  // Inline, for it runs for every row.
  static double checked(double score) {
    if (!std::isfinite(score)) raise_out_of_range();
    return score;
  }
  [[noreturn]] static void raise_out_of_range();

  std::shared_ptr<const DecodedModel> decoded_;
  Index task_ = 0;
  std::string task_name_;  // that task_ is the place of; empty when none was named
  bool task_known_ = false;
  const RawCoefficients* raw_ = nullptr;  // of a linear score
  bool additive_ = false;                 // linear_score() serves
};

}  // namespace fairdb::pg
