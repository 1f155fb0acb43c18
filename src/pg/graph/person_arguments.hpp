// What functions of graphs are told of persons: their sensitive relations, who they are, what may
// be given back, and the values of one who is asked about.
#pragma once

#include "core/graph/given_back.hpp"

#include "pg/bridge/arguments.hpp"
#include "pg/bridge/source.hpp"
#include "pg/graph/graph_value.hpp"

namespace fairdb::pg {

// The arguments sensitive and inverse; none when sensitive is NULL. Errors: InvalidArgument for
// lists of other lengths.
std::vector<PersonRelation> sensitive_relations(const Arguments& arguments);
// Throws unless a list has an element for each sensitive relation.
void check_length(const char* argument, std::size_t length, std::size_t relations);
// The argument top, or 30 for each. Errors: InvalidArgument below 2.
std::vector<Index> tops(const Arguments& arguments, std::size_t relations);

// The names in the column `entity` of a source, NULLs left out. Needs an open SpiSession.
NameBytes read_persons(const Source& source, Monitor& monitor);

// Of each entity whether the source names it, if there is one; a NOTICE tells of names that are no
// entities.
std::vector<bool> named_persons(const SortedNames& entities,
                                const std::optional<std::string>& persons,
                                Monitor& monitor);

// The rows of a source with the columns attribute and relation and, if there are, tail and inverse.
// Needs an open SpiSession. Errors: InvalidArgument for an attribute that is not sensitive.
std::vector<Whitelisted> read_whitelist(const Source& source,
                                        const std::vector<PersonRelation>& sensitive);

// The argument attributes, {"relation": "value"} or {"relation": ["value", "value"]}; nothing when
// it is NULL. A value that is an entity, but has no vector, adds nothing, and the call's first one
// is told in a NOTICE. Errors: UnknownGroup for an attribute without vectors, and, unless on_unseen
// is 'null', for a value that is no entity; InvalidArgument for another form.
HeldValues held_values(const GraphEmbedding& graph,
                       const Arguments& arguments,
                       UnseenName on_unseen,
                       GraphCall& call);

}  // namespace fairdb::pg
