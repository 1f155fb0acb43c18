-- Embeddings of a graph of triples, and the bias that they carry.

CREATE TYPE graph_embedding;

CREATE FUNCTION fairdb_internal.graph_embedding_in(cstring) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_in'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_in(cstring) IS
  'text input of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_out(graph_embedding) RETURNS cstring
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_out'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_out(graph_embedding) IS
  'text output of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_recv(internal) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_recv'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_recv(internal) IS
  'binary input of type graph_embedding';

CREATE FUNCTION fairdb_internal.graph_embedding_send(graph_embedding) RETURNS bytea
  AS 'MODULE_PATHNAME', 'fairdb_graph_embedding_send'
  LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION fairdb_internal.graph_embedding_send(graph_embedding) IS
  'binary output of type graph_embedding';

CREATE TYPE graph_embedding (
  INPUT = fairdb_internal.graph_embedding_in, OUTPUT = fairdb_internal.graph_embedding_out, RECEIVE = fairdb_internal.graph_embedding_recv, SEND = fairdb_internal.graph_embedding_send,
  INTERNALLENGTH = VARIABLE, ALIGNMENT = double, STORAGE = external
);
COMMENT ON TYPE graph_embedding IS
  'The vectors of a graph''s entities and relations, with their names. Made by train_graph or graph_import, used by graph_score, graph_query, graph_predict, graph_evaluate and graph_bias. Not to be shared where the graph is not: it tells the name of every entity.';

CREATE FUNCTION train_graph(
  source text,
  head text,
  relation text,
  tail text,
  model text DEFAULT 'transe',
  dimensions int DEFAULT 100,
  epochs int DEFAULT 20,
  batch int DEFAULT 1000,
  negatives int DEFAULT 500,
  learning_rate float8 DEFAULT 0.1,
  regularization float8 DEFAULT NULL,
  min_count bigint DEFAULT 1,
  seed bigint DEFAULT 1,
  threads int DEFAULT 1,
  sensitive text[] DEFAULT NULL,
  inverse bool[] DEFAULT NULL,
  top int[] DEFAULT NULL,
  debias text DEFAULT NULL,
  weights float8[] DEFAULT NULL,
  target text DEFAULT NULL,
  target_shares jsonb DEFAULT NULL,
  kl_reduction text DEFAULT NULL,
  persons text DEFAULT NULL,
  whitelist text DEFAULT NULL,
  into_table text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_train_graph'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION train_graph(text, text, text, text, text, int, int, int, int, float8, float8, bigint, bigint, int, text[], bool[], int[], text, float8[], text, jsonb, text, text, text, text) IS
  'Learns a vector for each entity and two for each relation from a table of triples: select train_graph(''triples'', ''head'', ''relation'', ''tail''). source: a table, view or SELECT; head, relation and tail name its columns, of any type with equality: texts, bigint ids, and so on. A graph is a set: a row that repeats a triple, or has a NULL, counts for nothing, and describe(g) tells how many did. model: transe, distmult or complex (best with dimensions => 200, epochs => 15). batch: triples of one step; negatives: entities that the true one is told from, shared by a batch. regularization: the weight of the N3 norm, by default 0 for transe and 0.02 for the others. min_count: entities and relations that stand in fewer triples are left out. threads: at most max_parallel_maintenance_workers + 1; the result is the same. Takes 1 to 3 seconds for 100 000 triples and 10 epochs, and maintenance_work_mem bounds its memory. The result holds the name of every entity. sensitive: relations from persons to what an embedding should not tell of them, say ''{gender,religion}''; inverse: for each whether it leads from values to persons; top: how many of its most frequent values are minded, 30. debias: kl, the default with sensitive, trains under a penalty on what the scores of a person''s values tell (Fisher et al. 2020); delete leaves the sensitive triples out; none has no penalty, and without a whitelist trains as if sensitive were not given. weights: of the penalty, by default 10 for two values and 3 for more; 100 and more ruin a model. target: the law that is aimed at: uniform, empirical (the frequencies), or given by target_shares => ''{"gender": {"male": 1, "female": 1}}''. kl_reduction: sum, or mean over the persons of a batch and the attributes, as in the article, for which weights are some hundred times larger. persons: a source with a column entity, of persons beside those who have a sensitive relation. whitelist: a source with the columns attribute (a sensitive relation), relation and, if wanted, tail and inverse: what may be asked with a person''s values, for which vectors are learnt (graph_score with attributes). into_table: a table that is made, with the columns entity and embedding, for graphs whose value would be larger than 1 GB; the value then holds the rest, and graph_score, graph_query and graph_bias take vectors => that table. Debiasing afterwards is cheaper and mostly better: graph_debias.';

CREATE FUNCTION graph_extend(
  g graph_embedding,
  source text,
  epochs int DEFAULT 20,
  batch int DEFAULT 1000,
  negatives int DEFAULT 500,
  learning_rate float8 DEFAULT 0.1,
  regularization float8 DEFAULT NULL,
  seed bigint DEFAULT 1,
  threads int DEFAULT 1,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  persons text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_extend'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_extend(graph_embedding, text, int, int, int, float8, float8, bigint, int, text, text, text, text) IS
  'The embedding with vectors for entities that it lacks, learnt from their triples in the source; all other vectors are as they were: select graph_extend(g, ''triples''). Give the whole graph as source, not the new triples alone: the others are what new entities are told apart from, and without them they would be found plausible everywhere (a NOTICE says so). Triples of relations that the embedding lacks are left out, with a NOTICE. head, relation, tail: columns of the source, by default those that train_graph was told. regularization: by default that of the training. epochs, batch, negatives, learning_rate, seed, threads: as train_graph has them. In an embedding that was debiased new persons are debiased as the others were: those that have a sensitive relation in the source, and those that persons names, a source with a column entity; a NOTICE tells how many they are, unless all are.';

CREATE FUNCTION graph_import(
  entities text,
  relations text,
  model text,
  head text DEFAULT 'head',
  relation text DEFAULT 'relation',
  tail text DEFAULT 'tail'
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_import'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_import(text, text, text, text, text, text) IS
  'An embedding of vectors that are rows: trained elsewhere, or changed after embeddings(g) and relation_vectors(g). entities: a source with the columns entity and embedding; relations: one with relation, inverse and vector, two rows for each relation (inverse false: to ask for tails, true: to ask for heads). Of a model without reciprocal relations the inverse is, for transe, the negative vector, for distmult the same, for complex the conjugate (the second half negated). Vectors are arrays of numbers, or what casts to them, such as a vector of pgvector. model: how a score is made of them: transe, distmult, complex (the real parts of a vector first, then the imaginary ones). transe is the inner product of head plus relation with the tail: vectors that were trained for a distance rank as theirs only where entities have vectors of one length. head, relation, tail: names of the columns of triples, which graph_evaluate and graph_bias take for granted.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head text,
  relation text,
  tail text,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_score(graph_embedding, text, text, text, text, bool, jsonb) IS
  'How plausible a triple is to the embedding: the inner product of graph_query(g, head, relation) and the tail''s vector. Higher is more plausible; scores of one head and relation can be compared, others hardly. inverse: that of graph_query(g, tail, relation, inverse => true) and the head''s vector, which ranks heads. on_unseen: error, or null for a name that the embedding lacks. NULL for a NULL name. attributes: values of the person who is asked, ''{"nationality": "France"}'' or a list of several, whose vectors are added where the whitelist of train_graph or graph_debias has the relation; values too rare to have a vector add nothing, and a NOTICE names the first.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity text,
  relation text,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query'
  LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_query(graph_embedding, text, text, text, bool, jsonb) IS
  'The vector whose inner product with an entity''s is how plausible that one is as the tail of (entity, relation), or with inverse as the head of (relation, entity). With the rows of embeddings(g) in a table and an index of pgvector: select entity from vectors order by embedding <#> (select graph_query(g, ''Q42'', ''spouse'')::vector from graphs) limit 10. on_unseen: error, or null for a name that the embedding lacks. attributes: as graph_score has them; entries of the whitelist for one tail only do not count here.';

CREATE FUNCTION graph_predict(
  g graph_embedding,
  head text,
  relation text,
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  tail text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict(graph_embedding, text, text, int, text, bool, text, jsonb) IS
  'The k most plausible tails of (head, relation), among all entities, the best first; of equal scores the name that comes first. All entities are asked, the head itself too: join the result with those that can be meant. known: a source of triples with the columns that train_graph was told, of which the matching rows are read at each call; the column known then says whether the triple is in it, and skip_known leaves such tails out. on_unseen: error, or null for no row when the embedding lacks a name. attributes: values of the person who is asked, as graph_score has them.';

CREATE FUNCTION graph_predict_heads(
  g graph_embedding,
  relation text,
  tail text,
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  head text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict_heads'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict_heads(graph_embedding, text, text, int, text, bool, text, jsonb) IS
  'The k most plausible heads of (relation, tail), as graph_predict finds tails; their scores are those of graph_score with inverse.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head "any",
  relation "any",
  tail "any",
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score'
  LANGUAGE c STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_score(graph_embedding, "any", "any", "any", text, bool, jsonb) IS
  'How plausible a triple is to the embedding: the inner product of graph_query(g, head, relation) and the tail''s vector. Higher is more plausible; scores of one head and relation can be compared, others hardly. inverse: that of graph_query(g, tail, relation, inverse => true) and the head''s vector, which ranks heads. on_unseen: error, or null for a name that the embedding lacks. NULL for a NULL name. attributes: values of the person who is asked, ''{"nationality": "France"}'' or a list of several, whose vectors are added where the whitelist of train_graph or graph_debias has the relation; values too rare to have a vector add nothing, and a NOTICE names the first. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity "any",
  relation "any",
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false,
  attributes jsonb DEFAULT NULL
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query'
  LANGUAGE c STABLE PARALLEL SAFE COST 100;
COMMENT ON FUNCTION graph_query(graph_embedding, "any", "any", text, bool, jsonb) IS
  'The vector whose inner product with an entity''s is how plausible that one is as the tail of (entity, relation), or with inverse as the head of (relation, entity). With the rows of embeddings(g) in a table and an index of pgvector: select entity from vectors order by embedding <#> (select graph_query(g, ''Q42'', ''spouse'')::vector from graphs) limit 10. on_unseen: error, or null for a name that the embedding lacks. attributes: as graph_score has them; entries of the whitelist for one tail only do not count here. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_predict(
  g graph_embedding,
  head "any",
  relation "any",
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  tail text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict(graph_embedding, "any", "any", int, text, bool, text, jsonb) IS
  'The k most plausible tails of (head, relation), among all entities, the best first; of equal scores the name that comes first. All entities are asked, the head itself too: join the result with those that can be meant. known: a source of triples with the columns that train_graph was told, of which the matching rows are read at each call; the column known then says whether the triple is in it, and skip_known leaves such tails out. on_unseen: error, or null for no row when the embedding lacks a name. attributes: values of the person who is asked, as graph_score has them. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_predict_heads(
  g graph_embedding,
  relation "any",
  tail "any",
  k int DEFAULT 10,
  known text DEFAULT NULL,
  skip_known bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  attributes jsonb DEFAULT NULL
) RETURNS TABLE (
  head text,
  score float8,
  rank bigint,
  known bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_predict_heads'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 100000;
COMMENT ON FUNCTION graph_predict_heads(graph_embedding, "any", "any", int, text, bool, text, jsonb) IS
  'The k most plausible heads of (relation, tail), as graph_predict finds tails; their scores are those of graph_score with inverse. Names may be of any type: their text is what counts.';

CREATE FUNCTION graph_score(
  g graph_embedding,
  head text,
  relation text,
  tail text,
  vectors regclass,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false
) RETURNS float8
  AS 'MODULE_PATHNAME', 'fairdb_graph_score_from_table'
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION graph_score(graph_embedding, text, text, text, regclass, text, bool) IS
  'How plausible a triple is to an embedding of into_table, whose entities stand in the table vectors, with the columns entity and embedding: select graph_score(g, ''Ada'', ''spouse'', ''William'', vectors => ''vectors''). Two rows of it are read at each call: for many triples join the table with itself. The score, on_unseen and inverse are as graph_score has them without vectors. Names of another type are cast: id::text.';

CREATE FUNCTION graph_query(
  g graph_embedding,
  entity text,
  relation text,
  vectors regclass,
  on_unseen text DEFAULT 'error',
  inverse bool DEFAULT false
) RETURNS real[]
  AS 'MODULE_PATHNAME', 'fairdb_graph_query_from_table'
  LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000;
COMMENT ON FUNCTION graph_query(graph_embedding, text, text, regclass, text, bool) IS
  'The query of an embedding of into_table, whose entities stand in the table vectors: for an index of pgvector on it. One row of it is read at each call. All else is as graph_query has it without vectors. Names of another type are cast: id::text.';

CREATE FUNCTION embeddings(g graph_embedding) RETURNS TABLE (
  entity text,
  embedding real[]
)
  AS 'MODULE_PATHNAME', 'fairdb_embeddings'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 10000 COST 1000000;
COMMENT ON FUNCTION embeddings(graph_embedding) IS
  'The vector of each entity, in the order of their names: create table vectors as select * from embeddings(g).';

CREATE FUNCTION relation_vectors(g graph_embedding) RETURNS TABLE (
  relation text,
  inverse bool,
  vector real[]
)
  AS 'MODULE_PATHNAME', 'fairdb_relation_vectors'
  LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 100 COST 100000;
COMMENT ON FUNCTION relation_vectors(graph_embedding) IS
  'The two vectors of each relation, in the order of their names: to ask for tails, and with inverse to ask for heads.';

CREATE FUNCTION describe(g graph_embedding) RETURNS jsonb
  AS 'MODULE_PATHNAME', 'fairdb_describe_graph_embedding'
  LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000;
COMMENT ON FUNCTION describe(graph_embedding) IS
  'How the embedding was made: model, dimensions, how many entities, relations and triples, rows_skipped (with a NULL), duplicates, what min_count has dropped, added_entities (by graph_extend), the source and the options of train_graph, and losses: of each epoch the mean cross-entropy of a triple and side, which falls while training finds something. fairness, of an embedding that was trained or debiased with sensitive attributes: what was done, the attributes with their values, the whitelist, divergences by epoch, and maps with their price: dimensions and variance that went. table: where the entities'' vectors stand, of train_graph with into_table.';

CREATE FUNCTION graph_evaluate(
  g graph_embedding,
  test text,
  known text DEFAULT NULL,
  by_relation bool DEFAULT false,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  attributes text DEFAULT NULL
) RETURNS TABLE (
  side text,
  relation text,
  n bigint,
  mrr float8,
  mr float8,
  amri float8,
  hits_1 float8,
  hits_3 float8,
  hits_10 float8,
  hits_50 float8,
  unseen bigint
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_evaluate'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 3 COST 1000000;
COMMENT ON FUNCTION graph_evaluate(graph_embedding, text, text, bool, text, text, text, text) IS
  'How well the embedding predicts the triples of a test: for each the rank of its tail among all entities (side tail), and of its head (side head); both puts them together. mrr: the mean of 1 / rank; mr: the mean rank; amri: 1 for ranks of 1, 0 for those of chance; hits_k: the share of ranks up to k. known: a source of triples that are true, usually the training and the validation triples, which are not counted as mistakes when another triple is asked for; those of the test never are. Without it a NOTICE tells that the others count. Ranks of equal scores are the mean of the best and the worst. unseen: ranks of triples with an entity or relation that the embedding lacks; they count as chance would have them. by_relation adds rows for each relation, which n tells the size of; an inverse relation is its side head. A WARNING tells of a test of which some 2 in 100 or more seem to be trained on, except of imported vectors, and of one with many unseen names. head, relation, tail: columns of both sources, by default those that train_graph was told. attributes: a source of triples that tell persons'' values, usually the training triples: each person is then asked about with its own where the whitelist has it.';

CREATE FUNCTION graph_bias(
  g graph_embedding,
  source text,
  sensitive_relation text,
  value_a text,
  value_b text,
  target_relation text,
  alpha float8 DEFAULT 0.1,
  min_count bigint DEFAULT 20,
  sensitive_inverse bool DEFAULT false,
  target_inverse bool DEFAULT false,
  on_unseen text DEFAULT 'error',
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL,
  vectors regclass DEFAULT NULL
) RETURNS TABLE (
  entity text,
  bias float8,
  count_a bigint,
  count_b bigint,
  population_gap float8,
  rank bigint,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_bias'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 100 COST 1000000;
COMMENT ON FUNCTION graph_bias(graph_embedding, text, text, text, text, text, float8, bigint, bool, bool, text, text, text, text, regclass) IS
  'Which entities, say professions, the embedding holds more plausible for persons with one value, say male, than for those with another: select * from graph_bias(g, ''triples'', ''gender'', ''male'', ''female'', ''profession'') order by bias. bias: by how much the plausibility of the profession rises when a person''s vector is moved a step of size alpha towards value_a and away from value_b (Fisher et al. 2019); above 0 leans to value_a, but how frequent the two values are shifts all alike, so read the order: rank 1 leans most to value_a, the last to value_b. count_a, count_b: the persons of the source that have the profession and the value; persons with several values count under each. population_gap: the mean score of the profession over persons with value_a less that over persons with value_b; for distmult and complex, whose biases follow the popularity of an entity, and after an embedding was debiased this is the one to judge by. min_count: leaves out entities with fewer persons (count_a + count_b). sensitive_inverse, target_inverse: for a relation that leads from the value to the person. on_unseen: error, or null for a NULL bias when the embedding lacks a value or a relation; entities that it lacks have a NULL bias in any case. Counts smaller than fairdb.min_group are suppressed, and listed by min_count => 0 only, with a NOTICE of how many are not. A large bias says what the embedding has learnt, not whether that is wrong. vectors: the table of into_table, or another with the columns entity and embedding.';

CREATE FUNCTION graph_debias(
  g graph_embedding,
  source text,
  sensitive text[],
  method text DEFAULT NULL,
  inverse bool[] DEFAULT NULL,
  top int[] DEFAULT NULL,
  min_count bigint DEFAULT 1,
  persons text DEFAULT NULL,
  whitelist text DEFAULT NULL,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL
) RETURNS graph_embedding
  AS 'MODULE_PATHNAME', 'fairdb_graph_debias'
  LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000000;
COMMENT ON FUNCTION graph_debias(graph_embedding, text, text[], text, bool[], int[], bigint, text, text, text, text, text) IS
  'The embedding with sensitive attributes taken out of its persons'' vectors, in closed form: select graph_debias(g, ''triples'', ''{gender}''). source: triples that tell who has which value; sensitive: relations from persons to values; inverse: for each whether it leads from values to persons. method: erase takes out what a linear reader could use to tell the values that are minded (top, min_count) among those who have any of the attribute, and changes the vectors least (least-squares concept erasure, Belrose et al. 2023); project makes a person''s scores of the values equal, which alone leaves much to read; erase_project does both. By default all attributes are erased, and those of two values projected too where the embedding has scores of them. Several attributes in one call are taken out together. top: how many of an attribute''s most frequent values are minded, 30; min_count: only values that so many persons have. Few values leave more of the vectors: describe(g) tells how many dimensions and how much variance went. persons: a source with a column entity, of persons beside those who have a value; all of them are changed, and graph_extend changes new ones likewise. whitelist: as train_graph has it; the vectors that give back are what was taken from the holders of a value on average, the other attributes kept apart. What it does not do: a reader that is not linear may still tell (graph_leakage).';

CREATE FUNCTION graph_leakage(
  g graph_embedding,
  source text,
  sensitive_relation text,
  seed bigint DEFAULT 1,
  target_relation text DEFAULT NULL,
  top int DEFAULT 30,
  min_count bigint DEFAULT 20,
  sensitive_inverse bool DEFAULT false,
  target_inverse bool DEFAULT false,
  head text DEFAULT NULL,
  relation text DEFAULT NULL,
  tail text DEFAULT NULL
) RETURNS TABLE (
  probe text,
  accuracy float8,
  majority float8,
  auc float8,
  score_difference float8,
  mean_population_gap float8,
  n bigint,
  suppressed bool
)
  AS 'MODULE_PATHNAME', 'fairdb_graph_leakage'
  LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 2 COST 1000000;
COMMENT ON FUNCTION graph_leakage(graph_embedding, text, text, bigint, text, int, bigint, bool, bool, text, text, text) IS
  'What persons'' vectors tell of a sensitive relation: select * from graph_leakage(g, ''triples'', ''gender''). Two probes learn to tell the value from the vector, on four fifths of the persons, and are judged on the rest (n): logistic, a linear reader, and network, one hidden layer of 300 units. accuracy: the share of persons told right, beside majority, what naming the most frequent value would reach; auc: the area under the ROC curve, of several values the mean by their persons; .5 tells nothing, and well below .5 is an artefact of having erased with the judged persons among the others. score_difference: by how much the embedding itself scores a person''s own value above the others (NULL when it lacks the relation). mean_population_gap: with target_relation, say profession, the mean difference of its scores between persons with a value and the others with one, over what at least min_count persons have. Persons without exactly one of the top most frequent values take no part in the probes, and a NOTICE tells how many. seed: which persons are held out. Fewer held-out persons than fairdb.min_group, or fewer with another value than the most frequent, are suppressed. A probe that finds nothing does not show that nothing is there.';
