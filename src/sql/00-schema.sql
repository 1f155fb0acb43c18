-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the fragments there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

-- Functions run with the rights of their caller; types and functions are for everybody.
GRANT USAGE ON SCHEMA fairdb TO PUBLIC;

