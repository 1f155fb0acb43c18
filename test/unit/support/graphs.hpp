// Small graphs and embeddings for the unit tests of the chapter.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/graph/embedding.hpp"
#include "unit/support/support.hpp"

namespace fairdb::test {

inline constexpr GraphModel kModels[] = {GraphModel::TransE, GraphModel::DistMult,
                                         GraphModel::ComplEx};

struct Fact {
  const char* head;
  const char* relation;
  const char* tail;
};

// As a reader of rows hands triples over: codes in the order in which names were met.
inline Graph graph_of_facts(const std::vector<Fact>& facts) {
  ReadTriples read;
  const auto code = [](std::vector<std::string_view>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return static_cast<std::int32_t>(found - names.begin());
    names.push_back(name);
    return static_cast<std::int32_t>(names.size()) - 1;
  };
  for (const Fact& f : facts) {
    read.triples.push_back(
        {code(read.heads, f.head), code(read.relations, f.relation), code(read.tails, f.tail)});
  }
  Monitor monitor;
  return graph_of(std::move(read), monitor);
}

// A random graph; the names live as long as the process.
inline Graph random_graph(std::uint64_t seed, int entities, int relations, int triples) {
  Random random(seed);
  static std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (int i = 0; i < 1000; ++i) list.push_back("name " + std::to_string(i));
    return list;
  }();
  std::vector<Fact> facts;
  for (int i = 0; i < triples; ++i) {
    facts.push_back({names[static_cast<std::size_t>(random.below(entities))].c_str(),
                     names[static_cast<std::size_t>(random.below(relations))].c_str(),
                     names[static_cast<std::size_t>(random.below(entities))].c_str()});
  }
  return graph_of_facts(facts);
}

inline GraphVectors random_vectors(std::uint64_t seed, Index entities, Index relations, Index d) {
  Random random(seed);
  GraphVectors vectors{FloatMatrix(entities, d), FloatMatrix(2 * relations, d)};
  for (FloatMatrix* m : {&vectors.entities, &vectors.relations}) {
    for (Index i = 0; i < m->size(); ++i) m->data()[i] = static_cast<float>(random.normal());
  }
  return vectors;
}

// An embedding with the bytes that it stands in.
struct Held {
  std::vector<std::byte> bytes;
  GraphEmbedding graph;
};
inline Held held(GraphModel model,
                 const SortedNames& entities,
                 const SortedNames& relations,
                 const GraphVectors& vectors) {
  GraphAbout about;
  about.model = model;
  Held result;
  result.bytes = encode_graph(about, entities, relations, TripleFilter(10), vectors);
  Monitor monitor;
  result.graph = GraphEmbedding::decode(result.bytes, monitor);
  return result;
}

inline NameBytes named(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  NameBytes result;
  for (const std::string& name : names) result.add(name);
  return result;
}

// score = <query, tail> as each model defines it, in double precision.
inline double score_by_definition(GraphModel model,
                                  const Vector& h,
                                  const Vector& r,
                                  const Vector& t) {
  const Index half = h.size() / 2;
  switch (model) {
    case GraphModel::TransE:
      return (h + r).dot(t);
    case GraphModel::DistMult:
      return (h.array() * r.array() * t.array()).sum();
    case GraphModel::ComplEx: {
      double sum = 0;
      for (Index i = 0; i < half; ++i) {
        const std::complex<double> hc(h(i), h(half + i));
        const std::complex<double> rc(r(i), r(half + i));
        const std::complex<double> tc(t(i), t(half + i));
        sum += (hc * rc * std::conj(tc)).real();
      }
      return sum;
    }
  }
  return 0;
}

// People who live in cities of countries, which follow from one another.
inline Graph country_graph() {
  static std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (int i = 0; i < 40; ++i) {
      list.push_back("person " + std::to_string(i));
      list.push_back("city " + std::to_string(i % 8));
      list.push_back("country " + std::to_string(i % 8 / 2));
    }
    return list;
  }();
  std::vector<Fact> facts;
  for (std::size_t i = 0; i < names.size(); i += 3) {
    facts.push_back({names[i].c_str(), "lives in", names[i + 1].c_str()});
    facts.push_back({names[i].c_str(), "citizen of", names[i + 2].c_str()});
    facts.push_back({names[i + 1].c_str(), "part of", names[i + 2].c_str()});
  }
  return graph_of_facts(facts);
}

}  // namespace fairdb::test
