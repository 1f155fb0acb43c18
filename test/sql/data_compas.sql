-- COMPAS two-year recidivism (ProPublica): rates and gaps against independently computed values.
-- The prediction is a decile score of 5 or more; all six groups, then the two largest.
set search_path to public, fairdb;
create table compas (
  "id" text, "compas_screening_date" text, "sex" text, "age" text, "age_cat" text, "race" text,
  "juv_fel_count" text, "decile_score" text, "juv_misd_count" text, "juv_other_count" text,
  "priors_count" text, "days_b_screening_arrest" text, "c_jail_in" text, "c_jail_out" text,
  "c_offense_date" text, "c_arrest_date" text, "c_days_from_compas" text, "c_charge_degree" text,
  "c_charge_desc" text, "is_recid" text, "r_charge_degree" text, "r_days_from_arrest" text,
  "r_offense_date" text, "r_charge_desc" text, "r_jail_in" text, "r_jail_out" text,
  "violent_recid" text, "is_violent_recid" text, "vr_charge_degree" text, "vr_offense_date" text,
  "vr_charge_desc" text, "type_of_assessment" text, "score_text" text, "screening_date" text,
  "v_type_of_assessment" text, "v_decile_score" text, "v_score_text" text, "v_screening_date"
  text, "in_custody" text, "out_custody" text, "start" text, "end" text, "event" text,
  "two_year_recid" text);
\copy compas from program 'cat "$FAIRDB_DATA/compas_two_years.csv"' (format csv, header)
create view decisions as
select race, two_year_recid = '1' as y, decile_score::int >= 5 as p from compas;

select sensitive, n, true_positives, false_positives, selection_rate::numeric(9, 6), true_positive_rate::numeric(9, 6) as tpr,
       false_positive_rate::numeric(9, 6) as fpr, "precision"::numeric(9, 6)
from by_group((select confusion_agg(y, p, race) from decisions));
select which, abs(dpd - demographic_parity_difference(c)) < 1e-12 as dpd, abs(dpr - demographic_parity_ratio(c)) < 1e-12 as dpr,
       abs(eod - equal_opportunity_difference(c)) < 1e-12 as eod, abs(eor - equal_opportunity_ratio(c)) < 1e-12 as eor,
       abs(odds - equalized_odds_difference(c)) < 1e-12 as odds
from (values ('all', '', 0.457117595049, 0.314323607427, 0.576691729323, 0.359231411863, 0.576691729323),
             ('two', 'African-American|Caucasian', 0.240200203220, 0.591637556992, 0.197372963777, 0.725926950956, 0.213924955821))
       as t(which, races, dpd, dpr, eod, eor, odds),
     lateral (select confusion_agg(y, p, race) as c from decisions where races = '' or race = any (string_to_array(races, '|'))) as u
order by which;
drop table compas cascade;
