#include "pg/bridge/source.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/listed.hpp"
#include "core/base/number_text.hpp"
#include "pg/bridge/column_types.hpp"
#include "pg/bridge/labels.hpp"

extern "C" {
#include <access/relation.h>
#include <catalog/pg_class.h>
#include <catalog/pg_inherits.h>
#include <catalog/pg_operator.h>
#include <miscadmin.h>
#include <nodes/extensible.h>
#include <nodes/nodeFuncs.h>
#include <parser/parse_relation.h>
#include <parser/parsetree.h>
#include <tcop/tcopprot.h>
#include <utils/acl.h>
#include <utils/lsyscache.h>
#include <utils/partcache.h>
#include <utils/plancache.h>
#include <utils/syscache.h>
#include <utils/typcache.h>
}

namespace fairdb::pg {
namespace {

// A relation that a text names, of one to three parts; name is NULL for another text.
struct NamedRelation {
  Oid id;
  const char* name;  // qualified and quoted
};

// Quoted; NULL when the relation or its schema is gone. Plain.
const char* qualified_name(Oid relation) {
  const char* const schema = get_namespace_name(get_rel_namespace(relation));
  const char* const name = get_rel_name(relation);
  if (schema == nullptr || name == nullptr) return nullptr;
  return quote_qualified_identifier(schema, name);
}

// Locked before it is asked for its name, or it might be gone by then. Plain.
NamedRelation relation_named(const char* text) {
  List* parts = NIL;
  if (!SplitIdentifierString(pstrdup(text), '.', &parts) || parts == NIL ||
      list_length(parts) > 3) {
    return {InvalidOid, nullptr};
  }
  List* names = NIL;
  ListCell* cell = nullptr;
  foreach (cell, parts) names = lappend(names, makeString(static_cast<char*>(lfirst(cell))));
  const Oid relation = RangeVarGetRelid(makeRangeVarFromNameList(names), AccessShareLock, false);
  const char* const name = qualified_name(relation);
  if (name == nullptr) {
    ereport(ERROR,
            (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("relation \"%s\" does not exist", text)));
  }
  return {relation, name};
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

namespace {

// Of a type that may be gone by now: "???".
std::string type_name(Oid type) {
  return backend([&] { return format_type_extended(type, -1, FORMAT_TYPE_ALLOW_INVALID); });
}

[[noreturn]] void source_changed(const std::string& detail) {
  throw Error(
      ErrorKind::Changed, "the source changed while it was read",
      "A table, view, function or type that it uses was altered, by another session or by the "
      "source's own functions. Try again when that is done.",
      detail);
}

// The one statement of a plan. Plain.
CachedPlanSource* statement_of(SPIPlanPtr plan) {
  return static_cast<CachedPlanSource*>(linitial(SPI_plan_get_plan_sources(plan)));
}

SPIPlanPtr prepared(const std::string& sql, int options) {
  return backend([&] {
    SPIPlanPtr const plan = SPI_prepare_cursor(sql.c_str(), 0, nullptr, options);
    if (plan == nullptr) elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
    return plan;
  });
}

// What a plan takes would be kept until the session ends, and a source may be read very often.
void forget(SPIPlanPtr plan) {
  backend([&] { SPI_freeplan(plan); });
}

void check_answer(TupleDesc answer, const std::vector<Output>& outputs) {
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Oid type = TupleDescAttr(answer, static_cast<int>(i))->atttypid;
    if (type == outputs[i].type) continue;
    source_changed(outputs[i].expression + " has the type " + type_name(type) + ", it had " +
                   type_name(outputs[i].type) + ".");
  }
}

}  // namespace

Source::Source(const std::string& text) {
  const NamedRelation relation = backend([&] { return relation_named(text.c_str()); });
  if (relation.name != nullptr) {
    relation_ = relation.id;
    from_ = relation.name;
  } else {
    // The line break ends a comment at the end of the query.
    from_ = "(" + single_statement(text) + "\n) AS source";
  }
  SPIPlanPtr const plan = prepared("SELECT * FROM " + from_, 0);
  TupleDesc const desc = backend([&]() -> TupleDesc {
    TupleDesc const result = statement_of(plan)->resultDesc;
    if (result == nullptr) elog(ERROR, "the source returns no rows");
    return result;
  });
  const List* const targets = backend([&]() -> const List* {
    const auto* const query = linitial_node(Query, statement_of(plan)->query_list);
    return list_length(query->targetList) == desc->natts ? query->targetList : NIL;
  });
  for (int i = 0; i < desc->natts; ++i) {
    const FormData_pg_attribute* const attribute = TupleDescAttr(desc, i);
    const Oid type = attribute->atttypid;
    SourceColumn column{NameStr(attribute->attname), type,
                        backend([&] { return getBaseType(type); }), attribute->attcollation};
    if (targets != NIL) {
      const auto* const target = static_cast<const TargetEntry*>(list_nth(targets, i));
      column.table = target->resorigtbl;
      column.attribute = target->resorigcol;
    }
    columns_.push_back(std::move(column));
  }
  check_analysis(plan);
  forget(plan);
}

// The source is the first entry of the range table, whatever follows FROM.
void Source::check_analysis(SPIPlanPtr plan) const {
  struct Column {
    const char* name;
    Oid type;
  };
  struct Columns {
    Column* list;
    int count;
    bool same_relation;
    MemoryContext memory;  // of the list
  };
  const Columns now = backend([&] {
    MemoryContext const memory =
        AllocSetContextCreate(CurrentMemoryContext, "fairdb analysis", ALLOCSET_SMALL_SIZES);
    MemoryContext const previous = MemoryContextSwitchTo(memory);
    const CachedPlanSource* const statement = statement_of(plan);
    auto* const query = static_cast<Query*>(linitial(statement->query_list));
    List* names = NIL;
    List* variables = NIL;
    expandRTE(static_cast<RangeTblEntry*>(linitial(query->rtable)), 1, 0,
#if PG_VERSION_NUM >= 180000
              VAR_RETURNING_DEFAULT,
#endif
              -1, false, &names, &variables);
    Columns columns{nullptr, list_length(names), true, memory};
    columns.list =
        static_cast<Column*>(palloc(sizeof(Column) * static_cast<std::size_t>(columns.count + 1)));
    for (int i = 0; i < columns.count; ++i) {
      columns.list[i] = {strVal(list_nth(names, i)),
                         exprType(static_cast<Node*>(list_nth(variables, i)))};
    }
    if (OidIsValid(relation_)) {
      // The name may have gone over to another one, that reads this one.
      const char* const name = qualified_name(relation_);
      columns.same_relation =
          name != nullptr && from_ == name && list_member_oid(statement->relationOids, relation_);
    }
    MemoryContextSwitchTo(previous);
    return columns;
  });
  if (!now.same_relation) source_changed(from_ + " is another relation.");
  if (now.count != static_cast<int>(columns_.size())) {
    source_changed("It has " + std::to_string(now.count) + " columns, it had " +
                   std::to_string(columns_.size()) + ".");
  }
  for (int i = 0; i < now.count; ++i) {
    const SourceColumn& column = columns_[static_cast<std::size_t>(i)];
    const Column& found = now.list[i];
    if (found.name == column.name && found.type == column.type) continue;
    source_changed("Column " + std::to_string(i + 1) + " is \"" + found.name + "\" of type " +
                   type_name(found.type) + ", it was \"" + column.name + "\" of type " +
                   type_name(column.type) + ".");
  }
  backend([&] { MemoryContextDelete(now.memory); });
}

SPIPlanPtr Source::prepare(const std::vector<Output>& outputs,
                           const std::string& rest,
                           int options) const {
  // First by itself: that a column is missing would be an error of its own.
  SPIPlanPtr const whole = prepared("SELECT * FROM " + from_, 0);
  check_analysis(whole);
  forget(whole);
  std::string sql;
  for (const Output& output : outputs) sql += (sql.empty() ? "SELECT " : ", ") + output.expression;
  SPIPlanPtr const plan = prepared(sql + " FROM " + from_ + rest, options);
  check_analysis(plan);
  return plan;
}

// Checked when the plan has been opened: a plan is analysed again if what it names has changed
// since it was prepared, but never while it runs.
Portal Source::open(const std::vector<Output>& outputs) const {
  SPIPlanPtr const plan = prepare(outputs, "", CURSOR_OPT_NO_SCROLL);
  Portal const portal =
      backend([&] { return SPI_cursor_open(nullptr, plan, nullptr, nullptr, true); });
  check_analysis(plan);
  check_answer(portal->tupDesc, outputs);
  forget(plan);  // the portal has a copy of what it needs
  return portal;
}

namespace {

// Of a plan that is not saved. Plain.
void release(CachedPlan* plan) {
#if PG_VERSION_NUM >= 140000
  ReleaseCachedPlan(plan, nullptr);
#else
  ReleaseCachedPlan(plan, false);
#endif
}

// Whether Citus has planned the query for its workers. Plain.
bool is_distributed(SPIPlanPtr plan) {
  CachedPlan* const cached = SPI_plan_get_cached_plan(plan);
  if (cached == nullptr) return false;
  const Plan* const top = linitial_node(PlannedStmt, cached->stmt_list)->planTree;
  const bool found = IsA(top, CustomScan) &&
                     std::strcmp(reinterpret_cast<const CustomScan*>(top)->methods->CustomName,
                                 "Citus Adaptive") == 0;
  release(cached);
  return found;
}

// The first foreign table of a plan that is scanned row by row: a scan of a whole aggregate has no
// table of its own. Plain.
Oid scanned_foreign_table(const Plan* plan, List* tables) {
  if (plan == nullptr) return InvalidOid;
  check_stack_depth();
  if (IsA(plan, ForeignScan)) {
    const Index table = reinterpret_cast<const ForeignScan*>(plan)->scan.scanrelid;
    return table > 0 ? rt_fetch(table, tables)->relid : InvalidOid;
  }
  List* parts = NIL;
  if (IsA(plan, Append)) parts = reinterpret_cast<const Append*>(plan)->appendplans;
  if (IsA(plan, MergeAppend)) parts = reinterpret_cast<const MergeAppend*>(plan)->mergeplans;
  ListCell* cell = nullptr;
  foreach (cell, parts) {
    const Oid found = scanned_foreign_table(static_cast<const Plan*>(lfirst(cell)), tables);
    if (OidIsValid(found)) return found;
  }
  if (IsA(plan, SubqueryScan)) {
    return scanned_foreign_table(reinterpret_cast<const SubqueryScan*>(plan)->subplan, tables);
  }
  const Oid left = scanned_foreign_table(plan->lefttree, tables);
  return OidIsValid(left) ? left : scanned_foreign_table(plan->righttree, tables);
}

// The numbers of the columns by which a table is partitioned over foreign tables by list, each of
// which the caller may read; NIL of others. Plain.
List* foreign_list_key(Oid relation) {
  if (get_rel_relkind(relation) != RELKIND_PARTITIONED_TABLE) return NIL;
  bool foreign = false;
  ListCell* cell = nullptr;
  foreach (cell, find_inheritance_children(relation, NoLock)) {
    foreign = foreign || get_rel_relkind(lfirst_oid(cell)) == RELKIND_FOREIGN_TABLE;
  }
  if (!foreign) return NIL;
  Relation const table = relation_open(relation, NoLock);
  PartitionKey const key = RelationGetPartitionKey(table);
  const bool all = pg_class_aclcheck(relation, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
  List* columns = NIL;
  for (int i = 0; i < key->partnatts && key->strategy == PARTITION_STRATEGY_LIST; ++i) {
    const AttrNumber column = key->partattrs[i];
    const bool readable =
        column != 0 &&
        (all || pg_attribute_aclcheck(relation, column, GetUserId(), ACL_SELECT) == ACLCHECK_OK);
    if (readable) columns = lappend_int(columns, column);
  }
  if (list_length(columns) != key->partnatts) columns = NIL;
  relation_close(table, NoLock);
  return columns;
}

}  // namespace

const SPITupleTable* Source::fetch(const std::vector<Output>& outputs,
                                   const std::string& rest,
                                   std::string* scanned) const {
  SPIPlanPtr const plan = prepare(outputs, rest, CURSOR_OPT_PARALLEL_OK);
  if (scanned != nullptr) {
    // The plan that is executed: without parameters there is one.
    const char* const name = backend([&]() -> const char* {
      CachedPlan* const cached = SPI_plan_get_cached_plan(plan);
      if (cached == nullptr) return nullptr;
      const auto* const statement = linitial_node(PlannedStmt, cached->stmt_list);
      const Oid table = scanned_foreign_table(statement->planTree, statement->rtable);
      release(cached);
      return OidIsValid(table) ? qualified_name(table) : nullptr;
    });
    if (name != nullptr) *scanned = name;
  }
  const SPITupleTable* const rows = backend([&] {
    // Without a limit: parallel workers need to be let run to the end.
    const int status = SPI_execute_plan(plan, nullptr, nullptr, true, 0);
    if (status != SPI_OK_SELECT) elog(ERROR, "SPI_execute: %s", SPI_result_code_string(status));
    return SPI_tuptable;
  });
  check_analysis(plan);
  check_answer(rows->tupdesc, outputs);
  forget(plan);
  return rows;
}

bool Source::distributed() const {
  SPIPlanPtr const plan = prepared("SELECT * FROM " + from_, 0);
  const bool found = backend([&] { return is_distributed(plan); });
  forget(plan);
  return found;
}

std::optional<std::vector<std::string>> Source::parts() const {
  if (distributed()) return std::vector<std::string>{};
  if (!OidIsValid(relation_)) return std::nullopt;
  const List* const key = backend([&] { return foreign_list_key(relation_); });
  if (key == NIL) return std::nullopt;
  std::vector<std::string> columns;
  const ListCell* cell = nullptr;
  foreach (cell, key) {
    const int number = lfirst_int(cell);
    columns.emplace_back(
        backend([&] { return get_attname(relation_, static_cast<AttrNumber>(number), false); }));
  }
  return columns;
}

const SourceColumn& Source::column(const std::string& name, const char* argument) const {
  const auto it = std::find_if(columns_.begin(), columns_.end(),
                               [&](const SourceColumn& c) { return c.name == name; });
  if (it != columns_.end()) return *it;
  std::vector<std::string_view> known;
  for (const SourceColumn& c : columns_) known.push_back(c.name);
  const bool computed = name.find_first_of("=<>()+-*/|:") != std::string::npos;
  throw Error(ErrorKind::UnknownColumn,
              "column \"" + name + "\", named by " + argument + ", is not in the source",
              "The source has the columns " + listed(known) + "." +
                  (computed ? " What is computed gets a name in a SELECT, which is then the source."
                   : name.find(',') != std::string::npos ? " Several are written '{a,b}'."
                                                         : ""));
}

void other_rows() {
  throw Error(
      ErrorKind::InvalidData, "the source returned other rows when it was read again",
      "The source is read more than once. Store rows that are drawn at random, or that depend "
      "on a sequence or the clock, in a table first.");
}

void wrong_type(const SourceColumn& column,
                const char* argument,
                const char* expected,
                const char* hint) {
  throw Error(ErrorKind::WrongType,
              "column \"" + column.name + "\", named by " + argument + ", has type " +
                  backend([&] { return format_type_be(column.type); }) + ", expected " + expected,
              hint);
}

namespace {

// A value of a column, given as text. Plain. Errors: of the type's input function, naming the
// argument and the column.
Datum value_of(const SourceColumn& column, const std::string& text, const char* argument) {
  struct Place {
    const char* argument;
    const char* column;
  };
  Place place{argument, column.name.c_str()};
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
  const Datum value = OidInputFunctionCall(input, const_cast<char*>(text.c_str()), parameter, -1);
  error_context_stack = context.previous;
  return value;
}

}  // namespace

std::string literal_for(const SourceColumn& column,
                        const std::string& value,
                        const char* argument) {
  return backend([&] {
    (void)value_of(column, value, argument);
    return quote_literal_cstr(value.c_str());
  });
}

namespace {

// true or false, as a driver or a person writes a boolean; yes and no may be words of a text
// column.
std::optional<bool> boolean_word(const std::string& text) {
  const auto is = [&](const char* word) { return pg_strcasecmp(text.c_str(), word) == 0; };
  if (is("true") || is("t")) return true;
  if (is("false") || is("f")) return false;
  return std::nullopt;
}

std::string without_blanks(const std::string& text) {
  constexpr const char* kBlanks = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// The equality of a column's type, such as citext's, which knows no case.
std::string equality_of(const SourceColumn& column) {
  return backend([&]() -> const char* {
    const Oid found = lookup_type_cache(column.base_type, TYPECACHE_EQ_OPR)->eq_opr;
    HeapTuple const tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(found));
    if (!HeapTupleIsValid(tuple)) return "OPERATOR(pg_catalog.=)";
    const auto* const form = reinterpret_cast<Form_pg_operator>(GETSTRUCT(tuple));
    const char* const name =
        psprintf("OPERATOR(%s.%s)", quote_identifier(get_namespace_name(form->oprnamespace)),
                 NameStr(form->oprname));
    ReleaseSysCache(tuple);
    return name;
  });
}

}  // namespace

std::string positive_as_written(const SourceColumn& column, const std::string& written) {
  const Oid type = column.base_type;
  if (!is_number(type)) return written;
  std::string value = without_blanks(written);
  if (const std::optional<bool> word = boolean_word(value)) {
    return type == BOOLOID ? (*word ? "true" : "false") : (*word ? "1" : "0");
  }
  const std::optional<double> number = parse_number(value);
  if (type == BOOLOID) {
    return !number                         ? value
           : *number == 1                  ? "true"
           : *number == 0 || *number == -1 ? "false"
                                           : value;
  }
  const bool whole = type == INT2OID || type == INT4OID || type == INT8OID;
  if (!whole || value.find_first_of(".eE") == std::string::npos) return value;
  constexpr double kLargestWhole = 9007199254740992;  // 2^53
  if (!number || *number != std::floor(*number) || std::abs(*number) > kLargestWhole) return value;
  return std::to_string(static_cast<std::int64_t>(*number));
}

std::string positive_to_keep(const SourceColumn& column, const std::string& written) {
  std::string value = positive_as_written(column, written);
  if (is_number(column.base_type)) return value;
  return backend([&]() -> const char* {
    const Datum parsed = value_of(column, value, "positive");
    // What has no hash cannot be read as a label; bit and money, for example.
    if (!OidIsValid(lookup_type_cache(column.base_type, TYPECACHE_HASH_PROC)->hash_proc)) {
      return pstrdup(value.c_str());
    }
    LabelReader* const reader = LabelReader::create(column.type, CurrentMemoryContext);
    const std::int32_t code = reader->code(parsed, 1);
    if (code < 0) return pstrdup(value.c_str());
    const std::string_view text = reader->label(code);
    return pnstrdup(text.data(), text.size());
  });
}

namespace {

// "::" and the type, without a modifier: format_type_be would turn bpchar into character(1).
std::string cast_to(Oid type) {
  constexpr int kFlags = FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY;
  return std::string("::") + backend([&] { return format_type_extended(type, -1, kFlags); });
}

}  // namespace

std::string value_expression(const SourceColumn& column,
                             const std::string& value,
                             const char* argument) {
  // Of a domain the operators of its base, which the server finds only by that name.
  const std::string cast = column.type == column.base_type ? "" : cast_to(column.base_type);
  return "(" + quoted(column.name) + cast + " " + equality_of(column) + " " +
         literal_for(column, value, argument) + ")";
}

std::string positive_expression(const SourceColumn& column, const std::string& positive) {
  return value_expression(column, positive_as_written(column, positive), "positive");
}

bool can_hold(const SourceColumn& column, const std::string& written) {
  if (!is_number(column.base_type)) return true;
  const std::string value = positive_as_written(column, written);
  if (column.base_type != BOOLOID) return parse_number(value).has_value();
  return value == "true" || value == "false";
}

std::string quoted(const std::string& name) {
  return backend([&] { return quote_identifier(name.c_str()); });
}

std::string number_expression(const Source& source, const std::string& name, const char* argument) {
  const SourceColumn& column = source.column(name, argument);
  if (!is_number(column.base_type) || column.base_type == BOOLOID) {
    wrong_type(column, argument, "a number", "A SELECT as source can make one of it.");
  }
  return "(" + quoted(name) + ")::pg_catalog.float8";
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
  return quoted(id.name) + cast_to(id_type);
}

std::string group_name(const std::vector<std::string>& sensitive) {
  std::string list;
  for (const std::string& name : sensitive) list += (list.empty() ? "" : ", ") + name;
  return list;
}

namespace {

bool is_text(Oid base_type) {
  return base_type == TEXTOID || base_type == VARCHAROID;
}

}  // namespace

std::string group_expression(const Source& source,
                             const std::vector<std::string>& names,
                             Oid* type,
                             const char* argument) {
  std::string list;
  for (const std::string& name : names) {
    *type = source.column(name, argument).type;
    list += (list.empty() ? "" : ", ") + quoted(name);
  }
  if (names.size() == 1) return list;
  const bool texts = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return is_text(source.column(name, argument).base_type);
  });
  *type = texts ? TEXTOID : RECORDOID;
  return (texts ? "fairdb.key(" : "ROW(") + list + ")";
}

std::string group_text_expression(const Source& source,
                                  const std::vector<std::string>& names,
                                  Oid* type) {
  const auto texts = label_texts(source, names);
  if (!texts) return group_expression(source, names, type);
  *type = TEXTOID;
  return names.size() == 1 ? *texts : "fairdb.key(" + *texts + ")";
}

std::string label_text(const std::string& boolean) {
  return "CASE WHEN " + boolean + " THEN 't' WHEN NOT " + boolean + " THEN 'f' END";
}

std::optional<std::string> label_texts(const Source& source,
                                       const std::vector<std::string>& names) {
  std::string texts;
  for (const std::string& name : names) {
    const Oid base = source.column(name, "sensitive").base_type;
    const std::string column = quoted(name);
    if (!texts.empty()) texts += ", ";
    if (is_text(base)) {
      texts += column;
    } else if (base == BOOLOID) {
      texts += label_text(column);
    } else if (base == INT2OID || base == INT4OID || base == INT8OID) {
      texts += column + "::pg_catalog.text";
    } else {
      return std::nullopt;
    }
  }
  return texts;
}

std::vector<Output> column_keys(const Source& source,
                                const std::vector<std::string>& names,
                                const char* argument) {
  std::vector<Output> keys;
  keys.reserve(names.size());
  for (const std::string& name : names) {
    keys.push_back({quoted(name), source.column(name, argument).type});
  }
  return keys;
}

bool is_nondeterministic(Oid collation) {
  return OidIsValid(collation) &&
         backend([&] { return !get_collation_isdeterministic(collation); });
}

namespace {

// Whether values of a type that are equal for the server name one group: numbers and times do, in
// whatever form they are stored, since labels have one form of them.
bool equal_as_texts(Oid base) {
  if (is_number(base) || is_time(base)) return true;
  switch (base) {
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case NAMEOID:
    case CHAROID:
    case BYTEAOID:
    case UUIDOID:
    case OIDOID:
    case TIMEOID:
      return true;
    default:
      return backend([&] { return type_is_enum(base); });
  }
}

}  // namespace

std::vector<std::string> group_columns(const Source& source,
                                       const std::vector<std::string>& names,
                                       const char* argument) {
  std::vector<std::string> columns;
  for (const std::string& name : names) {
    const SourceColumn& column = source.column(name, argument);
    // Of a type that is gone by now the query will tell.
    const bool equality = backend([&] {
      return !SearchSysCacheExists1(TYPEOID, ObjectIdGetDatum(column.base_type)) ||
             OidIsValid(lookup_type_cache(column.base_type, TYPECACHE_EQ_OPR)->eq_opr);
    });
    if (!equality) {
      wrong_type(column, argument, "a type with equality",
                 "Cast it to text in a SELECT as source.");
    }
    columns.push_back(quoted(name));
    // Values that are equal for the server and have different texts are different groups, as for
    // the aggregates: an interval of a day and one of 24 hours, a citext in capitals, the numbers 1
    // and 1.0 in a jsonb.
    if (is_nondeterministic(column.collation)) {
      columns.push_back(quoted(name) + "::pg_catalog.text COLLATE pg_catalog.\"C\"");
    } else if (!equal_as_texts(column.base_type)) {
      columns.push_back(quoted(name) + "::pg_catalog.text");
    }
  }
  return columns;
}

}  // namespace fairdb::pg
