// The confusions of every set of several attributes and of every stratum, from one scan of a
// source, or from one confusion of their intersection.
#pragma once

#include <map>
#include <set>

#include "core/audit/disclosure.hpp"
#include "core/audit/label_order.hpp"
#include "pg/audit/boolean_column.hpp"
#include "pg/audit/confusion_value.hpp"

namespace fairdb::pg {

// What is counted, of whom.
struct Question {
  std::string y_true;  // expressions
  std::string y_pred;
  std::string weight;  // empty when there is none
  std::vector<std::string> sensitive;
  std::vector<std::string> strata;
  // Columns by which the server groups too, so that it can count part by part.
  std::vector<std::string> within;
  // Whether a row that lacks any attribute is of unknown group in every set of them.
  bool complete = false;
};

// A confusion for each combination of attributes and strata, and its sums over attributes.
class AttributeTables {
 public:
  // A set of attributes, by their numbers in Question::sensitive.
  using AttributeSet = std::vector<std::size_t>;

  // flags: the columns whose expressions the question has, to be checked. Needs an open SpiSession.
  // Errors: TooLarge for more than five attributes.
  AttributeTables(const Source& source,
                  const Question& question,
                  const std::vector<const BooleanColumn*>& flags);
  // Of a confusion whose groups are rows of these attributes, in one stratum. Whoever lacks any
  // attribute is of unknown group in every set. Errors: TooLarge; InvalidArgument for a group that
  // is not a row of so many attributes.
  AttributeTables(const ConfusionValue& intersection,
                  const std::vector<std::string>& attributes,
                  Monitor& monitor);

  const std::vector<AttributeSet>& sets() const noexcept { return sets_; }

  using Parts = std::map<Label, std::vector<std::int32_t>, UnknownLast>;
  // Stratum by stratum, the unknown one last, the numbers of the query's rows. Without strata there
  // is one, unknown.
  const std::map<Label, std::vector<std::size_t>, UnknownLast>& strata() const noexcept {
    return strata_;
  }

  // The groups of a set in a stratum, with the places of their rows in the stratum's list.
  Parts parts(const std::vector<std::size_t>& stratum, std::size_t set, Monitor& monitor) const;

  // The counts of each row of a stratum.
  std::vector<PartCounts> part_counts(const std::vector<std::size_t>& stratum,
                                      Monitor& monitor) const;

  // The canonical confusion of a set in a stratum.
  Datum confusion(const std::vector<std::size_t>& stratum,
                  const Parts& parts,
                  Monitor& monitor) const;

 private:
  // The group of a set that a combination belongs to.
  Label label(std::size_t row, std::size_t set) const;
  void sort_strata();

  // What of a confusion is one combination.
  struct Combination {
    ConfusionValue value;
    std::int32_t group;
  };
  std::vector<AttributeSet> sets_;
  bool complete_;
  std::vector<std::optional<std::string>> groups_;  // by combination and set
  std::set<std::string> strata_names_;
  std::vector<Combination> combinations_;
  std::map<Label, std::vector<std::size_t>, UnknownLast> strata_;
};

// The label of some fields (counted from 1) of a label that is a row of so many. Errors:
// InvalidArgument when it has no such field.
std::string marginal_label(std::string_view label, std::span<const std::int32_t> fields);

// For each set a text[] with the names of its attributes.
std::vector<Datum> attribute_arrays(const std::vector<std::string>& sensitive,
                                    const AttributeTables& tables);

// One table of a publication: its groups and what of them is withheld.
struct Published {
  std::size_t set;
  Datum value;
  Confusion confusion;
  std::vector<Withheld> withheld;
};

// The tables of a stratum, with what each withholds so that no table gives another one's away.
std::vector<Published> publish(const AttributeTables& tables,
                               const std::vector<std::size_t>& stratum,
                               std::span<const PublishedCount> shown,
                               std::int64_t k,
                               Monitor& monitor);

}  // namespace fairdb::pg
