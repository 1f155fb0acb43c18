#include "core/graph/bias.hpp"

namespace fairdb {
namespace {

Vector wide(const float* vector, Index d) {
  return Eigen::Map<const Eigen::VectorXf>(vector, d).cast<double>();
}

// J' of what a query's derivative is multiplied with.
Vector pulled_back(const GraphEmbedding& graph,
                   Index relation,
                   Direction direction,
                   const Vector& gradient) {
  const Index d = graph.dimensions();
  Vector result = Vector::Zero(d);
  add_entity_gradient(graph.model(), wide(graph.relation(relation, direction), d).data(),
                      gradient.data(), d, result.data());
  return result;
}

// The mean of the vectors of persons, and the query from it: the mean of their queries.
class MeanPerson {
 public:
  MeanPerson(const GraphEmbedding& graph) : graph_(graph), sum_(Vector::Zero(graph.dimensions())) {}
  void add(Index person) {
    sum_ += wide(graph_.entity(person), graph_.dimensions());
    ++n_;
  }
  bool known() const noexcept { return n_ > 0; }
  Vector query(Index relation, Direction direction) const {
    const Index d = graph_.dimensions();
    const Vector mean = sum_ / static_cast<double>(n_);
    Vector result(d);
    graph_query(graph_.model(), mean.data(), wide(graph_.relation(relation, direction), d).data(),
                d, result.data());
    return result;
  }

 private:
  const GraphEmbedding& graph_;
  Vector sum_;
  std::int64_t n_ = 0;
};

constexpr std::int64_t kPolledTriples = 1 << 16;

struct Ends {
  std::int32_t person;
  std::int32_t value;
};
Ends ends_of(const Triple& t, const PersonRelation& relation) noexcept {
  return relation.inverse ? Ends{t.tail, t.head} : Ends{t.head, t.tail};
}

}  // namespace

std::vector<EntityBias> graph_bias(const GraphEmbedding& graph,
                                   const Graph& people,
                                   const BiasQuestion& question,
                                   Monitor& monitor) {
  const SortedNames names = people.entities.names();
  const SortedNames relations = people.relations.names();
  const auto sensitive = relations.find(question.sensitive.name);
  const auto target = relations.find(question.target.name);
  const auto a = names.find(question.a);
  const auto b = names.find(question.b);

  // Who has a, and who has b.
  std::vector<bool> has_a(static_cast<std::size_t>(names.size()));
  std::vector<bool> has_b(has_a.size());
  MeanPerson mean_a(graph);
  MeanPerson mean_b(graph);
  const auto note = [&](std::int32_t person, std::vector<bool>& has, MeanPerson& mean) {
    has[static_cast<std::size_t>(person)] = true;
    if (const auto known = graph.entities().find(names[person])) mean.add(*known);
  };
  std::int64_t read = 0;
  for (const Triple& t : people.triples) {
    if (++read % kPolledTriples == 0) monitor.poll();
    if (!sensitive || t.relation != *sensitive) continue;
    const auto [person, value] = ends_of(t, question.sensitive);
    if (a && value == *a) note(person, has_a, mean_a);
    if (b && value == *b) note(person, has_b, mean_b);
  }
  std::map<std::int32_t, EntityBias> found;
  for (const Triple& t : people.triples) {
    if (++read % kPolledTriples == 0) monitor.poll();
    if (!target || t.relation != *target) continue;
    const auto [person, value] = ends_of(t, question.target);
    const bool of_a = has_a[static_cast<std::size_t>(person)];
    const bool of_b = has_b[static_cast<std::size_t>(person)];
    if (!of_a && !of_b) continue;
    EntityBias& bias =
        found.try_emplace(value, EntityBias{names[value], {}, 0, 0, {}}).first->second;
    bias.count_a += of_a ? 1 : 0;
    bias.count_b += of_b ? 1 : 0;
  }

  const auto e_a = graph.entities().find(question.a);
  const auto e_b = graph.entities().find(question.b);
  const auto r_s = graph.relations().find(question.sensitive.name);
  const auto r_p = graph.relations().find(question.target.name);
  const Index d = graph.dimensions();
  const Direction to_target = question.target.direction();
  std::optional<Vector> step;  // of a person
  std::optional<Vector> gap;   // of the groups' mean queries
  if (e_a && e_b && r_s && r_p) {
    step = question.alpha * pulled_back(graph, *r_s, question.sensitive.direction(),
                                        wide(graph.entity(*e_a), d) - wide(graph.entity(*e_b), d));
  }
  if (r_p && mean_a.known() && mean_b.known()) {
    gap = mean_a.query(*r_p, to_target) - mean_b.query(*r_p, to_target);
  }
  std::vector<EntityBias> result;
  for (auto& [value, bias] : found) {
    if (const auto p = graph.entities().find(bias.entity)) {
      const Vector e_p = wide(graph.entity(*p), d);
      if (step) bias.bias = step->dot(pulled_back(graph, *r_p, to_target, e_p));
      if (gap) bias.population_gap = gap->dot(e_p);
    }
    result.push_back(bias);
  }
  return result;
}

}  // namespace fairdb
