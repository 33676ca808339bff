-- PostgreSQL database dump
CREATE TABLE public.patients (id integer, nom text);
COPY public.patients (id, nom) FROM stdin;
1	LETEST
2	D\tOR
3
4	a	b
5	\N
6	LET