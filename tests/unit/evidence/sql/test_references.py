import pytest

from hemostat.evidence.base import Limits, Reference
from hemostat.evidence.sql.flavour import Flavour
from hemostat.evidence.sql.reader import SqlDumpReader
from hemostat.evidence.sql.references import altered, foreign, primary
from reading import source

MYSQL = """-- MySQL dump 10.13
CREATE TABLE `consultations` (
  `id` int NOT NULL, `patient` int DEFAULT NULL, `note` text COMMENT 'a, (b',
  PRIMARY KEY (`id`), KEY `p` (`patient`),
  CONSTRAINT `c1` FOREIGN KEY (`patient`) REFERENCES `patients` (`id`) ON DELETE CASCADE
) ENGINE=InnoDB;
INSERT INTO `consultations` VALUES (1,7,'x'),(2,8,'y');
CREATE TABLE `patients` (`id` int NOT NULL, `nom` text, PRIMARY KEY (`id`)) ENGINE=InnoDB;
INSERT INTO `patients` VALUES (7,'A'),(8,'B');
"""
POSTGRESQL = """--
-- PostgreSQL database dump
--
CREATE TABLE public.consultations (id integer NOT NULL, "Patient" integer, note text);
CREATE TABLE public.patients (id integer NOT NULL, nom text);
COPY public.consultations (id, "Patient", note) FROM stdin;
1\t7\tx
\\.
COPY public.patients (id, nom) FROM stdin;
7\tA
\\.
ALTER TABLE ONLY public.patients ADD CONSTRAINT patients_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.consultations
    ADD CONSTRAINT fk FOREIGN KEY ("Patient") REFERENCES public.patients(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.elsewhere ADD CONSTRAINT fk2 FOREIGN KEY (x) REFERENCES public.patients(id);
"""
SQLITE = """PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE patients (nom text, id integer primary key);
INSERT INTO patients VALUES('A',7);
CREATE TABLE consultations (id int, patient int REFERENCES Patients, medecin int references nobody(id));
INSERT INTO consultations VALUES(1,7,3);
COMMIT;
"""


def referring(text):
    tables = SqlDumpReader().tables(source(text.encode(), "d.sql"), Limits())
    return {one.name: one.references for one in tables if one.references}


@pytest.mark.parametrize(
    ("text", "column"),
    [(MYSQL, "patient"), (POSTGRESQL, "Patient"), (SQLITE, "patient")],
    ids=["mysql", "postgresql", "sqlite"],
)
def test_a_dump_says_what_refers_to_what(text, column):
    assert referring(text) == {"d.sql#consultations": (Reference(column, "d.sql#patients", "id"),)}


@pytest.mark.parametrize("text", [MYSQL, POSTGRESQL, SQLITE])
def test_no_table_comes_of_a_reference_alone(text):
    names = [one.name for one in SqlDumpReader().tables(source(text.encode(), "d.sql"), Limits())]
    assert sorted(names) == ["d.sql#consultations", "d.sql#patients"]


def test_the_database_of_the_other_table_may_be_named():
    text = (
        "-- MySQL dump\nCREATE TABLE `b`.`actes` (`p` int, FOREIGN KEY (`p`) REFERENCES `a`.`patients` (`id`));\n"
        "INSERT INTO `b`.`actes` VALUES (1);\nCREATE TABLE `a`.`patients` (`id` int);\n"
        "INSERT INTO `a`.`patients` VALUES (1);\n"
    )
    assert referring(text) == {"d.sql#b.actes": (Reference("p", "d.sql#a.patients", "id"),)}


def test_keys_of_several_columns_are_left_out():
    statement = b"CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES u (x, y), CHECK (a > 0));"
    assert foreign(statement, Flavour("postgresql", escapes=False)) == ()
    assert altered(b"ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (x, y);") == ()


def test_a_key_may_be_named_by_its_constraint():
    flavour = Flavour("postgresql", escapes=False)
    assert primary(b"CREATE TABLE t (a int, n int, CONSTRAINT k PRIMARY KEY (n));", flavour) == "n"
    assert primary(b"CREATE TABLE t (a int, n int);", flavour) is None
