-- mutate(count, seed): damaged texts and stored bytes of golden values of every type, each that is accepted asked what it
-- tells; how often each form was refused, and with which errors. The table golden is there, as test/server/stress.sh makes it.
create table mutated (type text, form text, answer text, n bigint, primary key (type, form, answer));

-- One to three changes of bytes: of one to anything, of eight to an extreme number, cut, doubled, taken out, put in.
create function damaged(value bytea) returns bytea language plpgsql volatile as $$
declare
  size int;
  at int;
  stretch int;
begin
  for change in 1 .. 1 + floor(random() * random() * 3)::int loop
    size := octet_length(value);
    exit when size < 2;
    at := floor(random() * size)::int;
    stretch := 1 + floor(random() * random() * least(size - at, 40))::int;
    case floor(random() * 7)::int
      when 0 then value := set_byte(value, at, floor(random() * 256)::int);
      when 1 then value := set_byte(value, at, get_byte(value, at) # (1 << floor(random() * 8)::int));
      when 2 then value := set_byte(value, at, (array[0, 1, 127, 128, 255, 34, 45, 48, 57, 91, 123])[1 + floor(random() * 11)::int]);
      when 3 then value := overlay(value placing (array['\x0000000000000000', '\xffffffffffffffff', '\xffffffffffffff7f', '\x0000000000000080', '\x000000000000f07f', '\x000000000000f8ff', '\x0100000000000000', '\x00000000ffffff7f'])[1 + floor(random() * 8)::int]::bytea from at + 1 for least(8, size - at));
      when 4 then value := substring(value from 1 for at) || substring(value from at + 1 + stretch);
      when 5 then value := substring(value from 1 for at + stretch) || substring(value from at + 1);
      else value := substring(value from 1 for greatest(1, at));
    end case;
  end loop;
  return value;
end $$;

create procedure mutate(count bigint, seed int) language plpgsql as $$
declare
  chosen record;
  as_form text;
  bytes bytea;
  outcome text;
begin
  perform setseed((seed % 1999999) / 1000000.0 - 1);
  for i in 1 .. count loop
    select * into chosen from golden order by random() limit 1;
    -- Names and options are arrays and texts of the server's own, which it takes as they stand in a table.
    as_form := case when random() < 0.5 or chosen.type in ('names', 'option_value') then 'text' else 'stored' end;
    bytes := damaged(case as_form when 'text' then convert_to(chosen.value, 'UTF8') else decode(chosen.stored, 'hex') end);
    begin
      if as_form = 'text' then
        execute format('select pg_temp.facts($1::%1$s)', chosen.type) using convert_from(bytes, 'UTF8');
      else
        execute format('select pg_temp.facts($1::text::raw_%1$s::%1$s)', chosen.type) using bytes;
      end if;
      outcome := 'accepted';
    exception when others then
      outcome := sqlstate;
      if sqlstate like 'XX%' then
        raise warning '% of % as %: % %', as_form, chosen.type, bytes, sqlstate, sqlerrm;
      end if;
    end;
    insert into mutated values (chosen.type, as_form, outcome, 1) on conflict (type, form, answer) do update set n = mutated.n + 1;
    if i % 1000 = 0 then
      commit;
    end if;
  end loop;
end $$;
