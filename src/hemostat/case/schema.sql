-- The tables of a case. Stages meet here: each reads tables and appends tables.
-- Instants are text, ISO 8601 with offset, UTC. `run_id` names the run that made a fact.

-- who did what, when: each entry is chained to the one before
create table journal(seq bigint, "at" text, actor text, action text, detail text, previous text, hash text);

-- facts about the case itself (controller, signal_at, aware_at, tenant_column …)
create table setting(key text primary key, value text);

-- a run records program version, hash of the rules and decisions in force
create table run(run_id integer primary key, started_at text, version text, rules_hash text, decisions_hash text);
-- a step of a stage that is done; the fingerprint covers all that it read
create table step(name text primary key, fingerprint text, run_id integer, done_at text);

-- what somebody says the leak holds, and what became of the claim
create table claim(claim_id integer primary key, "value" bigint, unit text, "by" text, "at" text);
create table claim_event(claim_id integer, "at" text, kind text, note text, "by" text);

-- human judgements
create table decision(decision_id integer primary key, kind text, subject text, "value" text, why text, "by" text, "at" text);

-- custody: each file taken, once
create table custody(
  custody_id integer primary key, name text, role text, sha256 text, bytes bigint, added_at text, actor text,
  source text, reason text, legal_basis text, sealed boolean, path text, state text);

-- one line of the ledger each: a file, a member, a sheet, a table
create table evidence(
  evidence_id integer primary key, custody_id integer, name text, kind text, role text, sha256 text, bytes bigint,
  count_method text, note text, units_in bigint, state text);
create table batch(
  evidence_id integer, seq integer, "rows" bigint, units bigint, blank bigint, header bigint, out_of_scope bigint,
  resume text);
create table container(container_id integer primary key, custody_id integer, name text, role text, members bigint,
  "read" bigint, quarantined bigint);
create table quarantine(
  evidence text, evidence_id integer, role text, locator text, line bigint, bytes bigint, units bigint, reason text);
-- columns that the evidence itself declares to refer to others (foreign keys); target: the name of the other evidence
create table reference(evidence_id integer, place text, target text, target_place text);

-- which category is in which column, and how we know
create table finding(
  evidence_id integer, place text, category text, about text, "values" bigint, valid bigint, confidence double,
  decided_by text, shape text, run_id integer, note text);
-- what else is known of the values of a finding: damage, keys, reuse; `fact` is an id of rules/finding_facts.toml
create table finding_fact(
  evidence_id integer, place text, category text, about text, fact text, "value" bigint, run_id integer);
-- records with at least one right value of a category, whatever the column
create table category_valid(evidence_id integer, category text, records bigint, run_id integer);

-- one row per record; masks: bit = position of the category in rules/categories.toml
create table record(
  record_id bigint, evidence_id integer, line bigint, locator text, mask_lo ubigint, mask_hi ubigint,
  print_lo ubigint, print_hi ubigint);
-- where the rows of bulk tables lie: encrypted Arrow files, each with rows of one piece of evidence
create table part("table" text, evidence_id integer, seq integer, name text, "rows" bigint);
-- the few traits that tell people apart and reach them; a bulk table: declared here, kept in parts
create table identity(
  record_id bigint, birth_name text, used_name text, first_names text, full_name text, sex text, birth_date date,
  birth_year integer, birth_place text, nir text, nir_key boolean, email text, email2 text, phone text, phone2 text,
  phone3 text, postal_address text, postal_code text, city text, internal_id text, tenant text, insured_rank text,
  deceased boolean);
-- values of identifier columns, by which tables are joined
create table record_key(record_id bigint, place text, "value" text);
-- where remarks stand in free texts, never their words: offsets in Unicode characters of the cell in column `place`;
-- flags: 1 negated, 2 hypothesis, 4 past, 8 about a relative
create table remark(
  record_id bigint, place text, category text, start integer, "end" integer, flags integer, run_id integer);

-- people
create table record_person(record_id bigint, person_id bigint, status text, link text);
create table person(
  person_id bigint, first_record bigint, records bigint, link text, mask_lo ubigint, mask_hi ubigint,
  patient_record bigint, certain_id bigint, possible_id bigint, run_id integer);
create table person_event(kind text, old_id bigint, new_id bigint, run_id integer);
create table link_pair(record_a bigint, record_b bigint, grade integer, reason text, kind text);
-- what each record is (matched, plausible, doubtful, fabricated, recycled), and why: ids of rules/standing.toml, separated
-- by spaces; and each person, the best of its records
-- (most are the same: one row says what is usual, and the tables hold those that are something else)
create table standing_usual(standing text, reasons text, run_id integer);
create table standing_other(record_id bigint, standing text, reasons text, run_id integer);
create table person_standing_other(person_id bigint, standing text, run_id integer);
create view standing as
  select r.record_id, coalesce(o.standing, u.standing) as standing, coalesce(o.reasons, u.reasons) as reasons, u.run_id
  from record_person r cross join standing_usual u left join standing_other o using (record_id)
  where r.person_id is not null;
create view person_standing as
  select p.person_id, coalesce(o.standing, u.standing) as standing, u.run_id
  from person p cross join standing_usual u left join person_standing_other o using (person_id);
create table person_count(name text, "value" double, run_id integer);

-- person × categories × evidence, in compact form; the view below spells it out
create table exposure_mask(person_id bigint, evidence_id integer, mask_lo ubigint, mask_hi ubigint, records bigint);
create table category(bit integer, id text);
create view exposure as
  select person_id, c.id as category, evidence_id, sum(records)::bigint as records
  from exposure_mask
  join category c on case when c.bit < 64 then (mask_lo >> c.bit) & 1 else (mask_hi >> (c.bit - 64)) & 1 end = 1
  group by all;

-- what left the case in clear, so that closing can list it
create table export("at" text, what text, path text, sha256 text, "by" text);

-- accesses that the logs tell of: one row per entry and patient; t is UTC; record_id is that of the entry for its first
-- patient. shown: what was shown (record, list, count, unknown, failed, nothing); standing: what it is to the choice of
-- accounts and window; masks: what the screen always shows, and what it shows when the patient file holds it
create table access_event(
  evidence_id integer, "event" bigint, record_id bigint, line bigint, locator text, t timestamp, account text,
  tenant text, patient text, "action" text, object_type text, screen_known boolean, n_records bigint, ok boolean,
  ip text, device text, "session" text, purpose text, request_id text, "sequence" bigint, shown text,
  always_lo ubigint, always_hi ubigint, held_lo ubigint, held_hi ubigint, print_lo ubigint, print_hi ubigint,
  standing text);
-- silences and missing numbers in a log
create table access_gap(evidence_id integer, kind text, starts timestamp, ends timestamp, missing bigint);
-- plain facts on accounts, by which a person chooses
create table account_fact(
  account text, fact text, "value" bigint, other bigint, "at" timestamp, weight integer);
-- which row of the patient file a patient named by a log is
create table log_patient(patient text, tenant text, patient_record bigint);

-- what a person answered, the last word counts: topic time (an instant of the case), notice (a field of the authority's
-- form), letter (a text of the letters), register
create table said(said_id integer primary key, topic text, name text, "value" text, why text, "by" text, "at" text);
-- how bad, by distinct set of categories (and minors apart): the inputs of ENISA 2013, the level of the CNIL's scale,
-- the level a person put in its place; reasons: ids of rules that applied, scams: ids of scams made possible
create table severity_profile(
  profile_id integer, mask_lo ubigint, mask_hi ubigint, minor boolean, cohort text, context integer, class text,
  identification double, circumstances double, score double, band text, proposed text, level text, reasons text,
  scams text, run_id integer);
-- the few who are minor, dead, or adults with somebody to act for them
create table person_flag(person_id bigint, minor boolean, deceased boolean, protected boolean, run_id integer);
-- how bad for each person: the profile, its score and the level in force
create view person_severity as
  select p.person_id, q.profile_id, q.score, q.level, q.minor, coalesce(f.deceased, false) as deceased,
    coalesce(f.protected, false) as protected, q.run_id
  from person p left join person_flag f using (person_id)
  join severity_profile q
    on q.mask_lo = p.mask_lo and q.mask_hi = p.mask_hi and q.minor = coalesce(f.minor, false);

-- how each person can be reached: the first way, all ways in their order, and why no letter leaves by itself
create table person_reach(person_id bigint, channel text, reason text, ways text, run_id integer);

-- passwords of archives and documents, in the order in which they are tried
create table password(password_id integer primary key, "value" text);
-- notices to the authority as they were sent: content is the JSON of the notice, number what the authority gave it
create table notice(version integer primary key, kind text, sent_at text, number text, content text, sha256 text,
  journal_head text);
-- letters to people (GDPR art. 34): how each is reached, or why a person must handle it; wording: SHA-256 of the text,
-- which lies in an encrypted file of the case named by part; together: the person by whose message this one is told
create table letter(
  person_id bigint, channel text, reason text, fallback text, ways text, together bigint, lang text, wording text,
  part text, made_at text, run_id integer);

-- the tenant of records that no column gives one, found by how (range, prefix, file, patient_file, professional, place,
-- person, declared: of the row whose identifier they bear); how is several, and tenant null, where several may be it
create table record_tenant(record_id bigint, tenant text, how text, run_id integer);
-- tenants that were found: key names each for good, in decisions too; low, high: bounds of their numbers, nobody's own
create table tenant_found(
  tenant text, key text, how text, low text, high text, decided_by text, records bigint, run_id integer);

-- the rows of the patient file: whose each is (null: not in the leak), when it was last brought up to date, whether that
-- is long ago, and whether the leak shows the person elsewhere; patient_record of person is the freshest of several
create table patient_row(
  record_id bigint, person_id bigint, updated date, deceased boolean, stale boolean, differs boolean, run_id integer);
