// The types of arguments that people and drivers write in several ways.
//
// names: one name as it stands, or a list as PostgreSQL writes it. In memory it is a text[].
// option_value: a text, in memory too.
#include "pg/bridge/guard.hpp"

extern "C" {
#include <libpq/pqformat.h>
#include <utils/array.h>
#include <utils/float.h>
#include <utils/fmgroids.h>
#include <utils/lsyscache.h>
}

namespace fairdb::pg {
namespace {

// 'sex', or '{sex,race}'. A name that begins with a brace or a bracket stands in a list. Plain.
Datum parsed_names(const char* written) {
  const char* first = written;
  while (isspace(static_cast<unsigned char>(*first))) ++first;
  if (*first == '{' || *first == '[') {
    return OidInputFunctionCall(F_ARRAY_IN, const_cast<char*>(written), TEXTOID, -1);
  }
  Datum name = CStringGetTextDatum(written);
  return PointerGetDatum(construct_array(&name, 1, TEXTOID, -1, false, TYPALIGN_INT));
}

}  // namespace

FAIRDB_FUNCTION(names_in) {
  return backend([&] { return parsed_names(PG_GETARG_CSTRING(0)); });
}

FAIRDB_FUNCTION(names_of) {
  return backend([&] { return parsed_names(text_to_cstring(PG_GETARG_TEXT_PP(0))); });
}

// text[] and varchar[] are in memory what names are.
FAIRDB_FUNCTION(names_of_list) {
  PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

FAIRDB_FUNCTION(names_recv) {
  return backend([&] {
    auto* const message = reinterpret_cast<StringInfo>(PG_GETARG_POINTER(0));
    int length = 0;
    return parsed_names(pq_getmsgtext(message, message->len - message->cursor, &length));
  });
}

FAIRDB_FUNCTION(names_send) {
  return backend([&] {
    const char* const written = OidOutputFunctionCall(F_ARRAY_OUT, PG_GETARG_DATUM(0));
    StringInfoData message;
    pq_begintypsend(&message);
    pq_sendtext(&message, written, static_cast<int>(std::strlen(written)));
    return PointerGetDatum(pq_endtypsend(&message));
  });
}

// Of floating-point numbers and lists of them: a setting that shortens what is shown must not
// change what is meant.
FAIRDB_FUNCTION(option_value_of) {
  return backend([&] {
    Oid output = InvalidOid;
    bool is_varlena = false;
    getTypeOutputInfo(get_fn_expr_argtype(fcinfo->flinfo, 0), &output, &is_varlena);
    const int shown = extra_float_digits;
    char* text = nullptr;
    PG_TRY();
    {
      extra_float_digits = 1;  // the shortest text that reads back as the same number
      text = OidOutputFunctionCall(output, PG_GETARG_DATUM(0));
    }
    PG_FINALLY();
    { extra_float_digits = shown; }
    PG_END_TRY();
    return CStringGetTextDatum(text);
  });
}

}  // namespace fairdb::pg
