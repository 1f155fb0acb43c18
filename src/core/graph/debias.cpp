#include "core/graph/debias.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/graph/whitelist.hpp"
#include "core/optimize/dense.hpp"

namespace fairdb {
namespace {

constexpr Index kPolledMapped = 16;  // of any length, through a map of any rank

Vector wide(const FloatMatrix& vectors, std::int32_t row) {
  return vectors.row(row).transpose().cast<double>();
}

// each(entity), of all persons.
template <class Each>
void each_person(const std::vector<bool>& persons, Monitor& monitor, Each each) {
  for (std::size_t e = 0; e < persons.size(); ++e) {
    if (e % kPolledMapped == 0) monitor.poll();
    if (persons[e]) each(static_cast<std::int32_t>(e));
  }
}

// The covariances of the holders' vectors with the indicators of values, each in units of the
// indicator's deviation; a value that all or nobody has is left out, for it tells nothing.
void add_covariances(const FloatMatrix& vectors,
                     const AttributeHolders& holders,
                     Monitor& monitor,
                     std::vector<Vector>& columns) {
  const Index d = vectors.cols();
  const auto n = static_cast<double>(holders.persons.size());
  Vector all = Vector::Zero(d);
  RowMatrix by_value = RowMatrix::Zero(static_cast<Index>(holders.values.size()), d);
  for (std::size_t i = 0; i < holders.persons.size(); ++i) {
    if (i % kPolledMapped == 0) monitor.poll();
    const Vector x = wide(vectors, holders.persons[i]);
    all += x;
    for (const std::int32_t v : holders.held_by(i)) by_value.row(v) += x.transpose();
  }
  for (std::size_t v = 0; v < holders.values.size(); ++v) {
    const double share = static_cast<double>(holders.counts[v]) / n;
    if (!(share > 0 && share < 1)) continue;
    const Vector covariance = (by_value.row(static_cast<Index>(v)).transpose() - share * all) / n;
    columns.push_back(covariance / std::sqrt(share * (1 - share)));
  }
}

[[noreturn]] void raise_without_scores(const PersonRelation& relation) {
  throw Error(ErrorKind::UnknownGroup,
              "the embedding lacks the relation \"" + relation.name +
                  "\" or one of its values: it gives no scores that could be made equal",
              "method => 'erase' needs none.");
}

class Debiasing {
 public:
  Debiasing(const GraphEmbedding& graph,
            const std::vector<bool>& persons,
            const std::vector<DebiasedAttribute>& attributes,
            const std::vector<AttributeHolders>& holders,
            Monitor& monitor)
      : graph_(graph),
        persons_(persons),
        attributes_(attributes),
        holders_(holders),
        monitor_(monitor) {
    result.entities =
        Eigen::Map<const FloatMatrix>(graph.vectors(), graph.entities().size(), graph.dimensions());
  }

  void erase() {
    std::vector<Vector> columns;
    for (const AttributeHolders& of : holders_) {
      add_covariances(result.entities, of, monitor_, columns);
    }
    const Index d = graph_.dimensions();
    Eigen::MatrixXd cross(d, static_cast<Index>(columns.size()));
    for (std::size_t c = 0; c < columns.size(); ++c) cross.col(static_cast<Index>(c)) = columns[c];
    const Vector mean = mean_of_persons();
    std::vector<std::size_t> all(attributes_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    apply(PersonMapKind::Erase, erase_concepts(covariance(mean), mean, cross, monitor_), all);
  }

  // Persons' scores of an attribute's values are equal where their query is orthogonal to the
  // differences of the values: <J x + query(0, r), e_v - e_0> = 0. projected: which attributes.
  void project(const std::vector<std::size_t>& projected) {
    const Index d = graph_.dimensions();
    std::vector<Vector> rows;
    std::vector<double> constants;
    for (const std::size_t j : projected) {
      const Vector r = relation(attributes_[j].relation);
      const Vector zero = Vector::Zero(d);
      Vector at_zero(d);
      graph_query(graph_.model(), zero.data(), r.data(), d, at_zero.data());
      const std::vector<std::int32_t>& values = holders_[j].values;
      for (std::size_t v = 1; v < values.size(); ++v) {
        const Vector difference =
            wide(result.entities, values[v]) - wide(result.entities, values[0]);
        Vector row = zero;
        add_entity_gradient(graph_.model(), r.data(), difference.data(), d, row.data());
        const double length = row.norm();
        const double unit = length > 0 ? 1 / length : 1;
        rows.push_back(unit * row);
        constants.push_back(-unit * at_zero.dot(difference));
      }
    }
    RowMatrix a(static_cast<Index>(rows.size()), d);
    for (std::size_t i = 0; i < rows.size(); ++i)
      a.row(static_cast<Index>(i)) = rows[i].transpose();
    apply(PersonMapKind::Project,
          project_onto(a, Eigen::Map<const Vector>(constants.data(), a.rows()), monitor_),
          projected);
  }

  // From what was taken the vectors of the attributes that are wanted. All attributes and a
  // constant take part in the fit: what is another attribute's is not given back with one that goes
  // along with it, nor what all persons have lost.
  std::vector<SensitiveAttribute> given_back(const PeopleOf& codes,
                                             const std::vector<bool>& wanted) const {
    if (std::find(wanted.begin(), wanted.end(), true) == wanted.end()) return {};
    const Index d = graph_.dimensions();
    std::vector<Index> begin = {1};  // of each attribute's values, behind the constant
    for (const AttributeHolders& of : holders_) {
      begin.push_back(begin.back() + static_cast<Index>(of.values.size()));
    }
    const Index terms = begin.back();
    Eigen::MatrixXd normal = Eigen::MatrixXd::Identity(terms, terms);  // the ridge
    normal(0, 0) = 0;
    Eigen::MatrixXd taken = Eigen::MatrixXd::Zero(terms, d);
    each_person(persons_, monitor_, [&](std::int32_t e) {
      std::vector<std::pair<Index, double>> shares = {{0, 1}};
      for (std::size_t j = 0; j < holders_.size(); ++j) {
        const auto held = holders_[j].held_by_person(e);
        for (const std::int32_t v : held) {
          shares.emplace_back(begin[j] + v, 1 / static_cast<double>(held.size()));
        }
      }
      const Eigen::RowVectorXd change =
          (Eigen::Map<const Eigen::RowVectorXf>(graph_.entity(e), d) - result.entities.row(e))
              .cast<double>();
      for (const auto& [v, share] : shares) {
        taken.row(v) += share * change;
        for (const auto& [u, other] : shares) normal(v, u) += share * other;
      }
    });
    const Eigen::MatrixXd root = inverse_factor(normal, monitor_, 0);  // root root' = normal^-1
    const Eigen::MatrixXd fit =
        panel_product(root, panel_product(root.transpose(), taken, monitor_), monitor_);
    std::vector<SensitiveAttribute> given;
    for (std::size_t j = 0; j < holders_.size(); ++j) {
      if (!wanted[j]) continue;
      SensitiveAttribute attribute;
      attribute.relation = attributes_[j].relation;
      for (const std::int32_t value : holders_[j].values) {
        attribute.values.emplace_back(codes.name(value));
      }
      attribute.vectors = fit.middleRows(begin[j], begin[j + 1] - begin[j]).cast<float>();
      attribute.of_erasure = true;
      given.push_back(std::move(attribute));
    }
    return given;
  }

  DebiasedGraph result;

 private:
  Vector relation(const PersonRelation& of) const {
    return Eigen::Map<const Eigen::VectorXf>(
               graph_.relation(*graph_.relations().find(of.name), of.direction()),
               graph_.dimensions())
        .cast<double>();
  }

  Vector mean_of_persons() const {
    Vector sum = Vector::Zero(graph_.dimensions());
    Index n = 0;
    each_person(persons_, monitor_, [&](std::int32_t e) {
      sum += wide(result.entities, e);
      ++n;
    });
    return sum / static_cast<double>(n);
  }
  Eigen::MatrixXd covariance(const Vector& mean) const {
    VectorMoments moments(graph_.dimensions(), mean);
    each_person(persons_, monitor_,
                [&](std::int32_t e) { moments.add(result.entities.row(e).data()); });
    return moments.covariance(monitor_);
  }
  double variance(const Vector& mean) const {
    double sum = 0;
    each_person(persons_, monitor_,
                [&](std::int32_t e) { sum += (wide(result.entities, e) - mean).squaredNorm(); });
    return sum;
  }

  void apply(PersonMapKind kind, AffineErasure map, const std::vector<std::size_t>& attributes) {
    if (map.rank() >= graph_.dimensions()) {
      throw Error(ErrorKind::InvalidData,
                  "the values of the attributes take all " + std::to_string(graph_.dimensions()) +
                      " dimensions: nothing would be left of the persons",
                  "A smaller top minds fewer values; an embedding with more dimensions has room.");
    }
    PersonMap step;
    step.kind = kind;
    for (const std::size_t j : attributes) {
      step.relations.push_back(attributes_[j].relation);
      step.values.push_back(static_cast<std::int32_t>(holders_[j].values.size()));
    }
    if (kind == PersonMapKind::Erase) {
      map.reach = Vector::Zero(map.rank());
      each_person(persons_, monitor_, [&](std::int32_t e) {
        map.reach = map.reach.cwiseMax(map.coordinates(result.entities.row(e).data()).cwiseAbs());
      });
    }
    const double before = variance(mean_of_persons());
    each_person(persons_, monitor_, [&](std::int32_t e) {
      map.apply(result.entities.row(e).data());
      ++step.persons;
    });
    step.share_kept = before > 0 ? variance(mean_of_persons()) / before : 1;
    step.map = std::move(map);
    result.maps.push_back(std::move(step));
  }

  const GraphEmbedding& graph_;
  const std::vector<bool>& persons_;
  const std::vector<DebiasedAttribute>& attributes_;
  const std::vector<AttributeHolders>& holders_;
  Monitor& monitor_;
};

// Values stay what persons are compared with: one that is a person too, as errors of a graph make
// it, is taken from the persons. Of a relation that is read in the wrong direction most are, and of
// persons that were named carelessly. named: of each entity whether it was. Returns how many.
std::int64_t take_values_from_persons(const PeopleOf& codes,
                                      const DebiasOptions& options,
                                      const std::vector<bool>& named,
                                      std::vector<AttributeHolders>& holders,
                                      std::vector<bool>& persons) {
  std::vector<bool> taken(persons.size());
  for (std::size_t j = 0; j < holders.size(); ++j) {
    std::vector<std::int32_t> both;
    for (const std::int32_t value : holders[j].values) {
      const auto v = static_cast<std::size_t>(value);
      if (v >= persons.size() || !persons[v]) continue;
      both.push_back(value);
      taken[v] = true;
    }
    if (2 * both.size() <= holders[j].values.size()) continue;
    const auto only_named = [&](std::int32_t value) {
      return named[static_cast<std::size_t>(value)] &&
             std::none_of(holders.begin(), holders.end(),
                          [&](const AttributeHolders& of) { return of.has(value); });
    };
    const bool by_name = std::all_of(both.begin(), both.end(), only_named);
    throw Error(ErrorKind::InvalidData,
                "most values of \"" + options.attributes[j].relation.name + "\" are persons, \"" +
                    std::string(codes.name(both[0])) + "\" among them",
                by_name ? "The source persons has them, whose vectors are to change; values are "
                          "what they are compared with."
                        : kDirectionHint);
  }
  const std::int64_t all = std::count(taken.begin(), taken.end(), true);
  if (all == 0) return 0;
  for (std::size_t e = 0; e < persons.size(); ++e) persons[e] = persons[e] && !taken[e];
  for (AttributeHolders& of : holders) of = without(of, taken);
  return all;
}

// Of each attribute whether the whitelist gives it back.
std::vector<bool> wanted_back(const GraphEmbedding& graph, const DebiasOptions& options) {
  std::vector<bool> wanted(options.attributes.size());
  for (const Whitelisted& entry : options.whitelist) {
    wanted[static_cast<std::size_t>(entry.attribute)] = true;
    require_known(entry, graph.entities(), graph.relations(), "embedding");
  }
  for (const SensitiveAttribute& known : graph.about().fairness.attributes) {
    for (std::size_t j = 0; j < wanted.size(); ++j) {
      if (!wanted[j] || known.vectors.rows() == 0 ||
          known.relation.name != options.attributes[j].relation.name) {
        continue;
      }
      throw Error(ErrorKind::InvalidArgument,
                  "the embedding has attribute vectors of \"" + known.relation.name + "\" already",
                  "They are kept. Leave the attribute out of the whitelist.");
    }
  }
  return wanted;
}

}  // namespace

DebiasedGraph debias_graph(const GraphEmbedding& graph,
                           const Graph& people,
                           std::vector<bool> persons,
                           const DebiasOptions& options,
                           Monitor& monitor) {
  const PeopleOf codes(graph.entities(), people, monitor);
  const std::vector<bool> named = persons;
  std::vector<AttributeHolders> holders;
  for (const auto& [relation, top] : options.attributes) {
    holders.push_back(with_frequent(codes.holders(relation, top, monitor), options.min_count));
    for (const std::int32_t person : holders.back().persons) {
      persons[static_cast<std::size_t>(person)] = true;
    }
  }
  const std::int64_t values_left =
      take_values_from_persons(codes, options, named, holders, persons);
  for (std::size_t j = 0; j < holders.size(); ++j) {
    if (values_left > 0) holders[j] = with_frequent(holders[j], options.min_count);
    if (!holders[j].values.empty()) continue;
    throw Error(ErrorKind::InvalidData, "no value of \"" + options.attributes[j].relation.name +
                                            "\" has " + std::to_string(options.min_count) +
                                            " persons, as min_count asks");
  }
  const std::vector<bool> wanted = wanted_back(graph, options);
  for (std::size_t a = 0; a < holders.size(); ++a) {
    for (const PersonRelation& by : relations_for(options.whitelist, a)) {
      require_asked(
          people, by, options.attributes[a].relation.name,
          [&](std::int32_t e) { return holders[a].has(codes.code(e)); }, monitor);
    }
  }
  Debiasing debiasing(graph, persons, options.attributes, holders, monitor);
  debiasing.result.values_left = values_left;
  if (options.method != DebiasMethod::Project) debiasing.erase();
  std::vector<std::size_t> projected;
  for (std::size_t j = 0; j < holders.size(); ++j) {
    const std::vector<std::int32_t>& values = holders[j].values;
    const bool scored =
        graph.relations().find(options.attributes[j].relation.name).has_value() &&
        std::all_of(values.begin(), values.end(), [&](std::int32_t v) { return codes.known(v); });
    const bool wants = options.method ? *options.method != DebiasMethod::Erase
                                      : holders[j].different == 2 && scored;
    if (!wants) continue;
    if (!scored) raise_without_scores(options.attributes[j].relation);
    if (values.size() < 2 && options.method) {
      throw Error(ErrorKind::InvalidData,
                  "one value of \"" + options.attributes[j].relation.name +
                      "\" has as many persons as min_count asks: there is no other whose scores "
                      "could be made equal to it",
                  "method => 'erase' needs no other.");
    }
    if (values.size() < 2) continue;
    projected.push_back(j);
  }
  if (!projected.empty()) debiasing.project(projected);
  debiasing.result.attributes = debiasing.given_back(codes, wanted);
  return std::move(debiasing.result);
}

std::size_t debias_bytes(const GraphEmbedding& graph,
                         const Graph& people,
                         const DebiasOptions& options) noexcept {
  const auto d = static_cast<std::size_t>(graph.dimensions());
  const auto names = static_cast<std::size_t>(people.entities.names().size());
  std::size_t values = 1;
  for (const DebiasedAttribute& a : options.attributes) {
    values += std::min(static_cast<std::size_t>(a.top), names);
  }
  return 4 * d * static_cast<std::size_t>(graph.entities().size()) + holders_bytes(people) +
         sizeof(double) *
             (d * (4 * d + 8 * values) + (options.whitelist.empty() ? 0 : 3 * values * values));
}

}  // namespace fairdb
