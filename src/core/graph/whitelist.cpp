#include "core/graph/whitelist.hpp"

#include <algorithm>
#include <map>

#include "core/base/error.hpp"

namespace fairdb {

std::set<PersonRelation> relations_for(const std::vector<Whitelisted>& whitelist,
                                       std::size_t attribute) {
  std::set<PersonRelation> result;
  for (const Whitelisted& entry : whitelist) {
    if (static_cast<std::size_t>(entry.attribute) == attribute) result.insert(entry.relation);
  }
  return result;
}

AttributeSet AllowedAttributes::of(std::int32_t other) const noexcept {
  const auto found =
      std::lower_bound(for_one.begin(), for_one.end(), other,
                       [](const auto& entry, std::int32_t o) { return entry.first < o; });
  return for_all | (found != for_one.end() && found->first == other ? found->second : 0);
}

AllowedAttributes allowed_attributes(const std::vector<Whitelisted>& whitelist,
                                     const SortedNames& entities,
                                     std::string_view relation,
                                     Direction direction) {
  AllowedAttributes result;
  std::map<std::int32_t, AttributeSet> for_one;
  each_entry(whitelist, relation, direction, [&](const Whitelisted& entry) {
    const AttributeSet attribute = set_of(static_cast<std::size_t>(entry.attribute));
    if (!entry.other) {
      result.for_all |= attribute;
    } else if (const auto other = entities.find(*entry.other)) {
      for_one[*other] |= attribute;
    }
  });
  result.for_one.assign(for_one.begin(), for_one.end());
  return result;
}

void require_known(const Whitelisted& entry,
                   const SortedNames& entities,
                   const SortedNames& relations,
                   const char* where) {
  const std::string absent = std::string("\" is not in the ") + where;
  if (!relations.find(entry.relation.name)) {
    throw Error(ErrorKind::UnknownGroup,
                "the whitelist's relation \"" + entry.relation.name + absent);
  }
  if (entry.other && !entities.find(*entry.other)) {
    throw Error(ErrorKind::UnknownGroup, "the whitelist's tail \"" + *entry.other + absent);
  }
}

}  // namespace fairdb
