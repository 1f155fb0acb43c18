"""What readers of another library, scikit-learn's logistic regression, tell of persons whose sensitive attributes graph_debias has erased,
on FB15k-237, in sample: for each value, of all persons with a value of its attribute, who has it. Erasure promises that the best
reader is the constant one; asserts that none is right more often than the majority. Printed beside it: the same before erasure.
Needs the server of ./run peers; FAIRDB_DATA is the folder of data sets."""
import os
import subprocess
import sys

import numpy
from sklearn.linear_model import LogisticRegression

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = 30  # what graph_debias minds of an attribute's values


def psql(sql):
    settings = "set client_min_messages to warning; set search_path to bench_erased, public, fairdb; set maintenance_work_mem to '512MB';\n"
    return subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-v", "data=" + os.environ["FAIRDB_DATA"]],
                          input=settings + sql, check=True, stdout=subprocess.PIPE, text=True).stdout


def rows_of(sql):
    return [line.split("\t") for line in psql(sql).splitlines()]


def excess_of(x, has):
    """By how much the reader's accuracy is above the majority's."""
    deviation = x.std(axis=0)
    deviation[deviation < 1e-6 * deviation.max()] = 1  # a dimension that erasure has emptied
    scaled = (x - x.mean(axis=0)) / deviation
    reader = LogisticRegression(C=1, max_iter=1000).fit(scaled, has)
    return reader.score(scaled, has) - max(has.mean(), 1 - has.mean())


psql(f"drop schema if exists bench_erased cascade; create schema bench_erased;\n\\i {HERE}/../fairness/fb15k_237.sql\n"
     "select array_agg(relation order by place) as sensitive, array_agg(inverse order by place) as inverse from attributes \\gset\n"
     "create table graphs as select train_graph('train', 'head', 'relation', 'tail', threads => 2) as before;\n"
     "alter table graphs add after graph_embedding;\n"
     "update graphs set after = graph_debias(before, 'train', :'sensitive', inverse => :'inverse', persons => 'persons');")
vectors = {when: {entity: numpy.array(x.split(" "), dtype=float) for entity, x in
                  rows_of(f"select entity, array_to_string(embedding, ' ') from graphs, embeddings({when}) where entity in (select entity from persons)")}
           for when in ("before", "after")}
# A country with a gender: a value that is a person by mistake stays as it is, as a NOTICE says.
left = {p for p, x in vectors["before"].items() if (x == vectors["after"][p]).all()}
print(f"left as they are: {len(left)} of {len(vectors['before'])}")
wrong = 0
for attribute, relation, inverse in rows_of("select attribute, relation, inverse from attributes order by place"):
    person, value = ("tail", "head") if inverse == "t" else ("head", "tail")
    held = rows_of(f"select distinct {person}, {value} from train where relation = '{relation}'")
    held = [(p, v) for p, v in held if p not in left]
    persons = sorted({p for p, _ in held})
    holders = {}
    for p, v in held:
        holders.setdefault(v, set()).add(p)
    found = {}
    for when in ("before", "after"):
        x = numpy.array([vectors[when][p] for p in persons])
        found[when] = [excess_of(x, numpy.array([p in of for p in persons])) for of in sorted(holders.values(), key=len, reverse=True)[:TOP]]
    worst = max(found["after"])
    print(f"{attribute}: {len(found['after'])} readers of {len(persons)} persons, accuracy above the majority's: mean {numpy.mean(found['before']):.4f}, most "
          f"{max(found['before']):.4f} before erasure; mean {numpy.mean(found['after']):.4f}, most {worst:.4f} after it (limit 0)" + ("" if worst <= 1e-9 else " BEYOND"))
    wrong += worst > 1e-9
psql("drop schema bench_erased cascade;")
sys.exit(1 if wrong else 0)
