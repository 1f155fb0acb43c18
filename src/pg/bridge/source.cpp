#include "pg/bridge/source.hpp"

#include "core/base/error.hpp"

extern "C" {
#include <tcop/tcopprot.h>
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

// Makes the place of a syntax error one in the source, not in the query that names it.
void place_in_source(void* text) {
  const int place = geterrposition();
  if (place <= 0) return;
  errposition(0);
  internalerrposition(place);
  internalerrquery(static_cast<const char*>(text));
}

// The text of the one SELECT that a source is, without what follows it. Errors: of the server's
// parser; 42601 for anything else.
std::string single_statement(const std::string& text) {
  struct Part {
    int begin;
    int length;  // 0: to the end
  };
  const Part part = backend([&]() -> Part {
    ErrorContextCallback context{error_context_stack, place_in_source,
                                 const_cast<char*>(text.c_str())};
    error_context_stack = &context;
    List* const statements = pg_parse_query(text.c_str());
    error_context_stack = context.previous;
    if (list_length(statements) == 0) return {0, -1};
    const auto* const statement = static_cast<const RawStmt*>(linitial(statements));
    if (list_length(statements) != 1 || !IsA(statement->stmt, SelectStmt)) {
      ereport(ERROR, (errcode(ERRCODE_SYNTAX_ERROR), errmsg("the source is not a single SELECT"),
                      errhint("Give the name of a table or view, or one SELECT.")));
    }
    return {std::max(0, statement->stmt_location), statement->stmt_len};
  });
  if (part.length < 0) {
    throw Error(ErrorKind::InvalidArgument, "source is empty",
                "Give the name of a table or view, or a SELECT in dollar quotes.");
  }
  const auto begin = static_cast<std::size_t>(part.begin);
  return part.length == 0 ? text.substr(begin)
                          : text.substr(begin, static_cast<std::size_t>(part.length));
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
    // The line break ends a comment at the end of the query.
    from_ = "(" + single_statement(text) + "\n) AS source";
  }
  const std::string sql = "SELECT * FROM " + from_;
  TupleDesc const desc = backend([&]() -> TupleDesc {
    SPIPlanPtr const plan = SPI_prepare(sql.c_str(), 0, nullptr);
    if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    List* const sources = SPI_plan_get_plan_sources(plan);
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

std::string literal_for(const SourceColumn& column,
                        const std::string& value,
                        const char* argument) {
  struct Place {
    const char* argument;
    const char* column;
  };
  Place place{argument, column.name.c_str()};
  return backend([&] {
    ErrorContextCallback context{error_context_stack,
                                 [](void* arg) {
                                   const auto* const at = static_cast<const Place*>(arg);
                                   errcontext("%s => ..., for column \"%s\"", at->argument,
                                              at->column);
                                 },
                                 &place};
    error_context_stack = &context;
    Oid input = InvalidOid;
    Oid parameter = InvalidOid;
    getTypeInputInfo(column.type, &input, &parameter);
    OidInputFunctionCall(input, const_cast<char*>(value.c_str()), parameter, -1);
    error_context_stack = context.previous;
    return quote_literal_cstr(value.c_str());
  });
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
