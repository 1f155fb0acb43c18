// What an embedding remembers of how its persons were kept from telling sensitive attributes, for
// persons that come later and for those who ask.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/names.hpp"
#include "core/graph/concept_erasure.hpp"
#include "core/graph/persons.hpp"

namespace fairdb {

// How training heeds the attributes that it is told of.
enum class GraphDebias : std::uint8_t {
  None,
  Kl,     // a penalty on what the scores of a person's values tell (attribute_penalty.hpp)
  Delete  // their triples are left out
};
template <>
struct NameTable<GraphDebias> {
  static constexpr std::string_view kWhat = "debias";
  static constexpr std::pair<GraphDebias, std::string_view> kNames[] = {
      {GraphDebias::None, "none"}, {GraphDebias::Kl, "kl"}, {GraphDebias::Delete, "delete"}};
};

// What a person's law over the values of an attribute is to be.
enum class KlTarget : std::uint8_t { Uniform, Empirical, Given };
template <>
struct NameTable<KlTarget> {
  static constexpr std::string_view kWhat = "target";
  static constexpr std::pair<KlTarget, std::string_view> kNames[] = {
      {KlTarget::Uniform, "uniform"},
      {KlTarget::Empirical, "empirical"},
      {KlTarget::Given, "given"}};
};

// Whether the divergences of a batch are summed, as its cross-entropies are, or their mean over
// persons and attributes is taken, as Fisher et al. (2020, equation 7) have it.
enum class KlReduction : std::uint8_t { Sum, Mean };
template <>
struct NameTable<KlReduction> {
  static constexpr std::string_view kWhat = "kl_reduction";
  static constexpr std::pair<KlReduction, std::string_view> kNames[] = {
      {KlReduction::Sum, "sum"}, {KlReduction::Mean, "mean"}};
};

// Attributes of an embedding: as many as the bits of a set of them.
inline constexpr std::size_t kMaxAttributes = 64;

// An attribute that training heeded, or that was erased and can be given back.
struct SensitiveAttribute {
  PersonRelation relation;
  std::vector<std::string> values;  // the most frequent first
  double weight = 0;                // of its divergence; 0 without one
  std::vector<double> target = {};  // probabilities of the values; empty without a divergence
  FloatMatrix vectors = {};         // of each value, values x d; no rows without a whitelist
  bool of_erasure = false;          // whether the vectors are what erasure took

  // Vectors that training knows.
  Index trained_vectors() const noexcept { return of_erasure ? 0 : vectors.rows(); }
};

// An attribute's vectors are added to a person who is asked this.
struct Whitelisted {
  std::int32_t attribute;  // place in the list of attributes
  PersonRelation relation;
  std::optional<std::string> other;  // a tail, or a head of an inverse relation; else all

  friend bool operator==(const Whitelisted&, const Whitelisted&) = default;
  friend bool operator<(const Whitelisted& a, const Whitelisted& b) noexcept {
    return std::tie(a.attribute, a.relation, a.other) < std::tie(b.attribute, b.relation, b.other);
  }
};

enum class PersonMapKind : std::uint8_t { Erase, Project };
template <>
struct NameTable<PersonMapKind> {
  static constexpr std::string_view kWhat = "map";
  static constexpr std::pair<PersonMapKind, std::string_view> kNames[] = {
      {PersonMapKind::Erase, "erase"}, {PersonMapKind::Project, "project"}};
};

// A map that persons went through after training, and new ones go through.
struct PersonMap {
  PersonMapKind kind;
  std::vector<PersonRelation> relations;
  std::vector<std::int32_t> values;  // how many of each attribute's values
  AffineErasure map;
  std::int64_t persons = 0;  // that went through it
  double share_kept = 1;     // of the variance of their vectors
};

struct GraphFairness {
  GraphDebias debias = GraphDebias::None;
  KlTarget target = KlTarget::Uniform;
  KlReduction reduction = KlReduction::Sum;
  std::int64_t persons = 0;  // whom the divergence concerned
  std::vector<SensitiveAttribute> attributes;
  std::vector<Whitelisted> whitelist;
  std::vector<double> divergences;  // of each epoch, the mean of a person and attribute
  std::vector<PersonMap> maps;      // in the order in which they are applied

  // Whether new persons are treated otherwise than other entities.
  bool concerns_new() const noexcept { return debias == GraphDebias::Kl || !maps.empty(); }
  bool empty() const noexcept {
    return debias == GraphDebias::None && attributes.empty() && maps.empty();
  }
};

}  // namespace fairdb
