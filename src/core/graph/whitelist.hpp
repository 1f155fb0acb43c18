// What a whitelist allows: attributes whose vectors are added to a person who is asked something.
#pragma once

#include <set>

#include "core/graph/fairness.hpp"
#include "core/graph/sorted_names.hpp"

namespace fairdb {

// A set of attributes, by their places, as bits.
using AttributeSet = std::uint64_t;
constexpr AttributeSet set_of(std::size_t attribute) noexcept {
  return AttributeSet{1} << attribute;
}

// Each entry for a relation in a direction.
template <class Each>
void each_entry(const std::vector<Whitelisted>& whitelist,
                std::string_view relation,
                Direction direction,
                Each each) {
  for (const Whitelisted& entry : whitelist) {
    if (entry.relation.name == relation && entry.relation.direction() == direction) each(entry);
  }
}

// The relations by which an attribute may be asked, each once.
std::set<PersonRelation> relations_for(const std::vector<Whitelisted>& whitelist,
                                       std::size_t attribute);

// What may be added where a relation is asked in a direction.
struct AllowedAttributes {
  AttributeSet for_all = 0;
  std::vector<std::pair<std::int32_t, AttributeSet>> for_one;  // by answer, ascending

  bool empty() const noexcept { return for_all == 0 && for_one.empty(); }
  // Where the answer is `other`.
  AttributeSet of(std::int32_t other) const noexcept;
};
// Answers that are no entities are left out.
AllowedAttributes allowed_attributes(const std::vector<Whitelisted>& whitelist,
                                     const SortedNames& entities,
                                     std::string_view relation,
                                     Direction direction);

// Throws unless the names of an entry are among these. Errors: UnknownGroup, which tells where they
// are not.
void require_known(const Whitelisted& entry,
                   const SortedNames& entities,
                   const SortedNames& relations,
                   const char* where);

}  // namespace fairdb
