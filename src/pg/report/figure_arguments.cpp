#include "pg/report/figure_arguments.hpp"

#include "core/base/row_label.hpp"
#include "pg/audit/attribute_tables.hpp"
#include "pg/audit/metric_arguments.hpp"

namespace fairdb::pg {
namespace {

// Where the server's encoding is none ("SQL_ASCII") the bytes stay, and names show those that are
// no UTF-8 by their codes.
std::string converted(std::string_view text, bool to_server) {
  const char* const converted = backend([&] {
    const int length = static_cast<int>(text.size());
    char* const given = pnstrdup(text.data(), text.size());
    return static_cast<const char*>(to_server ? pg_any_to_server(given, length, PG_UTF8)
                                              : pg_server_to_any(given, length, PG_UTF8));
  });
  return converted;
}

// Whether the values of an attribute are t and f in all groups.
bool is_flag(const Confusion& confusion, std::size_t attribute, std::size_t attributes) {
  bool yes = false;
  bool no = false;
  for (const GroupCells& group : confusion.groups) {
    if (!group.label) continue;
    const auto fields = fields_of(*group.label);
    const std::string_view value = attributes == 1 && fields.empty() ? *group.label
                                   : attribute < fields.size()       ? fields[attribute]
                                                                     : std::string_view();
    if (value != "t" && value != "f") return false;
    yes = yes || value == "t";
    no = no || value == "f";
  }
  return yes && no;
}

}  // namespace

std::string utf8_of(std::string_view text) {
  const int encoding = GetDatabaseEncoding();
  if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII) return std::string(text);
  return converted(text, false);
}

std::string server_text(const std::string& utf8) {
  const int encoding = GetDatabaseEncoding();
  if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII) return utf8;
  // What fairdb itself writes, and other encodings may lack.
  constexpr std::pair<const char*, const char*> kOwn[] = {
      {"\u00A0", " "}, {"\u202F", " "},       {"\u2212", "-"},
      {"\u00D7", "x"}, {"\u03B5", "epsilon"}, {"\u2026", "..."},
      {"\u2068", ""},  {"\u2069", ""},        {"\u221E", "Infinity"}};
  std::string plain = utf8;
  for (const auto& [character, words] : kOwn) {
    const std::string_view wanted = character;
    for (std::size_t at = plain.find(wanted); at != std::string::npos;
         at = plain.find(wanted, at)) {
      plain.replace(at, wanted.size(), words);
    }
  }
  return converted(plain, true);
}

std::string readable_argument(const Arguments& arguments, std::string_view name) {
  const std::string given = arguments.optional_text(name).value_or("");
  constexpr std::size_t kMostBytes = 1000;
  if (given.size() > kMostBytes) {
    throw Error(ErrorKind::TooLarge, std::string(name) + " has " + std::to_string(given.size()) +
                                         " bytes, 1000 are allowed");
  }
  return readable_text(utf8_of(given));
}

Wording wording_argument(const Arguments& arguments) {
  Wording wording;
  if (arguments.has("people")) wording.people = readable_argument(arguments, "people");
  if (arguments.has("selected")) {
    const std::string selected = readable_argument(arguments, "selected");
    if (!selected.empty()) wording.selected = selected;
  }
  if (arguments.has("level")) wording.level = level_argument(arguments);
  wording.utf8 = utf8_of;
  return wording;
}

std::vector<AttributeGroups> attribute_groups(Datum confusion,
                                              const std::vector<std::string>& names,
                                              const std::vector<std::string>& only,
                                              std::int64_t k,
                                              Monitor& monitor) {
  std::vector<AttributeGroups> sets;
  if (names.empty()) {
    Confusion groups = decoded(confusion);
    std::vector<Withheld> withheld = withhold(groups, published_by_group(), k, monitor);
    sets.push_back({{}, std::move(groups), std::move(withheld), {}});
    return sets;
  }
  const ConfusionValue value = backend([&] { return open_confusion(confusion); });
  const AttributeTables tables(value, names, monitor);
  for (const auto& stratum : tables.strata()) {
    for (Published& table : publish(tables, stratum.second, published_by_group(), k, monitor)) {
      const auto& set = tables.sets()[table.set];
      const bool wanted = std::all_of(set.begin(), set.end(), [&](std::size_t a) {
        return std::find(only.begin(), only.end(), names[a]) != only.end();
      });
      if (!wanted || (set.size() > 1 && set.size() < only.size())) continue;
      AttributeGroups groups{{}, std::move(table.confusion), std::move(table.withheld), {}};
      for (std::size_t a = 0; a < set.size(); ++a) {
        groups.attributes.names.push_back(readable_text(utf8_of(names[set[a]])));
        groups.attributes.flags.push_back(is_flag(groups.confusion, a, set.size()));
        groups.fields.push_back(static_cast<std::int32_t>(set[a]) + 1);
      }
      sets.push_back(std::move(groups));
    }
  }
  if (sets.empty()) sets.push_back({});
  return sets;
}

Datum text_datum(const std::string& text) {
  return backend([&] {
    return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size())));
  });
}

}  // namespace fairdb::pg
