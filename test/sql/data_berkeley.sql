-- Berkeley's graduate admissions of 1973: the textbook case of Simpson's paradox, against known values.
set search_path to public, fairdb;
create table counts (admit text, gender text, dept text, freq int);
\copy counts from program 'cat "$FAIRDB_DATA/ucb_admissions_counts.csv"' (format csv, header)
create table applications as select admit = 'Admitted' as admitted, gender, dept from counts, generate_series(1, freq);
with s as (select * from stratified((select array_agg(confusion) from audit_confusions('applications', null, 'admitted', '{gender}', '{dept}')),
                                    sensitive => 'Female', reference => 'Male'))
select n_strata, n_informative, abs(disparity - 0.143826423653) < 1e-12 as disparity, abs(conditional_disparity - -0.019283267035) < 1e-12 as conditional,
       reversed, abs(1 / mantel_haenszel - 0.904696828259) < 1e-12 as mantel_haenszel_male_to_female,
       abs(cmh - 1.426946) < 5e-7 as cmh, abs(cmh_uncorrected - 1.524607) < 5e-7 as cmh_uncorrected from s;
select abs(metric(confusion_agg(null, admitted, gender), 'demographic_disparity', 'Male', 'Female') - 0.143826423653) < 1e-12 as metric from applications;
-- R 4: mantelhaen.test gives an odds ratio of 0.9046968, 0.7719074 to 1.0603298.
select round((1 / mantel_haenszel_upper)::numeric, 7) as lower, round((1 / mantel_haenszel_lower)::numeric, 7) as upper, breslow_day_df
from stratified((select array_agg(c) from (select confusion_agg(null, admitted, gender) as c from applications group by dept) as t), sensitive => 'Female');
drop table counts, applications;
