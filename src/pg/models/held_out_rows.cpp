// held_out_rows: which rows of a source a model kept apart when it was trained.
#include <limits>

#include "core/base/error.hpp"
#include "core/model/representation_model.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/id_rows.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/models/model_value.hpp"
#include "pg/models/training_source.hpp"

namespace fairdb::pg {
namespace {

// What decides of a row: its features, targets and weight, read as training reads them, and whether
// its groups are known.
struct Deciding {
  const FeatureInput& input;
  std::vector<std::string> targets;
  std::string positive;  // of a target of two classes
  bool binary;
  std::string weight;  // empty without
  std::vector<std::string> sensitive;
  double share;
  std::int64_t seed;
};

Deciding deciding(const Model& whole) {
  if (const auto* const shared = dynamic_cast<const RepresentationModel*>(whole.body.get())) {
    std::vector<std::string> targets;
    for (const RepresentationModel::Task& task : shared->tasks) targets.push_back(task.target);
    return {*shared,           std::move(targets),     {},          false, shared->weight,
            shared->sensitive, shared->held_out_share, shared->seed};
  }
  const auto& fair = body_of<FairModel>(whole, "held_out_rows");
  return {fair,        {fair.target},  fair.positive,       fair.options.binary,
          fair.weight, fair.sensitive, fair.held_out_share, fair.seed};
}

std::vector<ReadColumn> deciding_reads(const Source& source, const Deciding& model) {
  std::vector<ReadColumn> reads = feature_reads(source, model.input.columns);
  for (const std::string& name : model.targets) {
    const SourceColumn& target = source.column(name, "the model");
    if (model.binary) {
      reads.push_back({positive_expression(target, model.positive), target.name, BOOLOID,
                       ReadAs::Number, 0, 1});
    } else {
      reads.push_back({quoted(target.name), target.name, target.type, ReadAs::Number, 0, 1});
    }
  }
  if (!model.weight.empty()) {
    const SourceColumn& weight = source.column(model.weight, "the model");
    reads.push_back({quoted(weight.name), weight.name, weight.type, ReadAs::Number, 0, 1});
  }
  // A row of unknown group is left out with the rows of any unknown feature; which group it is, and
  // of how many, decides nothing.
  if (model.input.on_null == OnNull::Skip) {
    constexpr std::int32_t kAnyNumber = std::numeric_limits<std::int32_t>::max();
    for (const std::string& name : model.sensitive) {
      const SourceColumn& attribute = source.column(name, "the model");
      reads.push_back({quoted(name), name, attribute.type, ReadAs::Label, kAnyNumber, 1});
    }
  }
  return reads;
}

Datum held_out(FunctionCallInfo fcinfo) {
  const Arguments arguments(fcinfo);
  (void)arguments.datum("model");
  const std::string text = arguments.text("source");
  const std::string id = arguments.text("id");
  const Model whole = model_argument(fcinfo, 0);
  const Deciding model = deciding(whole);
  if (model.share == 0) {
    throw Error(ErrorKind::InvalidArgument, "the model has kept no rows apart",
                "Train it with held_out => 0.2 to keep a fifth of them.");
  }
  SpiSession session;
  IdRows out(fcinfo);
  {
    const Source source(text);
    std::vector<ReadColumn> reads = deciding_reads(source, model);
    reads.push_back(out.id_column(source, id));
    TableReader reader(source, reads, out.kept());
    out.start(reader);
    RowRoles roles(model.input.columns, model.input.on_null, !model.weight.empty(), model.binary,
                   model.share, static_cast<std::uint64_t>(model.seed),
                   static_cast<Index>(model.targets.size()));
    BackendMonitor monitor;
    std::vector<RowRoles::Role> block;
    while (reader.next()) {
      for (Index k = 0; k < categories_of(model.input.columns); ++k)
        roles.learn(k, reader.labels(k));
      const RawRows rows = raw_rows(reader);
      block.clear();
      for (Index i = 0; i < reader.rows(); ++i) {
        monitor.poll();
        block.push_back(roles.of(rows, i));
      }
      out.put(block.size(), [&](std::size_t i, Datum* values, bool* nulls) {
        nulls[0] = block[i] == RowRoles::Role::LeftOut;
        values[0] = BoolGetDatum(block[i] == RowRoles::Role::HeldOut);
      });
    }
    out.finish();
  }
  session.finish();
  PG_RETURN_NULL();
}

}  // namespace

FAIRDB_FUNCTION(held_out_rows) {
  return held_out(fcinfo);
}

// The same with an id of another type.
FAIRDB_FUNCTION(held_out_rows_typed) {
  return held_out(fcinfo);
}

}  // namespace fairdb::pg
