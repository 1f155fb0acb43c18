// Persons and what they have: a sensitive attribute is a relation that leads from persons to
// values, as gender, religion and nationality do. Whom or what it is about does not matter:
// companies and their countries are persons and values here.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/graph/graph_model.hpp"
#include "core/graph/triples.hpp"

namespace fairdb {

// A relation as it leads from a person to a value: from heads to tails, or, inverse, from tails to
// heads.
struct PersonRelation {
  std::string name;
  bool inverse = false;

  Direction direction() const noexcept { return inverse ? Direction::Heads : Direction::Tails; }
  friend bool operator==(const PersonRelation&, const PersonRelation&) = default;
  friend bool operator<(const PersonRelation& a, const PersonRelation& b) noexcept {
    return std::tie(a.name, a.inverse) < std::tie(b.name, b.inverse);
  }
};

struct PersonValue {
  std::int32_t person;
  std::int32_t value;
};
inline PersonValue person_value(const Triple& t, bool inverse) noexcept {
  return inverse ? PersonValue{t.tail, t.head} : PersonValue{t.head, t.tail};
}

// Who has which of an attribute's most frequent values.
struct AttributeHolders {
  // The most frequent first, of equal ones the lower code; or in the order in which they are asked.
  std::vector<std::int32_t> values;
  std::vector<std::int64_t> counts;   // the persons of each
  Index different = 0;                // values there are, rare ones among them; 0 if not asked
  std::vector<std::int32_t> persons;  // all with a value, be it a rare one; ascending
  std::vector<Index> begin;           // in `held`, of each person, and the end
  std::vector<std::int32_t> held;     // places in `values`, ascending

  // Of the place of a person.
  std::span<const std::int32_t> held_by(std::size_t person) const noexcept {
    const auto from = static_cast<std::size_t>(begin[person]);
    return {held.data() + from, static_cast<std::size_t>(begin[person + 1]) - from};
  }
  // Whether a person has a value, be it a rare one.
  bool has(std::int32_t person) const noexcept;
  // Of a person's code; none for one who is not among them.
  std::span<const std::int32_t> held_by_person(std::int32_t person) const noexcept;
};
// Of a relation's triples the `top` most frequent values. Triples without a known person (kUnseen)
// count for nothing; a value that is not known makes a holder of nothing.
AttributeHolders holders_of(std::span<const Triple> triples,
                            std::int32_t relation,
                            bool inverse,
                            Index top,
                            Monitor& monitor);

// Who has what in a graph, in the codes of an embedding's entities; a value that the embedding
// lacks has a code behind them, for what persons' vectors tell does not hang on the values having
// some.
class PeopleOf {
 public:
  // Both must outlive this.
  PeopleOf(const SortedNames& entities, const Graph& people, Monitor& monitor);

  // Errors: UnknownGroup for a relation that the graph lacks; InvalidData for fewer than two
  // values, and for more of them than persons.
  AttributeHolders holders(const PersonRelation& relation, Index top, Monitor& monitor) const;
  // Of these values, in this order; nobody where the graph lacks the relation.
  AttributeHolders holders(const PersonRelation& relation,
                           const std::vector<std::string>& values,
                           Monitor& monitor) const;
  std::string_view name(std::int32_t code) const;
  bool known(std::int32_t code) const noexcept { return code < entities_.size(); }
  std::int32_t code(std::int32_t of_people) const noexcept {
    return codes_[static_cast<std::size_t>(of_people)];
  }

 private:
  std::vector<Triple> coded(const PersonRelation& relation,
                            std::int32_t of,
                            Monitor& monitor) const;

  const SortedNames& entities_;
  const Graph& people_;
  std::vector<std::int32_t> codes_;  // of each entity of the graph
};
// Bytes for the holders of all relations of a graph, and to find them.
std::size_t holders_bytes(const Graph& people) noexcept;
// Only values that so many persons have, in their order.
AttributeHolders with_frequent(const AttributeHolders& holders, std::int64_t min_count);
// Without some of the persons, by their codes.
AttributeHolders without(const AttributeHolders& holders, const std::vector<bool>& left_out);
// Of these values, in this order.
AttributeHolders holders_of(std::span<const Triple> triples,
                            std::int32_t relation,
                            bool inverse,
                            const std::vector<std::int32_t>& values,
                            Monitor& monitor);

// Errors: InvalidData for fewer than two values: one tells nothing of anybody. first: the name of
// the first one.
void require_values(const PersonRelation& relation,
                    const AttributeHolders& holders,
                    std::string_view first);
// Throws where those who have a value of the attribute are not asked by the relation, but by the
// other side of its triples: then a permission for it is in the wrong direction. One that concerns
// nobody yet is none. has_value(code): of the graph's entities. Errors: InvalidData.
void require_asked(const Graph& people,
                   const PersonRelation& relation,
                   const std::string& attribute,
                   const std::function<bool(std::int32_t)>& has_value,
                   Monitor& monitor);
// Errors: InvalidData for more values than persons: then persons are taken for values.
void require_direction(const PersonRelation& relation, const AttributeHolders& holders);
inline constexpr const char* kDirectionHint =
    "Is it read in the right direction? Of a relation that leads from values to persons, as in "
    "(Irish, people, Ada), inverse is true in its place, or sensitive_inverse of graph_leakage; "
    "else false.";

}  // namespace fairdb
