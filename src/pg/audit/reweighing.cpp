// reweighing: weights for training from the counts of labels.
#include "core/audit/reweighing.hpp"

#include "core/audit/disclosure.hpp"

#include "pg/audit/confusion_value.hpp"
#include "pg/bridge/monitor.hpp"
#include "pg/bridge/rows.hpp"
#include "pg/settings.hpp"

namespace fairdb::pg {

FAIRDB_FUNCTION(reweighing) {
  RowWriter rows(fcinfo);
  if (PG_ARGISNULL(0)) PG_RETURN_NULL();
  const Confusion confusion = decode(backend([&] { return canonical_form(PG_GETARG_DATUM(0)); }));
  BackendMonitor monitor;
  const std::vector<Withheld> withheld =
      withhold(confusion, published_by_group(), min_group(), monitor);
  std::size_t g = 0;
  std::size_t next = 0;
  const std::vector<Reweighed> list = reweighing(confusion);
  const bool labelled =
      std::any_of(list.begin(), list.end(), [](const Reweighed& one) { return one.rows > 0; });
  if (!labelled && !list.empty()) {
    backend([] {
      ereport(WARNING, (errmsg("no row of the confusion has a known label: there are no weights"),
                        errhint("Count the labels: confusion_agg(y, y, race).")));
    });
  }
  for (const GroupCells& group : confusion.groups) {
    const Withheld& of_group = withheld[g++];
    if (!group.label) continue;
    for (const Truth label : {Truth::Negative, Truth::Positive}) {
      const Reweighed& one = list[next++];
      const bool hidden = of_group.count(cells_with_label(label));
      rows.text(one.label)
          .boolean(one.positive)
          .integer(hidden ? std::nullopt : std::optional(one.rows))
          .number(hidden ? std::nullopt : one.weight)
          .boolean(hidden)
          .end_row();
    }
  }
  rows.finish();
  PG_RETURN_NULL();
}

}  // namespace fairdb::pg
