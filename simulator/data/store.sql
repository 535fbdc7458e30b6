-- Tables and indexes. Bodies are the JSON text of the wire; the other columns of object come from it.
create table if not exists company(realm text primary key, name text, settings text);
create table if not exists sequence(realm text, name text, value integer, primary key(realm, name));
create table if not exists object(
    realm text, entity text, id integer, token integer, active integer, name text, fqn text, doc text, party integer,
    date text, due text, total real, balance real, created integer, updated integer, body text);
create unique index if not exists object_id on object(realm, entity, id);
create index if not exists object_updated on object(realm, entity, updated, id, created, date, due, doc, party, total,
    balance);
create index if not exists object_fqn on object(realm, entity, active, fqn, id);
create index if not exists object_name on object(realm, entity, name collate nocase);
create index if not exists object_doc on object(realm, doc collate nocase, entity);
create index if not exists object_party on object(realm, entity, party);
create index if not exists object_date on object(realm, entity, date, id);
create index if not exists object_due on object(realm, entity, due, id);
create table if not exists gone(realm text, entity text, id integer, updated integer, body text,
    primary key(realm, entity, id));
create table if not exists posting(realm text, txn integer, entity text, account integer, party integer, date text,
    home integer, cur integer, memo text, klass integer, dept integer, item integer);
create index if not exists posting_txn on posting(realm, txn, account);
create index if not exists posting_account on posting(realm, account, date, home);
create index if not exists posting_party on posting(realm, party, account);
-- What an account has in sum: kept beside the postings, so that a write does not add up an account of years.
create table if not exists account_sum(realm text, account integer, home integer, primary key(realm, account));
create trigger if not exists posting_made after insert on posting begin
    insert into account_sum values(new.realm, new.account, new.home)
        on conflict(realm, account) do update set home = home + excluded.home;
end;
create trigger if not exists posting_gone after delete on posting begin
    update account_sum set home = home - old.home where realm = old.realm and account = old.account;
end;
create trigger if not exists posting_moved after update of account, home on posting begin
    update account_sum set home = home - old.home where realm = old.realm and account = old.account;
    insert into account_sum values(new.realm, new.account, new.home)
        on conflict(realm, account) do update set home = home + excluded.home;
end;
create table if not exists link(realm text, source integer, line integer, target_entity text, target integer,
    cur integer, home integer, party integer, account integer);
create table if not exists stock(realm text, txn integer, entity text, item integer, date text, qty text, booked integer,
    value integer, contra integer);
create index if not exists stock_txn on stock(realm, txn);
create index if not exists stock_item on stock(realm, item, date, txn);
create index if not exists link_source on link(realm, source);
create index if not exists link_target on link(realm, target);
create table if not exists request(realm text, id text, body text, primary key(realm, id));
create table if not exists grant_code(code text primary key, client text, realm text, redirect text, expires real,
    used integer default 0);
create table if not exists refresh_token(value text primary key, family text, client text, realm text, issued real,
    expires real, hard real, replaced real);
create table if not exists access_token(value text primary key, family text, client text, realm text, expires real);
create table if not exists consent(family text primary key, realm text, scope text, begun real);
create table if not exists file(realm text, id integer, data blob, primary key(realm, id));
create table if not exists setting(name text primary key, value text);
-- What a large company looks like, for the planner: measuring it anew would cost more than it gains, and on a small one
-- nothing is slow.
analyze setting;
delete from sqlite_stat1;
insert into sqlite_stat1 values
    ('object', 'object_id', '200000 200000 20000 1'),
    ('object', 'object_updated', '200000 200000 20000 2 1 1 1 1 1 1 1 1'),
    ('object', 'object_fqn', '200000 200000 20000 20000 2 1'),
    ('object', 'object_name', '200000 200000 20000 2'),
    ('object', 'object_doc', '200000 200000 3 2'),
    ('object', 'object_party', '200000 200000 20000 60'),
    ('object', 'object_date', '200000 200000 20000 60 1'),
    ('object', 'object_due', '200000 200000 20000 60 1'),
    ('posting', 'posting_txn', '600000 600000 4 2'),
    ('posting', 'posting_account', '600000 600000 20000 60 4'),
    ('posting', 'posting_party', '600000 600000 600 100'),
    ('link', 'link_source', '100000 100000 2'),
    ('link', 'link_target', '100000 100000 2'),
    ('stock', 'stock_txn', '50000 50000 2'),
    ('stock', 'stock_item', '50000 50000 500 5 1');
analyze sqlite_schema;
