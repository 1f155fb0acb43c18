"""Adversarial filters (Bose and Hamilton, "Compositional fairness constraints for graph embeddings", ICML 2019) on FB15k-237 beside
train_graph and graph_debias: what they leave to be read of persons, and cost in ranks and time. The encoder is built like train_graph's
(transe, 100 numbers, batches of 1000, 500 shared negatives, both sides), with torch's AdaGrad of each number, and trained along
with a filter of persons for each attribute and a discriminator; then the vectors go into the database, where graph_evaluate and
graph_leakage judge all methods alike. What a filter costs is to be read beside the encoder without one.

FAIRDB_DATA is the folder of data sets; SEEDS and GAMMAS (the weights of the adversary) may be lists."""
import io
import os
import time

import numpy as np
import torch
from torch import nn

from fb15k_237 import Server

B, K, D, EPOCHS = 1000, 500, 100, int(os.environ.get("EPOCHS", 20))
SEEDS = [int(s) for s in os.environ.get("SEEDS", "1").split(",")]
GAMMAS = [float(g) for g in os.environ.get("GAMMAS", "10000").split(",")]
STEPS_OF_DISCRIMINATOR = 5
TOP = 30
torch.set_num_threads(int(os.environ.get("THREADS", 2)))


class Data:
    """Triples, persons and the persons' values in codes. Values are those of the TOP most frequent of an attribute."""

    def __init__(self, server):
        names = server.rows("select distinct unnest(array[head, tail]) from train order by 1")
        relations = server.rows("select distinct relation from train order by 1")
        self.entities, self.relations = [n for n, in names], [r for r, in relations]
        code, of_relation = {n: i for i, n in enumerate(self.entities)}, {r: i for i, r in enumerate(self.relations)}
        self.triples = torch.tensor([(code[h], of_relation[r], code[t]) for h, r, t in server.rows("select * from train")])
        self.person = torch.zeros(len(self.entities), dtype=torch.bool)
        self.person[[code[p] for p, in server.rows("select entity from persons")]] = True
        self.shares = {}  # of each value by person: 1 / how many a person has
        for attribute, relation, inverse in server.rows("select attribute, relation, inverse from attributes order by place"):
            person, value = ("tail", "head") if inverse == "t" else ("head", "tail")
            held = server.rows(f"with top as (select {value} as v from train where relation = '{relation}' group by 1 order by count(*) desc, 1 limit {TOP}) "
                           f"select distinct {person}, {value} from train join top on {value} = v where relation = '{relation}'")
            values = {v: i for i, v in enumerate(sorted({v for _, v in held}))}
            shares = torch.zeros(len(self.entities), len(values))
            for p, v in held:
                shares[code[p], values[v]] = 1
            self.shares[attribute] = shares / shares.sum(1, keepdim=True).clamp(min=1)


def filter_of_persons():
    return nn.Sequential(nn.Linear(D, 2 * D), nn.LeakyReLU(), nn.Linear(2 * D, D), nn.LeakyReLU(), nn.BatchNorm1d(D))


def discriminator(values):
    return nn.Sequential(nn.Linear(D, 2 * D), nn.LeakyReLU(), nn.Linear(2 * D, D), nn.LeakyReLU(), nn.Linear(D, D // 2), nn.LeakyReLU(), nn.Linear(D // 2, values))


class Encoder(nn.Module):
    def __init__(self, data, attributes):
        super().__init__()
        self.person = data.person
        self.entity = nn.Parameter(1e-3 * torch.randn(len(data.entities), D))
        self.relation = nn.Parameter(1e-3 * torch.randn(2 * len(data.relations), D))
        self.filters = nn.ModuleList(filter_of_persons() for _ in attributes)

    def forward(self, index):
        """Vectors of entities, persons by the mean of all filters."""
        vectors = self.entity[index]
        if not len(self.filters):
            return vectors
        persons = self.person[index].nonzero(as_tuple=True)[0]
        filtered = torch.stack([f(vectors[persons]) for f in self.filters]).mean(0)
        return vectors.index_put((persons,), filtered)


def cross_entropy_of_edges(encoder, batch):
    """Its sum over both sides, and the different entities of the batch's triples with their vectors."""
    h, r, t = batch.T
    negatives = torch.randint(len(encoder.entity), (2, K))
    index, place = torch.unique(torch.cat([h, t, negatives[0], negatives[1]]), return_inverse=True)
    vectors = encoder(index)
    head, tail, *drawn = vectors[place].split([len(h), len(t), K, K])
    loss = 0
    for source, truth, answer, side, n in ((head, tail, t, 0, 0), (tail, head, h, 1, 1)):
        query = source + encoder.relation[2 * r + side]
        scores = (query @ drawn[n].T).masked_fill(negatives[n].unsqueeze(0) == answer.unsqueeze(1), -1e30)
        true = (query * truth).sum(1)
        loss = loss + (torch.logsumexp(torch.cat([scores, true.unsqueeze(1)], 1), 1) - true).sum()
    in_triples = torch.zeros(len(index), dtype=torch.bool)
    in_triples[place[:2 * len(batch)]] = True
    return loss, index[in_triples], vectors[in_triples]


def train(data, attributes, gamma, seed):
    """The encoder, and the seconds of an epoch."""
    torch.manual_seed(seed)
    encoder = Encoder(data, attributes)
    judges = nn.ModuleList(discriminator(data.shares[a].shape[1]) for a in attributes)
    vectors = torch.optim.Adagrad([encoder.entity, encoder.relation], lr=.1)
    of_filters = torch.optim.Adam(encoder.filters.parameters(), lr=1e-3) if attributes else None
    of_judges = torch.optim.Adam(judges.parameters(), lr=1e-3) if attributes else None

    def judged(index, vectors):
        """The discriminators' mean cross-entropies on those who have a value, added up."""
        total = 0
        for a, judge in zip(attributes, judges):
            shares = data.shares[a][index]
            has = shares.sum(1) > 0
            total = total + nn.functional.cross_entropy(judge(vectors[has]), shares[has])
        return total

    start = time.perf_counter()
    for _ in range(EPOCHS):
        for batch in data.triples[torch.randperm(len(data.triples))].split(B):
            loss, index, found = cross_entropy_of_edges(encoder, batch)
            if attributes:
                fixed = found.detach()
                for _ in range(STEPS_OF_DISCRIMINATOR):
                    of_judges.zero_grad()
                    judged(index, fixed).backward()
                    of_judges.step()
                loss = loss - gamma * judged(index, found)
            encoder.zero_grad()
            loss.backward()
            vectors.step()
            if attributes:
                of_filters.step()
    return encoder.eval(), (time.perf_counter() - start) / EPOCHS


def store(server, method, seed, encoder, data, seconds):
    """Writes the vectors to the table of graphs."""
    with torch.no_grad():
        entities = encoder(torch.arange(len(data.entities))).numpy()
        relations = encoder.relation.numpy()
    text = io.StringIO()
    text.write("truncate entities, relations;\n\\copy entities from stdin\n")
    line = lambda vector: "{" + ",".join(map(repr, vector.tolist())) + "}\n"
    for name, vector in zip(data.entities, entities):
        text.write(name + "\t" + line(vector))
    text.write("\\.\n\\copy relations from stdin\n")
    for i, vector in enumerate(relations):
        text.write(f"{data.relations[i // 2]}\t{'ft'[i % 2]}\t" + line(vector))
    text.write("\\.\n")
    server.psql(text.getvalue() + f"insert into graphs values ('{method}', {seed}, graph_import('entities', 'relations', 'transe'), {seconds});")


TABLES = """create table entities (entity text, embedding real[]);
create table relations (relation text, inverse bool, vector real[]);
create table graphs (method text, seed int, g graph_embedding, seconds float8);
"""
JUDGED = """
with ranks as (select method, seed, seconds, mrr from graphs, graph_evaluate(g, 'asked', 'known') where side = 'both'),
leakage as materialized (select method, seed, attribute, l.* from graphs, attributes as a,
  graph_leakage(g, 'train', a.relation, target_relation => case attribute when 'gender' then '/people/person/profession' end, sensitive_inverse => a.inverse) as l)
select method, r.seed, round(r.seconds::numeric, 1) as seconds, round(r.mrr::numeric, 4) as mrr, round((1 - r.mrr / b.mrr)::numeric, 3) as drop,
       round(g.score_difference::numeric, 2) as difference, round(g.mean_population_gap::numeric, 3) as gap,
       round(g.accuracy::numeric, 3) as gender, round(g.auc::numeric, 3) as auc, round(n.accuracy::numeric, 3) as network, round(n.auc::numeric, 3) as network_auc, others.*
from ranks as r join (select seed, mrr from ranks where method = 'train_graph') as b using (seed)
join (select * from leakage where attribute = 'gender' and probe = 'logistic') as g using (method, seed)
join (select * from leakage where attribute = 'gender' and probe = 'network') as n using (method, seed),
lateral (select round(max(accuracy - majority) filter (where attribute = 'religion')::numeric, 3) as religion, round(max(accuracy - majority) filter (where attribute = 'nationality')::numeric, 3) as nationality,
                round(max(accuracy - majority) filter (where attribute = 'ethnicity')::numeric, 3) as ethnicity
         from leakage as l where l.method = r.method and l.seed = r.seed and probe = 'logistic') as others
order by seed, seconds;
"""


def main():
    server = Server("bench_filters")
    server.psql(TABLES)
    data = Data(server)
    for seed in SEEDS:
        for method, arguments in (("train_graph", ""), ("train_graph, KL of gender", ", sensitive => '{/people/person/gender}', weights => '{10}', persons => 'persons'")):
            start = time.perf_counter()
            server.psql(f"insert into graphs select '{method}', {seed}, train_graph('train', 'head', 'relation', 'tail', seed => {seed}, epochs => {EPOCHS}, threads => 2{arguments});")
            server.psql(f"update graphs set seconds = {(time.perf_counter() - start) / EPOCHS} where method = '{method}' and seed = {seed};")
        server.psql(f"insert into graphs select 'graph_debias of gender', seed, graph_debias(g, 'train', '{{/people/person/gender}}', persons => 'persons'), seconds "
             f"from graphs where method = 'train_graph' and seed = {seed};")
        for method, attributes in (("the encoder in torch", []), ("a filter of gender", ["gender"]), ("filters of all", list(data.shares))):
            for gamma in GAMMAS if attributes else [0]:
                encoder, seconds = train(data, attributes, gamma, seed)
                store(server, method + (f", gamma {gamma:g}" if attributes else ""), seed, encoder, data, seconds)
    print(server.psql(JUDGED, "-P", "footer=off"))
    server.drop()


if __name__ == "__main__":
    main()
