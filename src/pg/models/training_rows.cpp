#include "pg/models/training_rows.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "pg/bridge/memory.hpp"
#include "pg/models/training_reading.hpp"

namespace fairdb::pg {
namespace {

Index width(const FairModel& model) {
  return total_width(model.columns);
}

}  // namespace

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
    stored_ = scaling_of(summary, true);
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
  const FairModel& model = source_.model();
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
  KeyWatch watch(source_.possible_keys());
  const auto consume = [&](RowBlock block) {
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
  };
  reading.each_block(consume, &watch);
  for (const KeyWatch::Key& key : watch.keys()) {
    note_key(key.name, "has another value in each of " + std::to_string(key.rows) + " rows");
  }
  // Of held-out rows it is chance which part has the weight.
  if (model.options.constrained() && model.held_out_share == 0) {
    require_weights(*summary_, reading.names());
  }
  if (source_.surveyed() != nullptr) reading.table().require_same_rows(*source_.surveyed());
  names_ = reading.names();
  if (model.held_out_share > 0)
    check_parts(held_out_rows, reading.unseen(), reading.first_unseen());
  skipped_ = reading.skipped();
  fingerprint_ = reading.table().fingerprint();
  first_ = reading.take_table();
}

void TrainingRows::check_parts(std::int64_t held_out,
                               std::int64_t unseen,
                               const std::string& first_unseen) {
  const std::int64_t training = summary_->joint().rows();
  if (!check_held_out(source_.model().held_out_share, training, held_out, unseen, first_unseen)) {
    return;  // whoever trains says that there is no row
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

const RowStore& TrainingRows::training() const noexcept {
  if (in_memory_) return training_;
  return *reread_training_;
}

const RowStore& TrainingRows::held_out() const noexcept {
  if (in_memory_) return held_out_;
  return *reread_held_out_;
}

Performance performance_on(TrainingRows& rows,
                           const RowStore& store,
                           const FairModel& model,
                           const Vector& known) {
  Evaluation evaluation(model.options.binary, score_of(model.options.loss) == LossScore::LogOdds,
                        static_cast<Index>(rows.summary().attributes().size()));
  Index offset = 0;
  store.each([&](const RowBlock& block) {
    rows.monitor().poll();
    evaluation.add(block, known.size() > 0
                              ? Vector(known.segment(offset, block.rows()))
                              : block_scores(model.fit, rows.stored(), block, rows.monitor()));
    offset += block.rows();
  });
  Performance performance = evaluation.finish(rows.names());
  if (model.sensitive.empty()) performance.groups.clear();
  return performance;
}

}  // namespace fairdb::pg
