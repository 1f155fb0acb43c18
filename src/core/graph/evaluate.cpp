#include "core/graph/evaluate.hpp"

#include <algorithm>
#include <map>

#include "core/base/dense_kernels.hpp"

namespace fairdb {
namespace {

// Queries that are ranked together, and entities whose scores stand in the cache.
constexpr Index kQueries = 64;
constexpr Index kEntities = 1024;

// What is asked of one triple and side.
struct Question {
  std::int32_t entity;
  std::int32_t relation;
  std::int32_t truth;
  RankTally* tally;
};

class Ranking {
 public:
  Ranking(const GraphEmbedding& graph,
          const KnownTriples& known,
          const PersonValues* values,
          Monitor& monitor)
      : graph_(graph),
        known_(known),
        values_(values),
        monitor_(monitor),
        queries_(FloatMatrix::Zero(graph.dimensions(), kQueries)),
        scores_(kEntities, kQueries) {}

  // At most kQueries of them.
  void rank(std::span<const Question> questions, Direction direction) {
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Question& q = questions[i];
      asked_[i] = query_with_attributes(graph_, q.entity, q.relation, direction,
                                        allowed(q.relation, direction),
                                        values_ == nullptr ? HeldValues{} : values_->of(q.entity));
      queries_.col(static_cast<Index>(i)) =
          Eigen::Map<const Eigen::VectorXf>(asked_[i].queries[0].data(), graph_.dimensions());
      truths_[i] = score_of(asked_[i].of(q.truth), q.truth);
      others_[i] = known_.others(q.entity, q.relation, direction);
      greater_[i] = equal_[i] = 0;
    }
    std::fill(truths_.begin() + static_cast<std::ptrdiff_t>(questions.size()), truths_.end(), 0.F);
    for (Index begin = 0; begin < graph_.entities().size(); begin += kEntities) {
      monitor_.poll();
      count(questions, begin, std::min(kEntities, graph_.entities().size() - begin));
    }
    for (std::size_t i = 0; i < questions.size(); ++i) {
      count_others(questions[i], i);
      // The truth equals itself; of the known ones it is none, or one.
      const auto known = static_cast<double>(
          std::count_if(others_[i].begin(), others_[i].end(),
                        [&](std::int32_t other) { return other != questions[i].truth; }));
      const double candidates = static_cast<double>(graph_.entities().size()) - known;
      questions[i].tally->add(1 + greater_[i] + (equal_[i] - 1) / 2.0, (candidates + 1) / 2, false);
    }
  }

 private:
  // The same sum as where it stands among all.
  float score_of(const std::vector<float>& query, std::int32_t entity) const {
    const Index d = graph_.dimensions();
    float score = 0;
    product(Strided<float>{graph_.entity(entity), 1, d, d, 1},
            Strided<float>{query.data(), d, 1, 1, 1}, &score, 1, Into::Set);
    return score;
  }

  // Looked up once.
  const AllowedAttributes& allowed(std::int32_t relation, Direction direction) {
    const auto [found, is_new] = allowed_.try_emplace({relation, direction});
    if (is_new && values_ != nullptr) {
      found->second = allowed_attributes(graph_, relation, direction);
    }
    return found->second;
  }

  // Entities with a query of their own were counted by that of all.
  void count_others(const Question& question, std::size_t i) {
    if (!asked_[i].others.empty()) monitor_.poll();
    for (const AttributeQuery::Other& other : asked_[i].others) {
      const bool is_truth = other.entity == question.truth;
      if (!is_truth && std::binary_search(others_[i].begin(), others_[i].end(), other.entity)) {
        continue;
      }
      const float as_all = score_of(asked_[i].queries[0], other.entity);
      const float own =
          is_truth
              ? truths_[i]
              : score_of(asked_[i].queries[static_cast<std::size_t>(other.query)], other.entity);
      greater_[i] += (own > truths_[i] ? 1 : 0) - (as_all > truths_[i] ? 1 : 0);
      equal_[i] += (own == truths_[i] ? 1 : 0) - (as_all == truths_[i] ? 1 : 0);
    }
  }

  void count(std::span<const Question> questions, Index begin, Index entities) {
    const Index d = graph_.dimensions();
    product(Strided<float>{graph_.entity(begin), entities, d, d, 1}, strided(queries_),
            scores_.data(), kQueries, Into::Set);
    std::array<std::int32_t, kQueries> greater{};
    std::array<std::int32_t, kQueries> equal{};
    for (Index e = 0; e < entities; ++e) {
      const float* const scores = scores_.row(e).data();
      for (std::size_t i = 0; i < kQueries; ++i) {
        greater[i] += scores[i] > truths_[i] ? 1 : 0;
        equal[i] += scores[i] == truths_[i] ? 1 : 0;
      }
    }
    for (std::size_t i = 0; i < questions.size(); ++i) {
      greater_[i] += greater[i];
      equal_[i] += equal[i];
      const auto first =
          std::lower_bound(others_[i].begin(), others_[i].end(), static_cast<std::int32_t>(begin));
      for (auto other = first; other != others_[i].end() && *other < begin + entities; ++other) {
        if (*other == questions[i].truth) continue;
        const float score = scores_(*other - begin, static_cast<Index>(i));
        greater_[i] -= score > truths_[i] ? 1 : 0;
        equal_[i] -= score == truths_[i] ? 1 : 0;
      }
    }
  }

  const GraphEmbedding& graph_;
  const KnownTriples& known_;
  const PersonValues* values_;
  Monitor& monitor_;
  std::map<std::pair<std::int32_t, Direction>, AllowedAttributes> allowed_;
  std::array<AttributeQuery, kQueries> asked_;
  FloatMatrix queries_;  // d x kQueries
  FloatMatrix scores_;   // kEntities x kQueries
  std::array<float, kQueries> truths_{};
  std::array<std::int64_t, kQueries> greater_{};
  std::array<std::int64_t, kQueries> equal_{};
  std::array<std::span<const std::int32_t>, kQueries> others_;
};

}  // namespace

void RankTally::add(double rank, double by_chance, bool is_unseen) noexcept {
  ++n;
  unseen += is_unseen ? 1 : 0;
  ranks += rank;
  reciprocals += 1 / rank;
  expected += by_chance;
  for (std::size_t k = 0; k < kHitsAt.size(); ++k) hits[k] += rank <= kHitsAt[k] ? 1 : 0;
}

void RankTally::add(const RankTally& other) noexcept {
  n += other.n;
  unseen += other.unseen;
  ranks += other.ranks;
  reciprocals += other.reciprocals;
  expected += other.expected;
  for (std::size_t k = 0; k < kHitsAt.size(); ++k) hits[k] += other.hits[k];
}

RanksByRelation evaluate_graph(const GraphEmbedding& graph,
                               const Graph& test,
                               const KnownTriples& known,
                               const PersonValues* values,
                               Monitor& monitor) {
  RanksByRelation result(static_cast<std::size_t>(test.relations.names().size()));
  const std::vector<Triple> triples = in_names_of(test, graph.entities(), graph.relations());
  Ranking ranking(graph, known, values, monitor);
  for (const Direction direction : {Direction::Tails, Direction::Heads}) {
    const bool tails = direction == Direction::Tails;
    std::vector<Question> questions;
    for (std::size_t i = 0; i < triples.size(); ++i) {
      const Triple& t = triples[i];
      const auto relation = static_cast<std::size_t>(test.triples[i].relation);
      const Question question{tails ? t.head : t.tail, t.relation, tails ? t.tail : t.head,
                              &result[relation][tails ? 0 : 1]};
      if (t.head == kUnseen || t.relation == kUnseen || t.tail == kUnseen) {
        const bool other = question.truth == kUnseen;
        const auto candidates = static_cast<double>(graph.entities().size()) + (other ? 1 : 0);
        question.tally->add((candidates + 1) / 2, (candidates + 1) / 2, true);
        continue;
      }
      questions.push_back(question);
      if (questions.size() < static_cast<std::size_t>(kQueries)) continue;
      ranking.rank(questions, direction);
      questions.clear();
    }
    ranking.rank(questions, direction);
  }
  return result;
}

std::size_t evaluation_bytes(const Graph& test) noexcept {
  return test.triples.size() * sizeof(Triple);
}

std::size_t asking_bytes(const GraphEmbedding& graph) noexcept {
  return static_cast<std::size_t>(kQueries) * attribute_query_bytes(graph);
}

double trained_share(const GraphEmbedding& graph, const Graph& test, Monitor& monitor) {
  if (test.triples.empty()) return 0;
  const SortedNames entities = test.entities.names();
  const SortedNames relations = test.relations.names();
  std::int64_t asked = 0;
  const auto found = static_cast<double>(
      std::count_if(test.triples.begin(), test.triples.end(), [&](const Triple& t) {
        constexpr std::int64_t kPolled = 1 << 14;
        if (++asked % kPolled == 0) monitor.poll();
        return graph.trained().may_have(
            digest_of(entities[t.head], relations[t.relation], entities[t.tail]));
      }));
  const double share = found / static_cast<double>(test.triples.size());
  const double by_mistake = graph.trained().false_rate();
  constexpr double kUseless = 0.5;
  return by_mistake > kUseless ? 0 : std::max(0.0, (share - by_mistake) / (1 - by_mistake));
}

std::vector<Prediction> predict_graph(const GraphEmbedding& graph,
                                      const AttributeQuery& asked,
                                      std::size_t k,
                                      std::span<const std::int32_t> left_out,
                                      Monitor& monitor) {
  const auto better = [](const Prediction& a, const Prediction& b) {
    return a.score != b.score ? a.score > b.score : a.entity < b.entity;
  };
  std::vector<Prediction> best;  // a heap, the worst of them first
  std::vector<float> scores(static_cast<std::size_t>(kEntities));
  auto next_left_out = left_out.begin();
  auto other = asked.others.begin();
  for (Index begin = 0; k > 0 && begin < graph.entities().size(); begin += kEntities) {
    monitor.poll();
    const Index n = std::min(kEntities, graph.entities().size() - begin);
    graph.scores(asked.queries[0].data(), begin, n, scores.data());
    for (; other != asked.others.end() && other->entity < begin + n; ++other) {
      const std::vector<float>& query = asked.queries[static_cast<std::size_t>(other->query)];
      scores[static_cast<std::size_t>(other->entity - begin)] =
          lane_dot(query.data(), graph.entity(other->entity), query.size());
    }
    for (Index i = 0; i < n; ++i) {
      const auto e = static_cast<std::int32_t>(begin + i);
      if (next_left_out != left_out.end() && *next_left_out == e) {
        ++next_left_out;
        continue;
      }
      const Prediction candidate{e, scores[static_cast<std::size_t>(i)], 0};
      if (best.size() == k) {
        if (!better(candidate, best.front())) continue;
        std::pop_heap(best.begin(), best.end(), better);
        best.back() = candidate;
      } else {
        best.push_back(candidate);
      }
      std::push_heap(best.begin(), best.end(), better);
    }
  }
  std::sort_heap(best.begin(), best.end(), better);
  for (std::size_t i = 0; i < best.size(); ++i) best[i].rank = static_cast<std::int64_t>(i) + 1;
  return best;
}

}  // namespace fairdb
