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
  void add(const Vector& person) {
    sum_ += person;
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

// Of each entity of `people` whether it has the value.
std::vector<bool> who_has(const Graph& people,
                          const PersonRelation& relation,
                          const std::string& value,
                          Monitor& monitor) {
  std::vector<bool> result(static_cast<std::size_t>(people.entities.names().size()));
  const auto code = people.entities.names().find(value);
  const auto r = people.relations.names().find(relation.name);
  if (!code || !r) return result;
  std::int64_t read = 0;
  for (const Triple& t : people.triples) {
    if (++read % kPolledTriples == 0) monitor.poll();
    if (t.relation != *r) continue;
    const auto [person, held] = person_value(t, relation.inverse);
    if (held == *code) result[static_cast<std::size_t>(person)] = true;
  }
  return result;
}

}  // namespace

EntityVectors vectors_in(const GraphEmbedding& graph, const Graph& people, Monitor& monitor) {
  return [&](const VisitVector& visit) {
    const SortedNames names = people.entities.names();
    for (Index i = 0; i < names.size(); ++i) {
      if (i % kPolledTriples == 0) monitor.poll();
      if (const auto code = graph.entities().find(names[i])) {
        visit(static_cast<std::int32_t>(i), graph.entity(*code));
      }
    }
  };
}

std::vector<EntityBias> graph_bias(const GraphEmbedding& graph,
                                   const Graph& people,
                                   const EntityVectors& vectors,
                                   const BiasQuestion& question,
                                   Monitor& monitor) {
  const SortedNames names = people.entities.names();
  const auto target = people.relations.names().find(question.target.name);
  const std::vector<bool> has_a = who_has(people, question.sensitive, question.a, monitor);
  const std::vector<bool> has_b = who_has(people, question.sensitive, question.b, monitor);
  std::map<std::int32_t, EntityBias> found;
  std::int64_t read = 0;
  for (const Triple& t : people.triples) {
    if (++read % kPolledTriples == 0) monitor.poll();
    if (!target || t.relation != *target) continue;
    const auto [person, value] = person_value(t, question.target.inverse);
    const bool of_a = has_a[static_cast<std::size_t>(person)];
    const bool of_b = has_b[static_cast<std::size_t>(person)];
    if (!of_a && !of_b) continue;
    EntityBias& bias =
        found.try_emplace(value, EntityBias{names[value], {}, 0, 0, {}}).first->second;
    bias.count_a += of_a ? 1 : 0;
    bias.count_b += of_b ? 1 : 0;
  }

  const Index d = graph.dimensions();
  MeanPerson mean_a(graph);
  MeanPerson mean_b(graph);
  std::optional<Vector> e_a;
  std::optional<Vector> e_b;
  vectors([&](std::int32_t code, const float* numbers) {
    const Vector vector = wide(numbers, d);
    if (has_a[static_cast<std::size_t>(code)]) mean_a.add(vector);
    if (has_b[static_cast<std::size_t>(code)]) mean_b.add(vector);
    if (names[code] == question.a) e_a = vector;
    if (names[code] == question.b) e_b = vector;
  });

  const auto r_s = graph.relations().find(question.sensitive.name);
  const auto r_p = graph.relations().find(question.target.name);
  const Direction to_target = question.target.direction();
  std::optional<Vector> step;  // of a person
  std::optional<Vector> gap;   // of the groups' mean queries
  if (e_a && e_b && r_s && r_p) {
    step = question.alpha * pulled_back(graph, *r_s, question.sensitive.direction(), *e_a - *e_b);
  }
  if (r_p && mean_a.known() && mean_b.known()) {
    gap = mean_a.query(*r_p, to_target) - mean_b.query(*r_p, to_target);
  }
  vectors([&](std::int32_t code, const float* numbers) {
    const auto of = found.find(code);
    if (of == found.end()) return;
    const Vector vector = wide(numbers, d);
    if (step) of->second.bias = step->dot(pulled_back(graph, *r_p, to_target, vector));
    if (gap) of->second.population_gap = gap->dot(vector);
  });
  std::vector<EntityBias> result;
  result.reserve(found.size());
  for (const auto& [value, bias] : found) result.push_back(bias);
  return result;
}

}  // namespace fairdb
