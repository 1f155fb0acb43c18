"""What readers of another library, scikit-learn's logistic regression, tell of persons whose sensitive attributes graph_debias has erased,
on FB15k-237, in sample: for each value, of all persons with a value of its attribute, who has it. Erasure promises that the best
reader is the constant one; asserts that none is right more often than the majority, and that none explains a share of the
entropy. Printed beside it: the same before erasure.
Needs the server of ./run peers; FAIRDB_DATA is the folder of data sets."""
import sys

import numpy
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from fb15k_237 import Server

TOP = 30  # what graph_debias minds of an attribute's values
MOST_EXPLAINED = 1e-5  # of numbers of single precision


def reader_of(x, has):
    """By how much the reader's accuracy is above the majority's, and the share of the entropy that it explains."""
    deviation = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / numpy.where(deviation > 0, deviation, 1)
    reader = LogisticRegression(C=1, max_iter=1000).fit(scaled, has)
    share = has.mean()
    entropy = -share * numpy.log(share) - (1 - share) * numpy.log(1 - share)
    return reader.score(scaled, has) - max(share, 1 - share), 1 - log_loss(has, reader.predict_proba(scaled)) / entropy


server = Server("bench_erased")
server.psql("select array_agg(relation order by place) as sensitive, array_agg(inverse order by place) as inverse from attributes \\gset\n"
            "create table graphs as select train_graph('train', 'head', 'relation', 'tail', threads => 2) as before;\n"
            "alter table graphs add after graph_embedding;\n"
            "update graphs set after = graph_debias(before, 'train', :'sensitive', inverse => :'inverse', persons => 'persons');")
vectors = {when: {entity: numpy.array(x.split(" "), dtype=float) for entity, x in
                  server.rows(f"select entity, array_to_string(embedding, ' ') from graphs, embeddings({when}) where entity in (select entity from persons)")}
           for when in ("before", "after")}
held_of = {}
for attribute, relation, inverse in server.rows("select attribute, relation, inverse from attributes order by place"):
    person, value = ("tail", "head") if inverse == "t" else ("head", "tail")
    held_of[attribute] = server.rows(f"select distinct {person}, {value} from train where relation = '{relation}'")
# A country with a gender: a value that is a person by mistake stays as it is, as a NOTICE says.
left = {p for p, x in vectors["before"].items() if (x == vectors["after"][p]).all()}
values = {v for held in held_of.values() for _, v in held}
wrong = len(left - values)
print(f"left as they are: {len(left)} of {len(vectors['before'])}, of which no values: {wrong} (limit 0)")
for attribute, held in held_of.items():
    persons = sorted({p for p, _ in held if p not in left})
    holders = {}
    for p, v in held:
        holders.setdefault(v, set()).add(p)
    minded = sorted(holders, key=lambda v: (-len(holders[v]), v))[:TOP]
    found = {}
    for when in ("before", "after"):
        x = numpy.array([vectors[when][p] for p in persons])
        found[when] = numpy.array([reader_of(x, numpy.array([p in holders[v] for p in persons])) for v in minded])
    (excess, explained), (excess_before, explained_before) = found["after"].max(axis=0), found["before"].max(axis=0)
    good = excess <= 1e-9 and explained <= MOST_EXPLAINED
    print(f"{attribute}: {len(minded)} readers of {len(persons)} persons: accuracy above the majority's {excess_before:.4f} before erasure, {excess:.4f} after it (limit 0); "
          f"entropy explained {explained_before:.4f}, {explained:.1e} (limit {MOST_EXPLAINED})" + ("" if good else " BEYOND"))
    wrong += not good
server.drop()
sys.exit(1 if wrong else 0)
