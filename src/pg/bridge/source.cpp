#include "pg/bridge/source.hpp"

#include "core/base/error.hpp"

extern "C" {
#include <utils/plancache.h>
}

namespace fairdb::pg {
namespace {

// The relation's quoted name when the text is a name (of one to three parts), else NULL. Plain.
const char* relation_name(const char* text) {
  List* parts = NIL;
  if (!SplitIdentifierString(pstrdup(text), '.', &parts) || parts == NIL ||
      list_length(parts) > 3) {
    return nullptr;
  }
  List* names = NIL;
  ListCell* cell = nullptr;
  foreach (cell, parts) names = lappend(names, makeString(static_cast<char*>(lfirst(cell))));
  const Oid relation = RangeVarGetRelid(makeRangeVarFromNameList(names), NoLock, false);
  return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
                                    get_rel_name(relation));
}

}  // namespace

SpiSession::SpiSession() {
  backend([] {
    if (SPI_connect() != SPI_OK_CONNECT) elog(ERROR, "SPI_connect failed");
  });
}

void SpiSession::finish() {
  backend([] { SPI_finish(); });
}

Source::Source(const std::string& text) {
  const char* const relation = backend([&] { return relation_name(text.c_str()); });
  if (relation != nullptr) {
    from_ = relation;
  } else {
    std::string query = text;
    while (!query.empty() && std::string_view(" \t\r\n;").find(query.back()) != std::string::npos) {
      query.pop_back();
    }
    if (query.find_first_not_of(" \t\r\n") == std::string::npos) {
      throw Error(ErrorKind::InvalidArgument, "source is empty",
                  "Give the name of a table or view, or a SELECT in dollar quotes.");
    }
    // The line break ends a comment at the end of the query.
    from_ = "(" + query + "\n) AS source";
  }
  const std::string sql = "SELECT * FROM " + from_;
  TupleDesc const desc = backend([&]() -> TupleDesc {
    SPIPlanPtr const plan = SPI_prepare(sql.c_str(), 0, nullptr);
    if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    List* const sources = SPI_plan_get_plan_sources(plan);
    if (list_length(sources) != 1) {
      ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("the source is not a single SELECT"),
                      errhint("Give the name of a table or view, or one SELECT.")));
    }
    auto* const single = static_cast<CachedPlanSource*>(linitial(sources));
    if (single->resultDesc == nullptr) elog(ERROR, "the source returns no rows");
    return CreateTupleDescCopy(single->resultDesc);
  });
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const attribute = TupleDescAttr(desc, i);
    columns_.push_back({NameStr(attribute->attname), attribute->atttypid});
  }
}

const SourceColumn& Source::column(const std::string& name, const char* argument) const {
  const auto it = std::find_if(columns_.begin(), columns_.end(),
                               [&](const SourceColumn& c) { return c.name == name; });
  if (it != columns_.end()) return *it;
  std::string known;
  for (const SourceColumn& c : columns_) known += (known.empty() ? "" : ", ") + c.name;
  throw Error(ErrorKind::UnknownColumn,
              "column \"" + name + "\", named by " + argument + ", is not in the source",
              "The source has the columns " + known + ".");
}

std::string Source::select(const std::vector<std::string>& expressions) const {
  std::string sql = "SELECT ";
  for (std::size_t i = 0; i < expressions.size(); ++i) sql += (i > 0 ? ", " : "") + expressions[i];
  return sql + " FROM " + from_;
}

std::string quoted(const std::string& name) {
  return backend([&] { return quote_identifier(name.c_str()); });
}

std::string id_expression(const SourceColumn& id, Oid id_type) {
  if (id.type == id_type) return quoted(id.name);
  const bool castable = backend([&] {
    Oid from = id.type;
    Oid to = id_type;
    return can_coerce_type(1, &from, &to, COERCION_IMPLICIT);
  });
  if (!castable) {
    const std::string type = backend([&] { return format_type_be(id.type); });
    throw Error(ErrorKind::WrongType,
                "column \"" + id.name + "\" has type " + type + ", but the id is asked for as " +
                    backend([&] { return format_type_be(id_type); }),
                "Name the type of the id: id_type => NULL::" + type + ".");
  }
  return quoted(id.name) + "::" + backend([&] {
           // Without a modifier: format_type_be would turn bpchar into character(1).
           constexpr int kFlags = FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY;
           return format_type_extended(id_type, -1, kFlags);
         });
}

std::string group_name(const std::vector<std::string>& sensitive) {
  std::string list;
  for (const std::string& name : sensitive) list += (list.empty() ? "" : ", ") + name;
  return list;
}

std::string group_expression(const Source& source,
                             const std::vector<std::string>& sensitive,
                             Oid* type) {
  std::string list;
  for (const std::string& name : sensitive) {
    *type = source.column(name, "sensitive").type;
    list += (list.empty() ? "" : ", ") + quoted(name);
  }
  if (sensitive.size() == 1) return list;
  *type = RECORDOID;
  return "ROW(" + list + ")";
}

}  // namespace fairdb::pg
