#!/bin/sh
# Accuracy and equal opportunity difference on the test part of published data sets: plain and fair, linear and
# kernel models, their settings chosen by cross_validate on the training part. Printed beside the table of Donini et
# al. 2018 as a trend: their splits, features and preprocessing are not published in full. Needs a server (PGHOST, PGPORT) with
# fairdb installed, and the folder FAIRDB_DATA. Then the transfer table of representations, quality and bias of embeddings of graphs, and what each
# method leaves of it.
set -eu
: "${FAIRDB_DATA:?set FAIRDB_DATA to the folder of data sets}"
here=$(dirname "$0")
PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -v data="$FAIRDB_DATA" -f "$here/table.sql"
PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -v data="$FAIRDB_DATA" -f "$here/transfer.sql"
PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -v data="$FAIRDB_DATA" -f "$here/graphs.sql"
PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -v data="$FAIRDB_DATA" -f "$here/debias.sql"
