"""FB15k-237 in a schema of the server, and SQL on it by psql, for the peers of graph_debias. FAIRDB_DATA is the folder of data sets."""
import os
import subprocess


class Server:
    def __init__(self, schema):
        """Makes the schema anew, with what ../fairness/fb15k_237.sql loads."""
        self.schema = schema
        load = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fairness/fb15k_237.sql")
        self.psql(f"drop schema if exists {schema} cascade; create schema {schema};\n\\i {load}")

    def psql(self, sql, *format):
        """Runs it and returns what it prints, by default a line for each row, with tabs between columns."""
        settings = f"set client_min_messages to warning; set search_path to {self.schema}, public, fairdb; set maintenance_work_mem to '512MB';\n"
        return subprocess.run(["psql", "-X", "-q", *(format or ("-A", "-t", "-F", "\t")), "-v", "ON_ERROR_STOP=1", "-v", "data=" + os.environ["FAIRDB_DATA"]],
                              input=settings + sql, check=True, stdout=subprocess.PIPE, text=True).stdout

    def rows(self, sql):
        return [line.split("\t") for line in self.psql(sql).splitlines()]

    def drop(self):
        self.psql(f"drop schema {self.schema} cascade;")
