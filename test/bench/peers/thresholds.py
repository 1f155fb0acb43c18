"""Thresholds by group beside fairlearn's ThresholdOptimizer, on published data: a model is trained on one part of the
rows, thresholds on another, and both are judged on a third. Asserts that fairdb's rule has at least fairlearn's
expected accuracy over the rows that made it, with the constraint met, and prints what both do on rows not seen.
FAIRDB_DATA names the folder with Adult and COMPAS; HMDA comes with the project."""

import io
import os
import statistics
import subprocess
import time
import warnings

import fairlearn
import numpy
import pandas
from fairlearn.postprocessing import ThresholdOptimizer
from sklearn.base import BaseEstimator

DATA = os.environ.get("FAIRDB_DATA", "")
HERE = os.path.dirname(os.path.abspath(__file__))
HMDA = os.path.join(HERE, "..", "..", "data", "hmda", "hmda.csv")
ROUNDS = 3
CONSTRAINTS = {"demographic_parity": "demographic_parity", "equal_opportunity": "true_positive_rate_parity",
               "predictive_equality": "false_positive_rate_parity", "equalized_odds": "equalized_odds"}


def psql(*statements):
    """Runs SQL in one session and returns what it prints."""
    arguments = [x for s in statements for x in ("-c", s)]
    settings = "-c client_min_messages=error -c search_path=bench_thresholds,public,fairdb"
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments], check=True,
                          stdout=subprocess.PIPE, text=True, env={**os.environ, "PGOPTIONS": settings}).stdout


def load(name, path, table):
    """A CSV file as a table of texts."""
    with open(path, encoding="utf-8") as file:
        columns = [f'"{c.strip()}" text' for c in file.readline().strip().split(",")]
    psql(f"create table {table} ({', '.join(columns)})", f"\\copy {table} from '{path}' (format csv, header)")


def frame(query):
    return pandas.read_csv(io.StringIO(psql(f"copy ({query}) to stdout (format csv, header)")))


class Given(BaseEstimator):
    """An estimator whose prediction is the score itself."""

    fitted_ = True

    def fit(self, rows, labels):
        return self

    def predict(self, rows):
        return rows[:, 0]


def chances(rule, rows):
    """The chance of each row to be selected under fairlearn's rule."""
    return rule._pmf_predict(rows[["score"]].to_numpy(), sensitive_features=rows["g"])[:, 1]


def expected(chance, rows):
    """Accuracy, and the largest differences of the rates, of chances to be selected."""
    y = rows["y"].to_numpy()
    accuracy = numpy.where(y == 1, chance, 1 - chance).mean()
    by = {"demographic_parity": numpy.ones(len(y), bool), "equal_opportunity": y == 1, "predictive_equality": y == 0}
    gaps = {}
    for name, of in by.items():
        rates = [chance[of & (rows["g"] == g).to_numpy()].mean() for g in rows["g"].unique()]
        gaps[name] = max(rates) - min(rates)
    gaps["equalized_odds"] = max(gaps["equal_opportunity"], gaps["predictive_equality"])
    return accuracy, gaps


def timed(work):
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


SETS = {}
psql("create extension if not exists fairdb", "drop schema if exists bench_thresholds cascade", "create schema bench_thresholds")
load("hmda", HMDA, "hmda")
SETS["HMDA"] = """select id::int as id, african_american as g, (denied = 'no')::int as y, payment_to_income::float8, housing_to_income::float8, loan_to_value::float8,
  consumer_credit_history::int, mortgage_credit_history::int, public_bad_credit, unemployment_rate::float8, self_employed, insurance_denied, condominium, single, high_school,
  (array['train', 'train', 'rule', 'test'])[1 + id::int % 4] as part from hmda"""
if DATA:
    load("adult", os.path.join(DATA, "adult_train.csv"), "adult")
    load("adult_test", os.path.join(DATA, "adult_test.csv"), "adult_test")
    load("compas", os.path.join(DATA, "compas_two_years.csv"), "compas")
    features = """sex as g, (income = '>50K')::int as y, age::int, workclass, education_num::int, marital_status, occupation, relationship,
      capital_gain::int, capital_loss::int, hours_per_week::int"""
    SETS["Adult"] = f"""select row_number() over () as id, {features}, 'train' as part from adult
      union all select 100000 + row_number() over (), {features}, case when row_number() over () % 2 = 0 then 'rule' else 'test' end from adult_test"""
    SETS["COMPAS"] = """select row_number() over () as id, race as g, (two_year_recid = '1')::int as y, age::int, priors_count::int, juv_fel_count::int,
      juv_misd_count::int, c_charge_degree, sex, (array['train', 'train', 'rule', 'test'])[1 + row_number() over () % 4] as part
      from compas where race in ('African-American', 'Caucasian', 'Hispanic')"""

print(f"thresholds by group; fairlearn {fairlearn.__version__} (grid_size 1000)")
for name, query in SETS.items():
    psql(f"create table data as {query}",
         "create table model as select train_linear('select * from data where part = ''train''', 'y', '{g}', "
         "(select array_agg(attname::text) from pg_attribute where attrelid = 'data'::regclass and attnum > 0 and attname not in ('id', 'g', 'y', 'part')), "
         "fairness => 'none', on_null => 'impute', on_unseen => 'ignore') as m",
         "create table scored as select id, g, y, part, round(probability(m, d)::numeric, 6)::float8 as score from data as d, model",
         "create table law as select distribution_agg(score, row(g, y = 1)) as d from scored where part = 'rule'")
    rule_rows, test_rows = (frame(f"select g, y, score from scored where part = '{part}' order by id") for part in ("rule", "test"))
    print(f"{name}: {len(rule_rows)} rows make the rule, {len(test_rows)} judge it, {rule_rows['g'].nunique()} groups")
    plain_accuracy, plain_gaps = expected((test_rows["score"].to_numpy() >= 0.5).astype(float), test_rows)
    print(f"  {'one threshold of 0.5':<22} not seen: accuracy {plain_accuracy:.4f}  "
          + "  ".join(f"{k} {v:.4f}" for k, v in plain_gaps.items() if k != "equalized_odds"))
    for fairness, constraint in CONSTRAINTS.items():
        times = {"fairdb": [], "fairlearn": []}
        for _ in range(ROUNDS):
            _, seconds = timed(lambda: psql(f"select length(thresholds(d, '{fairness}')::text) from law"))
            times["fairdb"].append(seconds)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                theirs, seconds = timed(lambda: ThresholdOptimizer(
                    estimator=Given(), constraints=constraint, objective="accuracy_score", prefit=True, predict_method="predict",
                    grid_size=1000).fit(rule_rows[["score"]].to_numpy(), rule_rows["y"].to_numpy(), sensitive_features=rule_rows["g"]))
            times["fairlearn"].append(seconds)
        psql("drop table if exists made", f"create table made as select thresholds(d, '{fairness}') as t from law")

        def ours(part):
            return frame("select coalesce(b.share, 0) as share from scored as s left join bands((select t from made)) as b "
                         "on b.sensitive = s.g and s.score >= b.threshold_low and s.score < b.threshold_high "
                         f"where part = '{part}' order by id")["share"].to_numpy()

        our_accuracy, our_gaps = expected(ours("rule"), rule_rows)
        their_accuracy, their_gaps = expected(chances(theirs, rule_rows), rule_rows)
        assert our_gaps[fairness] < 1e-12, (name, fairness, our_gaps)
        assert our_accuracy >= their_accuracy - 1e-9, (name, fairness, our_accuracy, their_accuracy)
        out_accuracy, out_gaps = expected(ours("test"), test_rows)
        other_accuracy, other_gaps = expected(chances(theirs, test_rows), test_rows)
        print(f"  {fairness:<22} rule: accuracy {our_accuracy:.6f} (fairlearn {their_accuracy:.6f}), gap {our_gaps[fairness]:.1e} ({their_gaps[fairness]:.1e});"
              f" not seen: accuracy {out_accuracy:.4f} ({other_accuracy:.4f}), gap {out_gaps[fairness]:.4f} ({other_gaps[fairness]:.4f});"
              f" fairlearn's time / fairdb's {statistics.median(times['fairlearn']) / statistics.median(times['fairdb']):.1f}")
    # The three ways to fairness, each for the rate of true positives, on all rows that trained nothing; thresholds that
    # one half of them made decide the other half.
    columns = ("(select array_agg(attname::text) from pg_attribute where attrelid = 'data'::regclass and attnum > 0 "
               "and attname not in ('id', 'g', 'y', 'part'))")
    options = "on_null => 'impute', on_unseen => 'ignore'"
    psql("create view training as select * from data where part = 'train'",
         "create table weighted as select d.*, r.weight from training as d "
         "join reweighing((select confusion_agg(y = 1, y = 1, g) from training)) as r on (r.sensitive, r.label) = (d.g, d.y = 1)",
         f"create table ways as select 'before: reweighing' as way, train_linear('weighted', 'y', '{{g}}', {columns}, fairness => 'none', weight => 'weight', {options}) as m "
         f"union all select 'in: a constraint', train_linear('training', 'y', '{{g}}', {columns}, fairness => 'equal_opportunity', {options})",
         "create table decided as select way, g, y = 1 as y, classify(m, d) as decision from ways, data as d where part <> 'train' "
         "union all select 'nothing', g, y = 1, score >= 0.5 from scored where part <> 'train' "
         "union all select 'after: thresholds', g, y = 1, decide(t, score, g, id::text) "
         "from scored join (select part as made_by, thresholds(distribution_agg(score, row(g, y = 1)), 'equal_opportunity') as t "
         "from scored where part <> 'train' group by part) as made on made_by <> part where part <> 'train'")
    print(psql("select format('  %-20s not seen: accuracy %s, equal opportunity difference %s (%s to %s)', way, round(accuracy::numeric, 3), "
               "round(value::numeric, 3), round(lower::numeric, 3), round(upper::numeric, 3)) "
               "from (select way, confusion_agg(y, decision, g) as c from decided group by way) as t, overall(c), "
               "metrics(c, names => '{equal_opportunity_difference}') "
               "order by array_position('{nothing,before: reweighing,in: a constraint,after: thresholds}', way)"), end="")
    psql("drop table data, model, scored, law, made, weighted, ways, decided cascade")
psql("drop schema bench_thresholds cascade")
