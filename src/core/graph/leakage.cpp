#include "core/graph/leakage.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/base/dense_kernels.hpp"
#include "core/base/hash.hpp"

namespace fairdb {
namespace {

constexpr std::size_t kPolledPersons = 16;  // of any number of values

// A penalty under which a probe of some thousand persons and a hundred numbers does not learn
// chance.
constexpr double kProbeC = 0.1;
constexpr std::size_t kHeldOutOf = 5;

// Places in the holders of those with one value, and which of them are held out.
struct Split {
  std::vector<std::size_t> training;
  std::vector<std::size_t> held_out;
};

Split split(const GraphEmbedding& graph, const AttributeHolders& holders, std::uint64_t seed) {
  std::vector<std::vector<std::pair<std::uint64_t, std::size_t>>> by_value(holders.values.size());
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    const auto held = holders.held_by(i);
    if (held.size() != 1) continue;
    const std::uint64_t drawn = seeded(digest(graph.entities()[holders.persons[i]]), seed);
    by_value[static_cast<std::size_t>(held[0])].emplace_back(drawn, i);
  }
  Split result;
  // A fifth of each value; what is left over by many small ones is not lost.
  std::size_t place = 0;
  for (auto& persons : by_value) {
    std::sort(persons.begin(), persons.end());
    for (const auto& [drawn, i] : persons) {
      (++place % kHeldOutOf == 0 ? result.held_out : result.training).push_back(i);
    }
  }
  return result;
}

ProbeRows rows_of(const GraphEmbedding& graph,
                  const AttributeHolders& holders,
                  const std::vector<std::size_t>& places) {
  ProbeRows rows;
  const auto n = static_cast<Index>(places.size());
  rows.x.resize(n, graph.dimensions());
  rows.weight = Vector::Ones(n);
  for (Index i = 0; i < n; ++i) {
    const std::size_t place = places[static_cast<std::size_t>(i)];
    rows.x.row(i) = Eigen::Map<const Eigen::RowVectorXf>(graph.entity(holders.persons[place]),
                                                         graph.dimensions())
                        .cast<double>();
    rows.code.push_back(holders.held_by(place)[0]);
  }
  return rows;
}

std::optional<double> score_difference(const GraphEmbedding& graph,
                                       const PeopleOf& codes,
                                       const AttributeHolders& holders,
                                       const PersonRelation& sensitive,
                                       Monitor& monitor) {
  const auto relation = graph.relations().find(sensitive.name);
  const auto has_vector = [&](std::int32_t v) { return codes.known(v); };
  if (!relation || !std::all_of(holders.values.begin(), holders.values.end(), has_vector)) {
    return std::nullopt;
  }
  double sum = 0;
  std::int64_t pairs = 0;
  const std::size_t values = holders.values.size();
  std::vector<double> scores(values);
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    if (i % kPolledPersons == 0) monitor.poll();
    const auto held = holders.held_by(i);
    if (held.empty() || held.size() == values) continue;
    const std::vector<float> query =
        graph.query(holders.persons[i], *relation, sensitive.direction());
    double others = 0;
    for (std::size_t v = 0; v < values; ++v) {
      scores[v] = static_cast<double>(
          lane_dot(query.data(), graph.entity(holders.values[v]), query.size()));
      others += scores[v];
    }
    for (const std::int32_t v : held) others -= scores[static_cast<std::size_t>(v)];
    others /= static_cast<double>(values - held.size());
    for (const std::int32_t v : held) {
      sum += scores[static_cast<std::size_t>(v)] - others;
      ++pairs;
    }
  }
  return pairs == 0 ? std::nullopt : std::optional(sum / static_cast<double>(pairs));
}

// What enough persons with a value have by the target relation.
std::vector<std::int32_t> common_targets(const PeopleOf& codes,
                                         const Graph& people,
                                         const AttributeHolders& holders,
                                         const LeakageQuestion& question,
                                         Monitor& monitor) {
  std::vector<std::int32_t> result;
  const auto relation = people.relations.names().find(question.target->name);
  if (!relation) {
    throw Error(ErrorKind::UnknownGroup,
                "the target relation \"" + question.target->name + "\" is not in the source");
  }
  std::map<std::int32_t, std::int64_t> counts;
  for (std::size_t i = 0; i < people.triples.size(); ++i) {
    if (i % 65536 == 0) monitor.poll();
    const Triple& t = people.triples[i];
    if (t.relation != *relation) continue;
    const auto [person, value] = person_value(t, question.target->inverse);
    if (!holders.held_by_person(codes.code(person)).empty()) ++counts[codes.code(value)];
  }
  if (counts.empty()) {
    throw Error(
        ErrorKind::InvalidData,
        "nobody with a value has anything by the relation \"" + question.target->name + "\"",
        std::string("If its triples lead the other way: target_inverse => ") +
            (question.target->inverse ? "false." : "true."));
  }
  for (const auto& [value, count] : counts) {
    if (count >= question.min_count && codes.known(value)) result.push_back(value);
  }
  return result;
}

// The models are affine in the person: the mean of scores is the score of the mean.
std::optional<double> population_gap(const GraphEmbedding& graph,
                                     const AttributeHolders& holders,
                                     const PersonRelation& target,
                                     const std::vector<std::int32_t>& targets,
                                     Monitor& monitor) {
  const auto relation = graph.relations().find(target.name);
  const auto values = static_cast<Index>(holders.values.size());
  if (!relation || targets.empty()) return std::nullopt;
  const Index d = graph.dimensions();
  RowMatrix sums = RowMatrix::Zero(values, d);
  Eigen::RowVectorXd all = Eigen::RowVectorXd::Zero(d);
  double persons = 0;
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    if (i % kPolledPersons == 0) monitor.poll();
    const auto held = holders.held_by(i);
    if (held.empty()) continue;
    const Eigen::RowVectorXd x =
        Eigen::Map<const Eigen::RowVectorXf>(graph.entity(holders.persons[i]), d).cast<double>();
    all += x;
    ++persons;
    for (const std::int32_t v : held) sums.row(v) += x;
  }
  const Vector r =
      Eigen::Map<const Eigen::VectorXf>(graph.relation(*relation, target.direction()), d)
          .cast<double>();
  double sum = 0;
  std::int64_t n = 0;
  for (Index v = 0; v < values; ++v) {
    const auto with = static_cast<double>(holders.counts[static_cast<std::size_t>(v)]);
    if (with == 0 || with == persons) continue;
    const Vector of = (sums.row(v) / with).transpose();
    const Vector others = ((all - sums.row(v)) / (persons - with)).transpose();
    Vector query_of(d);
    Vector query_others(d);
    graph_query(graph.model(), of.data(), r.data(), d, query_of.data());
    graph_query(graph.model(), others.data(), r.data(), d, query_others.data());
    const Vector gap = query_of - query_others;
    monitor.poll();
    for (const std::int32_t target_entity : targets) {
      sum += std::abs(gap.dot(
          Eigen::Map<const Eigen::VectorXf>(graph.entity(target_entity), d).cast<double>()));
      ++n;
    }
  }
  return n == 0 ? std::nullopt : std::optional(sum / static_cast<double>(n));
}

}  // namespace

Leakage graph_leakage(const GraphEmbedding& graph,
                      const Graph& people,
                      const LeakageQuestion& question,
                      Monitor& monitor) {
  const PeopleOf codes(graph.entities(), people, monitor);
  const AttributeHolders holders = codes.holders(question.sensitive, question.top, monitor);
  const Split parts = split(graph, holders, question.seed);
  Leakage result;
  result.values = static_cast<Index>(holders.values.size());
  result.held_out = static_cast<std::int64_t>(parts.held_out.size());
  std::vector<std::int64_t> by_value(holders.values.size());
  for (const std::size_t i : parts.held_out) {
    ++by_value[static_cast<std::size_t>(holders.held_by(i)[0])];
  }
  result.fewer = result.held_out - *std::max_element(by_value.begin(), by_value.end());
  result.persons = static_cast<std::int64_t>(parts.training.size() + parts.held_out.size());
  result.several = static_cast<std::int64_t>(holders.persons.size()) - result.persons;
  if (result.persons < kFewestProbed) {
    throw Error(ErrorKind::InvalidData, std::to_string(result.persons) +
                                            " persons have exactly one value by \"" +
                                            question.sensitive.name + "\", and a probe needs " +
                                            std::to_string(kFewestProbed));
  }
  if (question.target) {
    const auto targets = common_targets(codes, people, holders, question, monitor);
    result.mean_population_gap = population_gap(graph, holders, *question.target, targets, monitor);
  }
  result.score_difference = score_difference(graph, codes, holders, question.sensitive, monitor);
  const ProbeRows training = rows_of(graph, holders, parts.training);
  const ProbeRows held_out = rows_of(graph, holders, parts.held_out);
  const auto groups = static_cast<std::int32_t>(holders.values.size());
  if (const auto scores = logistic_scores(training, held_out.x, groups, kProbeC, monitor)) {
    result.logistic =
        judge_scores(*scores, held_out.code, held_out.weight, ProbeArea::Mean, monitor);
  }
  NetworkOptions network;
  network.seed = question.seed;
  result.network = judge_scores(network_scores(training, held_out.x, groups, network, monitor),
                                held_out.code, held_out.weight, ProbeArea::Mean, monitor);
  return result;
}

std::size_t leakage_bytes(const GraphEmbedding& graph, const Graph& people, Index top) noexcept {
  const auto persons = static_cast<std::size_t>(people.entities.names().size());
  return holders_bytes(people) +
         probe_bytes(static_cast<Index>(persons), static_cast<Index>(persons / kHeldOutOf + 1),
                     graph.dimensions(),
                     static_cast<std::int32_t>(
                         std::min<std::size_t>(static_cast<std::size_t>(top), persons))) +
         8 * persons * static_cast<std::size_t>(graph.dimensions());
}

}  // namespace fairdb
