-- fairdb: algorithmic fairness inside PostgreSQL.
-- Put together by make from src/sql; edit the fragments there.
\echo Use "CREATE EXTENSION fairdb" to load this file. \quit

