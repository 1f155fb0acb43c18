#include "core/graph/softmax_batch.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/base/dense_kernels.hpp"

namespace fairdb {
namespace {

constexpr float kMasked = -1e30F;

// Parts of some milliseconds: rows of queries, negatives, vectors. Without fused instructions a
// product takes fifty times as long.
double flops_of_part() noexcept {
  return instruction_set() == InstructionSet::Baseline ? 4e6 : 1e8;
}

// Of products with so many columns; whole tiles of them (dense_kernels_body.hpp).
Index rows_of_part(Index columns, Index d) noexcept {
  constexpr Index kTile = 6;
  const double flops = 4.0 * static_cast<double>(columns) * static_cast<double>(d);
  return std::max<Index>(1, static_cast<Index>(flops_of_part() / flops) / kTile) * kTile;
}

Strided<float> rows_of(const FloatMatrix& m, Index begin, Index rows, Index columns) noexcept {
  return {m.data() + begin * m.cols(), rows, columns, m.cols(), 1};
}

// Of vectors that are updated, where the penalty may be computed for as many persons and so many
// values.
Index slots_of_part(Index values, Index d) noexcept {
  const double flops = 4.0 * static_cast<double>(values) * static_cast<double>(d);
  if (flops * static_cast<double>(kPersonsAtOnce) <= flops_of_part()) return kPersonsAtOnce;
  return std::max<Index>(1, static_cast<Index>(flops_of_part() / flops));
}

// From row to row of the scores: an odd number of lines of the cache, so that a column does not
// fall on few of its sets.
constexpr Index score_step(Index negatives) noexcept {
  constexpr Index kLine = 16;
  return ((negatives + kLine) / kLine | 1) * kLine;
}

Index parts_of(Index n, Index size) noexcept {
  return (n + size - 1) / size;
}

}  // namespace

SoftmaxBatch::SoftmaxBatch(const GraphOptions& options,
                           GraphVectors& vectors,
                           const std::vector<bool>* learnt,
                           double weight_of_others,
                           FairTraining* fair,
                           ThreadTeam& team,
                           Monitor& monitor)
    : options_(options),
      vectors_(vectors),
      learnt_(learnt),
      weight_of_others_(weight_of_others),
      fair_(fair),
      penalty_(fair == nullptr ? nullptr : fair->penalty()),
      team_(team),
      monitor_(monitor),
      d_(vectors.entities.cols()),
      negatives_(std::min(options.negatives, vectors.entities.rows())),
      entity_squares_(static_cast<std::size_t>(vectors.entities.rows())),
      relation_squares_(static_cast<std::size_t>(vectors.relations.rows())),
      value_squares_(static_cast<std::size_t>(vectors.values.rows())) {
  for (const Direction direction : {Direction::Tails, Direction::Heads}) {
    Side& side = sides_[direction == Direction::Tails ? 0 : 1];
    side.direction = direction;
    side.place.assign(static_cast<std::size_t>(vectors.entities.rows()), -1);
    side.candidates.resize(negatives_, d_);
    side.transposed.resize(d_, negatives_);
    side.queries.resize(options.batch, d_);
    side.scores.resize(options.batch, score_step(negatives_));
    side.by_query.resize(options.batch, d_);
    side.by_candidate.resize(negatives_, d_);
    side.losses.resize(static_cast<std::size_t>(options.batch));
  }
  entities_.slot_of.assign(entity_squares_.size(), -1);
  relations_.slot_of.assign(relation_squares_.size(), -1);
  values_.slot_of.assign(value_squares_.size(), -1);
}

std::size_t SoftmaxBatch::bytes(const GraphOptions& options,
                                std::size_t entities,
                                std::size_t relations) noexcept {
  const auto d = static_cast<std::size_t>(options.dimensions);
  const auto batch = static_cast<std::size_t>(options.batch);
  const auto negatives = std::min(static_cast<std::size_t>(options.negatives), entities);
  const std::size_t of_side =
      4 * (3 * negatives * d + 2 * batch * d +
           batch * static_cast<std::size_t>(score_step(static_cast<Index>(negatives)))) +
      8 * batch;
  const std::size_t touched = 2 * sizeof(Contribution) * (6 * batch + 2 * negatives);
  return 2 * of_side + touched + 4 * std::min(2 * relations, 2 * batch) * d + 16 * entities +
         24 * relations;
}

// Different ones, uniformly; all when there are no more.
void SoftmaxBatch::draw_negatives(Side& side, Random& random) {
  const auto n = static_cast<std::int32_t>(vectors_.entities.rows());
  for (const std::int32_t e : side.negatives) side.place[static_cast<std::size_t>(e)] = -1;
  side.negatives.clear();
  const auto take = [&](std::int32_t e) {
    std::int32_t& place = side.place[static_cast<std::size_t>(e)];
    if (place >= 0) return;
    place = static_cast<std::int32_t>(side.negatives.size());
    side.negatives.push_back(e);
  };
  if (negatives_ == n) {
    for (std::int32_t e = 0; e < n; ++e) take(e);
  } else if (2 * negatives_ < n) {
    while (static_cast<Index>(side.negatives.size()) < negatives_) take(random.below(n));
  } else {  // those that a random selection of so many of the rest leaves, one after the other
    Index wanted = negatives_;
    for (std::int32_t e = 0; e < n; ++e) {
      if (random.below<Index>(n - e) >= wanted) continue;
      take(e);
      --wanted;
    }
  }
}

void SoftmaxBatch::gather_negatives(Side& side) {
  for (Index k = 0; k < negatives_; ++k) {
    side.candidates.row(k) = vectors_.entities.row(side.negatives[static_cast<std::size_t>(k)]);
  }
  side.transposed = side.candidates.transpose();
}

void SoftmaxBatch::Touched::touch(
    std::int32_t row, std::int32_t index, Role role, std::uint8_t side, float share) {
  std::int32_t& slot = slot_of[static_cast<std::size_t>(row)];
  if (slot < 0) {
    slot = static_cast<std::int32_t>(rows.size());
    rows.push_back(row);
  }
  list.push_back({slot, index, role, side, share});
}

// By slot, in each in the order in which they were met: a counting sort.
void SoftmaxBatch::Touched::sort() {
  begin.assign(rows.size() + 1, 0);
  for (const Contribution& c : list) ++begin[static_cast<std::size_t>(c.slot) + 1];
  for (std::size_t s = 1; s < begin.size(); ++s) begin[s] += begin[s - 1];
  sorted.resize(list.size());
  std::vector<Index> next(begin.begin(), begin.end() - 1);
  for (const Contribution& c : list) {
    sorted[static_cast<std::size_t>(next[static_cast<std::size_t>(c.slot)]++)] = c;
  }
}

void SoftmaxBatch::Touched::clear() {
  for (const std::int32_t row : rows) slot_of[static_cast<std::size_t>(row)] = -1;
  rows.clear();
  list.clear();
}

// The source of a query: the entity, and what is added to it, which needs a buffer.
const float* SoftmaxBatch::source_vector(const Side& side, const Triple& t, float* buffer) const {
  const std::int32_t e = source(side, t);
  const float* const entity = vectors_.entities.row(e).data();
  const Index row = relation_row(t.relation, side.direction);
  if (fair_ == nullptr || !fair_->adds(row)) return entity;
  std::copy_n(entity, d_, buffer);
  fair_->each_added(e, row, truth(side, t), [&](Index v, float share) {
    add_scaled(share, vectors_.values.row(v).data(), buffer, static_cast<std::size_t>(d_));
  });
  return buffer;
}

void SoftmaxBatch::find_touched() {
  entities_.clear();
  relations_.clear();
  values_.clear();
  const auto touch = [&](std::int32_t entity, std::int32_t index, Role role, std::uint8_t s) {
    if (learnt_ != nullptr && !(*learnt_)[static_cast<std::size_t>(entity)]) return;
    entities_.touch(entity, index, role, s);
  };
  for (std::uint8_t s = 0; s < 2; ++s) {
    const Side& side = sides_[s];
    for (std::size_t i = 0; i < triples_.size(); ++i) {
      const Triple& t = triples_[i];
      const auto index = static_cast<std::int32_t>(i);
      touch(source(side, t), index, Role::Source, s);
      touch(truth(side, t), index, Role::Truth, s);
      if (learnt_ == nullptr) {
        const Index row = relation_row(t.relation, side.direction);
        relations_.touch(static_cast<std::int32_t>(row), index, Role::Source, s);
        if (fair_ == nullptr || !fair_->adds(row)) continue;
        fair_->each_added(source(side, t), row, truth(side, t), [&](Index v, float share) {
          values_.touch(static_cast<std::int32_t>(v), index, Role::Source, s, share);
        });
      }
    }
    for (std::size_t k = 0; k < side.negatives.size(); ++k) {
      touch(side.negatives[k], static_cast<std::int32_t>(k), Role::Candidate, s);
    }
  }
  entities_.sort();
  relations_.sort();
  values_.sort();
}

// Persons who stand in a triple of the batch; negatives do not count.
void SoftmaxBatch::find_penalized() {
  penalized_.assign(entities_.rows.size(), 0);
  divergences_.assign(entities_.rows.size(), 0);
  for (const Contribution& c : entities_.list) {
    const auto slot = static_cast<std::size_t>(c.slot);
    if (c.role != Role::Candidate && fair_->concerns(entities_.rows[slot])) penalized_[slot] = 1;
  }
  penalty_->begin(vectors_, std::count(penalized_.begin(), penalized_.end(), 1));
}

float SoftmaxBatch::weight_of(const Side& side, const Triple& t) const noexcept {
  if (fair_ != nullptr && fair_->silent(t, side.direction)) return 0;
  if (learnt_ == nullptr || (*learnt_)[static_cast<std::size_t>(t.head)] ||
      (*learnt_)[static_cast<std::size_t>(t.tail)]) {
    return 1;
  }
  return static_cast<float>(weight_of_others_);
}

// Queries, scores, shares, losses, and the derivatives by the queries, of some rows.
void SoftmaxBatch::score_rows(Side& side, Index begin, Index end) {
  const Index columns = negatives_ + 1;
  const Index step = side.scores.cols();
  std::vector<float> buffer(static_cast<std::size_t>(d_));
  for (Index i = begin; i < end; ++i) {
    const Triple& t = triples_[static_cast<std::size_t>(i)];
    graph_query(options_.model, source_vector(side, t, buffer.data()), relation(side, t), d_,
                side.queries.row(i).data());
  }
  const Strided<float> queries = rows_of(side.queries, begin, end - begin, d_);
  product(queries, strided(side.transposed), side.scores.data() + begin * step, step, Into::Set);
  for (Index i = begin; i < end; ++i) {
    const std::int32_t e = truth(side, triples_[static_cast<std::size_t>(i)]);
    float* const scores = side.scores.row(i).data();
    const std::int32_t masked = side.place[static_cast<std::size_t>(e)];
    if (masked >= 0) scores[masked] = kMasked;
    const float score = lane_dot(side.queries.row(i).data(), vectors_.entities.row(e).data(),
                                 static_cast<std::size_t>(d_));
    scores[negatives_] = score;
    side.losses[static_cast<std::size_t>(i)] =
        softmax(scores, static_cast<std::size_t>(columns)) - static_cast<double>(score);
    scores[negatives_] -= 1;
    if (const float weight = weight_of(side, triples_[static_cast<std::size_t>(i)]); weight != 1) {
      if (weight == 0) side.losses[static_cast<std::size_t>(i)] = 0;
      Eigen::Map<Eigen::ArrayXf>(scores, columns) *= weight;
    }
  }
  product(rows_of(side.scores, begin, end - begin, negatives_), strided(side.candidates),
          side.by_query.row(begin).data(), d_, Into::Set);
  for (Index i = begin; i < end; ++i) {
    const std::int32_t e = truth(side, triples_[static_cast<std::size_t>(i)]);
    add_scaled(side.scores(i, negatives_), vectors_.entities.row(e).data(),
               side.by_query.row(i).data(), static_cast<std::size_t>(d_));
  }
}

void SoftmaxBatch::differentiate_candidates(Side& side, Index begin, Index end) {
  const auto rows = static_cast<Index>(triples_.size());
  const Strided<float> shares{side.scores.data() + begin, rows, end - begin, side.scores.cols(), 1};
  product(shares.transpose(), rows_of(side.queries, 0, rows, d_),
          side.by_candidate.row(begin).data(), d_, Into::Set);
}

// What a row or a negative adds to the derivative by an entity.
void SoftmaxBatch::add(const Contribution& contribution, float* gradient) const {
  const Side& side = sides_[contribution.side];
  const Index i = contribution.index;
  const auto n = static_cast<std::size_t>(d_);
  switch (contribution.role) {
    case Role::Source:
      add_entity_gradient(options_.model, relation(side, triples_[static_cast<std::size_t>(i)]),
                          side.by_query.row(i).data(), d_, gradient);
      return;
    case Role::Truth:
      add_scaled(side.scores(i, negatives_), side.queries.row(i).data(), gradient, n);
      return;
    case Role::Candidate:
      add_scaled(1.0F, side.by_candidate.row(i).data(), gradient, n);
      return;
  }
}

void SoftmaxBatch::add_regularization(const float* vector, float* gradient) const {
  if (options_.regularization == 0) return;
  const auto factor = static_cast<float>(3 * options_.regularization);
  const bool complex = options_.model == GraphModel::ComplEx;
  const Index half = d_ / 2;
  for (Index i = 0; i < d_; ++i) {
    const float w = vector[i];
    const float other = vector[i < half ? i + half : i - half];
    gradient[i] += factor * (complex ? std::sqrt(w * w + other * other) : std::fabs(w)) * w;
  }
}

void SoftmaxBatch::move(float* vector, const float* gradient, float& accumulated) const {
  const auto n = static_cast<std::size_t>(d_);
  accumulated += lane_dot(gradient, gradient, n) / static_cast<float>(d_);
  if (accumulated > 0) {
    add_scaled(static_cast<float>(-rate_) / std::sqrt(accumulated), gradient, vector, n);
  }
}

// By the vectors of the penalised persons among some slots, in the order of these.
FloatMatrix SoftmaxBatch::differentiate_persons(Index begin, Index end) {
  std::vector<std::size_t> slots;
  for (auto s = static_cast<std::size_t>(begin); s < static_cast<std::size_t>(end); ++s) {
    if (penalized_[s] != 0) slots.push_back(s);
  }
  const auto n = static_cast<Index>(slots.size());
  FloatMatrix persons(n, d_);
  for (Index i = 0; i < n; ++i) {
    persons.row(i) = vectors_.entities.row(entities_.rows[slots[static_cast<std::size_t>(i)]]);
  }
  FloatMatrix gradients(n, d_);
  std::vector<double> divergences(slots.size());
  penalty_->differentiate(persons, gradients, divergences);
  for (std::size_t i = 0; i < slots.size(); ++i) divergences_[slots[i]] = divergences[i];
  return gradients;
}

void SoftmaxBatch::update_entities(Index begin, Index end) {
  const auto n = static_cast<std::size_t>(d_);
  std::vector<float> gradient(n);
  FloatMatrix by_person;
  if (penalty_ != nullptr) by_person = differentiate_persons(begin, end);
  Index person = 0;
  for (Index slot = begin; slot < end; ++slot) {
    const auto s = static_cast<std::size_t>(slot);
    const std::int32_t e = entities_.rows[s];
    float* const vector = vectors_.entities.row(e).data();
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    for (Index c = entities_.begin[s]; c < entities_.begin[s + 1]; ++c) {
      add(entities_.sorted[static_cast<std::size_t>(c)], gradient.data());
    }
    add_regularization(vector, gradient.data());
    if (penalty_ != nullptr && penalized_[s] != 0) {
      add_scaled(1.0F, by_person.row(person++).data(), gradient.data(), n);
    }
    move(vector, gradient.data(), entity_squares_[static_cast<std::size_t>(e)]);
  }
}

void SoftmaxBatch::differentiate_relation(Index slot) {
  const auto s = static_cast<std::size_t>(slot);
  float* const gradient = by_relation_.row(slot).data();
  std::vector<float> buffer(static_cast<std::size_t>(d_));
  std::fill_n(gradient, d_, 0.0F);
  for (Index c = relations_.begin[s]; c < relations_.begin[s + 1]; ++c) {
    const Contribution& of = relations_.sorted[static_cast<std::size_t>(c)];
    const Side& side = sides_[of.side];
    const Triple& t = triples_[static_cast<std::size_t>(of.index)];
    add_relation_gradient(options_.model, source_vector(side, t, buffer.data()),
                          side.by_query.row(of.index).data(), d_, gradient);
  }
  add_regularization(vectors_.relations.row(relations_.rows[s]).data(), gradient);
}

// A vector that is added to sources feels what they feel, by its share.
void SoftmaxBatch::differentiate_value(Index slot) {
  const auto s = static_cast<std::size_t>(slot);
  const auto n = static_cast<std::size_t>(d_);
  float* const gradient = by_value_.row(slot).data();
  std::vector<float> of_source(n);
  std::fill_n(gradient, d_, 0.0F);
  for (Index c = values_.begin[s]; c < values_.begin[s + 1]; ++c) {
    const Contribution& of = values_.sorted[static_cast<std::size_t>(c)];
    std::fill(of_source.begin(), of_source.end(), 0.0F);
    add(of, of_source.data());
    add_scaled(of.share, of_source.data(), gradient, n);
  }
  add_regularization(vectors_.values.row(values_.rows[s]).data(), gradient);
}

bool SoftmaxBatch::finite() const noexcept {
  const auto is_finite = [](float square) { return std::isfinite(square); };
  return std::all_of(entity_squares_.begin(), entity_squares_.end(), is_finite) &&
         std::all_of(value_squares_.begin(), value_squares_.end(), is_finite) &&
         std::all_of(relation_squares_.begin(), relation_squares_.end(), is_finite);
}

SoftmaxBatch::Loss SoftmaxBatch::step(std::span<const Triple> triples,
                                      double rate,
                                      Random& random) {
  triples_ = triples;
  rate_ = rate;
  const auto rows = static_cast<Index>(triples.size());
  for (Side& side : sides_) draw_negatives(side, random);
  find_touched();
  if (penalty_ != nullptr) find_penalized();

  team_.run(
      2, [&](Index s) { gather_negatives(sides_[static_cast<std::size_t>(s)]); }, monitor_);
  // compute(side, begin, end) of the part-th part of n of both sides.
  const auto of_both_sides = [&](Index part, Index n, Index size, auto compute) {
    const Index parts = parts_of(n, size);
    const Index begin = part % parts * size;
    compute(sides_[static_cast<std::size_t>(part / parts)], begin, std::min(begin + size, n));
  };
  const Index rows_of = rows_of_part(negatives_, d_);
  team_.run(
      2 * parts_of(rows, rows_of),
      [&](Index part) {
        of_both_sides(part, rows, rows_of,
                      [&](Side& side, Index begin, Index end) { score_rows(side, begin, end); });
      },
      monitor_);
  // The derivatives by relations see the entities as they were, those by entities the relations.
  const auto relations = static_cast<Index>(relations_.rows.size());
  const auto values = static_cast<Index>(values_.rows.size());
  const Index others = relations + values;
  if (by_relation_.rows() < relations) by_relation_.resize(relations, d_);
  if (by_value_.rows() < values) by_value_.resize(values, d_);
  const Index negatives_of = rows_of_part(rows, d_);
  const Index of_candidates = 2 * parts_of(negatives_, negatives_of);
  const Index of_first = of_candidates / 2;  // the others' stand between those of the sides
  team_.run(
      of_candidates + others,
      [&](Index part) {
        if (part >= of_first && part < of_first + relations) {
          differentiate_relation(part - of_first);
          return;
        }
        if (part >= of_first && part < of_first + others) {
          differentiate_value(part - of_first - relations);
          return;
        }
        of_both_sides(part < of_first ? part : part - others, negatives_, negatives_of,
                      [&](Side& side, Index begin, Index end) {
                        differentiate_candidates(side, begin, end);
                      });
      },
      monitor_);
  const auto entities = static_cast<Index>(entities_.rows.size());
  const Index slots_of = slots_of_part(penalty_ == nullptr ? 0 : penalty_->values(), d_);
  team_.run(
      parts_of(entities, slots_of),
      [&](Index part) {
        update_entities(part * slots_of, std::min((part + 1) * slots_of, entities));
      },
      monitor_);
  for (Index slot = 0; slot < relations; ++slot) {
    const std::int32_t r = relations_.rows[static_cast<std::size_t>(slot)];
    move(vectors_.relations.row(r).data(), by_relation_.row(slot).data(),
         relation_squares_[static_cast<std::size_t>(r)]);
  }
  for (Index slot = 0; slot < values; ++slot) {
    const std::int32_t v = values_.rows[static_cast<std::size_t>(slot)];
    move(vectors_.values.row(v).data(), by_value_.row(slot).data(),
         value_squares_[static_cast<std::size_t>(v)]);
  }

  Loss loss;
  for (const Side& side : sides_) {
    for (Index i = 0; i < rows; ++i) {
      loss.cross_entropy += side.losses[static_cast<std::size_t>(i)];
      const bool silent =
          fair_ != nullptr && fair_->silent(triples[static_cast<std::size_t>(i)], side.direction);
      loss.sides += silent ? 0 : 1;
    }
  }
  if (penalty_ != nullptr) {
    loss.divergence = std::accumulate(divergences_.begin(), divergences_.end(), 0.0);
    loss.divergences = std::count(penalized_.begin(), penalized_.end(), 1) *
                       static_cast<std::int64_t>(penalty_->attributes());
  }
  return loss;
}

}  // namespace fairdb
