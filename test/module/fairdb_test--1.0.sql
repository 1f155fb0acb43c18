\echo Use "CREATE EXTENSION fairdb_test" to load this file. \quit
CREATE FUNCTION test_live_objects() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_live_objects' LANGUAGE c VOLATILE;
CREATE FUNCTION test_backend_error() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_backend_error' LANGUAGE c VOLATILE;
CREATE FUNCTION test_bad_alloc() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_bad_alloc' LANGUAGE c VOLATILE;
CREATE FUNCTION test_typed_error() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_typed_error' LANGUAGE c VOLATILE;
CREATE FUNCTION test_standard_error() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_standard_error' LANGUAGE c VOLATILE;
CREATE FUNCTION test_unknown_exception() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_unknown_exception' LANGUAGE c VOLATILE;
CREATE FUNCTION test_assertion() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_assertion' LANGUAGE c VOLATILE;
CREATE FUNCTION test_long_message() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_long_message' LANGUAGE c VOLATILE;
CREATE FUNCTION test_poll() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_poll' LANGUAGE c VOLATILE;
CREATE FUNCTION test_exception_through_backend() RETURNS int AS 'MODULE_PATHNAME', 'fairdb_test_exception_through_backend' LANGUAGE c VOLATILE;
