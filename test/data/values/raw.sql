-- For each type a type raw_<type> that takes any bytes for those that a table holds.
select format('create type raw_%1$s; create function raw_in_%1$s(cstring) returns raw_%1$s language internal immutable strict as ''byteain''; create function raw_out_%1$s(raw_%1$s) returns cstring language internal immutable strict as ''byteaout'';
create type raw_%1$s (input = raw_in_%1$s, output = raw_out_%1$s, alignment = %2$s, storage = extended); create cast (%1$s as raw_%1$s) without function; create cast (raw_%1$s as %1$s) without function', typname, case typalign when 'd' then 'double' else 'int4' end)
from pg_type where typnamespace = 'fairdb'::regnamespace and typtype = 'b' and typelem = 0 and typname !~ '^raw_' order by typname
\gexec
